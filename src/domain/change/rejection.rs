//! Reasons for which a change is rejected, with messages for users.

use chrono::{NaiveDate, NaiveDateTime};
use thiserror::Error;

use crate::domain::{
    audit::Entry,
    calendar::{YEAR_MAX, YEAR_MIN},
    change::{alternatives::Alternative, bulk::Refusal, employee_edit},
    event::Event,
    format,
    ids::{EmployeeId, EventId, Revision, ScheduleId},
    rules::Finding,
    schedule::problem::Problem,
};

/// Reason for which a change is not made. Nothing was written. The messages are for the user and the audit.
#[derive(Clone, Debug, Error)]
pub enum Rejection {
    #[error("There is no event {0}.")]
    UnknownEvent(EventId),
    #[error("There is no schedule {0}; its event may have been unscheduled.")]
    UnknownSchedule(ScheduleId),
    #[error("There is no employee {0}.")]
    UnknownEmployee(EmployeeId),
    #[error("{} is already scheduled{}.", .0.label(), .0.start().map(|at| format!(" on {}", format::moment(at))).unwrap_or_default())]
    AlreadyScheduled(Box<Event>),
    #[error("{} is not scheduled.", .0.label())]
    NotScheduled(Box<Event>),
    /// The event changed since it was shown to the user; includes the last change, if known.
    #[error("{} was changed{} since you saw it: it is now {}.", event.label(), by(last.as_deref()), now(event))]
    Stale { event: Box<Event>, seen: Revision, last: Option<Box<Entry>> },
    #[error("{0} is outside the calendar, which goes from {YEAR_MIN} to {YEAR_MAX}.")]
    OutOfCalendar(NaiveDate),
    /// No clock shows this time, because clocks go forward between the other two.
    #[error("{}", skipped(*start, *between))]
    SkippedTime { start: NaiveDateTime, between: (NaiveDateTime, NaiveDateTime) },
    /// A Supervisor would leave the date of its CORE without a confirmation.
    #[error("{}", other_date(core, *date))]
    OtherDate { core: Box<Event>, date: NaiveDate },
    /// Rules reject the assignment; the alternatives pass all of them.
    #[error("{}", refused(findings))]
    Refused { findings: Vec<Finding>, alternatives: Vec<Alternative> },
    /// Only scheduled COREs can be traded.
    #[error("{} is not a scheduled CORE event; only those can be traded.", .0.label())]
    NotTradable(Box<Event>),
    /// An API call about a Supervisor named another event.
    #[error("{} is not a Supervisor event; this call moves only those, by their own schedule.", .0.label())]
    NotASupervisor(Box<Event>),
    #[error("There is no change {0}.")]
    UnknownEntry(u64),
    /// The entry changed no event, so there is nothing to undo.
    #[error("Change {0} changed no event, so there is nothing to undo.")]
    NothingToUndo(u64),
    /// The entry was undone before.
    #[error("This was undone already by {} on {}.", by.who, utc(by))]
    AlreadyUndone { by: Box<Entry> },
    /// The window of an undo has passed.
    #[error(
        "The {} for an undo have passed. It can still be reverted, as an ordinary change.",
        format::count(*minutes, "minute")
    )]
    TooLate { minutes: u32 },
    /// An event of the entry changed since; includes that change, if known.
    #[error(
        "{} was changed{} since: it is now {}. Nothing was undone.",
        event.label(),
        by(last.as_deref()),
        now(event)
    )]
    ChangedSince { event: Box<Event>, last: Option<Box<Entry>> },
    /// Items of a plan that cannot be done; none of the others was.
    #[error("{}", .0.iter().map(Refusal::sentence).collect::<Vec<_>>().join(" "))]
    Several(Vec<Refusal>),
    /// A plan without items.
    #[error("No event is chosen. Choose at least one.")]
    NothingChosen,
    /// A plan with more events than one change may have.
    #[error(
        "This would change {events} events at once; at most {max} are allowed. Choose fewer and go on with the rest."
    )]
    TooMany { events: usize, max: usize },
    /// About a proposal of the auto-scheduler.
    #[error("{0}")]
    Proposal(Problem),
    /// About employees or holidays.
    #[error("{0}")]
    Staff(#[from] employee_edit::Refusal),
    /// The rules have no finding about the assignment any more, or it was accepted or reopened meanwhile.
    #[error("{} has no such conflict any more. Nothing was changed.", .0.label())]
    NoConflict(Box<Event>),
    /// The assignment has conflicts that the form did not show.
    #[error(
        "{} has other conflicts than the page showed. Nothing was accepted. Check the list, and accept again.",
        .0.label()
    )]
    OtherConflicts(Box<Event>),
    /// The same idempotency key was sent with another request.
    #[error("This idempotency key was used for another request before. Use a new one for each change.")]
    KeyReused,
    /// The form was sent before with other entries; that change was made, unless its entry is archived.
    #[error("{}", sent_before(.0.as_deref()))]
    SentBefore(Option<Box<Entry>>),
}

impl Rejection {
    /// The id in API answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownEvent(_) => "unknown_event",
            Self::UnknownSchedule(_) => "unknown_schedule",
            Self::UnknownEmployee(_) => "unknown_employee",
            Self::AlreadyScheduled(_) => "already_scheduled",
            Self::NotScheduled(_) => "not_scheduled",
            Self::Stale { .. } => "stale_revision",
            Self::OutOfCalendar(_) => "out_of_calendar",
            Self::SkippedTime { .. } => "skipped_time",
            Self::OtherDate { .. } => "confirm_other_date",
            Self::Refused { .. } => "refused",
            Self::NotTradable(_) => "not_tradable",
            Self::NotASupervisor(_) => "not_a_supervisor",
            Self::UnknownEntry(_) => "unknown_entry",
            Self::NothingToUndo(_) => "nothing_to_undo",
            Self::AlreadyUndone { .. } => "already_undone",
            Self::TooLate { .. } => "undo_too_late",
            Self::ChangedSince { .. } => "changed_since",
            Self::Several(_) => "several_refused",
            Self::NothingChosen => "nothing_chosen",
            Self::TooMany { .. } => "too_many",
            Self::Proposal(problem) => problem.code(),
            Self::Staff(refusal) => refusal.code(),
            Self::NoConflict(_) => "no_conflict",
            Self::OtherConflicts(_) => "other_conflicts",
            Self::KeyReused | Self::SentBefore(_) => "key_reused",
        }
    }

    /// The message for the user and the audit.
    pub fn reason(&self) -> String {
        self.to_string()
    }
}

fn refused(findings: &[Finding]) -> String {
    let refusing = findings.iter().filter(|finding| finding.refuses);
    refusing.map(|finding| finding.message.as_str()).collect::<Vec<_>>().join(" ")
}

fn skipped(start: NaiveDateTime, (from, to): (NaiveDateTime, NaiveDateTime)) -> String {
    format!(
        "{} does not exist: the clocks go forward from {} to {} that day. Choose another time.",
        format::moment(start),
        format::time(from.time()),
        format::time(to.time())
    )
}

fn sent_before(saved: Option<&Entry>) -> String {
    let saved = saved.map(|entry| format!(" ({}{})", entry.action.label(), by(Some(entry)))).unwrap_or_default();
    format!(
        "This form was sent before with other entries, and these were saved{saved}. Nothing more was changed. Check your \
         entries, and send them again if you still want them."
    )
}

fn other_date(core: &Event, date: NaiveDate) -> String {
    let on = core.date().map_or_else(|| "no date".to_owned(), format::date_short);
    let date = format::date_short(date);
    format!("Its CORE {} is on {on}. Confirm that this Supervisor event leaves it for {date}.", core.label())
}

/// " by Ada Bell on 2025-10-15 09:41 UTC"
fn by(last: Option<&Entry>) -> String {
    last.map(|last| format!(" by {} on {}", last.by(), utc(last))).unwrap_or_default()
}

fn utc(entry: &Entry) -> String {
    entry.at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn now(event: &Event) -> String {
    event.start().map_or_else(|| "not scheduled".to_owned(), |start| format!("on {}", format::moment(start)))
}
