//! Rate limits of requests, and their headers.

use std::sync::OnceLock;

use rocket::{
    Request, Response,
    fairing::{AdHoc, Fairing},
    http::Header,
    request::FromParam,
};
use rocket_governor::header::Header as Named;

use crate::{
    domain::change::kind::ChangeKind,
    routes::{
        auth::{limiter::Client, state::AuthState},
        http::{
            error::{Failure, Limited},
            params::ChangeKindParam,
        },
    },
};

/// The quotas that the requests of a route count against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Unlimited,
    /// Pages per minute.
    Pages,
    /// Pages per minute; for a form that reschedules or unschedules also moves per minute.
    PageMoves,
    /// API requests per hour and per day.
    Api,
    /// API requests per hour and per day, and moves per minute.
    ApiMoves,
    /// Checks of readiness per minute, of clients that are not on this machine.
    Checks,
}

/// The limit of the route of a request. A route without one counts as [`Limit::PageMoves`].
#[derive(Debug)]
struct Current(Limit);

/// Sets the limit before the guards of a route run.
pub fn set(request: &Request<'_>, limit: Limit) {
    request.local_cache(|| Current(limit));
}

/// True unless the path of a change form ends with a change that is not limited.
fn is_move(request: &Request<'_>) -> bool {
    let last = request.uri().path().segments().last().unwrap_or_default();
    match ChangeKindParam::from_param(last) {
        Ok(ChangeKindParam(ChangeKind::Schedule | ChangeKind::ChangeEmployee | ChangeKind::Trade)) => false,
        Ok(ChangeKindParam(ChangeKind::Reschedule | ChangeKind::Unschedule)) | Err(_) => true,
    }
}

/// The quota that is told in the headers of the answer: one that is exhausted, otherwise the first that the request met.
#[derive(Debug, Default)]
struct Nearest {
    first: OnceLock<Limited>,
    exhausted: OnceLock<Limited>,
}

/// Keeps a quota for the headers of the answer.
pub fn remember(request: &Request<'_>, limited: Limited) {
    let Nearest { first, exhausted } = request.local_cache(Nearest::default);
    // A request keeps the first one of each.
    let _ = if limited.wait_s > 0 { exhausted } else { first }.set(limited);
}

/// Counts a request of a client. [`Failure::Limited`] if a quota is exhausted.
pub fn count(request: &Request<'_>, client: &Client, writes: bool) -> Result<(), Failure> {
    count_as(request, current(request), client, writes)
}

fn current(request: &Request<'_>) -> Limit {
    request.local_cache(|| Current(Limit::PageMoves)).0
}

/// Counts a request that is refused because its client is signed out, by address. Below `/api/` it counts as a page, so that
/// a program whose token has ended is still told so.
pub fn count_signed_out(request: &Request<'_>) -> Result<(), Failure> {
    let limit = if current(request) == Limit::Checks { Limit::Checks } else { Limit::Pages };
    count_as(request, limit, &Client::at(request.client_ip()), false)
}

/// Counts a request that reached no handler, as a page, unless a guard has counted it.
pub fn count_uncounted(request: &Request<'_>, client: &Client) -> Result<(), Failure> {
    let Nearest { first, exhausted } = request.local_cache(Nearest::default);
    if first.get().is_some() || exhausted.get().is_some() {
        return Ok(());
    }
    count_as(request, Limit::Pages, client, false)
}

fn count_as(request: &Request<'_>, limit: Limit, client: &Client, writes: bool) -> Result<(), Failure> {
    let Some(limiter) = AuthState::of(request).and_then(|auth| auth.limiter()) else { return Ok(()) };
    let counted = match limit {
        Limit::Unlimited => return Ok(()),
        Limit::Pages => limiter.count(client, false, false),
        Limit::PageMoves => limiter.count(client, false, writes && is_move(request)),
        Limit::Api => limiter.count(client, true, false),
        Limit::ApiMoves => limiter.count(client, true, writes),
        Limit::Checks => limiter.count_check(client),
    };
    remember(request, counted.unwrap_or_else(|limited| limited));
    counted.map(drop).map_err(Failure::Limited)
}

/// Adds rate limit headers to every answer: the names of the IETF draft, and the older `X-RateLimit-…` ones.
pub fn stage() -> impl Fairing {
    AdHoc::on_response("rate limit headers", |request, response| {
        Box::pin(async move { set_headers(request, response) })
    })
}

fn set_headers(request: &Request<'_>, response: &mut Response<'_>) {
    let Nearest { first, exhausted } = request.local_cache(Nearest::default);
    let Some(limited) = exhausted.get().or(first.get()) else { return };
    let Limited { limit, remaining, reset_s, wait_s } = *limited;
    response.set_header(Header::new("RateLimit-Limit", limit.to_string()));
    response.set_header(Header::new("RateLimit-Remaining", remaining.to_string()));
    response.set_header(Header::new("RateLimit-Reset", reset_s.to_string()));
    response.set_header(Named::XRateLimitLimit(limit.into()));
    response.set_header(Named::XRateLimitRemaining(remaining.into()));
    response.set_header(Named::XRateLimitReset(reset_s));
    if wait_s > 0 {
        response.set_header(Named::RetryAfter(wait_s));
    }
}
