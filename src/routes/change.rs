//! The forms of a change: schedule, reschedule, unschedule, change employee.

use std::sync::Arc;

use chrono_tz::Tz;
use rocket::{Responder, State, form::Form, get, http::Status, post, response::Redirect};

use super::{
    done::{self, Done},
    failure::Failure,
    guard::{Scheduler, Viewer},
    params::{DeedParam, EventParam},
    proposal,
    reply::Reply,
    typed::Fields,
};
use crate::{
    context::Context,
    domain::{
        audit::{Entry, Source},
        event::{Event, Schedule},
        ids::{EmployeeId, EventId},
        rejection::Rejection,
        words,
    },
    store::{
        Store, StoreError, View,
        change::{self, ChangeError, Made},
        employees, events,
        scene::Target,
    },
    views::{
        address::{self, Deed},
        form::{self, Typed},
        note::Problem,
    },
};

/// `GET /events/<event>`: the card of an event, on the page of its day.
#[get("/events/<event>")]
pub async fn locate(
    event: Result<EventParam, Failure>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Redirect, Failure> {
    let id = event?.0;
    let event = context.store.run(move |store| find(store, id)).await?;
    let day = event.date().or(event.due.map(|due| due.date));
    let day = day.ok_or_else(|| Failure::NotFound(format!("{} is not scheduled, and never due.", event.name)))?;
    Ok(Redirect::to(address::card(day, id)))
}

/// `GET /events/<event>/<deed>`: the form, with a proposal, or with a preview of what its fields say.
#[get("/events/<event>/<deed>?<fields..>")]
pub async fn open(
    event: Result<EventParam, Failure>,
    deed: Result<DeedParam, Failure>,
    fields: Fields,
    _scheduler: Scheduler,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (id, deed) = (event?.0, deed?.0);
    let (config, today) = (Arc::clone(&context.config), context.clock.today(context.config.zone));
    let view = context
        .store
        .run(move |store| {
            store.read(|view| {
                let event = events::get(view, id)?.ok_or(Rejection::UnknownEvent(id))?;
                Ok::<_, Failure>(proposal::form(view, event, deed, &fields, None, (&config, today))?)
            })
        })
        .await?;
    Ok(Reply::page(form::page(&view)))
}

/// What a sent form leads to.
#[derive(Debug, Responder)]
pub enum Answer {
    Done(Done),
    /// The form again, with what was typed and what was wrong.
    Again(Reply),
}

/// `POST /events/<event>/<deed>`: makes the change, or brings the form back.
#[post("/events/<event>/<deed>", data = "<fields>")]
pub async fn submit(
    event: Result<EventParam, Failure>,
    deed: Result<DeedParam, Failure>,
    scheduler: Scheduler,
    fields: Form<Fields>,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let (id, deed, fields) = (event?.0, deed?.0, fields.into_inner());
    let (origin, context) = (scheduler.origin(Source::Page, context), context.inner().clone());
    let store = context.store.clone();
    store
        .run(move |store| {
            let event = find(store, id)?;
            let request = match fields.request(deed, &event) {
                Ok(request) => request,
                Err(errors) => {
                    return again(
                        store,
                        event,
                        deed,
                        &fields,
                        Status::UnprocessableEntity,
                        Problem::Fields(errors),
                        &context,
                    );
                }
            };
            match change::make(store, Target::Event(id), &request, &context.config.policy, &origin) {
                Ok(made) => done(store, &made, deed, &fields, &context),
                Err(ChangeError::Rejected(rejection @ Rejection::UnknownEvent(_))) => Err(rejection.into()),
                Err(ChangeError::Rejected(rejection)) => rejected(store, id, deed, &fields, rejection, &context),
                Err(ChangeError::Store(error)) => Err(error.into()),
            }
        })
        .await
}

fn find(store: &Store, id: EventId) -> Result<Event, Failure> {
    store.read(|view| events::get(view, id)?.ok_or(Failure::Rejected(Rejection::UnknownEvent(id))))
}

fn done(store: &Store, made: &Made, deed: Deed, fields: &Fields, context: &Context) -> Result<Answer, Failure> {
    let from = fields.day().or(made.event.date()).or(made.event.due.map(|due| due.date));
    let from = from.unwrap_or_else(|| context.clock.today(context.config.zone));
    let done = store.read(|view| done::describe(view, made, deed, from, context.config.policy.pairing));
    Ok(Answer::Done(done.map_err(|error: StoreError| error)?))
}

fn rejected(
    store: &Store,
    id: EventId,
    deed: Deed,
    fields: &Fields,
    rejection: Rejection,
    context: &Context,
) -> Result<Answer, Failure> {
    let event = find(store, id)?;
    let status = Failure::Rejected(rejection.clone()).status();
    let problem = store.read(|view| problem(view, &event, deed, fields, rejection, context.config.zone));
    let problem = problem.map_err(|error: StoreError| error)?;
    let status = if status == Status::NotFound { Status::UnprocessableEntity } else { status };
    again(store, event, deed, fields, status, problem, context)
}

fn again(
    store: &Store,
    event: Event,
    deed: Deed,
    fields: &Fields,
    status: Status,
    problem: Problem,
    context: &Context,
) -> Result<Answer, Failure> {
    let today = context.clock.today(context.config.zone);
    let view = store.read(|view| proposal::form(view, event, deed, fields, Some(problem), (&context.config, today)));
    Ok(Answer::Again(Reply::page(form::page(&view.map_err(|error: StoreError| error)?)).status(status)))
}

fn problem(
    view: &dyn View,
    event: &Event,
    deed: Deed,
    fields: &Fields,
    rejection: Rejection,
    zone: Tz,
) -> Result<Problem, StoreError> {
    Ok(match rejection {
        Rejection::Refused { findings, alternatives } => {
            let alternatives = alternatives.into_iter().map(|id| alternative(view, event, deed, fields, &id));
            Problem::Refused { findings, alternatives: alternatives.collect::<Result<_, _>>()? }
        }
        Rejection::Stale { event, last, .. } => stale(view, &event, last.as_deref(), zone)?,
        Rejection::OtherDate { .. } => Problem::OtherDate { sentence: rejection.reason() },
        other => Problem::Other { sentence: other.reason() },
    })
}

/// The same form with another person.
fn alternative(
    view: &dyn View,
    event: &Event,
    deed: Deed,
    fields: &Fields,
    id: &EmployeeId,
) -> Result<(String, String), StoreError> {
    let name = employees::get(view, id)?.map_or_else(|| id.to_string(), |employee| employee.name);
    Ok((
        name,
        address::form_filled(event.id, deed, &Typed { employee: id.to_string(), ..fields.typed() }, &fields.from),
    ))
}

/// What changed while a form was open: what it was, what it is, who did it and when.
fn stale(view: &dyn View, event: &Event, last: Option<&Entry>, zone: Tz) -> Result<Problem, StoreError> {
    let step = last.and_then(|entry| entry.steps.iter().find(|step| step.event == event.id));
    let what = match step {
        Some(step) => vec![(state(view, step.before.schedule.as_ref())?, state(view, event.schedule.as_ref())?)],
        None => vec![("what you saw".to_owned(), state(view, event.schedule.as_ref())?)],
    };
    let by = last.map(|entry| {
        let at = entry.at.with_timezone(&zone).naive_local();
        format!("somebody {} on {}", entry.who, words::moment(at))
    });
    Ok(Problem::Stale { what, by })
}

fn state(view: &dyn View, schedule: Option<&Schedule>) -> Result<String, StoreError> {
    let Some(now) = schedule else { return Ok("unscheduled".to_owned()) };
    let name = employees::get(view, &now.employee)?.map_or_else(|| now.employee.to_string(), |employee| employee.name);
    Ok(format!("{}, {name}", words::moment(now.start)))
}
