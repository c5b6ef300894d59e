//! The page of a proposal: shown, changed, accepted, deleted.

use std::collections::BTreeMap;

use rocket::{FromForm, Responder, get, http::Status, post, response::Redirect};

use crate::{
    context::Context,
    domain::employee::name::Namesakes,
    domain::{
        audit::Origin,
        change::rejection::Rejection,
        ids::{EventId, ProposalId},
        schedule::{
            Lock, Reason, problem,
            saved::{Adjustment, Saved},
            tally::Tally,
        },
    },
    routes::{
        auth::{Posted, Scheduler, proposal_limit::Proposing},
        http::{error::Failure, form_text::Text},
        pages::{
            bulk,
            changes::change_response::{self, Done},
        },
        render::Reply,
    },
    services::{change::ChangeError, proposals},
    store::{
        ReadTx, Store, StoreError,
        tables::{employees, events, rotations},
    },
    views::{
        FormKeys,
        auto_schedule::proposal::{self as form, ProposalView},
        calendar::day_page::DayPage,
        components::alert::Problem,
        urls,
    },
};

#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    key: Text,
    /// The button: `accept`, `again`, `discard`, `lock:1001`, `unlock:1001`, `out:1001`, `in:1001`, `place:1001:0`.
    #[field(name = "do")]
    pressed: Text,
    /// The ticked events.
    #[field(name = "row")]
    rows: Vec<u64>,
}

#[derive(Debug, Responder)]
pub enum Answer {
    Accepted(Box<Done>),
    Changed(Box<Redirect>),
    /// The page again, with what stands in the way.
    Again(Box<Reply>),
}

#[get("/auto-schedule/<id>")]
pub async fn show(id: &str, _scheduler: Scheduler, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let id = number(id)?;
    let view = context.run(move |store, context| read(store, id, keys, None, context)).await?;
    Ok(Reply::page(form::page(&view)))
}

/// `POST /auto-schedule/<id>`: every button of the page.
#[post("/auto-schedule/<id>", data = "<fields>")]
pub async fn submit(
    id: &str,
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    proposing: &Proposing,
    context: &Context,
) -> Result<Answer, Failure> {
    let (origin, id, fields) = (scheduler.origin(fields.proof(), context), number(id)?, fields.0);
    let proposing = proposing.clone();
    let press =
        move |store: &Store, context: &Context| press(store, id, (&fields, &keys), &proposing, context, &origin);
    context.run(press).await
}

fn number(text: &str) -> Result<ProposalId, Failure> {
    text.parse().map_err(|_| Failure::NotFound(problem::Problem::Unknown.to_string()))
}

fn press(
    store: &Store,
    id: ProposalId,
    (fields, keys): (&Fields, &FormKeys),
    proposing: &Proposing,
    context: &Context,
    origin: &Origin,
) -> Result<Answer, Failure> {
    let again = |problem, status| {
        let view = read(store, id, keys.clone(), Some(problem), context)?;
        Ok(Answer::Again(Box::new(Reply::page(form::page(&view)).status(status))))
    };
    let outcome = match fields.pressed.as_str() {
        "accept" => accept(store, id, fields, keys, context, origin),
        "discard" => proposals::discard(store, id, origin.at).map(|()| leads_to(urls::AUTO_SCHEDULE.to_owned())),
        pressed => match proposing.begin(origin) {
            Ok(_turn) => change(store, id, pressed, context, origin),
            Err(busy) => return again(Problem::Other { sentence: busy.sentence(true).into_owned() }, busy.status()),
        },
    };
    match outcome {
        Ok(answer) => Ok(answer),
        Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
        Err(ChangeError::Rejected(rejection @ Rejection::Proposal(problem::Problem::Unknown))) => Err(rejection.into()),
        Err(ChangeError::Rejected(rejection)) => {
            let status = Failure::Rejected(rejection.clone()).status();
            let status = if status == Status::NotFound { Status::UnprocessableEntity } else { status };
            again(problem(rejection), status)
        }
    }
}

fn leads_to(address: String) -> Answer {
    Answer::Changed(Box::new(Redirect::to(address)))
}

fn problem(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::Refused { findings, .. } => Problem::Refused { findings, alternatives: Vec::new() },
        other => bulk::problem(other),
    }
}

fn accept(
    store: &Store,
    id: ProposalId,
    fields: &Fields,
    keys: &FormKeys,
    context: &Context,
    origin: &Origin,
) -> Result<Answer, ChangeError> {
    let rows: Vec<EventId> = fields.rows.iter().copied().map(EventId).collect();
    let key = fields.key.parse().ok();
    let made = proposals::accept(store, id, Some(&rows), key.as_ref(), &context.config.policy, origin)?;
    let home = DayPage::other(context.today(), urls::UNSCHEDULED);
    let done = store.read(|tx| change_response::several(tx, &made, &home, context, keys))?;
    Ok(Answer::Accepted(Box::new(done)))
}

/// Locks, places, leaves out or takes in one event, or only proposes again.
fn change(
    store: &Store,
    id: ProposalId,
    pressed: &str,
    context: &Context,
    origin: &Origin,
) -> Result<Answer, ChangeError> {
    let saved = store.read(|tx| proposals::find(tx, id, origin.at))?;
    let adjustment = adjustment(&saved, pressed);
    proposals::adjust(store, id, &adjustment, &context.config, origin)?;
    let event = pressed.split(':').nth(1);
    let place =
        event.filter(|_| !pressed.starts_with("out:")).map_or_else(String::new, |event| format!("#row-{event}"));
    Ok(leads_to(urls::proposal(id) + place.as_str()))
}

/// The change of a button; none for an unknown one.
fn adjustment(saved: &Saved, pressed: &str) -> Adjustment {
    let mut parts = pressed.split(':');
    let (verb, event, place) = (parts.next(), parts.next(), parts.next());
    let Some(event) = event.and_then(|event| event.parse().ok()) else { return Adjustment::default() };
    match verb {
        Some("lock") => Adjustment { lock: vec![event], ..Adjustment::default() },
        Some("unlock") => Adjustment { unlock: vec![event], ..Adjustment::default() },
        Some("out") => Adjustment { leave_out: vec![event], ..Adjustment::default() },
        Some("in") => Adjustment { take_in: vec![event], ..Adjustment::default() },
        Some("place") => {
            let place = place.and_then(|place| place.parse::<usize>().ok());
            let one = saved.row(event).and_then(|row| row.alternatives.get(place?));
            let lock = one.map(|one| Lock { event, employee: one.employee.clone(), start: one.start });
            Adjustment { place: lock.into_iter().collect(), ..Adjustment::default() }
        }
        _ => Adjustment::default(),
    }
}

fn read(
    store: &Store,
    id: ProposalId,
    keys: FormKeys,
    problem: Option<Problem>,
    context: &Context,
) -> Result<ProposalView, Failure> {
    let found = store.read(|tx| {
        let (saved, refusals) = proposals::dry_run(tx, id, &context.config.policy, context.clock.now())?;
        let events = named(tx, &saved)?;
        let people = employees::all(tx)?;
        Ok::<_, ChangeError>((saved, refusals, events, people, rotations::all(tx)?))
    });
    let (saved, refusals, events, people, rotation) = found?;
    let namesakes = Namesakes::among(&people);
    let names = people.iter().map(|one| (one.id.clone(), namesakes.name_of(one))).collect();
    let titles: BTreeMap<_, _> =
        people.iter().filter(|one| one.active).map(|one| (one.id.clone(), one.title)).collect();
    let policy = &context.config.policy;
    let asked = titles.keys().filter(|one| !saved.options.exclude_employees.contains(one));
    let tally = Tally::of(&saved.proposal, &events, asked, &rotation, policy);
    Ok(ProposalView { saved, tally, pairing: policy.pairing, events, names, titles, refusals, problem, keys })
}

/// The events that a proposal names.
fn named(tx: &dyn ReadTx, saved: &Saved) -> Result<BTreeMap<EventId, crate::domain::event::Event>, StoreError> {
    let mut ids: Vec<EventId> = saved.proposal.rows.iter().map(|row| row.event).collect();
    for one in &saved.proposal.unplaced {
        ids.push(one.event);
        if let Reason::Competing { events, .. } = &one.reason {
            ids.extend(events);
        }
    }
    ids.extend(&saved.options.exclude_events);
    ids.sort_unstable();
    ids.dedup();
    let found = ids.into_iter().map(|id| Ok(events::get(tx, id)?.map(|event| (id, event))));
    let found: Vec<_> = found.collect::<Result<_, StoreError>>()?;
    Ok(found.into_iter().flatten().collect())
}
