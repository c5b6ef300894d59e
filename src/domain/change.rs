//! The words of a change: what somebody asks for, what comes of it, and why not.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::{
    audit::Entry,
    calendar::{Moment, YEAR_MAX, YEAR_MIN},
    event::Event,
    ids::{EmployeeId, EventId, Revision, ScheduleId},
    rules::Finding,
    words,
};

/// Where a Supervisor event starts, given its CORE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupervisorTime {
    /// So many minutes after the CORE, at the latest 23:59 of that day.
    After { minutes: u32 },
    /// At the same time every day.
    At(NaiveTime),
}

/// The settings that decisions depend on.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether Supervisors follow their COREs at all.
    pub pairing: bool,
    pub supervisor_time: SupervisorTime,
}

impl Policy {
    /// When the Supervisor of a CORE that starts at `core` starts.
    #[must_use]
    pub fn supervisor_start(&self, core: NaiveDateTime) -> NaiveDateTime {
        let last = core.date().and_hms_opt(23, 59, 0).unwrap_or(core);
        match self.supervisor_time {
            SupervisorTime::After { minutes } => (core + TimeDelta::minutes(i64::from(minutes))).min(last),
            SupervisorTime::At(time) => core.date().and_time(time),
        }
    }
}

/// What somebody wants done to one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Schedule { employee: EmployeeId, start: NaiveDateTime },
    Reschedule { to: Moment, employee: Option<EmployeeId> },
    Unschedule,
    ChangeEmployee { employee: EmployeeId },
}

impl Command {
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Schedule { .. } => Action::Schedule,
            Self::Reschedule { .. } => Action::Reschedule,
            Self::Unschedule => Action::Unschedule,
            Self::ChangeEmployee { .. } => Action::ChangeEmployee,
        }
    }

    /// Who the command assigns, if anybody.
    #[must_use]
    pub fn assigns(&self) -> Option<&EmployeeId> {
        match self {
            Self::Schedule { employee, .. } | Self::ChangeEmployee { employee } => Some(employee),
            Self::Reschedule { employee, .. } => employee.as_ref(),
            Self::Unschedule => None,
        }
    }

    /// The start the event will have. None where it will have none.
    #[must_use]
    pub fn start_for(&self, subject: &Event) -> Option<NaiveDateTime> {
        match self {
            Self::Schedule { start, .. } => Some(*start),
            Self::Reschedule { to, .. } => subject.start().map(|start| to.on(start.time())),
            Self::ChangeEmployee { .. } => subject.start(),
            Self::Unschedule => None,
        }
    }
}

/// A command, with what its sender saw and confirmed.
#[derive(Clone, Debug)]
pub struct Request {
    pub command: Command,
    /// The revision the sender saw. None accepts any.
    pub seen: Option<Revision>,
    /// Why a rule that refuses is to be passed over.
    pub override_reason: Option<String>,
    /// A Supervisor may leave its CORE's date.
    pub confirm_other_date: bool,
}

impl Request {
    /// A request that saw nothing and confirms nothing.
    #[must_use]
    pub fn plain(command: Command) -> Self {
        Self { command, seen: None, override_reason: None, confirm_other_date: false }
    }
}

/// The kinds of change, as the audit and the log name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Schedule,
    Reschedule,
    Unschedule,
    ChangeEmployee,
    Import,
}

impl Action {
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Reschedule => "reschedule",
            Self::Unschedule => "unschedule",
            Self::ChangeEmployee => "change_employee",
            Self::Import => "import",
        }
    }
}

/// One event before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub before: Event,
    pub after: Event,
}

/// A decision to change something: all of its edits are written, or none.
#[derive(Clone, Debug)]
pub struct Change {
    pub action: Action,
    pub subject: EventId,
    /// The subject first, then the Supervisors that follow it. Empty if everything is already so.
    pub edits: Vec<Edit>,
    pub warnings: Vec<Warning>,
}

impl Change {
    /// The Supervisors that changed along with the subject.
    pub fn followers(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(|edit| edit.before.id != self.subject)
    }
}

/// Something the scheduler should know although the change goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The CORE has no event number, so nothing can follow it.
    NoEventNumber,
    /// No Supervisor event shares the CORE's number and store.
    NoSupervisor,
    /// Several COREs share the number; these are the others.
    AmbiguousNumber { others: Vec<EventId> },
    /// A Supervisor event that is not scheduled, and stays so.
    SupervisorStaysUnstaffed { supervisor: EventId },
    /// A rule about people.
    Rule(Finding),
}

impl Warning {
    /// The id in answers: the rule's, or the integrity check's of the same matter.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoEventNumber => "no-event-number",
            Self::NoSupervisor => "no-supervisor",
            Self::AmbiguousNumber { .. } => "ambiguous-number",
            Self::SupervisorStaysUnstaffed { .. } => "supervisor-unstaffed",
            Self::Rule(finding) => finding.rule,
        }
    }

    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::NoEventNumber => "This CORE event has no event number, so no Supervisor event can follow it.".into(),
            Self::NoSupervisor => "No Supervisor event is configured for this CORE event.".into(),
            Self::AmbiguousNumber { others } => {
                let others: Vec<_> = others.iter().map(ToString::to_string).collect();
                format!(
                    "Several CORE events share this number at this store (also {}); its Supervisor moves with one of them only.",
                    others.join(", ")
                )
            }
            Self::SupervisorStaysUnstaffed { supervisor } => {
                format!("Its Supervisor event {supervisor} is not scheduled and stays so.")
            }
            Self::Rule(finding) => finding.message.clone(),
        }
    }

    /// The event a warning points to.
    #[must_use]
    pub fn event(&self) -> Option<EventId> {
        match self {
            Self::SupervisorStaysUnstaffed { supervisor } => Some(*supervisor),
            Self::Rule(finding) => finding.clash,
            Self::AmbiguousNumber { others } => others.first().copied(),
            Self::NoEventNumber | Self::NoSupervisor => None,
        }
    }
}

/// Why a change is not made. Nothing was written.
#[derive(Clone, Debug)]
pub enum Rejection {
    UnknownEvent(EventId),
    UnknownSchedule(ScheduleId),
    UnknownEmployee(EmployeeId),
    AlreadyScheduled(Box<Event>),
    NotScheduled(Box<Event>),
    /// The event changed since the sender saw it; what is known of the last change.
    Stale {
        event: Box<Event>,
        seen: Revision,
        last: Option<Box<Entry>>,
    },
    OutOfCalendar(NaiveDate),
    /// A Supervisor would leave the date of its CORE, and nobody confirmed that.
    OtherDate {
        core: Box<Event>,
        date: NaiveDate,
    },
    /// Rules refuse; these people would pass all of them.
    Refused {
        findings: Vec<Finding>,
        alternatives: Vec<EmployeeId>,
    },
}

impl Rejection {
    /// The id in answers.
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
        }
    }

    /// A sentence for the person who asked, and for the audit.
    pub fn reason(&self) -> String {
        match self {
            Self::UnknownEvent(id) => format!("There is no event {id}."),
            Self::UnknownSchedule(id) => format!("There is no schedule {id}; its event may have been unscheduled."),
            Self::UnknownEmployee(id) => format!("There is no employee {id}."),
            Self::AlreadyScheduled(event) => match event.start() {
                Some(start) => format!("{} is already scheduled on {}.", event.name, words::moment(start)),
                None => format!("{} is already scheduled.", event.name),
            },
            Self::NotScheduled(event) => format!("{} is not scheduled.", event.name),
            Self::Stale { event, seen, last } => {
                let by =
                    last.as_ref().map(|last| format!(" by {} at {}", last.who, last.at.format("%Y-%m-%d %H:%M UTC")));
                let now = event
                    .start()
                    .map_or_else(|| "not scheduled".to_owned(), |start| format!("on {}", words::moment(start)));
                format!(
                    "{} was changed{} since you saw it: it is now {now} (you saw revision {seen}, it is now {}).",
                    event.name,
                    by.unwrap_or_default(),
                    event.revision
                )
            }
            Self::OutOfCalendar(date) => {
                format!("{date} is outside the calendar, which goes from {YEAR_MIN} to {YEAR_MAX}.")
            }
            Self::OtherDate { core, date } => {
                let on = core.date().map_or_else(|| "no date".to_owned(), words::date_short);
                format!(
                    "Its CORE {} is on {on}. Confirm that this Supervisor event leaves it for {}.",
                    core.name,
                    words::date_short(*date)
                )
            }
            Self::Refused { findings, .. } => {
                let refusing = findings.iter().filter(|finding| finding.refuses);
                refusing.map(|finding| finding.message.as_str()).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// Most alternatives offered with a refusal.
pub const ALTERNATIVES_MAX: usize = 3;
