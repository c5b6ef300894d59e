//! Entries of the audit as JSON objects, for files and for calls alike.

use serde_json::{Value, json};

use crate::domain::{
    audit::{Entry, Fact, Note, State, Step},
    words,
};

/// An entry. Times are UTC, starts local; absent values are null.
pub fn entry(entry: &Entry) -> Value {
    json!({
        "sequence": entry.sequence,
        "at": entry.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "who": entry.who,
        "from": entry.source.slug(),
        "request_id": entry.request_id,
        "action": entry.action.slug(),
        "outcome": entry.outcome.slug(),
        "reason": entry.told_reason(),
        "event_id": entry.subject.map(|id| id.0),
        "about": entry.about.as_ref().map(|about| json!({ "topic": about.topic.slug(), "id": about.id })),
        "steps": entry.steps.iter().map(step).collect::<Vec<_>>(),
        "facts": entry.facts.iter().map(fact).collect::<Vec<_>>(),
        "notes": entry.notes.iter().map(note).collect::<Vec<_>>(),
        "undoes": entry.undoes,
    })
}

fn step(step: &Step) -> Value {
    json!({ "event_id": step.event.0, "before": state(&step.before), "after": state(&step.after) })
}

fn state(state: &State) -> Value {
    let now = state.schedule.as_ref();
    json!({
        "revision": state.revision.0,
        "schedule_id": now.map(|now| now.id.0),
        "employee_id": now.map(|now| now.employee.as_str()),
        "start_datetime": now.map(|now| words::iso_moment(now.start)),
    })
}

fn fact(fact: &Fact) -> Value {
    json!({ "name": fact.name, "before": fact.before, "after": fact.after })
}

fn note(note: &Note) -> Value {
    json!({ "rule": note.rule, "message": note.message, "event_id": note.event.map(|id| id.0) })
}
