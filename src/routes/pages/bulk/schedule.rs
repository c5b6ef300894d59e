//! Scheduling several unscheduled events at once: those that were selected, or all open Supervisors.

use chrono::NaiveDate;
use rocket::{get, post};

use crate::{
    context::Context,
    domain::{audit::Action, change::bulk::EVENTS_MAX, ids::EventId},
    routes::{
        auth::{Posted, Scheduler},
        http::{error::Failure, params},
        pages::bulk::{self, Answer, Fields, Frame},
        render::Reply,
    },
    store::{Snapshot, queries::unscheduled},
    views::{FormKeys, bulk as form, bulk::Kind, calendar::day_page::DayPage, components::alert::Problem, urls},
};

/// The value of `set` that stands for all open Supervisors.
const SUPERVISORS: &str = "supervisors";

/// `GET /unscheduled/schedule?event=1001&event=1002&back=`: the selected events, with a proposal for each.
#[get("/unscheduled/schedule?<event>&<back>")]
pub async fn open(
    event: Vec<&str>,
    back: Option<&str>,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let events: Vec<EventId> = event.iter().filter_map(|text| text.parse().ok()).collect();
    let today = context.today();
    let frame = selected(today, back.unwrap_or_default());
    let nothing = events.is_empty();
    let mut view =
        context.run(move |store, context| store.read(|tx| bulk::open(tx, &frame, &events, &keys, context))).await?;
    if nothing {
        view.problem =
            Some(Problem::Other { sentence: "No event is selected. Go back and select at least one.".into() });
    }
    Ok(Reply::page(form::page(&view)))
}

/// `GET /unscheduled/supervisors`: every open Supervisor whose CORE is scheduled.
#[get("/unscheduled/supervisors")]
pub async fn open_supervisors(_scheduler: Scheduler, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let open = move |tx: &Snapshot<'_>, context: &Context| {
        let events = unscheduled::open_supervisors(tx, EVENTS_MAX)?;
        bulk::open(tx, &supervisors(context.today()), &events, &keys, context)
    };
    let view = context.run(move |store, context| store.read(|tx| open(tx, context))).await?;
    Ok(Reply::page(form::page(&view)))
}

#[post("/unscheduled/schedule", data = "<fields>")]
pub async fn submit(
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let (origin, fields) = (scheduler.origin(fields.proof(), context), fields.0);
    let today = context.today();
    let frame = if fields.set == SUPERVISORS { supervisors(today) } else { selected(today, &fields.back) };
    context.run(move |store, context| bulk::answer(store, &frame, fields, &keys, context, &origin)).await
}

fn selected(today: NaiveDate, back: &str) -> Frame {
    let back = params::unscheduled_list(back).unwrap_or(urls::UNSCHEDULED);
    Frame {
        kind: Kind::Schedule,
        action: Action::ScheduleSeveral,
        title: "Schedule events".to_owned(),
        lead: "Suggested dates, times and people. Change any of them, or clear a checkbox to leave an event out. Selected items are saved together.".to_owned(),
        address: urls::SCHEDULE_SEVERAL.to_owned(),
        home: DayPage::other(today, back),
        carried: vec![("back", back.to_owned())],
        about: None,
        absence: None,
    }
}

fn supervisors(today: NaiveDate) -> Frame {
    Frame {
        title: "Schedule unscheduled Supervisors".to_owned(),
        lead: "Each on the date of its CORE, with a Club Supervisor (or else a Lead Event Specialist) who is free then. Selected items are saved together.".to_owned(),
        carried: vec![("set", SUPERVISORS.to_owned())],
        ..selected(today, "")
    }
}
