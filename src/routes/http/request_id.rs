//! Request ids: in a response header, in log lines, and on error pages.

use std::{
    process,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, UNIX_EPOCH},
};

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};
use tracing::{Span, error_span};

use crate::{routes::http::team, secret::random_hex};

/// The id of a request: that of its server, and a number. Of several servers, each has another id.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

#[derive(Clone, Debug)]
pub struct Arrival {
    pub id: RequestId,
    pub at: Instant,
}

/// Length of the random part of the id of a server, in bytes.
const SERVER_BYTES: usize = 4;

/// Assigned at the first call for a request.
pub fn arrival<'r>(request: &'r Request<'_>) -> &'r Arrival {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    request.local_cache(|| {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Arrival { id: RequestId(format!("{}-{count:x}", server())), at: Instant::now() }
    })
}

/// The id of this server: the second of its first request, and a random number, because two servers may start at once.
fn server() -> &'static str {
    static SERVER: LazyLock<String> = LazyLock::new(|| {
        let start = UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
        let random = random_hex::<SERVER_BYTES>().unwrap_or_else(|_| format!("{:08x}", process::id()));
        format!("{start:08x}-{random}")
    });
    &SERVER
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
