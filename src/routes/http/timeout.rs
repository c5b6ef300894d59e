//! Timeouts of requests, from the settings.

use std::time::Duration;

use rocket::Request;

use crate::{config::Timeouts, routes::http::team};

/// Factor for handlers that read files or the entire store.
const LONG: u32 = 20;

/// The time that a handler may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    Normal,
    /// For handlers that read files or the entire store.
    Long,
}

impl Timeout {
    /// Longest time for a handler, including the body of the request.
    pub fn longest(self, request: &Request<'_>) -> Duration {
        let factor = match self {
            Self::Normal => 1,
            Self::Long => LONG,
        };
        body(request) + setting(request, |timeouts| timeouts.answer) * factor
    }
}

/// Longest time for the body of a request to arrive.
pub fn body(request: &Request<'_>) -> Duration {
    setting(request, |timeouts| timeouts.body)
}

fn setting(request: &Request<'_>, which: fn(&Timeouts) -> Duration) -> Duration {
    team::teams(request).map_or(Duration::ZERO, |teams| which(&teams.process.access.timeouts))
}
