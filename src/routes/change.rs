//! The forms of a change: schedule, reschedule, unschedule, change employee.

use std::sync::Arc;

use chrono_tz::Tz;
use rocket::{Responder, State, form::Form, get, http::Status, post, response::Redirect};

use super::{
    done::{self, Done},
    failure::Failure,
    guard::{Scheduler, Viewer},
    params::{DeedParam, EventParam},
    proposal::{self, Setting},
    reply::Reply,
    typed::Fields,
};
use crate::{
    context::Context,
    domain::{
        audit::{Entry, Origin, Source},
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
        FormKeys,
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
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (id, deed) = (event?.0, deed?.0);
    let (config, today) = (Arc::clone(&context.config), context.clock.today(context.config.zone));
    let view = context
        .store
        .run(move |store| {
            store.read(|view| {
                let event = events::get(view, id)?.ok_or(Rejection::UnknownEvent(id))?;
                Ok::<_, Failure>(proposal::form(
                    view,
                    event,
                    deed,
                    &fields,
                    None,
                    &Setting { config: &config, today, keys: &keys },
                )?)
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
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let (id, deed, fields) = (event?.0, deed?.0, fields.into_inner());
    let (origin, context) = (scheduler.origin(Source::Page, context), context.inner().clone());
    let store = context.store.clone();
    let sent = Sent { id, deed, fields, keys, context };
    store.run(move |store| sent.carry_out(store, &origin)).await
}

fn find(store: &Store, id: EventId) -> Result<Event, Failure> {
    store.read(|view| events::get(view, id)?.ok_or(Failure::Rejected(Rejection::UnknownEvent(id))))
}

/// A form that was sent.
struct Sent {
    id: EventId,
    deed: Deed,
    fields: Fields,
    /// The next attempt's, if the form comes back.
    keys: FormKeys,
    context: Context,
}

impl Sent {
    fn carry_out(&self, store: &Store, origin: &Origin) -> Result<Answer, Failure> {
        let event = find(store, self.id)?;
        let request = match self.fields.request(self.deed, &event) {
            Ok(request) => request,
            Err(errors) => return self.again(store, event, Status::UnprocessableEntity, Problem::Fields(errors)),
        };
        match change::make(store, Target::Event(self.id), &request, &self.context.config.policy, origin) {
            Ok(made) => self.done(store, &made),
            Err(ChangeError::Rejected(rejection @ Rejection::UnknownEvent(_))) => Err(rejection.into()),
            Err(ChangeError::Rejected(rejection)) => self.rejected(store, rejection),
            Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
        }
    }

    fn done(&self, store: &Store, made: &Made) -> Result<Answer, Failure> {
        let home = made.event.date().or(made.event.due.map(|due| due.date));
        let from = self.fields.day().or(home).unwrap_or_else(|| self.context.clock.today(self.context.config.zone));
        let done = store.read(|view| done::describe(view, made, from, &self.context, &self.keys));
        Ok(Answer::Done(done.map_err(|error: StoreError| error)?))
    }

    fn rejected(&self, store: &Store, rejection: Rejection) -> Result<Answer, Failure> {
        let event = find(store, self.id)?;
        let status = Failure::Rejected(rejection.clone()).status();
        let problem = store.read(|view| self.problem(view, &event, rejection)).map_err(|error: StoreError| error)?;
        let status = if status == Status::NotFound { Status::UnprocessableEntity } else { status };
        self.again(store, event, status, problem)
    }

    fn again(&self, store: &Store, event: Event, status: Status, problem: Problem) -> Result<Answer, Failure> {
        let config = &self.context.config;
        let setting = Setting { config, today: self.context.clock.today(config.zone), keys: &self.keys };
        let view = store.read(|view| proposal::form(view, event, self.deed, &self.fields, Some(problem), &setting));
        Ok(Answer::Again(Reply::page(form::page(&view.map_err(|error: StoreError| error)?)).status(status)))
    }

    fn problem(&self, view: &dyn View, event: &Event, rejection: Rejection) -> Result<Problem, StoreError> {
        Ok(match rejection {
            Rejection::Refused { findings, alternatives } => {
                let alternatives = alternatives.into_iter().map(|id| self.alternative(view, event, &id));
                Problem::Refused { findings, alternatives: alternatives.collect::<Result<_, _>>()? }
            }
            Rejection::Stale { event, last, .. } => stale(view, &event, last.as_deref(), self.context.config.zone)?,
            Rejection::OtherDate { .. } => Problem::OtherDate { sentence: rejection.reason() },
            other => Problem::Other { sentence: other.reason() },
        })
    }

    /// The same form with another person.
    fn alternative(&self, view: &dyn View, event: &Event, id: &EmployeeId) -> Result<(String, String), StoreError> {
        let name = employees::get(view, id)?.map_or_else(|| id.to_string(), |employee| employee.name);
        let typed = Typed { employee: id.to_string(), ..self.fields.typed() };
        Ok((name, address::form_filled(event.id, self.deed, &typed, &self.fields.from)))
    }
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
        format!("{} on {}", entry.who, words::moment(at))
    });
    Ok(Problem::Stale { what, by })
}

fn state(view: &dyn View, schedule: Option<&Schedule>) -> Result<String, StoreError> {
    let Some(now) = schedule else { return Ok("unscheduled".to_owned()) };
    let name = employees::get(view, &now.employee)?.map_or_else(|| now.employee.to_string(), |employee| employee.name);
    Ok(format!("{}, {name}", words::moment(now.start)))
}
