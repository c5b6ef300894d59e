//! The forms of a change: schedule, reschedule, change employee, trade, unschedule.

use rocket::{Responder, State, get, http::Status, post, response::Redirect};

use super::{
    done::{self, Done},
    doors::posted::Posted,
    failure::Failure,
    guard::{Scheduler, Viewer},
    offers::Filled,
    params::{DeedParam, EventParam},
    problem,
    proposal::{self, Setting},
    reply::Reply,
    typed::Fields,
};
use crate::{
    context::Context,
    domain::{audit::Origin, event::Event, ids::EventId, rejection::Rejection},
    store::{
        Store, StoreError,
        change::{self, ChangeError, Made},
        events,
        scene::Target,
    },
    views::{
        FormKeys,
        address::{self, DayPage, Deed},
        form,
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
#[get("/events/<event>/<deed>?<fields..>", rank = 20)]
pub async fn open(
    event: Result<EventParam, Failure>,
    deed: Result<DeedParam, Failure>,
    fields: Fields,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (id, deed) = (event?.0, deed?.0);
    let context = context.inner().clone();
    let store = context.store.clone();
    let view = store
        .run(move |store| {
            store.read(|view| {
                let event = events::get(view, id)?.ok_or(Rejection::UnknownEvent(id))?;
                Ok::<_, Failure>(proposal::form(view, event, deed, &fields, None, &Setting::of(&context, &keys))?)
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
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let (origin, context) = (scheduler.origin(fields.proof(), context), context.inner().clone());
    let (id, deed, fields) = (event?.0, deed?.0, fields.0);
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
        if self.fields.checks_only() {
            return self.again(store, event, Status::Ok, None);
        }
        let request = match self.fields.request(self.deed, &event) {
            Ok(request) => request,
            Err(errors) => return self.again(store, event, Status::UnprocessableEntity, Some(Problem::Fields(errors))),
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
        let home = || home.unwrap_or_else(|| self.context.clock.today(self.context.config.zone));
        let from = self.fields.day().unwrap_or_else(|| DayPage::whole(home()));
        let done = store.read(|view| done::describe(view, made, &from, &self.context, &self.keys));
        let done = done.map_err(|error: StoreError| error)?;
        Ok(Answer::Done(match self.fields.core() {
            Some(core) => done.back_to_pair(core),
            None => done,
        }))
    }

    fn rejected(&self, store: &Store, rejection: Rejection) -> Result<Answer, Failure> {
        let event = find(store, self.id)?;
        let status = Failure::Rejected(rejection.clone()).status();
        let (typed, zone) = (self.fields.typed(), self.context.config.zone);
        let home = || DayPage::whole(event.date().unwrap_or_else(|| self.context.clock.today(zone)));
        let from = self.fields.day().unwrap_or_else(home);
        let filled = Filled { event: event.id, deed: self.deed, typed: &typed, from: &from, core: self.fields.core() };
        let problem = store.read(|view| problem::of(view, filled, rejection, zone));
        let problem = problem.map_err(|error: StoreError| error)?;
        let status = if status == Status::NotFound { Status::UnprocessableEntity } else { status };
        self.again(store, event, status, Some(problem))
    }

    fn again(&self, store: &Store, event: Event, status: Status, problem: Option<Problem>) -> Result<Answer, Failure> {
        let setting = Setting::of(&self.context, &self.keys);
        let view = store.read(|view| proposal::form(view, event, self.deed, &self.fields, problem, &setting));
        Ok(Answer::Again(Reply::page(form::page(&view.map_err(|error: StoreError| error)?)).status(status)))
    }
}
