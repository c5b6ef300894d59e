//! Calendar feeds.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ids::EmployeeId;

/// Days from its creation after which a feed expires, as tokens do by default.
pub const FEED_DAYS: i64 = 365;

/// A feed. Its secret is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Counts from 1.
    pub id: u64,
    /// None for the entire team.
    pub employee: Option<EmployeeId>,
    pub at: DateTime<Utc>,
    pub who: String,
}

impl Feed {
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.at + TimeDelta::days(FEED_DAYS)
    }
}
