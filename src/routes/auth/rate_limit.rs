//! How often one client may do what.
//!
//! The guard of rocket-governor keeps one static limit for each route and address. Ours come from settings, count several
//! routes together, two at once, and know users from addresses; so this file uses the quotas and headers of that crate,
//! and the limiter beneath it. Rule of this file: what is counted is one request, however much it changes.

use std::{
    net::IpAddr,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{
    RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use rocket::{
    Request, Response,
    http::Header,
    response::{self, Responder},
};
use rocket_governor::{Quota, header::Header as Named};

use crate::{
    config::Rates,
    domain::user::access::Digest,
    routes::auth::{
        AuthState,
        authenticate::{self, AuthMethod, Caller},
        error::AuthError,
    },
};

/// Clients that have not been here for long are forgotten after so many requests.
const SWEEP_EVERY: u64 = 1_000;
const DAY_S: u64 = 24 * 60 * 60;

/// Who is counted: a user or token, or else an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Client {
    Known(String),
    At(Option<IpAddr>),
    /// A name that somebody tries to sign in with.
    Name(Digest),
}

impl Client {
    fn at(ip: Option<IpAddr>) -> Self {
        Self::At(ip.map(network))
    }
}

/// What counts as one address: whoever has one of the newer kind has 2^64 of them, its /64 network.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(ip) if ip.to_ipv4_mapped().is_none() => IpAddr::V6((u128::from(ip) & !u128::from(u64::MAX)).into()),
        IpAddr::V4(_) | IpAddr::V6(_) => ip.to_canonical(),
    }
}

type Limiter = RateLimiter<Client, DefaultKeyedStateStore<Client>, DefaultClock, StateInformationMiddleware>;

/// A limit that was met, or how near it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// So many at once.
    pub limit: u32,
    pub remaining: u32,
    /// Until all are there again, in seconds.
    pub reset_s: u64,
    /// Until one is, in seconds; 0 while some remain.
    pub wait_s: u64,
}

/// The limits of a server.
pub struct Governor {
    writes: Limiter,
    calls_hour: Limiter,
    calls_day: Limiter,
    pages: Limiter,
    sign_ins: Limiter,
    names: Limiter,
    requests: AtomicU64,
}

impl Governor {
    pub fn new(rates: &Rates) -> Self {
        let day = Duration::from_secs(DAY_S) / rates.calls_per_day.get();
        let per_day = Quota::with_period(day).unwrap_or(Quota::per_hour(rates.calls_per_day));
        Self {
            writes: limiter(Quota::per_minute(rates.writes_per_minute)),
            calls_hour: limiter(Quota::per_hour(rates.calls_per_hour)),
            calls_day: limiter(per_day.allow_burst(rates.calls_per_day)),
            pages: limiter(Quota::per_minute(rates.pages_per_minute)),
            sign_ins: limiter(Quota::per_hour(rates.sign_ins_per_hour)),
            names: limiter(Quota::per_hour(rates.sign_ins_per_hour_and_name)),
            requests: AtomicU64::new(0),
        }
    }

    fn limiters(&self) -> [&Limiter; 6] {
        [&self.writes, &self.calls_hour, &self.calls_day, &self.pages, &self.sign_ins, &self.names]
    }

    fn sweep(&self) {
        if self.requests.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            for limiter in self.limiters() {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }

    /// Counts a password that is given, by address and by name.
    pub fn count_password(&self, ip: Option<IpAddr>, name: &str) -> Result<(), Limited> {
        self.sweep();
        check(&self.sign_ins, &Client::at(ip))?;
        check(&self.names, &Client::Name(Digest::of(&name.trim().to_lowercase()))).map(drop)
    }

    /// The limits that a request counts against.
    fn those_of(&self, path: &str, writes: bool) -> Vec<&Limiter> {
        let mut limiters =
            if path.starts_with("/api/") { vec![&self.calls_hour, &self.calls_day] } else { vec![&self.pages] };
        if writes && moves(path) {
            limiters.push(&self.writes);
        }
        limiters
    }
}

fn limiter(quota: Quota) -> Limiter {
    RateLimiter::keyed(quota).with_middleware()
}

/// Whether an address reschedules or unschedules.
fn moves(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    matches!(last, "reschedule" | "unschedule" | "reschedule_event" | "unschedule_event" | "reschedule_supervisor")
}

fn check(limiter: &Limiter, client: &Client) -> Result<Limited, Limited> {
    match limiter.check_key(client) {
        Ok(state) => {
            let (quota, remaining) = (state.quota(), state.remaining_burst_capacity());
            let used = quota.burst_size().get().saturating_sub(remaining);
            let reset_s = (quota.replenish_interval() * used).as_secs();
            Ok(Limited { limit: quota.burst_size().get(), remaining, reset_s, wait_s: 0 })
        }
        Err(until) => {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let wait_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let (limit, quota) = (until.quota().burst_size().get(), until.quota());
            let reset_s = quota.burst_size_replenished_in().as_secs();
            Err(Limited { limit, remaining: 0, reset_s, wait_s: wait_s.max(1) })
        }
    }
}

/// How near the limits are, for the headers of the answer.
#[derive(Debug, Default)]
struct Nearest(OnceLock<Limited>);

fn tell(request: &Request<'_>, limited: Limited) {
    // The first limit that a request meets is the one it is told of.
    let _ = request.local_cache(Nearest::default).0.set(limited);
}

/// Counts a request of somebody who is known.
pub fn count(request: &Request<'_>, caller: &Caller) -> Result<(), AuthError> {
    let Some(governor) = AuthState::of(request).and_then(|auth| auth.governor.as_ref()) else { return Ok(()) };
    governor.sweep();
    let client = match caller.method {
        AuthMethod::Open => Client::at(request.client_ip()),
        AuthMethod::Session { .. } | AuthMethod::Token => Client::Known(caller.name.clone()),
    };
    let limiters = governor.those_of(request.uri().path().as_str(), authenticate::writes(request));
    judge(request, limiters.into_iter().map(|limiter| check(limiter, &client)))
}

/// Counts a request for a page that asks for no sign-in, by address.
pub fn count_anybody(request: &Request<'_>) -> Result<(), AuthError> {
    let Some(governor) = AuthState::of(request).and_then(|auth| auth.governor.as_ref()) else { return Ok(()) };
    governor.sweep();
    judge(request, [check(&governor.pages, &Client::at(request.client_ip()))].into_iter())
}

/// An answer to somebody who met a limit.
#[derive(Debug)]
pub struct Throttled<R> {
    pub reply: R,
    pub limited: Limited,
}

impl<'r, R: Responder<'r, 'static>> Responder<'r, 'static> for Throttled<R> {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        tell(request, self.limited);
        self.reply.respond_to(request)
    }
}

/// The first limit that is met refuses; else the nearest is told.
fn judge(request: &Request<'_>, checks: impl Iterator<Item = Result<Limited, Limited>>) -> Result<(), AuthError> {
    let mut nearest: Option<Limited> = None;
    for checked in checks {
        let limited = checked.map_err(|limited| {
            tell(request, limited);
            AuthError::Limited(limited)
        })?;
        if nearest.is_none_or(|other| limited.remaining < other.remaining) {
            nearest = Some(limited);
        }
    }
    if let Some(nearest) = nearest {
        tell(request, nearest);
    }
    Ok(())
}

/// Says in an answer how near its limit is: as the IETF draft names it, and as clients have long known it.
pub fn set_headers(request: &Request<'_>, response: &mut Response<'_>) {
    let Some(limited) = request.local_cache(Nearest::default).0.get() else { return };
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

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn rates(number: u32) -> Option<Rates> {
        let number = NonZeroU32::new(number)?;
        Some(Rates {
            writes_per_minute: number,
            calls_per_hour: number,
            calls_per_day: number,
            pages_per_minute: number,
            sign_ins_per_hour: number,
            sign_ins_per_hour_and_name: number,
        })
    }

    #[test]
    fn one_more_than_the_limit_waits_and_others_do_not() {
        let Some(rates) = rates(3) else { return };
        let governor = Governor::new(&rates);
        let (ana, ben) = (Client::Known("ana".to_owned()), Client::Known("ben".to_owned()));

        for remaining in [2, 1, 0] {
            assert_eq!(check(&governor.writes, &ana).map(|limited| limited.remaining).ok(), Some(remaining));
        }
        let refused = check(&governor.writes, &ana).err();

        assert!(refused.is_some_and(|limited| (1..=20).contains(&limited.wait_s)), "{refused:?}");
        assert!(check(&governor.writes, &ben).is_ok());
        assert!(check(&governor.writes, &Client::At(None)).is_ok());
    }

    #[test]
    fn a_day_lets_so_many_through_and_no_more() {
        let Some(rates) = rates(1_000) else { return };
        let governor = Governor::new(&rates);
        let client = Client::At(None);

        assert!((0..1_000).all(|_| check(&governor.calls_day, &client).is_ok()));
        assert!(check(&governor.calls_day, &client).is_err());
    }

    #[test]
    fn neighbours_in_one_network_of_the_newer_kind_are_one_client() {
        let at = |text: &str| Client::at(text.parse().ok());

        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn moves_are_told_from_other_changes() {
        for path in ["/events/1001/reschedule", "/events/1001/unschedule", "/api/reschedule_event"] {
            assert!(moves(path), "{path}");
        }
        for path in ["/events/1001/employee", "/api/trade", "/activity/1/undo", "/"] {
            assert!(!moves(path), "{path}");
        }
    }
}
