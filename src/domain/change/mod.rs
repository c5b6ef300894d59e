//! Types of a change: request, decision and warnings.

pub mod accept_proposal;
pub mod alternatives;
pub mod bulk;
pub mod candidates;
pub mod context;
pub mod decide;
pub mod employee_edit;
pub mod kind;
pub mod rejection;
pub mod shown;
pub mod trade;
pub mod undo;

use chrono::NaiveDateTime;

pub use crate::domain::change::{kind::ChangeKind, shown::Shown};

use crate::domain::{
    audit::{Action, Note, Step},
    calendar::Moment,
    event::Event,
    format,
    ids::{EmployeeId, EventId, IdempotencyKey, Revision, ScheduleId},
    rules::Finding,
};

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
    pub fn assigns(&self) -> Option<&EmployeeId> {
        match self {
            Self::Schedule { employee, .. } | Self::ChangeEmployee { employee } => Some(employee),
            Self::Reschedule { employee, .. } => employee.as_ref(),
            Self::Unschedule | Self::Trade { .. } => None,
        }
    }

    /// The start the event will have, if any.
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
    pub override_reason: Option<String>,
    /// The findings that the form showed for which the reason was given. None accepts any.
    pub shown: Option<Shown>,
    /// Another employee for the Supervisors that follow.
    pub supervisor_employee: Option<EmployeeId>,
    /// Allows a Supervisor to leave its CORE's date.
    pub confirm_other_date: bool,
    /// Idempotency key: a repeated request gets the first result.
    pub key: Option<IdempotencyKey>,
}

impl Request {
    /// A request without a revision or confirmations.
    pub fn plain(command: Command) -> Self {
        Self {
            command,
            seen: None,
            override_reason: None,
            shown: None,
            supervisor_employee: None,
            confirm_other_date: false,
            key: None,
        }
    }
}

/// One event before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub before: Event,
    pub after: Event,
}

impl From<&Edit> for Step {
    fn from(edit: &Edit) -> Self {
        Self { event: edit.before.id, before: (&edit.before).into(), after: (&edit.after).into() }
    }
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

    /// Whether a warning is a finding of a rule about people.
    pub fn has_findings(&self) -> bool {
        self.findings().next().is_some()
    }

    /// The findings of rules about people, each with its event.
    pub fn findings(&self) -> impl Iterator<Item = (EventId, &Finding)> {
        self.warnings.iter().filter_map(|warning| warning.finding(self.subject))
    }

    /// Tells if a form has shown everything that a rule has against it.
    pub fn is_shown(&self, request: &Request) -> bool {
        request.shown.as_ref().is_none_or(|shown| shown.covers(&Shown::of(self.findings())))
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

    /// Tells if a reason is needed for it.
    pub fn refuses(&self) -> bool {
        match self {
            Self::Rule(finding) => finding.refuses,
            Self::Of { warning, .. } => warning.refuses(),
            _ => false,
        }
    }

    /// The finding, and the event that it is about: `subject`, unless another is named.
    pub fn finding(&self, subject: EventId) -> Option<(EventId, &Finding)> {
        match self {
            Self::Rule(finding) => Some((subject, finding)),
            Self::Of { event, warning, .. } => warning.finding(*event),
            _ => None,
        }
    }

    /// The id in API answers: the rule's, or that of the corresponding integrity check.
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

impl From<&Warning> for Note {
    fn from(warning: &Warning) -> Self {
        Self { rule: warning.id().to_owned(), message: warning.message(), event: warning.event() }
    }
}
