//! Reasons for which a change is rejected, with messages for users.

use chrono::NaiveDate;

use crate::domain::{
    audit::Entry,
    calendar::{YEAR_MAX, YEAR_MIN},
    change::{alternatives::Alternative, bulk::Refusal},
    employee::edit,
    event::Event,
    format,
    ids::{EmployeeId, EventId, Revision, ScheduleId},
    rules::Finding,
    schedule::problem::Problem,
};

/// Reason for which a change is not made. Nothing was written.
#[derive(Clone, Debug)]
pub enum Rejection {
    UnknownEvent(EventId),
    UnknownSchedule(ScheduleId),
    UnknownEmployee(EmployeeId),
    AlreadyScheduled(Box<Event>),
    NotScheduled(Box<Event>),
    /// The event changed since it was shown to the user; includes the last change, if known.
    Stale {
        event: Box<Event>,
        seen: Revision,
        last: Option<Box<Entry>>,
    },
    OutOfCalendar(NaiveDate),
    /// A Supervisor would leave the date of its CORE without a confirmation.
    OtherDate {
        core: Box<Event>,
        date: NaiveDate,
    },
    /// Rules reject the assignment; the alternatives pass all of them.
    Refused {
        findings: Vec<Finding>,
        alternatives: Vec<Alternative>,
    },
    /// Only scheduled COREs can be traded.
    NotTradable(Box<Event>),
    /// An API call about a Supervisor named another event.
    NotASupervisor(Box<Event>),
    UnknownEntry(u64),
    /// The entry changed no event, so there is nothing to undo.
    NothingToUndo(u64),
    /// The entry was undone before.
    AlreadyUndone {
        by: Box<Entry>,
    },
    /// The window of an undo has passed.
    TooLate {
        minutes: u32,
    },
    /// An event of the entry changed since; includes that change, if known.
    ChangedSince {
        event: Box<Event>,
        last: Option<Box<Entry>>,
    },
    /// Items of a plan that cannot be done; none of the others was.
    Several(Vec<Refusal>),
    /// A plan without items.
    NothingChosen,
    /// A plan with more events than one change may have.
    TooMany {
        events: usize,
        max: usize,
    },
    /// About a proposal of the auto-scheduler.
    Proposal(Problem),
    /// About employees or holidays.
    Staff(edit::Refusal),
    /// The same idempotency key was sent with another request.
    KeyReused,
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
            Self::KeyReused => "key_reused",
        }
    }

    /// A message for the user and the audit.
    pub fn reason(&self) -> String {
        match self {
            Self::UnknownEvent(id) => format!("There is no event {id}."),
            Self::UnknownSchedule(id) => format!("There is no schedule {id}; its event may have been unscheduled."),
            Self::UnknownEmployee(id) => format!("There is no employee {id}."),
            Self::AlreadyScheduled(event) => match event.start() {
                Some(start) => format!("{} is already scheduled on {}.", event.name, format::moment(start)),
                None => format!("{} is already scheduled.", event.name),
            },
            Self::NotScheduled(event) => format!("{} is not scheduled.", event.name),
            Self::Stale { event, last, .. } => {
                format!("{} was changed{} since you saw it: it is now {}.", event.name, by(last.as_deref()), now(event))
            }
            Self::OutOfCalendar(date) => {
                format!("{date} is outside the calendar, which goes from {YEAR_MIN} to {YEAR_MAX}.")
            }
            Self::OtherDate { core, date } => {
                let on = core.date().map_or_else(|| "no date".to_owned(), format::date_short);
                format!(
                    "Its CORE {} is on {on}. Confirm that this Supervisor event leaves it for {}.",
                    core.name,
                    format::date_short(*date)
                )
            }
            Self::Refused { findings, .. } => {
                let refusing = findings.iter().filter(|finding| finding.refuses);
                refusing.map(|finding| finding.message.as_str()).collect::<Vec<_>>().join(" ")
            }
            Self::NotTradable(event) => {
                format!("{} is not a scheduled CORE event; only those can be traded.", event.name)
            }
            Self::NotASupervisor(event) => {
                format!("{} is not a Supervisor event; this call moves only those, by their own schedule.", event.name)
            }
            Self::UnknownEntry(sequence) => format!("There is no change {sequence}."),
            Self::NothingToUndo(sequence) => {
                format!("Change {sequence} changed no event, so there is nothing to undo.")
            }
            Self::AlreadyUndone { by } => format!("This was undone already by {} on {}.", by.who, utc(by)),
            Self::TooLate { minutes } => format!(
                "The {} for an undo have passed. It can still be reverted, as an ordinary change.",
                format::count(*minutes, "minute")
            ),
            Self::ChangedSince { event, last } => format!(
                "{} was changed{} since: it is now {}. Nothing was undone.",
                event.name,
                by(last.as_deref()),
                now(event)
            ),
            Self::Several(refusals) => {
                let reasons: Vec<_> = refusals.iter().map(Refusal::sentence).collect();
                reasons.join(" ")
            }
            Self::NothingChosen => "No event is chosen. Choose at least one.".to_owned(),
            Self::TooMany { events, max } => {
                format!(
                    "This would change {events} events at once; at most {max} are allowed. Choose fewer and go on with the rest."
                )
            }
            Self::Proposal(problem) => problem.to_string(),
            Self::Staff(refusal) => refusal.reason(),
            Self::KeyReused => {
                "This idempotency key was used for another request before. Use a new one for each change.".to_owned()
            }
        }
    }
}

/// " by Ada Bell on 2025-10-15 09:41 UTC"
fn by(last: Option<&Entry>) -> String {
    last.map(|last| format!(" by {} on {}", last.who, utc(last))).unwrap_or_default()
}

fn utc(entry: &Entry) -> String {
    entry.at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn now(event: &Event) -> String {
    event.start().map_or_else(|| "not scheduled".to_owned(), |start| format!("on {}", format::moment(start)))
}
