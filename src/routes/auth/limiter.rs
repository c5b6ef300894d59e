//! Request quotas per client, set by the configuration.
//!
//! The guard of rocket-governor keeps one static quota per route and address. Here quotas come from settings, count several
//! routes together and tell users from addresses, so only the quota and header types of that crate and the limiter beneath
//! it are used. One request counts once, however much it changes.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use governor::{
    RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use rocket_governor::Quota;

use crate::{
    config::Rates,
    domain::user::access::Digest,
    routes::http::{address::network, error::Limited},
};

/// Requests between two removals of idle clients.
const SWEEP_EVERY: u64 = 1_000;
const DAY_S: u64 = 24 * 60 * 60;
/// Checks of readiness: twice as many as a proxy makes that asks every second.
const CHECKS_PER_MINUTE: u32 = 120;

/// The unit that a quota counts by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// A user, by their name.
    Known(String),
    Token(Digest),
    Address(Option<IpAddr>),
    /// A name given for a sign-in.
    Name(Digest),
}

impl Client {
    pub fn at(ip: Option<IpAddr>) -> Self {
        Self::Address(ip.map(network))
    }
}

type Quotas = RateLimiter<Client, DefaultKeyedStateStore<Client>, DefaultClock, StateInformationMiddleware>;

/// The quotas of a server.
pub struct Limiter {
    moves: Quotas,
    api_hour: Quotas,
    api_day: Quotas,
    pages: Quotas,
    checks: Quotas,
    sign_ins: Quotas,
    names: Quotas,
    requests: AtomicU64,
}

impl Limiter {
    pub fn new(rates: &Rates) -> Self {
        let day = Duration::from_secs(DAY_S) / rates.calls_per_day.get();
        let per_day = Quota::with_period(day).unwrap_or(Quota::per_hour(rates.calls_per_day));
        Self {
            moves: quotas(Quota::per_minute(rates.writes_per_minute)),
            api_hour: quotas(Quota::per_hour(rates.calls_per_hour)),
            api_day: quotas(per_day.allow_burst(rates.calls_per_day)),
            pages: quotas(Quota::per_minute(rates.pages_per_minute)),
            checks: quotas(Quota::per_minute(NonZeroU32::new(CHECKS_PER_MINUTE).unwrap_or(NonZeroU32::MIN))),
            sign_ins: quotas(Quota::per_hour(rates.sign_ins_per_hour)),
            names: quotas(Quota::per_hour(rates.sign_ins_per_hour_and_name)),
            requests: AtomicU64::new(0),
        }
    }

    fn sweep(&self) {
        if self.requests.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            let Self { moves, api_hour, api_day, pages, checks, sign_ins, names, .. } = self;
            for quotas in [moves, api_hour, api_day, pages, checks, sign_ins, names] {
                quotas.retain_recent();
                quotas.shrink_to_fit();
            }
        }
    }

    /// Counts an attempt by address and by name.
    pub fn count_attempt(&self, kind: &str, ip: Option<IpAddr>, name: &str) -> Result<(), Limited> {
        self.sweep();
        check(&self.sign_ins, &Client::at(ip))?;
        self.count_name(kind, name)
    }

    /// Counts by name alone. Each kind (a password, a code, a forgotten password, a mail) has a quota of its own for a name.
    pub fn count_name(&self, kind: &str, name: &str) -> Result<(), Limited> {
        check(&self.names, &Client::Name(Digest::of(&format!("{kind} {}", name.trim().to_lowercase())))).map(drop)
    }

    /// Counts a check of readiness. Returns the quota, as an error if it is exhausted.
    pub fn count_check(&self, client: &Client) -> Result<Limited, Limited> {
        self.sweep();
        check(&self.checks, client)
    }

    /// Counts a request. Returns the quota with the fewest requests left, or the one that is exhausted as an error.
    pub fn count(&self, client: &Client, is_api: bool, is_move: bool) -> Result<Limited, Limited> {
        self.sweep();
        let mut nearest = if is_api {
            let hour = check(&self.api_hour, client)?;
            closer(hour, check(&self.api_day, client)?)
        } else {
            check(&self.pages, client)?
        };
        if is_move {
            nearest = closer(nearest, check(&self.moves, client)?);
        }
        Ok(nearest)
    }
}

/// The quota with fewer requests left.
fn closer(one: Limited, other: Limited) -> Limited {
    if other.remaining < one.remaining { other } else { one }
}

fn quotas(quota: Quota) -> Quotas {
    RateLimiter::keyed(quota).with_middleware()
}

fn check(quotas: &Quotas, client: &Client) -> Result<Limited, Limited> {
    match quotas.check_key(client) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one_client() {
        let at = |text: &str| Client::at(text.parse().ok());

        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }
}
