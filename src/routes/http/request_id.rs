//! Request ids: in a response header, in log lines, and on error pages.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use rocket::{
    Request, Response,
    fairing::{AdHoc, Fairing},
    request::{FromRequest, Outcome},
};
use tracing::{Span, error_span, info};

use crate::{context::Context, routes::auth::authenticate};

/// The id of a request, unique within this process and unlikely to repeat in another.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

#[derive(Clone, Debug)]
struct Arrival {
    id: RequestId,
    at: Instant,
}

fn arrival<'r>(request: &'r Request<'_>) -> &'r Arrival {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    request.local_cache(|| {
        let (start, count) = (process_start(), COUNT.fetch_add(1, Ordering::Relaxed));
        Arrival { id: RequestId(format!("{start:08x}-{count:x}")), at: Instant::now() }
    })
}

/// Seconds since 1970 at the first request.
fn process_start() -> u64 {
    use std::{sync::LazyLock, time::UNIX_EPOCH};
    static START: LazyLock<u64> = LazyLock::new(|| UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs()));
    *START
}

/// Route in the log for a request that matches none.
const NO_ROUTE: &str = "none";

impl RequestId {
    /// The tracing span of the request.
    pub fn span(&self) -> Span {
        error_span!("request", request_id = self.0)
    }

    pub fn of(request: &Request<'_>) -> Self {
        arrival(request).id.clone()
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RequestId {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self::of(request))
    }
}

/// Assigns an id to each request and logs each response.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("request ids", |rocket| async {
        rocket
            .attach(AdHoc::on_request("assign request ids", |request, _| {
                Box::pin(async move {
                    arrival(request);
                })
            }))
            .attach(AdHoc::on_response("log responses", |request, response| {
                Box::pin(async move { log(request, response) })
            }))
    })
}

/// Writes one log line and one metric per request. The line has the pattern of the route, like `/feed/<name>`, never the
/// path: a path may contain a secret.
fn log(request: &Request<'_>, response: &mut Response<'_>) {
    let Arrival { id, at } = arrival(request);
    let (method, status, took) = (request.method().as_str(), response.status().code, at.elapsed());
    let matched = request.route().map(|route| route.uri.path());
    let (route, from, who) = (matched.unwrap_or(NO_ROUTE), authenticate::address(request), authenticate::name(request));
    let elapsed_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    id.span().in_scope(|| info!(method, route, status, elapsed_us, from, who, "request"));
    if let Some(context) = request.rocket().state::<Context>() {
        let method = if matched.is_some() { method } else { "any" };
        context.store.blocking().metrics().request(method, route, status, took);
    }
    response.set_raw_header("X-Request-Id", id.0.clone());
}
