//! The only place that asks the time.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::SystemTime,
};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// The system clock, or a fixed one for tests.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    System,
    Fixed(DateTime<Utc>),
    /// A clock that stands still, in seconds since 1970, until it is set.
    Hand(&'static AtomicI64),
}

impl Clock {
    pub fn now(self) -> DateTime<Utc> {
        match self {
            // A clock before 1970 is wrong, and no reason to end; `Utc::now` does.
            Self::System => SystemTime::now().into(),
            Self::Fixed(now) => now,
            Self::Hand(hand) => DateTime::from_timestamp(hand.load(Ordering::Relaxed), 0).unwrap_or_default(),
        }
    }

    pub fn today(self, zone: Tz) -> NaiveDate {
        self.now().with_timezone(&zone).date_naive()
    }
}
