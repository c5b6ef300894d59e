//! Search in events, employees and stores.

use rocket::{Route, get, http::Status, routes};

use crate::{
    context::Context,
    domain::{
        calendar::{self, Typed},
        event::search::Question,
    },
    routes::{auth::Viewer, http::error::Failure, render::Reply},
    store::{
        Snapshot, StoreError,
        queries::search::{self, Found},
    },
    views::{
        search as page,
        search::{
            EVENTS_PAGE, SearchView, StoreView,
            places::{Place, places},
        },
    },
};

pub fn routes() -> Vec<Route> {
    routes![show]
}

/// `GET /search?q=&page=`
#[get("/search?<q>&<page>")]
pub async fn show(q: Option<&str>, page: Option<usize>, viewer: Viewer, context: &Context) -> Result<Reply, Failure> {
    let (typed, today) = (q.unwrap_or_default(), context.today());
    let dated = match calendar::typed(typed, today) {
        Some(Typed::Day(date)) => Some(Place::day(date)),
        Some(Typed::Month(month)) => Some(Place::month(month)),
        None => None,
    };
    let places: Vec<_> = dated.into_iter().chain(places(typed, viewer.who().role, today)).collect();
    let question = match Question::parse(typed) {
        Ok(Some(question)) => Some(question),
        Ok(None) => return Ok(Reply::page(page::blank(None, &places))),
        Err(_) if !places.is_empty() => None,
        Err(error) => {
            let page = page::blank(Some((typed, &error)), &[]);
            return Ok(Reply::page(page).status(Status::UnprocessableEntity));
        }
    };
    let run = move |tx: &Snapshot<'_>| match question {
        Some(question) => search::run(tx, &question, today),
        None => Ok(Found::default()),
    };
    let found = context.read::<_, StoreError>(run).await?;
    let total = found.events.len();
    let pages = total.div_ceil(EVENTS_PAGE).max(1);
    let number = page.unwrap_or(1).clamp(1, pages);
    let events = found.events.into_iter().skip((number - 1) * EVENTS_PAGE).take(EVENTS_PAGE).collect();
    Ok(Reply::page(page::page(&SearchView {
        question: typed.trim().to_owned(),
        today,
        places,
        events,
        total,
        page: number,
        pages,
        people: found.people,
        stores: found.stores.into_iter().map(|one| StoreView { location: one.location, days: one.days }).collect(),
        more_events: found.more_events,
        more_people: found.more_people,
        more_stores: found.more_stores,
    })))
}
