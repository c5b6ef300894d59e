//! Response bodies. The API document is made from the same types.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::{
    domain::{
        audit::Note,
        change::alternatives::Alternative,
        day::Card,
        employee::{
            Employee,
            availability::{WEEKDAYS, WeeklyHours},
        },
        event::Due,
        format,
        rules::{Finding, stored::StoredFinding},
    },
    routes::api::schemas,
};

/// An event, with its assignment if it is scheduled. Times are local; absent values are null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventObject {
    #[schema(example = 1001)]
    pub event_id: u64,
    #[schema(example = 2001)]
    pub schedule_id: Option<u64>,
    #[schema(example = "606001-CORE-Super Pretzel")]
    pub project_name: String,
    /// The six digits that a CORE shares with its Supervisor.
    #[schema(example = "606001")]
    pub event_number: Option<String>,
    #[schema(pattern = "^(core|juicer|supervisor|freeosk|digitals|other)$", example = "core")]
    pub event_type: &'static str,
    #[schema(pattern = "^(Scheduled|Unstaffed)$", example = "Scheduled")]
    pub condition: &'static str,
    pub store_number: Option<String>,
    pub store_name: Option<String>,
    #[schema(example = "101")]
    pub employee_id: Option<String>,
    pub employee_name: Option<String>,
    #[schema(example = "2025-10-15T10:00:00")]
    pub start_datetime: Option<String>,
    /// The date alone where the source gave no time: the whole day counts.
    #[schema(example = "2025-10-16")]
    pub due_datetime: Option<String>,
    /// The last day on which the work can be done. A due time in the first five minutes of a day is the end of the day
    /// before.
    #[schema(value_type = Option<schemas::Date>)]
    pub last_day: Option<NaiveDate>,
    pub estimated_minutes: u32,
    /// Counts the changes of this event. Send the one you saw along with a change.
    pub revision: u32,
    /// Findings of the rules about the assignment, accepted ones included.
    pub findings: Vec<StandingResponse>,
}

impl EventObject {
    pub fn of(card: &Card) -> Self {
        let (event, now) = (&card.event, card.event.schedule.as_ref());
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            event_id: event.id.0,
            schedule_id: now.map(|now| now.id.0),
            project_name: event.name.clone(),
            event_number: event.number.map(|number| number.to_string()),
            event_type: event.event_type.slug(),
            condition: event.condition().label(),
            store_number: text(&event.location.number),
            store_name: text(&event.location.name),
            employee_id: now.map(|now| now.employee.to_string()),
            employee_name: card.employee_name().map(str::to_owned),
            start_datetime: now.map(|now| format::iso_moment(now.start)),
            due_datetime: event.due.map(Due::iso),
            last_day: event.last_day(),
            estimated_minutes: event.minutes,
            revision: event.revision.0,
            findings: card.findings.iter().map(StandingResponse::from).collect(),
        }
    }
}

/// A finding of a rule about an assignment as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoredFinding)]
pub struct StandingResponse {
    /// The rule's id.
    #[schema(example = "time-off")]
    pub rule: &'static str,
    pub message: String,
    /// False if the rule only warns.
    pub refuses: bool,
    /// The other event of an overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<u64>,
    /// The user who accepted it with an override reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<&StoredFinding> for StandingResponse {
    fn from(StoredFinding { finding, accepted }: &StoredFinding) -> Self {
        Self {
            rule: finding.rule,
            message: finding.message.clone(),
            refuses: finding.refuses,
            event_id: finding.clash.map(|id| id.0),
            accepted_by: accepted.as_ref().map(|accepted| accepted.by.clone()),
            reason: accepted.as_ref().map(|accepted| accepted.reason.clone()),
        }
    }
}

/// A rule that refuses or warns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingResponse {
    /// The rule's id.
    #[schema(example = "overlap")]
    pub rule: String,
    pub message: String,
    /// The event that the message is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<u64>,
}

impl From<&Finding> for FindingResponse {
    fn from(finding: &Finding) -> Self {
        let event_id = finding.clash.map(|id| id.0);
        Self { rule: finding.rule.to_owned(), message: finding.message.clone(), event_id }
    }
}

impl From<&Note> for FindingResponse {
    fn from(note: &Note) -> Self {
        Self { rule: note.rule.clone(), message: note.message.clone(), event_id: note.event.map(|id| id.0) }
    }
}

/// A change that would pass all rules. An absent field stays as requested.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alternative)]
pub struct AlternativeResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_datetime: Option<String>,
    /// Another employee for the Supervisor that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervisor_employee_id: Option<String>,
}

impl From<&Alternative> for AlternativeResponse {
    fn from(alternative: &Alternative) -> Self {
        Self {
            employee_id: alternative.employee.as_ref().map(ToString::to_string),
            start_datetime: alternative.start.map(format::iso_moment),
            supervisor_employee_id: alternative.supervisor.as_ref().map(ToString::to_string),
        }
    }
}

/// A change that was made; without `undo_id`, nothing had to be changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed {
    /// Always true.
    pub success: bool,
    #[schema(example = "Event rescheduled successfully")]
    pub message: String,
    pub event_id: u64,
    pub schedule_id: Option<u64>,
    #[schema(value_type = Option<schemas::Date>)]
    pub new_date: Option<chrono::NaiveDate>,
    pub start_datetime: Option<String>,
    pub employee_id: Option<String>,
    pub revision: u32,
    pub warnings: Vec<FindingResponse>,
    /// For `POST /api/undo/{undo_id}`.
    pub undo_id: Option<u64>,
    /// True if the Supervisor changed too; only in calls that can change one.
    #[serde(flatten)]
    #[schema(value_type = SupervisorFields)]
    pub supervisor: std::collections::BTreeMap<&'static str, bool>,
}

/// Each call has at most one of these fields.
#[derive(Debug, Serialize, ToSchema)]
pub struct SupervisorFields {
    pub supervisor_scheduled: Option<bool>,
    pub supervisor_rescheduled: Option<bool>,
    pub supervisor_unscheduled: Option<bool>,
    pub supervisor_changed: Option<bool>,
}

/// An employee.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Employee)]
pub struct EmployeeObject {
    #[schema(example = "101")]
    pub employee_id: String,
    pub name: String,
    #[schema(example = "Event Specialist")]
    pub job_title: &'static str,
    pub is_active: bool,
    /// Null for a caller with the role viewer.
    pub email: Option<String>,
    pub availability: Week,
    /// Most hours that they should work in a week; null for the default of 40.
    pub weekly_hours_max: Option<u16>,
    pub time_off: Vec<Off>,
    pub revision: u32,
}

/// Working hours by weekday: "off", "all day" or "09:00-17:00".
#[derive(Debug, Serialize, ToSchema)]
pub struct Week {
    pub monday: String,
    pub tuesday: String,
    pub wednesday: String,
    pub thursday: String,
    pub friday: String,
    pub saturday: String,
    #[schema(example = "off")]
    pub sunday: String,
}

/// Days off, both ends included.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimeOff)]
pub struct Off {
    #[schema(value_type = schemas::Date)]
    pub first: chrono::NaiveDate,
    #[schema(value_type = schemas::Date)]
    pub last: chrono::NaiveDate,
    /// "whole-day", "morning" (until 12:00) or "afternoon" (from 12:00).
    pub part: &'static str,
    /// Null for a caller whose role is not admin.
    pub note: Option<String>,
}

impl From<Employee> for EmployeeObject {
    fn from(employee: Employee) -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            WEEKDAYS.map(|weekday| employee.availability.on(weekday).to_string());
        Self {
            employee_id: employee.id.to_string(),
            name: employee.name,
            job_title: employee.title.label(),
            is_active: employee.active,
            email: employee.email.map(|email| email.to_string()),
            availability: Week { monday, tuesday, wednesday, thursday, friday, saturday, sunday },
            weekly_hours_max: employee.weekly_hours_max.map(WeeklyHours::hours),
            time_off: employee
                .time_off
                .into_iter()
                .map(|off| Off { first: off.first, last: off.last, part: off.part.slug(), note: off.note })
                .collect(),
            revision: employee.revision.0,
        }
    }
}

/// An error. The fields after the first three depend on `code`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorAnswer {
    /// Always false.
    pub success: bool,
    /// A sentence for people.
    pub error: String,
    /// A word for programs.
    #[schema(example = "stale_revision")]
    pub code: String,
    /// With 5xx: names the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// With `refused`: the rules that refuse; with `several`: the events that cannot be changed, and the reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub refusals: Option<Vec<FindingResponse>>,
    /// With `refused`: changes that would pass all rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<AlternativeResponse>>,
}

/// The responses of every change.
#[derive(Debug, IntoResponses)]
pub enum Changes {
    /// The change was made, or was not needed.
    #[response(status = 200)]
    Made(Changed),
    /// A field is missing, unknown or cannot be read.
    #[response(status = 400)]
    Malformed(ErrorAnswer),
    /// There is no such event, schedule, employee or change.
    #[response(status = 404)]
    Unknown(ErrorAnswer),
    /// The body did not arrive in time.
    #[response(status = 408)]
    Slow(ErrorAnswer),
    /// The event is in another state: changed since the revision that was sent, scheduled already, of another type;
    /// or the undo came too late, or the idempotency key belongs to another request.
    #[response(status = 409)]
    Stale(ErrorAnswer),
    /// The body has more than 64 KiB.
    #[response(status = 413)]
    TooLarge(ErrorAnswer),
    /// The body is not sent as `application/json`.
    #[response(status = 415)]
    NotJson(ErrorAnswer),
    /// A rule refuses.
    #[response(status = 422)]
    Refused(ErrorAnswer),
}
