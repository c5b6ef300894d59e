//! The addresses of pages, in one place.

use std::fmt;

use chrono::NaiveDate;

use super::form::Typed;
use crate::domain::{calendar::Month, ids::EventId};

/// Where `/` leads: the month that holds today.
pub const HOME: &str = "/calendar";
pub const HELP: &str = "/help";
pub const UNSCHEDULED: &str = "/unscheduled";
pub const SCHEDULE_SEVERAL: &str = "/unscheduled/schedule";
/// All open Supervisors in one step.
pub const SUPERVISORS: &str = "/unscheduled/supervisors";
pub const ACTIVITY: &str = "/activity";
pub const ACTIVITY_CSV: &str = "/activity.csv";

/// `/activity/17`: one change.
pub fn entry(sequence: u64) -> String {
    format!("{ACTIVITY}/{sequence}")
}

pub fn undo(sequence: u64) -> String {
    format!("{ACTIVITY}/{sequence}/undo")
}

pub fn revert(sequence: u64) -> String {
    format!("{ACTIVITY}/{sequence}/revert")
}

/// `/calendar/2025/10`
pub fn month(month: Month) -> String {
    format!("/calendar/{}/{}", month.year(), month.number())
}

/// `/calendar/day/2025-10-15`
pub fn day(date: NaiveDate) -> String {
    format!("/calendar/day/{date}")
}

/// A card on its day's page.
pub fn card(date: NaiveDate, event: EventId) -> String {
    format!("{}#event-{event}", day(date))
}

/// What a form does to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Schedule,
    Reschedule,
    Unschedule,
    ChangeEmployee,
}

impl Deed {
    pub const ALL: [Self; 4] = [Self::Schedule, Self::Reschedule, Self::Unschedule, Self::ChangeEmployee];

    /// The word in the address.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Reschedule => "reschedule",
            Self::Unschedule => "unschedule",
            Self::ChangeEmployee => "employee",
        }
    }

    /// The words on a card.
    pub fn label(self) -> &'static str {
        match self {
            Self::Schedule => "Schedule",
            Self::Reschedule => "Reschedule",
            Self::Unschedule => "Unschedule",
            Self::ChangeEmployee => "Change employee",
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// `/events/1001/reschedule`
pub fn action(event: EventId, deed: Deed) -> String {
    format!("/events/{event}/{deed}")
}

/// A form that returns to the day it was opened from.
pub fn form(event: EventId, deed: Deed, from: NaiveDate) -> String {
    format!("{}?from={from}", action(event, deed))
}

/// A form that opens with its fields filled in.
pub fn form_filled(event: EventId, deed: Deed, typed: &Typed, from: &str) -> String {
    let Typed { date, time, employee, override_reason: _, confirm_other_date } = typed;
    let confirm = if *confirm_other_date { "true" } else { "" };
    let fields =
        [("from", from), ("date", date), ("time", time), ("employee", employee), ("confirm_other_date", confirm)];
    format!("{}?{}", action(event, deed), query(&fields))
}

/// The fields that are not empty, as a query.
pub fn query(fields: &[(&str, &str)]) -> String {
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    let encoded = filled.map(|(name, value)| {
        format!("{name}={}", percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC))
    });
    encoded.collect::<Vec<_>>().join("&")
}
