//! The list of unscheduled events.

use rocket::{FromForm, Route, get, http::Status, routes};

use crate::{
    context::Context,
    domain::{
        calendar,
        change::bulk::EVENTS_MAX,
        event::{
            counts::NO_DATE,
            filter::{self, Filter},
        },
        user::Role,
    },
    routes::{
        auth::Viewer,
        http::{error::Failure, form_text::Text},
        render::{Flashed, Reply},
    },
    services::change::Made,
    store::{
        ReadTx, Store, StoreError,
        queries::{
            day_cards::{self, Show},
            unscheduled::{self, Wanted},
        },
        tables::{
            days,
            events::{self, Place},
            retail_stores,
        },
    },
    views::{
        self,
        components::filter::CHOICES_MAX,
        unscheduled::{BankView, FilterValues, NoWork},
    },
};

/// The routes of the list of unscheduled events.
pub fn routes() -> Vec<Route> {
    routes![list]
}

/// Events on one page: as many as can be scheduled at once.
const PAGE_EVENTS: usize = EVENTS_MAX;

#[derive(Clone, Debug, Default, FromForm)]
pub struct Query {
    #[field(name = "type")]
    event_type: Text,
    store: Text,
    from: Text,
    to: Text,
    after: Text,
}

impl Query {
    fn values(&self) -> FilterValues {
        let trimmed = |text: &String| text.trim().to_owned();
        FilterValues {
            event_type: trimmed(&self.event_type),
            store: trimmed(&self.store),
            from: trimmed(&self.from),
            to: trimmed(&self.to),
        }
    }

    /// The parsed filter and position, or the error.
    fn wanted(&self) -> Result<(Wanted, Option<Place>), String> {
        let day = |text: &str| {
            let text = text.trim();
            let parsed = (!text.is_empty()).then(|| calendar::parse_date(text)).transpose();
            parsed.map_err(|error| error.to_string())
        };
        let filter = Filter::parse([(filter::TYPE, self.event_type.trim()), (filter::STORE, self.store.trim())]);
        let wanted = Wanted {
            filter: filter.map_err(|error| error.to_string())?,
            first: day(&self.from)?,
            last: day(&self.to)?,
        };
        if wanted.first.zip(wanted.last).is_some_and(|(first, last)| last < first) {
            return Err("the last due date is before the first".to_owned());
        }
        let after = (!self.after.is_empty()).then(|| place(&self.after).ok_or("there is no such page")).transpose()?;
        Ok((wanted, after))
    }
}

/// `2025-10-04.1001`; `none.1001` for an event that is never due.
fn place(text: &str) -> Option<Place> {
    let (due, event) = text.split_once('.')?;
    let due = if due == "none" { NO_DATE } else { calendar::parse_date(due).ok()? };
    Some(Place { due, event: event.parse().ok()? })
}

fn place_words(place: Place) -> String {
    let due = if place.due == NO_DATE { "none".to_owned() } else { place.due.to_string() };
    format!("{due}.{}", place.event)
}

/// The fragments that replace parts of an open list after a change, and the id that takes the focus: the next row.
pub fn pieces(tx: &dyn ReadTx, made: &Made, list: &str, context: &Context) -> Result<(String, String), StoreError> {
    let query = list.split_once('?').map_or("", |(_, query)| query);
    let query = rocket::form::Form::<Query>::parse(query).unwrap_or_default();
    let (wanted, after) = query.wanted().unwrap_or_default();
    let next = unscheduled::page(tx, &wanted, Some(Place::of(&made.event)), 1)?.events;
    let bank = draw(tx, &query, Ok((wanted, after)), true, context)?;
    let steps = made.entry.iter().flat_map(|entry| &entry.steps);
    let scheduled: Vec<_> = steps.clone().filter(|step| step.after.schedule.is_some()).map(|step| step.event).collect();
    let gone = (scheduled.len() == steps.count()).then_some(scheduled.as_slice());
    let focus = next.first().map_or_else(|| "title".to_owned(), |event| format!("schedule-{}", event.id));
    Ok((views::unscheduled::pieces(&bank, gone).into_string(), focus))
}

/// The list of a query; without events if the query has a problem.
fn draw(
    tx: &dyn ReadTx,
    query: &Query,
    wanted: Result<(Wanted, Option<Place>), String>,
    edits: bool,
    context: &Context,
) -> Result<BankView, StoreError> {
    let (filter, today, total) = (query.values(), context.today(), days::unscheduled(tx)?);
    let (stores, many_stores) = retail_stores::all(tx, CHOICES_MAX)?;
    let mut view = BankView {
        filter,
        problem: None,
        total,
        cards: Vec::new(),
        stores,
        many_stores,
        next: None,
        open_supervisors: 0,
        today,
        edits,
        no_work: NoWork::AllScheduled,
    };
    match wanted {
        Ok((wanted, after)) => {
            let pairing = context.config.policy.pairing;
            let listing = unscheduled::page(tx, &wanted, after, PAGE_EVENTS)?;
            view.cards = day_cards::cards(tx, listing.events, Show { pairing, undo: None, findings: None })?;
            view.next = listing.next.map(place_words);
            if pairing {
                view.open_supervisors = unscheduled::open_supervisors(tx, EVENTS_MAX)?.len();
            }
            if total == 0 && events::are_none(tx)? {
                view.no_work = NoWork::NoEvents;
            }
        }
        Err(problem) => view.problem = Some(format!("The filter cannot be used: {problem}.")),
    }
    Ok(view)
}

/// `GET /unscheduled?type=&store=&from=&to=&after=`
#[get("/unscheduled?<query..>")]
pub async fn list(query: Query, viewer: Viewer, flash: Flashed, context: &Context) -> Result<Reply, Failure> {
    let role = viewer.who().role;
    let draw = move |store: &Store, context: &Context| {
        store.read(|tx| draw(tx, &query, query.wanted(), role >= Role::Scheduler, context))
    };
    let mut view = context.run(draw).await?;
    let status = if view.problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    if role >= Role::Admin && view.no_work == NoWork::NoEvents {
        view.no_work = NoWork::NoEventsMayImport;
    }
    Ok(Reply::page(views::unscheduled::page(&view).with_message(flash.0)).status(status))
}
