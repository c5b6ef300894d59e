//! What calls answer: events, warnings, errors, each in one shape everywhere.

use std::io::Cursor;

use rocket::{
    Request, Response,
    http::ContentType,
    response::{self, Responder},
};
use serde_json::{Map, Value, json};

use crate::domain::{alternatives::Alternative, audit::Note, day::Card, rules::Finding, words};

/// A JSON body.
#[derive(Debug)]
pub struct Json(pub Value);

impl<'r> Responder<'r, 'static> for Json {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let body = self.0.to_string();
        Response::build().header(ContentType::JSON).sized_body(body.len(), Cursor::new(body)).ok()
    }
}

/// `{"success":false,"error","code"}`
pub fn error(sentence: &str, code: &str) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("success".to_owned(), json!(false));
    body.insert("error".to_owned(), json!(sentence));
    body.insert("code".to_owned(), json!(code));
    body
}

/// `{"employee_id"?,"start_datetime"?}`: what is absent stays as it was asked for.
pub fn alternative(alternative: &Alternative) -> Value {
    let mut said = Map::new();
    if let Some(id) = &alternative.employee {
        said.insert("employee_id".to_owned(), json!(id.as_str()));
    }
    if let Some(start) = alternative.start {
        said.insert("start_datetime".to_owned(), json!(words::iso_moment(start)));
    }
    Value::Object(said)
}

/// An event object. Absent values are null.
pub fn event(card: &Card) -> Value {
    let (event, now) = (&card.event, card.event.schedule.as_ref());
    let text = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    json!({
        "event_id": event.id.0,
        "schedule_id": now.map(|now| now.id.0),
        "project_name": event.name,
        "event_number": event.number.map(|number| number.to_string()),
        "event_type": event.event_type.slug(),
        "condition": event.condition().label(),
        "store_number": text(&event.location.number),
        "store_name": text(&event.location.name),
        "employee_id": now.map(|now| now.employee.as_str()),
        "employee_name": card.employee_name(),
        "start_datetime": now.map(|now| words::iso_moment(now.start)),
        "due_datetime": event.due.map(words::iso_due),
        "estimated_minutes": event.minutes,
        "revision": event.revision.0,
    })
}

/// `{"rule","message","event_id"?}`
pub fn finding(finding: &Finding) -> Value {
    spoken(finding.rule, &finding.message, finding.clash.map(|id| id.0))
}

/// As [`finding`]: what is refused and what is warned of have one shape.
pub fn note(note: &Note) -> Value {
    spoken(&note.rule, &note.message, note.event.map(|id| id.0))
}

fn spoken(rule: &str, message: &str, event: Option<u64>) -> Value {
    match event {
        Some(id) => json!({ "rule": rule, "message": message, "event_id": id }),
        None => json!({ "rule": rule, "message": message }),
    }
}
