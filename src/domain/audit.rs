//! What is kept of every change, made or refused.

use chrono::{DateTime, Utc};

use crate::domain::{
    change::{Action, Edit, Warning},
    event::{self, Schedule},
    ids::{EventId, Revision},
};

/// Longest reason and actor kept, in characters.
pub const REASON_CHARS_MAX: usize = 500;

/// Where a change came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Page,
    Call,
    CommandLine,
}

impl Source {
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Call => "api",
            Self::CommandLine => "command line",
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// A rule, a stale form, a missing record: nothing was changed.
    Refused,
    /// Our own fault: nothing was changed.
    Failed,
}

impl Outcome {
    /// The word in files and calls.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Who wants something done, from where, and when.
#[derive(Clone, Debug)]
pub struct Origin {
    pub who: String,
    pub source: Source,
    pub request_id: String,
    pub at: DateTime<Utc>,
}

/// The part of an event that changes: its assignment and its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub revision: Revision,
    pub schedule: Option<Schedule>,
}

/// One event of an entry, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub event: EventId,
    pub before: State,
    pub after: State,
}

impl From<&Edit> for Step {
    fn from(edit: &Edit) -> Self {
        let state = |event: &event::Event| State { revision: event.revision, schedule: event.schedule.clone() };
        Self { event: edit.before.id, before: state(&edit.before), after: state(&edit.after) }
    }
}

/// A warning as it was given: the rule's id, what it said, and the event it pointed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub rule: String,
    pub message: String,
    pub event: Option<EventId>,
}

impl From<&Warning> for Note {
    fn from(warning: &Warning) -> Self {
        Self { rule: warning.id().to_owned(), message: warning.message(), event: warning.event() }
    }
}

/// The kinds of thing besides events that an entry can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Employee,
    Holiday,
    User,
    Session,
    Token,
    Integrity,
    Alert,
}

impl Topic {
    /// The word in files and addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Employee => "employee",
            Self::Holiday => "holiday",
            Self::User => "user",
            Self::Session => "session",
            Self::Token => "token",
            Self::Integrity => "integrity",
            Self::Alert => "alert",
        }
    }
}

/// What an entry is about, where that is no event: `Employee` "E10001".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub topic: Topic,
    pub id: String,
}

/// One thing that an entry changed besides events, in words: "title", "Event Specialist", "Club Supervisor".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    /// Empty where there was nothing.
    pub before: String,
    /// Empty where there is nothing now.
    pub after: String,
}

/// One entry of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counts from 1 without gaps.
    pub sequence: u64,
    pub at: DateTime<Utc>,
    pub who: String,
    pub source: Source,
    pub request_id: String,
    pub action: Action,
    pub outcome: Outcome,
    /// Why a rule was passed over, or why the change was refused.
    pub reason: Option<String>,
    /// The event that the change was about; none for an import.
    pub subject: Option<EventId>,
    /// What the entry is about besides events.
    pub about: Option<About>,
    /// The events that changed; empty where none did.
    pub steps: Vec<Step>,
    /// What else changed.
    pub facts: Vec<Fact>,
    pub notes: Vec<Note>,
    /// The entry that this one takes back.
    pub undoes: Option<u64>,
}

impl Entry {
    /// An entry about nothing yet. The store numbers it.
    #[must_use]
    pub fn new(origin: &Origin, action: Action, outcome: Outcome) -> Self {
        Self {
            sequence: 0,
            at: origin.at,
            who: origin.who.clone(),
            source: origin.source,
            request_id: origin.request_id.clone(),
            action,
            outcome,
            reason: None,
            subject: None,
            about: None,
            steps: Vec::new(),
            facts: Vec::new(),
            notes: Vec::new(),
            undoes: None,
        }
    }

    /// The reason as anybody may read it. The cause of a fault of ours stays in the audit and the log.
    #[must_use]
    pub fn told_reason(&self) -> Option<String> {
        match self.outcome {
            Outcome::Done | Outcome::Refused => self.reason.clone(),
            Outcome::Failed => Some("Something went wrong on our side. Nothing was changed.".to_owned()),
        }
    }

    /// Whether there is something that could be taken back.
    #[must_use]
    pub fn changed_events(&self) -> bool {
        self.outcome == Outcome::Done && !self.steps.is_empty()
    }

    /// What the entry did to an event.
    #[must_use]
    pub fn step(&self, event: EventId) -> Option<&Step> {
        self.steps.iter().find(|step| step.event == event)
    }
}
