//! The calls that change events.

use chrono::NaiveDateTime;
use rocket::{post, serde::json::Json};

use crate::{
    context::Context,
    domain::{
        calendar::{self, Moment},
        change::{Command, Request, rejection::Rejection, undo::How},
        event::EventType,
        format,
        ids::Revision,
    },
    routes::{
        api::{
            idempotency::{IdempotencyHeader, IdempotencyKeyHeader},
            requests,
            responses::{Changed, Changes, FindingResponse},
            schemas,
        },
        auth::{Scheduler, csrf_form::CsrfVerified, json_body::JsonBody},
        http::{
            decode,
            error::{CallFailure, Failure},
        },
    },
    services::{
        change::{self, Made},
        decision_context::{self, Target},
    },
};

type Body<T> = Result<JsonBody<T>, CallFailure>;
type Answer = Result<Json<Changed>, CallFailure>;

/// Give an unstaffed event an employee and a start
#[utoipa::path(post, path = "/api/schedule_event", tag = "Changes", request_body = requests::ScheduleEvent,
    params(IdempotencyHeader), responses(Changes))]
#[post("/schedule_event", data = "<body>")]
pub async fn schedule_event(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<requests::ScheduleEvent>,
    context: &Context,
) -> Answer {
    let (body, proof) = body?.into_parts();
    let start = start(&body.start_datetime.0, context)?;
    let command = Command::Schedule { employee: body.employee_id.0, start };
    let request = request(command, body.revision, body.override_reason, body.confirm_other_date, key)?;
    let made = make(scheduler, Target::Event(body.event_id.0), request, proof, context).await?;
    Ok(success(&made, "Event scheduled successfully", Some("supervisor_scheduled")))
}

/// Move an event, its Supervisor along with a CORE
#[utoipa::path(post, path = "/api/reschedule_event", tag = "Changes", request_body = requests::RescheduleEvent,
    params(IdempotencyHeader), responses(Changes))]
#[post("/reschedule_event", data = "<body>")]
pub async fn reschedule_event(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<requests::RescheduleEvent>,
    context: &Context,
) -> Answer {
    let (body, proof) = body?.into_parts();
    let to = moment("new_date", &body.new_date.0, context)?;
    let employee = body.new_employee_id.map(|employee| employee.0);
    let command = Command::Reschedule { to, employee };
    let request = request(command, body.revision, body.override_reason, body.confirm_other_date, key)?;
    let supervisor_employee = body.supervisor_employee_id.map(|employee| employee.0);
    let request = Request { supervisor_employee, ..request };
    let made = make(scheduler, Target::Schedule(body.schedule_id.0), request, proof, context).await?;
    Ok(success(&made, "Event rescheduled successfully", Some("supervisor_rescheduled")))
}

/// Move a Supervisor by itself; its CORE's date is left only with `confirm_other_date`
#[utoipa::path(post, path = "/api/reschedule_supervisor", tag = "Changes",
    request_body = requests::RescheduleSupervisor, params(IdempotencyHeader), responses(Changes))]
#[post("/reschedule_supervisor", data = "<body>")]
pub async fn reschedule_supervisor(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<requests::RescheduleSupervisor>,
    context: &Context,
) -> Answer {
    let (body, proof) = body?.into_parts();
    let target = Target::Schedule(body.schedule_id.0);
    let to = moment("new_date", &body.new_date.0, context)?;
    let employee = body.new_employee_id.map(|employee| employee.0);
    let command = Command::Reschedule { to, employee };
    let request = request(command, body.revision, body.override_reason, body.confirm_other_date, key)?;
    let subject = context.read(move |tx| decision_context::find(tx, target)).await?;
    if subject.event_type != EventType::Supervisor {
        return Err(Rejection::NotASupervisor(Box::new(subject)).into());
    }
    let made = make(scheduler, target, request, proof, context).await?;
    Ok(success(&made, "Supervisor event rescheduled successfully", None))
}

/// Remove an assignment, its Supervisor's along with a CORE's
#[utoipa::path(post, path = "/api/unschedule_event", tag = "Changes", request_body = requests::UnscheduleEvent,
    params(IdempotencyHeader), responses(Changes))]
#[post("/unschedule_event", data = "<body>")]
pub async fn unschedule_event(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<requests::UnscheduleEvent>,
    context: &Context,
) -> Answer {
    let (body, proof) = body?.into_parts();
    let request = request(Command::Unschedule, body.revision, None, None, key)?;
    let made = make(scheduler, Target::Schedule(body.schedule_id.0), request, proof, context).await?;
    Ok(success(&made, "Event unscheduled successfully", Some("supervisor_unscheduled")))
}

/// Give an event to another employee at the same time
#[utoipa::path(post, path = "/api/change_employee", tag = "Changes", request_body = requests::ChangeEmployee,
    params(IdempotencyHeader), responses(Changes))]
#[post("/change_employee", data = "<body>")]
pub async fn change_employee(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<requests::ChangeEmployee>,
    context: &Context,
) -> Answer {
    let (body, proof) = body?.into_parts();
    let command = Command::ChangeEmployee { employee: body.new_employee_id.0 };
    let request = request(command, body.revision, body.override_reason, None, key)?;
    let made = make(scheduler, Target::Schedule(body.schedule_id.0), request, proof, context).await?;
    Ok(success(&made, "Employee changed successfully", Some("supervisor_changed")))
}

/// Swap the employees of two COREs
#[utoipa::path(post, path = "/api/trade", tag = "Changes", request_body = requests::Trade,
    params(IdempotencyHeader), responses(Changes))]
#[post("/trade", data = "<body>")]
pub async fn trade(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<requests::Trade>,
    context: &Context,
) -> Answer {
    let (body, proof) = body?.into_parts();
    let command = Command::Trade { with: body.other_schedule_id.0, seen: None };
    let request = request(command, body.revision, body.override_reason, None, key)?;
    let made = make(scheduler, Target::Schedule(body.schedule_id.0), request, proof, context).await?;
    Ok(success(&made, "Employees traded successfully", None))
}

/// Undo a change while its undo window is open and nothing changed since
#[utoipa::path(post, path = "/api/undo/{undo_id}", tag = "Changes", request_body = requests::Nothing,
    params(("undo_id" = u64, Path, minimum = 1), IdempotencyHeader), responses(Changes))]
#[post("/undo/<undo_id>", data = "<body>")]
pub async fn undo(
    undo_id: &str,
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<requests::Nothing>,
    context: &Context,
) -> Answer {
    let (_, proof) = body?.into_parts();
    let origin = scheduler.origin(proof, context);
    let sequence = undo_id.parse().map_err(|_| Failure::NotFound("There is no such change.".to_owned()))?;
    let key = key.key()?;
    let (how, policy) = (How::Undo { window_minutes: context.config.undo_minutes }, context.config.policy);
    let made = context
        .store
        .run(move |store| change::undo(store, sequence, how, None, key.as_ref(), &policy, &origin))
        .await
        .map_err(Failure::from)?;
    Ok(success(&made, "Change undone successfully", None))
}

/// Parses a date, or a date and time, in the configured zone.
fn moment(field: &str, text: &str, context: &Context) -> Result<Moment, Failure> {
    calendar::parse_moment(text, context.config.zone)
        .map_err(|error| decode::invalid("Field", field, &error.to_string()))
}

/// The start in the field `start_datetime`.
pub(super) fn start(text: &str, context: &Context) -> Result<NaiveDateTime, Failure> {
    match moment("start_datetime", text, context)? {
        Moment::At(start) => Ok(start),
        Moment::Day(_) => {
            Err(decode::invalid("Field", "start_datetime", "a start needs a time of day, like 2025-10-16T10:30"))
        }
    }
}

fn request(
    command: Command,
    seen: Option<Revision>,
    override_reason: Option<schemas::Reason>,
    confirm_other_date: Option<bool>,
    key: IdempotencyKeyHeader,
) -> Result<Request, Failure> {
    let override_reason = override_reason.and_then(|reason| reason.0);
    Ok(Request {
        seen,
        override_reason,
        confirm_other_date: confirm_other_date == Some(true),
        key: key.key()?,
        ..Request::plain(command)
    })
}

async fn make(
    scheduler: Scheduler,
    target: Target,
    request: Request,
    proof: CsrfVerified,
    context: &Context,
) -> Result<Made, Failure> {
    let (policy, origin) = (context.config.policy, scheduler.origin(proof, context));
    let made = context.store.run(move |store| change::make(store, target, &request, &policy, &origin)).await;
    made.map_err(Failure::from)
}

fn success(made: &Made, message: &str, supervisor_field: Option<&'static str>) -> Json<Changed> {
    let event = &made.event;
    let message = if made.entry.is_some() { message } else { "Nothing to change: everything is already so" };
    let now = event.schedule.as_ref();
    let supervisor_changed = made.followers() > 0;
    Json(Changed {
        success: true,
        message: message.to_owned(),
        event_id: event.id.0,
        schedule_id: now.map(|now| now.id.0),
        new_date: event.date(),
        start_datetime: event.start().map(format::iso_moment),
        employee_id: now.map(|now| now.employee.to_string()),
        revision: event.revision.0,
        warnings: made.notes.iter().map(FindingResponse::from).collect(),
        undo_id: made.entry.as_ref().map(|entry| entry.sequence),
        supervisor: supervisor_field.into_iter().map(|field| (field, supervisor_changed)).collect(),
    })
}
