//! Why a proposal is not made, changed or accepted, in sentences for the person who asked.

use chrono::NaiveDate;
use thiserror::Error;

use crate::domain::{
    employee::JobTitle,
    format,
    ids::{EmployeeId, EventId},
    schedule::{DAYS_MAX, EVENTS_MAX, ROWS_MAX, Role, rotation_edit::EXCEPTIONS_MAX, saved::VALID_HOURS},
};

/// Why a proposal is not made, changed or accepted, or the rotation not changed. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("The last day, {to}, is before the first, {from}.")]
    EndsBeforeItBegins { from: NaiveDate, to: NaiveDate },
    #[error(
        "These are {days} days; a proposal looks at {DAYS_MAX} days at most. Choose a later first or an earlier last day."
    )]
    TooManyDays { days: i64 },
    #[error("The calendar ends before that day.")]
    OutOfCalendar,
    #[error(
        "No unscheduled event can be done on these days for these types and stores. Choose other days, types or stores."
    )]
    NoOpenEvents,
    #[error(
        "These are {events} unscheduled events; a proposal looks at {EVENTS_MAX} at most. Choose fewer types or stores."
    )]
    TooManyOpen { events: usize },
    #[error("The people hold more than {max} events on these days. Choose fewer days.")]
    TooManyHeld { max: usize },
    #[error(
        "The proposal has {rows} rows; one change has {ROWS_MAX} events at most. Choose fewer days, types or stores."
    )]
    TooManyRows { rows: usize },
    #[error("The proposal is too long to be stored. Choose fewer days, types or stores.")]
    TooLong,
    #[error("There is no employee {0}.")]
    UnknownEmployee(EmployeeId),
    #[error(
        "There is no such proposal. Proposals are deleted after {VALID_HOURS} hours and are not restored from a backup: propose again."
    )]
    Unknown,
    #[error("This proposal was accepted already. Propose again for what is still unscheduled.")]
    Accepted,
    #[error("Event {0} is not in this proposal.")]
    NotInProposal(EventId),
    #[error("Event {0} is named twice. Name each event once.")]
    NamedTwice(EventId),
    #[error(
        "Event {0} has no row in this proposal, so it cannot be locked where it is. Choose a person and a time for it."
    )]
    NotPlaced(EventId),
    #[error("{date} is not one of the days of this proposal, {from} to {to}.")]
    OutsideWindow { date: NaiveDate, from: NaiveDate, to: NaiveDate },
    #[error("{other}, which belongs with it, would be left unscheduled or on another day. Propose again.")]
    SplitsPair { other: String },
    #[error("{name} is {}, who may not do the work of the {}.", title.label(), role.label())]
    NotForRole { name: String, title: JobTitle, role: Role },
    #[error(
        "Someone else changed this rotation since you opened the page. Nothing of yours was saved; check it and save again."
    )]
    RotationChanged,
    #[error("{EXCEPTIONS_MAX} exceptions are stored, which is the most. Remove past ones first.")]
    TooManyExceptions,
    #[error("There is no exception on {} any more.", format::date_short(*date))]
    NoException { date: NaiveDate },
}

impl Problem {
    /// The id in answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EndsBeforeItBegins { .. } | Self::TooManyDays { .. } | Self::OutOfCalendar => "bad_days",
            Self::NoOpenEvents => "no_open_events",
            Self::TooManyOpen { .. }
            | Self::TooManyHeld { .. }
            | Self::TooManyRows { .. }
            | Self::TooLong
            | Self::TooManyExceptions => "too_many",
            Self::UnknownEmployee(_) => "unknown_employee",
            Self::Unknown => "unknown_proposal",
            Self::Accepted => "already_accepted",
            Self::NotInProposal(_) => "not_in_proposal",
            Self::NamedTwice(_) => "named_twice",
            Self::NotPlaced(_) => "not_placed",
            Self::OutsideWindow { .. } => "outside_window",
            Self::SplitsPair { .. } => "splits_pair",
            Self::NotForRole { .. } => "not_for_role",
            Self::RotationChanged => "stale_rotation",
            Self::NoException { .. } => "no_exception",
        }
    }
}
