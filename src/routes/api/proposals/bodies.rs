//! Request and response bodies of the calls about proposals.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        Schema,
        schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type},
    },
};

use crate::{
    domain::{
        format,
        ids::{EmployeeId, EventId, JSON_SAFE_MAX},
        schedule::{Alternative, Reason, Row, Unplaced, saved::Saved},
    },
    routes::{
        api::{
            responses::{ErrorAnswer, FindingResponse},
            schemas,
        },
        http::decode::Parsed,
    },
};

/// The days, both included, and what else is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    pub from: schemas::Date,
    pub to: schemas::Date,
    /// Decides among what is otherwise equal.
    #[schema(value_type = Option<u64>)]
    pub seed: Option<Parsed<Seed>>,
    /// Types of events; without it all. COREs bring their Supervisors along.
    #[schema(value_type = Option<Vec<schemas::EventTypeName>>)]
    pub types: Option<Vec<String>>,
    /// Store numbers; without it all.
    pub stores: Option<Vec<schemas::Store>>,
    pub exclude_employees: Option<Vec<schemas::Employee>>,
    /// Scheduled events may move where that gives an unscheduled one a place.
    pub move_scheduled: Option<bool>,
}

/// A seed, as callers write it.
#[derive(Clone, Copy, Debug)]
pub struct Seed(pub u64);

/// A text that is not a seed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a seed is a whole number from 0 to {}", u64::MAX)]
pub struct SeedError;

impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        text.parse().map(Self).map_err(|_| SeedError)
    }
}

fn event_numbers() -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(JSON_SAFE_MAX));
    ArrayBuilder::new().items(number).schema_type(SchemaType::from_iter([Type::Array, Type::Null])).into()
}

/// A person and a time for an event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacedEvent {
    #[schema(value_type = u64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    pub event_id: Parsed<EventId>,
    pub employee_id: schemas::Employee,
    pub start_datetime: schemas::Start,
}

/// What to change; then the rest is proposed again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// Events whose rows stay as they are.
    #[schema(schema_with = event_numbers)]
    pub lock: Option<Vec<Parsed<EventId>>>,
    #[schema(schema_with = event_numbers)]
    pub unlock: Option<Vec<Parsed<EventId>>>,
    /// Events that go to this person at this time, and stay there.
    pub change: Option<Vec<PlacedEvent>>,
    /// Events that are left out, a CORE with its Supervisors.
    #[schema(schema_with = event_numbers)]
    pub drop: Option<Vec<Parsed<EventId>>>,
    /// Events that were left out and are asked for again, a CORE with its Supervisors.
    #[schema(schema_with = event_numbers)]
    pub restore: Option<Vec<Parsed<EventId>>>,
    #[schema(value_type = Option<u64>)]
    pub seed: Option<Parsed<Seed>>,
}

/// The rows to accept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Events; without it all rows. The other events of a pair are accepted too.
    #[schema(schema_with = event_numbers)]
    pub rows: Option<Vec<Parsed<EventId>>>,
}

/// A proposal. It changes nothing until it is accepted.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name of the field is that of the API")]
pub struct Proposal {
    #[schema(example = "0123456789abcdef")]
    proposal_id: String,
    #[schema(value_type = schemas::Date)]
    from: NaiveDate,
    #[schema(value_type = schemas::Date)]
    to: NaiveDate,
    seed: u64,
    /// In UTC. After that the proposal is deleted.
    expires_at: String,
    /// The change that accepted it.
    undo_id: Option<u64>,
    /// Unscheduled events that would be scheduled.
    placed: usize,
    /// Scheduled events that would move.
    moved: usize,
    /// Every event that would change.
    rows: Vec<ProposedRow>,
    unplaced: Vec<NotPlaced>,
}

/// An event that would change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedRow {
    event_id: u64,
    employee_id: String,
    start_datetime: String,
    /// A sentence for people.
    why: String,
    #[schema(example = "fewest-hours")]
    cause: &'static str,
    locked: bool,
    /// The revision that was read; the row is refused if the event has changed since.
    revision: u32,
    core_event_id: Option<u64>,
    /// Where a scheduled event is now.
    moved_from: Option<Place>,
    alternatives: Vec<Place>,
}

/// A person and a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    employee_id: String,
    start_datetime: String,
}

/// A person and a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonDay {
    employee_id: String,
    #[schema(value_type = schemas::Date)]
    date: NaiveDate,
}

/// An event that found no place.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotPlaced {
    event_id: u64,
    #[schema(pattern = "^(window-passed|no-title|all-away|competing|no-host|no-core)$", example = "competing")]
    reason: &'static str,
    message: String,
    /// Sentences that say what would help.
    remedies: Vec<String>,
    /// With `competing`: the events that can only go to `days`, which are fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    competing: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<Vec<PersonDay>>,
    /// With `competing`: counting shows that no other proposal places more of these events.
    #[serde(skip_serializing_if = "Option::is_none")]
    proven: Option<bool>,
    alternatives: Vec<Place>,
}

/// An accepted proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// Always true.
    pub success: bool,
    /// Events that changed.
    pub events: usize,
    /// For `POST /api/undo/{undo_id}`.
    pub undo_id: u64,
    pub warnings: Vec<FindingResponse>,
}

/// The proposal is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deleted {
    /// Always true.
    pub success: bool,
}

/// Error responses of these calls.
#[derive(Debug, IntoResponses)]
pub enum Failures {
    /// A field is missing, unknown or cannot be read.
    #[response(status = 400)]
    Malformed(ErrorAnswer),
    /// There is no such proposal; they are deleted after 24 hours.
    #[response(status = 404)]
    Unknown(ErrorAnswer),
    /// The body did not arrive in time.
    #[response(status = 408)]
    Slow(ErrorAnswer),
    /// The proposal was accepted already, or rows no longer hold: `refusals` names them. Nothing was written.
    #[response(status = 409)]
    Stale(ErrorAnswer),
    /// The body has more than 64 KiB.
    #[response(status = 413)]
    TooLarge(ErrorAnswer),
    /// The body is not sent as `application/json`.
    #[response(status = 415)]
    NotJson(ErrorAnswer),
    /// The days, people, events or amounts cannot be proposed for.
    #[response(status = 422)]
    Refused(ErrorAnswer),
}

impl From<&Saved> for Proposal {
    fn from(saved: &Saved) -> Self {
        Self {
            proposal_id: saved.id.to_string(),
            from: saved.options.from,
            to: saved.options.to,
            seed: saved.options.seed,
            expires_at: saved.expires().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            undo_id: saved.accepted,
            placed: saved.proposal.placed(),
            moved: saved.proposal.moved(),
            rows: saved.proposal.rows.iter().map(ProposedRow::from).collect(),
            unplaced: saved.proposal.unplaced.iter().map(NotPlaced::from).collect(),
        }
    }
}

impl From<&Row> for ProposedRow {
    fn from(row: &Row) -> Self {
        Self {
            event_id: row.event.0,
            employee_id: row.employee.to_string(),
            start_datetime: format::iso_moment(row.start),
            why: row.why.clone(),
            cause: row.cause.slug(),
            locked: row.locked,
            revision: row.revision.0,
            core_event_id: row.core.map(|id| id.0),
            moved_from: row.moved_from.as_ref().map(|was| place(&was.employee, was.start)),
            alternatives: places(&row.alternatives),
        }
    }
}

fn place(employee: &EmployeeId, start: NaiveDateTime) -> Place {
    Place { employee_id: employee.to_string(), start_datetime: format::iso_moment(start) }
}

fn places(alternatives: &[Alternative]) -> Vec<Place> {
    alternatives.iter().map(|one| place(&one.employee, one.start)).collect()
}

impl From<&Unplaced> for NotPlaced {
    fn from(one: &Unplaced) -> Self {
        let (competing, days, proven) = match &one.reason {
            Reason::Competing { events, places, proven } => {
                let day = |(id, date): &(EmployeeId, NaiveDate)| PersonDay { employee_id: id.to_string(), date: *date };
                let events = events.iter().map(|id| id.0).collect();
                (Some(events), Some(places.iter().map(day).collect()), Some(*proven))
            }
            _ => (None, None, None),
        };
        Self {
            event_id: one.event.0,
            reason: one.reason.slug(),
            message: one.message.clone(),
            remedies: one.remedies.clone(),
            competing,
            days,
            proven,
            alternatives: places(&one.alternatives),
        }
    }
}
