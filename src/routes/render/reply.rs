//! Page responses: a full document, or a fragment for htmx.

use rocket::{
    Request, Response,
    http::{ContentType, Header, Status},
    response::{self, Responder},
};

use crate::{
    context::Context,
    routes::{
        auth::{authenticate, form_tokens, rate_limit},
        http::{error::Limited, team},
    },
    store::Store,
    views::{
        Page,
        components::layout::{self, LayoutContext},
    },
};

/// A page with its status and headers.
#[derive(Debug)]
pub struct Reply {
    page: Page,
    status: Status,
    /// The quota that was exhausted, if one was.
    limited: Option<Limited>,
    /// The methods that the address takes, if the request had another.
    allowed: Option<String>,
}

impl Reply {
    pub fn page(page: Page) -> Self {
        Self { page, status: Status::Ok, limited: None, allowed: None }
    }

    #[must_use]
    pub fn status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    #[must_use]
    pub fn limited(self, limited: Option<Limited>) -> Self {
        Self { limited, ..self }
    }

    #[must_use]
    pub fn allowed(self, allowed: Option<String>) -> Self {
        Self { allowed, ..self }
    }
}

/// True if htmx requests a fragment.
pub fn wants_fragment(request: &Request<'_>) -> bool {
    let has = |name| request.headers().get_one(name).is_some();
    has("HX-Request") && !has("HX-History-Restore-Request") && !has("HX-Boosted")
}

/// Value of the `Vary` header of pages.
pub const VARY: &str = "HX-Request";

/// Form of a page response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    Document,
    Fragment,
    /// A fragment that does not change the title of the window.
    Dialog,
}

impl Shape {
    pub fn of(request: &Request<'_>) -> Self {
        match (wants_fragment(request), request.headers().get_one("HX-Target")) {
            (true, Some("dialog")) => Self::Dialog,
            (true, _) => Self::Fragment,
            (false, _) => Self::Document,
        }
    }

    /// The page in this shape.
    pub fn body(self, page: Page, context: impl FnOnce() -> LayoutContext) -> String {
        let markup = match self {
            Self::Document => layout::document(&page, &context()),
            Self::Fragment => layout::fragment(&page),
            Self::Dialog => page.main,
        };
        markup.into_string()
    }
}

fn layout_context(request: &Request<'_>) -> LayoutContext {
    let problems = issues(request);
    let today = team::context(request).map(Context::today).unwrap_or_default();
    let (keys, unscheduled, who) =
        (form_tokens::of(request), unscheduled(request), authenticate::who(request).cloned());
    LayoutContext { keys, today, unscheduled, problems, who }
}

/// Number of unscheduled events, for the header.
pub fn unscheduled(request: &Request<'_>) -> u64 {
    let store = team::context(request).map(|context| context.store.blocking());
    store.map_or(0, Store::unscheduled)
}

/// Number of issues to fix, for the header.
pub fn issues(request: &Request<'_>) -> u64 {
    team::context(request).map_or(0, Context::issues)
}

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        // Without a user, a page has no counts and no navigation.
        let page = if authenticate::name(request).is_some() { self.page } else { self.page.bare() };
        let body = Shape::of(request).body(page, || layout_context(request));
        if let Some(limited) = self.limited {
            rate_limit::remember(request, limited);
        }
        let mut response = html(self.status, body);
        if let Some(allowed) = self.allowed {
            response.raw_header("Allow", allowed);
        }
        response.ok()
    }
}

pub fn html(status: Status, body: String) -> response::Builder<'static> {
    let mut builder = Response::build();
    builder
        .status(status)
        .header(ContentType::HTML)
        .header(Header::new("Vary", VARY))
        .sized_body(body.len(), std::io::Cursor::new(body));
    builder
}
