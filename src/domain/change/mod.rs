//! Types of a change: request, decision and warnings.

pub mod alternatives;
pub mod bulk;
pub mod context;
pub mod decide;
pub mod kind;
pub mod rejection;
pub mod trade;
pub mod undo;

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

pub use crate::domain::change::kind::ChangeKind;

use crate::domain::{
    calendar::Moment,
    event::{Event, default_start::UsualStarts},
    format,
    ids::{EmployeeId, EventId, IdempotencyKey, Revision, ScheduleId},
    rules::Finding,
};

/// Start of a Supervisor event relative to its CORE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupervisorTime {
    /// Minutes after the CORE, at the latest 23:59 of that day.
    After { minutes: u32 },
    /// At the same time every day.
    At(NaiveTime),
}

/// The settings used by decisions.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Enables Supervisors to follow their COREs.
    pub pairing: bool,
    pub supervisor_time: SupervisorTime,
    pub usual: UsualStarts,
    /// Longest work in minutes that may overlap other work of the same employee at the same store; 0 for none.
    pub short_work_minutes: u32,
}

impl Policy {
    /// The start of the Supervisor of a CORE that starts at `core`.
    #[must_use]
    pub fn supervisor_start(&self, core: NaiveDateTime) -> NaiveDateTime {
        let last = core.date().and_hms_opt(23, 59, 0).unwrap_or(core);
        match self.supervisor_time {
            SupervisorTime::After { minutes } => (core + TimeDelta::minutes(i64::from(minutes))).min(last),
            SupervisorTime::At(time) => core.date().and_time(time),
        }
    }
}

/// A command for one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Schedule {
        employee: EmployeeId,
        start: NaiveDateTime,
    },
    Reschedule {
        to: Moment,
        employee: Option<EmployeeId>,
    },
    Unschedule,
    ChangeEmployee {
        employee: EmployeeId,
    },
    /// Swaps employees with the event of another schedule.
    Trade {
        with: ScheduleId,
        /// The revision of the other event shown to the user. None accepts any.
        seen: Option<Revision>,
    },
}

impl Command {
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Schedule { .. } => Action::Schedule,
            Self::Reschedule { .. } => Action::Reschedule,
            Self::Unschedule => Action::Unschedule,
            Self::ChangeEmployee { .. } => Action::ChangeEmployee,
            Self::Trade { .. } => Action::Trade,
        }
    }

    /// The employee the command assigns, if any.
    #[must_use]
    pub fn assigns(&self) -> Option<&EmployeeId> {
        match self {
            Self::Schedule { employee, .. } | Self::ChangeEmployee { employee } => Some(employee),
            Self::Reschedule { employee, .. } => employee.as_ref(),
            Self::Unschedule | Self::Trade { .. } => None,
        }
    }

    /// The start the event will have, if any.
    #[must_use]
    pub fn start_for(&self, subject: &Event) -> Option<NaiveDateTime> {
        match self {
            Self::Schedule { start, .. } => Some(*start),
            Self::Reschedule { to, .. } => subject.start().map(|start| to.on(start.time())),
            Self::ChangeEmployee { .. } | Self::Trade { .. } => subject.start(),
            Self::Unschedule => None,
        }
    }
}

/// A command, with what the user saw and confirmed.
#[derive(Clone, Debug)]
pub struct Request {
    pub command: Command,
    /// The revision shown to the user. None accepts any.
    pub seen: Option<Revision>,
    /// Override reason.
    pub override_reason: Option<String>,
    /// Allows a Supervisor to leave its CORE's date.
    pub confirm_other_date: bool,
    /// Idempotency key: a repeated request gets the first result.
    pub key: Option<IdempotencyKey>,
}

impl Request {
    /// A request without a revision or confirmations.
    #[must_use]
    pub fn plain(command: Command) -> Self {
        Self { command, seen: None, override_reason: None, confirm_other_date: false, key: None }
    }
}

/// The kinds of change, as the audit and the log name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Schedule,
    Reschedule,
    Unschedule,
    ChangeEmployee,
    Trade,
    Import,
    AddEmployee,
    EditEmployee,
    DeactivateEmployee,
    ReactivateEmployee,
    AddTimeOff,
    RemoveTimeOff,
    AddHoliday,
    RemoveHoliday,
    /// Several events scheduled together.
    ScheduleSeveral,
    /// An employee's events of a day, reassigned to others.
    ReassignDay,
    /// Repairs of findings about pairs.
    Repair,
    /// A proposal of the auto-scheduler.
    AcceptProposal,
    /// Undone within its window, as it was.
    Undo,
    /// Undone later, as an ordinary change.
    Revert,
    SignIn,
    SignOut,
    AddUser,
    /// A role, or a user's active state.
    ChangeUser,
    SetPassword,
    EndSession,
    /// Also the secret of a calendar feed.
    MakeToken,
    EndToken,
    /// A test message was sent to a channel of alerts.
    TestAlert,
    /// A table was taken out as a file.
    Export,
    Backup,
    Restore,
}

impl Action {
    /// Tells if the action is not about one event: the log reports a count.
    #[must_use]
    pub fn is_of_several(self) -> bool {
        matches!(self, Self::ScheduleSeveral | Self::ReassignDay | Self::Repair | Self::AcceptProposal)
    }

    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Reschedule => "reschedule",
            Self::Unschedule => "unschedule",
            Self::ChangeEmployee => "change_employee",
            Self::Trade => "trade",
            Self::Import => "import",
            Self::AddEmployee => "add_employee",
            Self::EditEmployee => "edit_employee",
            Self::DeactivateEmployee => "deactivate_employee",
            Self::ReactivateEmployee => "reactivate_employee",
            Self::AddTimeOff => "add_time_off",
            Self::RemoveTimeOff => "remove_time_off",
            Self::AddHoliday => "add_holiday",
            Self::RemoveHoliday => "remove_holiday",
            Self::ScheduleSeveral => "schedule_several",
            Self::ReassignDay => "reassign_day",
            Self::Repair => "repair",
            Self::AcceptProposal => "accept_proposal",
            Self::Undo => "undo",
            Self::Revert => "revert",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::AddUser => "add_user",
            Self::ChangeUser => "change_user",
            Self::SetPassword => "set_password",
            Self::EndSession => "end_session",
            Self::MakeToken => "make_token",
            Self::EndToken => "end_token",
            Self::TestAlert => "test_alert",
            Self::Export => "export",
            Self::Backup => "backup",
            Self::Restore => "restore",
        }
    }
}

/// One event before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub before: Event,
    pub after: Event,
}

/// A decision: all of its edits are written, or none.
#[derive(Clone, Debug)]
pub struct Change {
    pub action: Action,
    pub subject: EventId,
    /// The subject first, then the Supervisors that follow it. Empty if nothing changes.
    pub edits: Vec<Edit>,
    pub warnings: Vec<Warning>,
    /// A rule was overridden with a reason.
    pub overridden: bool,
}

impl Change {
    /// The Supervisors that changed along with the subject.
    pub fn followers(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(|edit| edit.before.id != self.subject)
    }
}

/// Information for the scheduler about a change that is made.
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
    /// A warning about one event among several.
    Of { event: EventId, name: String, warning: Box<Self> },
}

impl Warning {
    /// Same, with the name of the event it is about.
    #[must_use]
    pub fn about(self, event: EventId, name: &str) -> Self {
        Self::Of { event, name: name.to_owned(), warning: Box::new(self) }
    }

    /// The id in API answers: the rule's, or that of the corresponding integrity check.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoEventNumber => "no-event-number",
            Self::NoSupervisor => "no-supervisor",
            Self::AmbiguousNumber { .. } => "ambiguous-number",
            Self::SupervisorStaysUnstaffed { .. } => "supervisor-unstaffed",
            Self::Rule(finding) => finding.rule,
            Self::Of { warning, .. } => warning.id(),
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
            Self::Of { name, warning, .. } => format::about(name, &warning.message()),
        }
    }

    /// The event that a warning refers to.
    #[must_use]
    pub fn event(&self) -> Option<EventId> {
        match self {
            Self::SupervisorStaysUnstaffed { supervisor } => Some(*supervisor),
            Self::Rule(finding) => finding.clash,
            Self::Of { event, warning, .. } => warning.event().or(Some(*event)),
            Self::AmbiguousNumber { others } => others.first().copied(),
            Self::NoEventNumber | Self::NoSupervisor => None,
        }
    }
}
