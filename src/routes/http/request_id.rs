//! Request ids: in a response header, in log lines, and on error pages.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};
use tracing::{Span, error_span};

use crate::routes::http::team;

/// The id of a request, unique within this process and unlikely to repeat in another.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

#[derive(Clone, Debug)]
pub struct Arrival {
    pub id: RequestId,
    pub at: Instant,
}

/// Assigned at the first call for a request.
pub fn arrival<'r>(request: &'r Request<'_>) -> &'r Arrival {
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

/// Names the request in log lines, and its team if it has a name.
pub fn span(request: &Request<'_>) -> Span {
    let team = team::context(request).and_then(|context| context.config.team.as_ref()).map(|team| team.name.as_str());
    error_span!("request", request_id = arrival(request).id.0, team)
}

impl RequestId {
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
