//! The choice of the event that moves from one day to another: what a drop of a month's badge opens.

use chrono::NaiveDate;
use rocket::{FromForm, get, response::Redirect};

use crate::{
    context::Context,
    domain::{
        calendar,
        event::{Event, filter::Filter},
    },
    routes::{
        auth::Scheduler,
        http::{error::Failure, form_text::Text, params},
        render::{FormResponse, Reply},
    },
    store::{
        Snapshot, StoreError,
        queries::day_cards::{self, Show},
        tables::events,
    },
    views::{
        calendar::day_page::DayPage,
        changes::move_day::{self, MoveDayView},
    },
};

/// The query: the day, a type of event, the other day, and the page to return to.
#[derive(Debug, FromForm)]
pub struct Query {
    date: Text,
    #[field(name = "type")]
    event_type: Text,
    to: Text,
    page: Text,
}

/// `GET /events/move?date=&type=&to=&page=`: the events of a type on a day, each with its form for the other day;
/// the form itself of the only one.
#[get("/events/move?<query..>")]
pub async fn choose(query: Query, _scheduler: Scheduler, context: &Context) -> Result<FormResponse, Failure> {
    let malformed = |error: &dyn std::fmt::Display| Failure::Malformed(format!("{error}."));
    let day = |text: &str| calendar::parse_date(text).map_err(|error| malformed(&error));
    let (date, to) = (day(&query.date)?, day(&query.to)?);
    let filter = Filter::parse([("type", query.event_type.as_str())]).map_err(|error| malformed(&error))?;
    let from = params::return_page(date, &query.page);
    let view = context.read(move |tx| read(tx, date, to, &filter, from)).await?;
    Ok(match view.cards.as_slice() {
        [only] => FormResponse::Next(Redirect::to(view.form(&only.event))),
        _ => FormResponse::Page(Reply::page(move_day::page(&view))),
    })
}

fn read(
    tx: &Snapshot<'_>,
    date: NaiveDate,
    to: NaiveDate,
    filter: &Filter,
    from: DayPage,
) -> Result<MoveDayView, StoreError> {
    let mut found = events::scheduled_on(tx, date)?;
    found.retain(|event: &Event| filter.matches(event));
    let cards = day_cards::cards(tx, found, Show { pairing: false, undo: None, findings: None })?;
    Ok(MoveDayView { date, to, cards, from })
}
