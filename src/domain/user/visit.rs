//! When a user was here: a visit ends with a pause.

use chrono::{DateTime, TimeDelta, Utc};

/// Hours without a request after which the next one begins another visit.
pub const PAUSE_HOURS: i64 = 2;

/// The present visit of a user, and the end of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The last use that was noted.
    pub seen_at: DateTime<Utc>,
    /// The last use noted in the visit before. None during the first visit.
    pub before: Option<DateTime<Utc>>,
}

impl Visit {
    /// The visit after a use at `now`. `last` is the one noted so far.
    pub fn after(last: Option<Self>, now: DateTime<Utc>) -> Self {
        let Some(last) = last else { return Self { seen_at: now, before: None } };
        let is_new = now - last.seen_at >= TimeDelta::hours(PAUSE_HOURS);
        let before = if is_new { Some(last.seen_at) } else { last.before };
        Self { seen_at: now.max(last.seen_at), before }
    }
}
