//! Audit entries of changes, successful or not.

mod action;
pub mod seal;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

pub use crate::domain::audit::action::Action;
use crate::domain::{
    event::{Event, Schedule},
    ids::{EventId, Revision},
    user::access::Digest,
};

/// Longest stored reason and actor, in characters.
pub const REASON_CHARS_MAX: usize = 500;

named! {
    pub enum Source: slug {
        Page => "page";
        Call => "api";
        CommandLine => "command line";
    }
}

named! {
    /// The slug is the name in files and API calls.
    pub enum Outcome: slug {
        Done => "done";
        /// Rejected by a rule, an old revision or a missing record; nothing was changed.
        Refused => "refused";
        /// Failed by an internal error; nothing was changed.
        Failed => "failed";
    }
}

/// The user who requests a change, the source, and the time.
#[derive(Clone, Debug)]
pub struct Origin {
    pub who: String,
    /// The API token that the change was requested with. Two tokens may have the same label, and so the same `who`.
    pub token: Option<Digest>,
    pub source: Source,
    pub request_id: String,
    pub at: DateTime<Utc>,
}

impl Origin {
    /// The origin of a change that was not requested with a token.
    pub fn new(who: &str, source: Source, request_id: &str, at: DateTime<Utc>) -> Self {
        Self { who: who.to_owned(), token: None, source, request_id: request_id.to_owned(), at }
    }

    /// Identifies the caller: two callers never have the same.
    pub fn caller(&self) -> Cow<'_, str> {
        match self.token {
            Some(token) => format!("token {}", hex::encode(token.0)).into(),
            None => self.who.as_str().into(),
        }
    }
}

/// The part of an event that changes: its assignment and its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub revision: Revision,
    pub schedule: Option<Schedule>,
}

impl From<&Event> for State {
    fn from(event: &Event) -> Self {
        Self { revision: event.revision, schedule: event.schedule.clone() }
    }
}

/// One event of an entry, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub event: EventId,
    pub before: State,
    pub after: State,
}

/// A warning as it was given: the rule's id, the message, and the event it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub rule: String,
    pub message: String,
    pub event: Option<EventId>,
}

named! {
    /// Kinds of subject other than events. The slug is the name in files and URLs.
    pub enum Topic: slug {
        Employee => "employee";
        Holiday => "holiday";
        User => "user";
        Session => "session";
        Token => "token";
        Integrity => "integrity";
        Alert => "alert";
        /// An export or a backup.
        File => "file";
        Proposal => "proposal";
        Rotation => "rotation";
        /// A retail store.
        Store => "store";
    }
}

/// The subject of an entry that is not about an event: `Employee` "E10001".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub topic: Topic,
    pub id: String,
}

/// One change of something other than an event: "title", "Event Specialist", "Club Supervisor".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    /// Empty if there was no value.
    pub before: String,
    /// Empty if there is no value now.
    pub after: String,
}

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
    /// The override reason, or the reason why the change was rejected.
    pub reason: Option<String>,
    /// The event that the change was about; none for an import.
    pub subject: Option<EventId>,
    /// The subject, if it is not an event.
    pub about: Option<About>,
    /// The events that changed; empty if none did.
    pub steps: Vec<Step>,
    /// Other changes.
    pub facts: Vec<Fact>,
    pub notes: Vec<Note>,
    /// The entry undone by this one.
    pub undoes: Option<u64>,
}

impl Entry {
    /// An entry without a subject. The store numbers it.
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

    /// The reason that every user may read. The cause of an internal error stays in the audit and the log.
    pub fn told_reason(&self) -> Option<String> {
        match self.outcome {
            Outcome::Done | Outcome::Refused => self.reason.clone(),
            Outcome::Failed => Some("Something went wrong on our side. Nothing was changed.".to_owned()),
        }
    }

    /// Tells if an import or its undo wrote it. An import is undone as a whole, not by entry.
    pub fn is_of_import(&self) -> bool {
        self.action == Action::Import || self.action == Action::Undo && self.undoes.is_none()
    }

    /// Who changed something, in a sentence: "ana", "an import of ana".
    pub fn by(&self) -> Cow<'_, str> {
        match self.action {
            Action::Import => format!("an import of {}", self.who).into(),
            _ => self.who.as_str().into(),
        }
    }

    /// Tells if a user changed events, which could be undone.
    pub fn changed_events(&self) -> bool {
        self.outcome == Outcome::Done && !self.steps.is_empty() && !self.is_of_import()
    }

    /// The entry's change of an event.
    pub fn step(&self, event: EventId) -> Option<&Step> {
        self.steps.iter().find(|step| step.event == event)
    }
}
