//! The month and the day, as calls.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rocket::{State, get};
use serde_json::{Map, Value, json};

use super::answer::{self, Json};
use crate::{
    context::Context,
    domain::{
        calendar::Month,
        counts::DayCounts,
        day::{Card, Day, Group},
        event::EventType,
    },
    routes::{
        failure::{CallFailure, Failure},
        guard::Viewer,
        params::{self, DateParam},
    },
    store::{
        StoreError,
        days::{self, Show},
        events,
    },
};

/// Events alone, without their pairs.
const PLAIN: Show = Show { pairing: false, undo: None };

/// `GET /api/calendar/<year>/<month>`: counts by day, and every event under its date or its due date.
#[get("/calendar/<year>/<month>", rank = 20)]
pub async fn month(year: &str, month: &str, _viewer: Viewer, context: &State<Context>) -> Result<Json, CallFailure> {
    let month = params::month(year, month)?;
    let (counts, scheduled, due) = context
        .store
        .run(move |store| {
            store.read(|view| {
                let (first, last) = (month.first(), month.last());
                let scheduled = days::cards(view, events::scheduled_between(view, first, last)?, PLAIN)?;
                let due = days::cards(view, events::due_between(view, first, last)?, PLAIN)?;
                Ok::<_, StoreError>((days::month(view, month)?, scheduled, due))
            })
        })
        .await?;
    Ok(Json(month_body(month, &counts, &scheduled, &due)))
}

fn month_body(month: Month, counts: &[(NaiveDate, DayCounts)], scheduled: &[Card], due: &[Card]) -> Value {
    let days: Vec<_> = counts.iter().map(|(date, counts)| json!({
        "date": date,
        "counts": EventType::ALL.into_iter().map(|one| (one.slug().to_owned(), json!(counts.of(one)))).collect::<Map<_, _>>(),
        "unscheduled_due": counts.unscheduled_due,
    })).collect();
    json!({
        "year": month.year(),
        "month": month.number(),
        "days": days,
        "events": by_date(scheduled, |card| card.event.date()),
        "unscheduled": by_date(due, |card| card.event.due.map(|due| due.date)),
    })
}

fn by_date(cards: &[Card], date: impl Fn(&Card) -> Option<NaiveDate>) -> Value {
    let mut days: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for card in cards {
        if let Some(date) = date(card) {
            days.entry(date.to_string()).or_default().push(answer::event(card));
        }
    }
    json!(days)
}

/// `GET /api/calendar/day/<date>`: what the day page shows.
#[get("/calendar/day/<date>")]
pub async fn day(
    date: Result<DateParam, Failure>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Json, CallFailure> {
    let DateParam(date) = date?;
    let pairing = context.config.policy.pairing;
    let day =
        context.store.run(move |store| store.read(|view| days::day(view, date, Show { pairing, undo: None }))).await?;
    Ok(Json(day_body(&day)))
}

fn day_body(day: &Day) -> Value {
    let groups: Map<_, _> = Group::ALL
        .into_iter()
        .map(|group| (group.slug().to_owned(), day.cards(group).iter().map(answer::event).collect()))
        .collect();
    json!({
        "date": day.date,
        "banner": {
            "juicers": day.juicers,
            "primary_leads": day.primary_leads,
            "supervisors_scheduled": day.cards(Group::Of(EventType::Supervisor)).len(),
            "supervisors_unscheduled": day.supervisors_unscheduled,
            "unscheduled_due": day.unscheduled_due,
        },
        "groups": groups,
    })
}
