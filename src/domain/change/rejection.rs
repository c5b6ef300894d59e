//! Reasons for which a change is rejected, with messages for users.

use chrono::{NaiveDate, NaiveDateTime};

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
    /// No clock shows this time, because clocks go forward between the other two.
    SkippedTime {
        start: NaiveDateTime,
        between: (NaiveDateTime, NaiveDateTime),
    },
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
    Staff(employee_edit::Refusal),
    /// The rules have no finding about the assignment any more, or it was accepted or reopened meanwhile.
    NoConflict(Box<Event>),
    /// The assignment has conflicts that the form did not show.
    OtherConflicts(Box<Event>),
    /// The same idempotency key was sent with another request.
    KeyReused,
    /// The form was sent before with other entries; that change was made, unless its entry is archived.
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

    /// A message for the user and the audit.
    pub fn reason(&self) -> String {
        match self {
            Self::UnknownEvent(id) => format!("There is no event {id}."),
            Self::UnknownSchedule(id) => format!("There is no schedule {id}; its event may have been unscheduled."),
            Self::UnknownEmployee(id) => format!("There is no employee {id}."),
            Self::AlreadyScheduled(event) => match event.start() {
                Some(start) => format!("{} is already scheduled on {}.", event.label(), format::moment(start)),
                None => format!("{} is already scheduled.", event.label()),
            },
            Self::NotScheduled(event) => format!("{} is not scheduled.", event.label()),
            Self::Stale { event, last, .. } => {
                let (name, now) = (event.label(), now(event));
                format!("{name} was changed{} since you saw it: it is now {now}.", by(last.as_deref()))
            }
            Self::OutOfCalendar(date) => {
                format!("{date} is outside the calendar, which goes from {YEAR_MIN} to {YEAR_MAX}.")
            }
            Self::SkippedTime { start, between } => skipped(*start, *between),
            Self::OtherDate { core, date } => other_date(core, *date),
            Self::Refused { findings, .. } => {
                let refusing = findings.iter().filter(|finding| finding.refuses);
                refusing.map(|finding| finding.message.as_str()).collect::<Vec<_>>().join(" ")
            }
            Self::NotTradable(event) => {
                format!("{} is not a scheduled CORE event; only those can be traded.", event.label())
            }
            Self::NotASupervisor(event) => {
                format!(
                    "{} is not a Supervisor event; this call moves only those, by their own schedule.",
                    event.label()
                )
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
                event.label(),
                by(last.as_deref()),
                now(event)
            ),
            Self::Several(refusals) => refusals.iter().map(Refusal::sentence).collect::<Vec<_>>().join(" "),
            Self::NothingChosen => "No event is chosen. Choose at least one.".to_owned(),
            Self::TooMany { events, max } => {
                format!(
                    "This would change {events} events at once; at most {max} are allowed. Choose fewer and go on with the rest."
                )
            }
            Self::Proposal(problem) => problem.to_string(),
            Self::Staff(refusal) => refusal.reason(),
            Self::NoConflict(event) => format!("{} has no such conflict any more. Nothing was changed.", event.label()),
            Self::OtherConflicts(event) => format!(
                "{} has other conflicts than the page showed. Nothing was accepted. Check the list, and accept again.",
                event.label()
            ),
            Self::KeyReused => {
                "This idempotency key was used for another request before. Use a new one for each change.".to_owned()
            }
            Self::SentBefore(entry) => sent_before(entry.as_deref()),
        }
    }
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
