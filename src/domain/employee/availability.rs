//! Availability of an employee: the hours of each weekday, and time off.

use std::{fmt, str::FromStr};

use chrono::{NaiveDate, NaiveTime, Weekday};
use thiserror::Error;

/// Most entries of time off per employee. With the longest notes they fit into one record.
pub const TIME_OFF_MAX: usize = 32;
/// Longest single time off, in days: a year.
pub const TIME_OFF_DAYS_MAX: i64 = 366;
/// Longest note on a time off, in characters.
pub const NOTE_CHARS_MAX: usize = 80;

/// The days of a week in the order of availability.
pub const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Hours on a weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    Off,
    AllDay,
    /// `to` is later than `from`.
    Between {
        from: NaiveTime,
        to: NaiveTime,
    },
}

impl Hours {
    /// None unless `to` is later than `from`.
    #[must_use]
    pub fn between(from: NaiveTime, to: NaiveTime) -> Option<Self> {
        (from < to).then_some(Self::Between { from, to })
    }

    /// Tells if work from `begin` to `end` fits; `end` is None if it lasts until midnight.
    #[must_use]
    pub fn hold(self, begin: NaiveTime, end: Option<NaiveTime>) -> bool {
        match self {
            Self::Off => false,
            Self::AllDay => true,
            Self::Between { from, to } => from <= begin && end.is_some_and(|end| end <= to),
        }
    }
}

/// "off", "all day" or "09:00-17:00", as in files.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::AllDay => f.write_str("all day"),
            Self::Between { from, to } => write!(f, "{}-{}", from.format("%H:%M"), to.format("%H:%M")),
        }
    }
}

/// A text that is not a range of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("hours are \"off\", \"all day\", or from and to on one day like 09:00-17:00")]
pub struct HoursError;

impl FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| HoursError);
        match text.trim() {
            "off" => Ok(Self::Off),
            "all day" => Ok(Self::AllDay),
            between => {
                let (from, to) = between.split_once('-').ok_or(HoursError)?;
                Self::between(time(from)?, time(to)?).ok_or(HoursError)
            }
        }
    }
}

/// The hours of each weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Availability([Hours; 7]);

impl Availability {
    /// The default: always available.
    pub const ALWAYS: Self = Self([Hours::AllDay; 7]);

    #[must_use]
    pub fn on(self, weekday: Weekday) -> Hours {
        self.0[weekday.num_days_from_monday() as usize]
    }

    #[must_use]
    pub fn with(mut self, weekday: Weekday, hours: Hours) -> Self {
        self.0[weekday.num_days_from_monday() as usize] = hours;
        self
    }
}

impl Default for Availability {
    fn default() -> Self {
        Self::ALWAYS
    }
}

/// A range of days off, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOff {
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub note: Option<String>,
}

impl TimeOff {
    /// Tells if any day from `first` to `last` is off.
    #[must_use]
    pub fn meets(&self, first: NaiveDate, last: NaiveDate) -> bool {
        self.first <= last && first <= self.last
    }
}
