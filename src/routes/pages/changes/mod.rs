//! The forms of a change: schedule, reschedule, change employee, trade, unschedule.

pub mod change_form;
mod change_message;
pub mod change_response;
pub mod employee_picker;
pub mod fits;
pub mod form_fields;
pub mod move_day;
pub mod options;
pub mod pair;
pub mod rejection;
pub mod supervisor;

use rocket::{Responder, Route, get, http::Status, post, response::Redirect, routes};

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        change::{ChangeKind, Request, rejection::Rejection},
        event::Event,
        ids::EventId,
    },
    routes::{
        auth::{Posted, Scheduler, Viewer},
        http::{
            error::Failure,
            params::{ChangeKindParam, EventParam},
        },
        pages::changes::{change_form::Setting, change_response::Done, form_fields::Fields, options::Filled},
        render::Reply,
    },
    services::{
        change::{self, ChangeError, Made},
        decision_context::Target,
    },
    store::{
        ReadTx, Store,
        tables::{audit, events},
    },
    views::{FormKeys, calendar::day_page::DayPage, changes, components::alert::Problem, urls},
};

pub fn routes() -> Vec<Route> {
    routes![locate]
}

/// The forms of one event.
pub fn form_routes() -> Vec<Route> {
    routes![open, submit, supervisor::show, fits::show, move_day::choose]
}

/// `GET /events/<event>`: the card of an event, on the page of its day.
#[get("/events/<event>")]
pub async fn locate(
    event: Result<EventParam, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Redirect, Failure> {
    let id = event?.0;
    let event = context.read(move |tx| find(tx, id)).await?;
    let day = event.day();
    let day = day.ok_or_else(|| Failure::NotFound(format!("{} is unscheduled and has no due date.", event.label())))?;
    Ok(Redirect::to(urls::card(day, id)))
}

/// `GET /events/<event>/<change_kind>`: the form, with a proposal, or with a preview of what its fields say. If it was
/// opened from a page that showed an earlier revision (`seen`), it says what changed.
#[get("/events/<event>/<change_kind>?<fields..>", rank = 20)]
pub async fn open(
    event: Result<EventParam, Failure>,
    change_kind: Result<ChangeKindParam, Failure>,
    fields: Fields,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let (id, change_kind) = (event?.0, change_kind?.0);
    let open = move |store: &Store, context: &Context| {
        store.read(|tx| Sent { id, change_kind, fields, keys, context }.open(tx))
    };
    context.run(open).await
}

#[derive(Debug, Responder)]
pub enum Answer {
    Done(Done),
    /// The form again, with the entered values and the errors; or the change, with the reason why it cannot be undone.
    Again(Reply),
}

/// `POST /events/<event>/<change_kind>`: makes the change, or brings the form back.
#[post("/events/<event>/<change_kind>", data = "<fields>")]
pub async fn submit(
    event: Result<EventParam, Failure>,
    change_kind: Result<ChangeKindParam, Failure>,
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let origin = scheduler.origin(fields.proof(), context);
    let (id, change_kind, fields) = (event?.0, change_kind?.0, fields.0);
    let execute =
        move |store: &Store, context: &Context| Sent { id, change_kind, fields, keys, context }.execute(store, &origin);
    context.run(execute).await
}

fn find(tx: &dyn ReadTx, id: EventId) -> Result<Event, Failure> {
    events::get(tx, id)?.ok_or(Failure::Rejected(Rejection::UnknownEvent(id)))
}

/// A form that is opened or was sent.
struct Sent<'a> {
    id: EventId,
    change_kind: ChangeKind,
    fields: Fields,
    /// The next attempt's, if the form comes back.
    keys: FormKeys,
    context: &'a Context,
}

impl Sent<'_> {
    fn open(&self, tx: &dyn ReadTx) -> Result<Answer, Failure> {
        let event = find(tx, self.id)?;
        let Some(seen) = self.fields.stale(&event) else { return self.rerender(tx, event, Status::Ok, None) };
        let last = audit::recent_of(tx, self.id, 1)?.into_iter().next().map(Box::new);
        self.rejected(tx, Rejection::Stale { event: Box::new(event), seen, last })
    }

    fn execute(&self, store: &Store, origin: &Origin) -> Result<Answer, Failure> {
        let request = match store.read(|tx| self.request(tx))? {
            Ok(request) => request,
            Err(form) => return Ok(form),
        };
        match change::make(store, Target::Event(self.id), &request, &self.context.config.policy, origin) {
            Ok(made) => self.done(store, &made),
            Err(ChangeError::Rejected(rejection @ Rejection::UnknownEvent(_))) => Err(rejection.into()),
            Err(ChangeError::Rejected(rejection)) => store.read(|tx| self.rejected(tx, rejection)),
            Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
        }
    }

    /// The request that the fields mean, or the form again: with a preview, or with the fields that cannot be used.
    fn request(&self, tx: &dyn ReadTx) -> Result<Result<Request, Answer>, Failure> {
        let event = find(tx, self.id)?;
        if self.fields.checks_only() {
            return self.rerender(tx, event, Status::Ok, None).map(Err);
        }
        match self.fields.request(self.change_kind, &event) {
            Ok(request) => Ok(Ok(request)),
            Err(errors) => {
                self.rerender(tx, event, Status::UnprocessableEntity, Some(Problem::Fields(errors))).map(Err)
            }
        }
    }

    fn done(&self, store: &Store, made: &Made) -> Result<Answer, Failure> {
        let home = made.event.day();
        let home = || home.unwrap_or_else(|| self.context.today());
        let from = self.fields.day().unwrap_or_else(|| DayPage::whole(home()));
        let done = store.read(|tx| change_response::describe(tx, made, &from, self.context, &self.keys))?;
        Ok(Answer::Done(match self.fields.core() {
            Some(core) => done.back_to_pair(core),
            None => done,
        }))
    }

    fn rejected(&self, tx: &dyn ReadTx, rejection: Rejection) -> Result<Answer, Failure> {
        let event = find(tx, self.id)?;
        let status = Failure::Rejected(rejection.clone()).status();
        let (typed, zone) = (self.fields.typed(), self.context.config.zone);
        let home = || DayPage::whole(event.date().unwrap_or_else(|| self.context.today()));
        let from = self.fields.day().unwrap_or_else(home);
        let filled = Filled {
            event: event.id,
            change_kind: self.change_kind,
            typed: &typed,
            from: &from,
            core: self.fields.core(),
        };
        let problem = rejection::of(tx, filled, rejection, zone)?;
        let status = if status == Status::NotFound { Status::UnprocessableEntity } else { status };
        self.rerender(tx, event, status, Some(problem))
    }

    fn rerender(
        &self,
        tx: &dyn ReadTx,
        event: Event,
        status: Status,
        problem: Option<Problem>,
    ) -> Result<Answer, Failure> {
        let setting = Setting::of(self.context, &self.keys);
        let view = change_form::form(tx, event, self.change_kind, &self.fields, problem, &setting)?;
        Ok(Answer::Again(Reply::page(changes::page(&view)).status(status)))
    }
}
