//! Cached pages: rendered and compressed once per version of the store, with an `ETag` for browsers.
//!
//! Invariant: a page depends only on its [`Key`], the version of the store and its expiry. A page with a message is not
//! cached.

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
    context::{Context, PerTeam, Teams},
    routes::{
        auth::{authenticate, form_tokens},
        http::{compression::accepts_gzip, etag, team},
        render::{
            page_cache::{Key, PageCache, RenderedPage},
            reply::{self, Shape},
        },
    },
    store::{Snapshot, StoreError},
    views::{
        FormKeys, Page,
        components::{
            layout::{LayoutContext, Who},
            message::Message,
        },
    },
};

pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("page cache", |rocket| async {
        let caches = rocket.state::<Teams>().map(|teams| PerTeam::new(teams, |_| Arc::new(PageCache::default())));
        match caches {
            Some(caches) => rocket.manage(caches),
            None => rocket,
        }
    })
}

/// Guard with everything about a request that a cached page depends on.
#[derive(Debug)]
pub struct PageRequest {
    cache: Option<Arc<PageCache>>,
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
        // The caller is found first, for their name and token. The guard of the role decides on access.
        let _ = authenticate::find(request).await;
        Outcome::Success(Self {
            cache: team::state(request).cloned(),
            shape: Shape::of(request),
            keys: form_tokens::of(request),
            token: authenticate::form_token(request),
            who: authenticate::who(request).cloned(),
            gzip: accepts_gzip(request),
            message: None,
        })
    }
}

/// The moment that a page shows, the same for all of its content: a page begun before midnight is not cached for the day
/// after.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub version: u64,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
}

/// Data of a page, and the time after which it is out of date although the store has not changed.
#[derive(Debug)]
pub struct PageData<T> {
    pub view: T,
    pub until: Option<DateTime<Utc>>,
}

impl PageRequest {
    /// Adds a message, which only this answer shows.
    #[must_use]
    pub fn with_message(self, message: Option<Message>) -> Self {
        Self { message, ..self }
    }

    /// The page of a URL, from the cache or made by `read` and `draw`. `draw` runs after the read transaction has
    /// ended.
    pub async fn page<T>(
        self,
        address: String,
        context: &Context,
        read: impl FnOnce(&Snapshot<'_>, At) -> Result<PageData<T>, StoreError> + Send + 'static,
        draw: impl FnOnce(&T, &FormKeys) -> Page + Send + 'static,
    ) -> Result<PageResponse, StoreError> {
        let Self { cache, shape, keys, token, who, gzip, message } = self;
        let cache = cache.filter(|_| message.is_none());
        let (now, problems) = (context.clock.now(), context.issues());
        let today = now.with_timezone(&context.config.zone).date_naive();
        let key = Key { address, shape, today, token, who: who.clone(), problems };
        let in_browser = cache.is_some() && shape == Shape::Document;
        let found = |cache: &Arc<PageCache>| cache.find(&key, context.store.blocking().version(), now);
        if let Some(page) = cache.as_ref().and_then(found) {
            return Ok(PageResponse { page, in_browser });
        }
        let rendered = context.store.run(move |store| {
            // Read from one snapshot, so that all of it is of one moment.
            let (data, version, unscheduled) = store.read(|tx| {
                let data = read(tx, At { version: tx.version(), now, today })?;
                Ok::<_, StoreError>((data, tx.version(), store.unscheduled()))
            })?;
            let page = draw(&data.view, &keys).with_message(message);
            let body = shape.body(page, || LayoutContext { keys, today, unscheduled, problems, who });
            let page = Arc::new(RenderedPage::new(body, data.until));
            if gzip {
                page.gzip();
            }
            if let Some(cache) = cache {
                cache.put(key, version, &page);
            }
            Ok::<_, StoreError>(page)
        });
        Ok(PageResponse { page: rendered.await?, in_browser })
    }
}

#[derive(Debug)]
pub struct PageResponse {
    page: Arc<RenderedPage>,
    /// Lets browsers cache and revalidate it. They cache one response per URL, so a fragment would come back as the page.
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
