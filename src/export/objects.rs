//! Audit entries as JSON objects, for exports, the API and the webhook.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{
    audit::{About, Entry, Fact, Note, State, Step},
    format,
};

/// An entry of the audit. Starts are local; absent values are null.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Counts from 1 without gaps.
    sequence: u64,
    /// UTC.
    #[schema(example = "2025-10-15T13:00:00Z")]
    at: String,
    who: String,
    #[schema(example = "page")]
    from: &'static str,
    request_id: String,
    #[schema(example = "reschedule")]
    action: &'static str,
    #[schema(pattern = "^(done|refused|failed)$", example = "done")]
    outcome: &'static str,
    reason: Option<String>,
    event_id: Option<u64>,
    /// The subject of the entry, if it is not an event.
    about: Option<AuditAbout>,
    /// The events that changed.
    steps: Vec<AuditStep>,
    /// Other things that changed.
    facts: Vec<AuditFact>,
    notes: Vec<AuditNote>,
    /// The entry that this one undoes.
    undoes: Option<u64>,
}

/// A person, a user, a setting.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditAbout {
    topic: &'static str,
    id: String,
}

/// One event, before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditStep {
    event_id: u64,
    before: AuditState,
    after: AuditState,
}

/// The assignment of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditState {
    revision: u32,
    schedule_id: Option<u64>,
    employee_id: Option<String>,
    #[schema(example = "2025-10-15T10:00:00")]
    start_datetime: Option<String>,
}

/// One change of something other than an event, as text.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditFact {
    name: String,
    before: String,
    after: String,
}

/// A warning of the change.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditNote {
    rule: String,
    message: String,
    event_id: Option<u64>,
}

impl AuditEntry {
    pub fn of(entry: &Entry) -> Self {
        Self {
            sequence: entry.sequence,
            at: entry.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            who: entry.who.clone(),
            from: entry.source.slug(),
            request_id: entry.request_id.clone(),
            action: entry.action.slug(),
            outcome: entry.outcome.slug(),
            reason: entry.told_reason(),
            event_id: entry.subject.map(|id| id.0),
            about: entry.about.as_ref().map(about),
            steps: entry.steps.iter().map(step).collect(),
            facts: entry.facts.iter().map(fact).collect(),
            notes: entry.notes.iter().map(note).collect(),
            undoes: entry.undoes,
        }
    }
}

fn about(about: &About) -> AuditAbout {
    AuditAbout { topic: about.topic.slug(), id: about.id.clone() }
}

fn step(step: &Step) -> AuditStep {
    AuditStep { event_id: step.event.0, before: state(&step.before), after: state(&step.after) }
}

fn state(state: &State) -> AuditState {
    let now = state.schedule.as_ref();
    AuditState {
        revision: state.revision.0,
        schedule_id: now.map(|now| now.id.0),
        employee_id: now.map(|now| now.employee.to_string()),
        start_datetime: now.map(|now| format::iso_moment(now.start)),
    }
}

fn fact(fact: &Fact) -> AuditFact {
    AuditFact { name: fact.name.clone(), before: fact.before.clone(), after: fact.after.clone() }
}

fn note(note: &Note) -> AuditNote {
    AuditNote { rule: note.rule.clone(), message: note.message.clone(), event_id: note.event.map(|id| id.0) }
}
