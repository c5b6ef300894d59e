//! Answers for pages that are read far more often than they change: drawn and compressed once for each version of the
//! store, and told by a tag, so that a browser that has one is sent no second.
//!
//! Rule of this file: what a page is drawn from is its [`Key`], its version of the store, or its last good moment.
//! A page with a message is drawn for one answer alone.

use std::{convert::Infallible, io::Cursor, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use rocket::{
    Request, Response,
    fairing::{AdHoc, Fairing},
    http::{ContentType, Header, Status},
    request::{FromRequest, Outcome},
    response::{self, Responder},
};

use crate::{
    context::Context,
    routes::{
        api::etag,
        auth::{authenticate, form_tokens},
        http::{
            compression::accepts_gzip,
            page_cache::{Key, RenderedPage, Shelf},
            reply::{self, Shape},
        },
    },
    store::{Snapshot, StoreError},
    views::{
        FormKeys, Page,
        components::message::Message,
        layout::{LayoutContext, Who},
    },
};

/// Makes room for pages.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("kept pages", |rocket| async { rocket.manage(Arc::new(Shelf::default())) })
}

/// Who asks for such a page, and how.
#[derive(Debug)]
pub struct PageRequest {
    kept: Option<Arc<Shelf>>,
    shape: Shape,
    keys: FormKeys,
    token: String,
    who: Option<Who>,
    gzip: bool,
    message: Option<Message>,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for PageRequest {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        // Found first, so that name and token are theirs. Whether they may come in is for the rights to say.
        let _ = authenticate::find(request).await;
        Outcome::Success(Self {
            kept: request.rocket().state().cloned(),
            shape: Shape::of(request),
            keys: form_tokens::of(request),
            token: authenticate::form_token(request),
            who: authenticate::who(request).cloned(),
            gzip: accepts_gzip(request),
            message: None,
        })
    }
}

/// The moment that a page shows. There is one for all that it is drawn from: a page begun before midnight is not kept as
/// one of the day after.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Of the store.
    pub version: u64,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
}

/// A page that was read: what it shows, and when that ends although nothing changes.
#[derive(Debug)]
pub struct PageData<T> {
    pub view: T,
    pub until: Option<DateTime<Utc>>,
}

impl PageRequest {
    /// Asked with a message, which this answer alone shows.
    #[must_use]
    pub fn with_message(self, message: Option<Message>) -> Self {
        Self { message, ..self }
    }

    /// The page of an address, from the shelf or as `read` and `draw` make it. `draw` runs when nothing of the
    /// store is held any more.
    ///
    /// # Errors
    /// What `read` returns.
    pub async fn page<T>(
        self,
        address: String,
        context: &Context,
        read: impl FnOnce(&Snapshot<'_>, At) -> Result<PageData<T>, StoreError> + Send + 'static,
        draw: impl FnOnce(&T, &FormKeys) -> Page + Send + 'static,
    ) -> Result<PageResponse, StoreError> {
        let Self { kept, shape, keys, token, who, gzip, message } = self;
        let kept = kept.filter(|_| message.is_none());
        let (now, problems) = (context.clock.now(), context.watch.problems());
        let today = now.with_timezone(&context.config.zone).date_naive();
        let key = Key { address, shape, today, token, who: who.clone(), problems };
        let in_browser = kept.is_some() && shape == Shape::Document;
        let found = |shelf: &Arc<Shelf>| shelf.find(&key, context.store.blocking().generation(), now);
        if let Some(page) = kept.as_ref().and_then(found) {
            return Ok(PageResponse { page, in_browser });
        }
        let drawn = context.store.run(move |store| {
            // Asked under the same lock, so that all of it is of one moment.
            let (seen, generation, unscheduled) = store.read(|view| {
                let seen = read(view, At { version: store.version(), now, today })?;
                Ok::<_, StoreError>((seen, store.generation(), store.unscheduled()))
            })?;
            let page = draw(&seen.view, &keys).with_message(message);
            let body = shape.body(page, || LayoutContext { keys, unscheduled, problems, who });
            let page = Arc::new(RenderedPage::new(body, seen.until));
            if gzip {
                page.gzip();
            }
            if let Some(shelf) = kept {
                shelf.put(key, generation, &page);
            }
            Ok::<_, StoreError>(page)
        });
        Ok(PageResponse { page: drawn.await?, in_browser })
    }
}

/// A page as it is answered.
#[derive(Debug)]
pub struct PageResponse {
    page: Arc<RenderedPage>,
    /// Whether a browser may keep it, to ask whether it is still so. It keeps one answer an address, so that a fragment
    /// would come back as the page.
    in_browser: bool,
}

impl<'r> Responder<'r, 'static> for PageResponse {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let Self { page, in_browser } = self;
        let mut builder = Response::build();
        builder.header(ContentType::HTML).header(Header::new("Vary", reply::VARY));
        builder.header_adjoin(Header::new("Vary", "Accept-Encoding"));
        if in_browser {
            builder.header(Header::new("ETag", page.tag.clone()));
            builder.header(Header::new("Cache-Control", "private, no-cache"));
            if etag::is_known(request, &page.tag) {
                return builder.status(Status::NotModified).ok();
            }
        }
        let gzip = if accepts_gzip(request) { page.gzip() } else { None };
        let body = match gzip {
            Some(gzip) => {
                builder.header(Header::new("Content-Encoding", "gzip"));
                gzip
            }
            None => &page.plain,
        };
        builder.sized_body(body.len(), Cursor::new(Arc::clone(body))).ok()
    }
}
