//! Availability of an employee: the hours of each weekday, and time off.

use std::{fmt, str::FromStr};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use thiserror::Error;

use crate::domain::format;

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
    pub fn between(from: NaiveTime, to: NaiveTime) -> Option<Self> {
        (from < to).then_some(Self::Between { from, to })
    }

    /// "all day", "not available", "8:00 AM to 4:00 PM"
    pub fn label(self) -> String {
        match self {
            Self::Off => "not available".to_owned(),
            Self::AllDay => "all day".to_owned(),
            Self::Between { from, to } => format!("{} to {}", format::time(from), format::time(to)),
        }
    }

    /// Tells if work from `begin` to `end` fits; `end` is None if it lasts until midnight.
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

/// Most hours that a person should work in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeeklyHours(u16);

/// The hours of a week.
const WEEK_HOURS: u16 = 7 * 24;

/// A number that is not such hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a weekly maximum is a whole number of hours from 1 to {WEEK_HOURS}")]
pub struct WeeklyHoursError;

impl WeeklyHours {
    /// None unless it is from 1 to the hours of a week.
    pub fn new(hours: u16) -> Option<Self> {
        (1..=WEEK_HOURS).contains(&hours).then_some(Self(hours))
    }

    pub fn hours(self) -> u16 {
        self.0
    }
}

/// Of people without one of their own.
impl Default for WeeklyHours {
    fn default() -> Self {
        Self(40)
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for WeeklyHours {
    type Err = WeeklyHoursError;

    fn from_str(text: &str) -> Result<Self, WeeklyHoursError> {
        text.trim().parse().ok().and_then(Self::new).ok_or(WeeklyHoursError)
    }
}

named! {
    /// The part of a day that is off. The morning ends and the afternoon begins at 12:00. The slug is the name in files, forms and
    /// API calls.
    #[derive(Default, PartialOrd, Ord, Hash)]
    pub enum DayPart: slug, off_words {
        #[default]
        WholeDay => "whole-day", "Time off";
        Morning => "morning", "Off until 12:00 PM";
        Afternoon => "afternoon", "Off from 12:00 PM";
    }
}

/// A text that names no part of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a part of a day is \"whole-day\", \"morning\" or \"afternoon\"")]
pub struct DayPartError;

impl DayPart {
    /// Tells if both parts of a day have a moment in common.
    pub fn meets(self, other: Self) -> bool {
        self == other || self == Self::WholeDay || other == Self::WholeDay
    }

    /// The hours from the start of the day between which it lies.
    fn hours(self) -> (i64, i64) {
        match self {
            Self::WholeDay => (0, 24),
            Self::Morning => (0, 12),
            Self::Afternoon => (12, 24),
        }
    }
}

/// A blank text is the whole day.
impl FromStr for DayPart {
    type Err = DayPartError;

    fn from_str(text: &str) -> Result<Self, DayPartError> {
        let named = Self::ALL.into_iter().find(|part| part.slug() == text.trim());
        named.or_else(|| text.trim().is_empty().then_some(Self::WholeDay)).ok_or(DayPartError)
    }
}

/// A range of days off, or of their mornings or afternoons; both ends included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOff {
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub part: DayPart,
    pub note: Option<String>,
}

impl TimeOff {
    /// "on Wed, Oct 15, 2025", "from Wed, Oct 15, 2025 to Fri, Oct 17, 2025 (mornings)"
    pub fn words(&self) -> String {
        let several = if self.first == self.last { "" } else { "s" };
        let part = match self.part {
            DayPart::WholeDay => String::new(),
            DayPart::Morning => format!(" (morning{several})"),
            DayPart::Afternoon => format!(" (afternoon{several})"),
        };
        format!("{}{part}", format::dates(self.first, self.last))
    }

    /// Whole days off, from their [`words`](Self::words).
    pub fn whole_days(words: &str) -> Option<Self> {
        let date = |text: &str| NaiveDate::parse_from_str(text, "%a, %b %-d, %Y").ok();
        let (first, last) = match words.strip_prefix("from ").and_then(|days| days.split_once(" to ")) {
            Some((first, last)) => (date(first)?, date(last)?),
            None => (date(words.strip_prefix("on ")?)?, date(words.strip_prefix("on ")?)?),
        };
        Some(Self { first, last, part: DayPart::WholeDay, note: None })
    }

    /// Tells if the days and their part are the same. The note is not compared.
    pub fn has_days_of(&self, other: &Self) -> bool {
        (self.first, self.last, self.part) == (other.first, other.last, other.part)
    }

    /// Tells if any day from `first` to `last` is off, whole or in part.
    pub fn meets(&self, first: NaiveDate, last: NaiveDate) -> bool {
        self.first <= last && first <= self.last
    }

    /// Tells if any moment from `begin` to before `end` is off. Work without a length counts at its beginning.
    pub fn covers(&self, begin: NaiveDateTime, end: NaiveDateTime) -> bool {
        let end = end.max(begin + TimeDelta::seconds(1));
        let (from, to) = self.part.hours();
        let (first, last) = (self.first.max(begin.date()), self.last.min(end.date()));
        first.iter_days().take_while(|date| *date <= last).any(|date| {
            let midnight = date.and_time(NaiveTime::MIN);
            begin < midnight + TimeDelta::hours(to) && midnight + TimeDelta::hours(from) < end
        })
    }
}
