//! An event, and its assignment to an employee at a time.

pub mod counts;
pub mod default_start;
pub mod filter;
pub mod names;
pub mod pairing;
pub mod readable;
pub mod search;

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::domain::{
    alike, format,
    ids::{EmployeeId, EventId, EventNumber, ProgramId, Revision, ScheduleId},
};

/// Longest event name and store name, in characters. The longest name in real exports has 78.
pub const NAME_CHARS_MAX: usize = 500;
/// Longest estimated time of one event, in minutes: a whole day.
pub const MINUTES_MAX: u32 = 24 * 60;

named! {
    /// The six kinds of event, in the order of the month's badges: C J S F D O. The slug is the name in URLs, style classes and
    /// JSON; the label that on pages.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum EventType: slug, label {
        Core => "core", "CORE";
        Juicer => "juicer", "Juicer";
        Supervisor => "supervisor", "Supervisor";
        Freeosk => "freeosk", "Freeosk";
        Digitals => "digitals", "Digitals";
        Other => "other", "Other";
    }
}

shown_as!(label: EventType);

impl EventType {
    /// Default length in minutes if the source has none.
    pub fn default_minutes(self) -> u32 {
        match self {
            Self::Core => 390,
            Self::Juicer => 540,
            Self::Supervisor => 5,
            Self::Freeosk | Self::Digitals | Self::Other => 15,
        }
    }
}

named! {
    /// Derived from the schedule; never stored. The slug is the name in URLs.
    pub enum Condition: slug, label {
        Scheduled => "scheduled", "Scheduled";
        Unstaffed => "unstaffed", "Unstaffed";
    }
}

/// A due time within these first minutes of a day is the end of the day before.
const NIGHT_MINUTES: i64 = 5;

/// The time by which the work must be finished. Without a time it is the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
}

impl Due {
    /// The due time as intended: one within the first five minutes of a day is the end of the day before. The
    /// retailer writes due times as 12:01 AM, and of 90 of its visits none is scheduled on that date.
    #[must_use]
    pub fn meant(self) -> Self {
        let at_night = self.time.is_some_and(|time| (time - NaiveTime::MIN).num_minutes() < NIGHT_MINUTES);
        let before = self.date.pred_opt().filter(|_| at_night);
        before.map_or(self, |date| Self { date, time: None })
    }

    /// For programs: a date and time, or the date alone if the source has no time.
    pub fn iso(self) -> String {
        self.time.map_or_else(|| self.date.to_string(), |time| format::iso_moment(self.date.and_time(time)))
    }

    /// The last day on which the work can be done.
    pub fn last_day(self) -> NaiveDate {
        self.meant().date
    }

    /// "last day Fri, Sep 26"; "last day Fri, Sep 26, until 3:00 PM" if the source gives a time within the day. With its
    /// year if that is not the year of `near`.
    pub fn words(self, near: NaiveDate) -> String {
        let Self { date, time } = self.meant();
        let until = time.map_or_else(String::new, |at| format!(", until {}", format::time(at)));
        format!("last day {}{until}", format::date_near(date, near))
    }

    /// Tells if work that ends at `end` ends too late. Midnight after the last day still counts as that day.
    pub fn passed_by(self, end: NaiveDateTime) -> bool {
        self.meant().is_before(end)
    }

    fn is_before(self, end: NaiveDateTime) -> bool {
        match self.time {
            Some(time) => end > self.date.and_time(time),
            None => end.date() > self.date && end != self.date.succ_opt().unwrap_or(self.date).and_time(NaiveTime::MIN),
        }
    }
}

/// A store. Sources without stores leave both fields empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    pub number: String,
    pub name: String,
}

impl Location {
    /// What stores are compared by: its number, or its name if the source has no number, without case, blanks and
    /// leading zeros. Empty if there is no store.
    pub fn key(&self) -> Cow<'_, str> {
        alike::number_key(self.written())
    }

    /// The store as its source writes it: its number, or its name if it has no number.
    pub fn written(&self) -> &str {
        if self.number.is_empty() { &self.name } else { &self.number }
    }

    /// Tells if both are the same store, however it is written.
    pub fn is_same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// "Harbor Club #4101"; None if there is no store.
    pub fn label(&self) -> Option<String> {
        match (self.name.as_str(), self.number.as_str()) {
            ("", "") => None,
            ("", number) => Some(format!("store #{number}")),
            (name, "") => Some(name.to_owned()),
            (name, number) => Some(format!("{name} #{number}")),
        }
    }
}

/// The assignment of an event to an employee with a local start time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub id: ScheduleId,
    pub employee: EmployeeId,
    pub start: NaiveDateTime,
}

/// A piece of work at a store. Its type and number were read from its name when it was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub revision: Revision,
    pub name: String,
    pub event_type: EventType,
    pub number: Option<EventNumber>,
    pub program: Option<ProgramId>,
    pub location: Location,
    pub first_day: Option<NaiveDate>,
    pub due: Option<Due>,
    pub minutes: u32,
    pub schedule: Option<Schedule>,
    /// The assignment of the last import. A repeated import changes nothing, whatever schedulers have done since.
    pub imported: Option<Schedule>,
}

impl Event {
    pub fn condition(&self) -> Condition {
        if self.schedule.is_some() { Condition::Scheduled } else { Condition::Unstaffed }
    }

    pub fn start(&self) -> Option<NaiveDateTime> {
        self.schedule.as_ref().map(|schedule| schedule.start)
    }

    /// The scheduled day.
    pub fn date(&self) -> Option<NaiveDate> {
        self.start().map(|start| start.date())
    }

    /// The last day on which the work can be done. None if it has no due date.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.due.map(Due::last_day)
    }

    /// The day whose page shows it: the scheduled day, else the last day on which the work can be done.
    pub fn day(&self) -> Option<NaiveDate> {
        self.date().or_else(|| self.last_day())
    }

    pub fn end_from(&self, start: NaiveDateTime) -> NaiveDateTime {
        start + TimeDelta::minutes(i64::from(self.minutes))
    }

    /// The end of work that began before a day and reaches into it.
    pub fn end_after_midnight(&self, date: NaiveDate) -> Option<NaiveDateTime> {
        let (start, midnight) = (self.start()?, date.and_time(NaiveTime::MIN));
        let end = self.end_from(start);
        (start < midnight && midnight < end).then_some(end)
    }

    /// A copy with another assignment and the next revision.
    #[must_use]
    pub fn with_schedule(&self, schedule: Option<Schedule>) -> Self {
        Self { schedule, revision: self.revision.next(), ..self.clone() }
    }
}
