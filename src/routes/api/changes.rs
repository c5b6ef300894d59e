//! The calls that change events.

use rocket::{State, post};

use crate::{
    context::Context,
    domain::{
        calendar::{self, Moment},
        change::{Command, Request, rejection::Rejection, undo::How},
        event::EventType,
        format,
        ids::{EventId, ScheduleId},
    },
    routes::{
        api::{
            body::Body,
            idempotency::{AttemptHeader, IdempotencyKeyHeader},
            reply::Answered,
            requests,
            responses::{Changed, Changes, Spoken},
        },
        auth::{csrf_form::CsrfVerified, guards::Scheduler},
        http::error::{CallFailure, Failure},
    },
    services::{
        change::{self, Made},
        decision_context::{self, Target},
    },
    store::StoreError,
};

type Answer = Result<Answered<Changed>, CallFailure>;

/// Give an unstaffed event an employee and a start
#[utoipa::path(post, path = "/api/schedule_event", tag = "Changes", request_body = requests::ScheduleEvent,
    params(AttemptHeader), responses(Changes))]
#[post("/schedule_event", data = "<body>")]
pub async fn schedule_event(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Result<Body, CallFailure>,
    context: &State<Context>,
) -> Answer {
    let mut body = body?;
    let target = Target::Event(body.required::<EventId>("event_id")?);
    let employee = body.required("employee_id")?;
    let start = body.required_with("start_datetime", |text| start(text, context))?;
    let request = request(body, key, Command::Schedule { employee, start })?;
    let made = make(scheduler, target, request, context).await?;
    Ok(success(&made, "Event scheduled successfully", Some("supervisor_scheduled")))
}

/// Move an event, its Supervisor along with a CORE
#[utoipa::path(post, path = "/api/reschedule_event", tag = "Changes", request_body = requests::RescheduleEvent,
    params(AttemptHeader), responses(Changes))]
#[post("/reschedule_event", data = "<body>")]
pub async fn reschedule_event(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Result<Body, CallFailure>,
    context: &State<Context>,
) -> Answer {
    let mut body = body?;
    let target = Target::Schedule(body.required::<ScheduleId>("schedule_id")?);
    let to = body.required_with("new_date", |text| calendar::parse_moment(text, context.config.zone))?;
    let employee = body.optional("new_employee_id")?;
    let request = request(body, key, Command::Reschedule { to, employee })?;
    let made = make(scheduler, target, request, context).await?;
    Ok(success(&made, "Event rescheduled successfully", Some("supervisor_rescheduled")))
}

/// Move a Supervisor by itself; its CORE's date is left only with `confirm_other_date`
#[utoipa::path(post, path = "/api/reschedule_supervisor", tag = "Changes",
    request_body = requests::RescheduleSupervisor, params(AttemptHeader), responses(Changes))]
#[post("/reschedule_supervisor", data = "<body>")]
pub async fn reschedule_supervisor(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Result<Body, CallFailure>,
    context: &State<Context>,
) -> Answer {
    let mut body = body?;
    let target = Target::Schedule(body.required::<ScheduleId>("schedule_id")?);
    let to = body.required_with("new_date", |text| calendar::parse_moment(text, context.config.zone))?;
    let request = request(body, key, Command::Reschedule { to, employee: None })?;
    let subject = context.store.run(move |store| store.read(|view| decision_context::find(view, target))).await;
    let subject = subject.map_err(|error: StoreError| error)??;
    if subject.event_type != EventType::Supervisor {
        return Err(Rejection::NotASupervisor(Box::new(subject)).into());
    }
    let made = make(scheduler, target, request, context).await?;
    Ok(success(&made, "Supervisor event rescheduled successfully", None))
}

/// Remove an assignment, its Supervisor's along with a CORE's
#[utoipa::path(post, path = "/api/unschedule_event", tag = "Changes", request_body = requests::UnscheduleEvent,
    params(AttemptHeader), responses(Changes))]
#[post("/unschedule_event", data = "<body>")]
pub async fn unschedule_event(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Result<Body, CallFailure>,
    context: &State<Context>,
) -> Answer {
    let mut body = body?;
    let target = Target::Schedule(body.required::<ScheduleId>("schedule_id")?);
    let request = request(body, key, Command::Unschedule)?;
    let made = make(scheduler, target, request, context).await?;
    Ok(success(&made, "Event unscheduled successfully", Some("supervisor_unscheduled")))
}

/// Give an event to somebody else at the same time
#[utoipa::path(post, path = "/api/change_employee", tag = "Changes", request_body = requests::ChangeEmployee,
    params(AttemptHeader), responses(Changes))]
#[post("/change_employee", data = "<body>")]
pub async fn change_employee(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Result<Body, CallFailure>,
    context: &State<Context>,
) -> Answer {
    let mut body = body?;
    let target = Target::Schedule(body.required::<ScheduleId>("schedule_id")?);
    let employee = body.required("new_employee_id")?;
    let request = request(body, key, Command::ChangeEmployee { employee })?;
    let made = make(scheduler, target, request, context).await?;
    Ok(success(&made, "Employee changed successfully", Some("supervisor_changed")))
}

/// Swap the employees of two COREs
#[utoipa::path(post, path = "/api/trade", tag = "Changes", request_body = requests::Trade,
    params(AttemptHeader), responses(Changes))]
#[post("/trade", data = "<body>")]
pub async fn trade(
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Result<Body, CallFailure>,
    context: &State<Context>,
) -> Answer {
    let mut body = body?;
    let target = Target::Schedule(body.required::<ScheduleId>("schedule_id")?);
    let with = body.required("other_schedule_id")?;
    let request = request(body, key, Command::Trade { with, seen: None })?;
    let made = make(scheduler, target, request, context).await?;
    Ok(success(&made, "Employees traded successfully", None))
}

/// Take a change back, as long as its window is open and nothing changed since
#[utoipa::path(post, path = "/api/undo/{undo_id}", tag = "Changes", request_body = requests::Nothing,
    params(("undo_id" = u64, Path, minimum = 1), AttemptHeader), responses(Changes))]
#[post("/undo/<undo_id>", data = "<body>")]
pub async fn undo(
    undo_id: &str,
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Result<Body, CallFailure>,
    context: &State<Context>,
) -> Answer {
    let body = body?;
    let origin = scheduler.origin(body.proof(), context);
    body.finish()?;
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

/// A start needs its time of day.
fn start(text: &str, context: &Context) -> Result<chrono::NaiveDateTime, String> {
    match calendar::parse_moment(text, context.config.zone).map_err(|error| error.to_string())? {
        Moment::At(start) => Ok(start),
        Moment::Day(_) => Err("a start needs a time of day, like 2025-10-16T10:30".to_owned()),
    }
}

/// The fields that every change takes beside its own; nothing else may be left.
fn request(mut body: Body, key: IdempotencyKeyHeader, command: Command) -> Result<(Request, CsrfVerified), Failure> {
    let proof = body.proof();
    let seen = body.revision()?;
    let assigns_or_moves = !matches!(command, Command::Unschedule);
    let override_reason = if assigns_or_moves { body.reason()? } else { None };
    let moves = matches!(command, Command::Schedule { .. } | Command::Reschedule { .. });
    let confirm_other_date = if moves { body.flag("confirm_other_date")? } else { false };
    body.finish()?;
    Ok((Request { command, seen, override_reason, confirm_other_date, key: key.key()? }, proof))
}

async fn make(
    scheduler: Scheduler,
    target: Target,
    (request, proof): (Request, CsrfVerified),
    context: &Context,
) -> Result<Made, Failure> {
    let (policy, origin) = (context.config.policy, scheduler.origin(proof, context));
    let made = context.store.run(move |store| change::make(store, target, &request, &policy, &origin)).await;
    made.map_err(Failure::from)
}

fn success(made: &Made, message: &str, supervisor_field: Option<&'static str>) -> Answered<Changed> {
    let event = &made.event;
    let message = if made.entry.is_some() { message } else { "Nothing to change: everything is already so" };
    let now = event.schedule.as_ref();
    let came_along = made.followers() > 0;
    Answered(Changed {
        success: true,
        message: message.to_owned(),
        event_id: event.id.0,
        schedule_id: now.map(|now| now.id.0),
        new_date: event.date(),
        start_datetime: event.start().map(format::iso_moment),
        employee_id: now.map(|now| now.employee.to_string()),
        revision: event.revision.0,
        warnings: made.notes.iter().map(Spoken::from).collect(),
        undo_id: made.entry.as_ref().map(|entry| entry.sequence),
        supervisor: supervisor_field.into_iter().map(|field| (field, came_along)).collect(),
    })
}
