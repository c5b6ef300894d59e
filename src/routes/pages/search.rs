//! Search in events, employees and stores.

use rocket::{Route, State, get, http::Status, routes};

use crate::{
    context::Context,
    domain::event::search::Question,
    routes::{
        auth::guards::Viewer,
        http::{error::Failure, reply::Reply},
    },
    store::{StoreError, queries::search},
    views::{
        search as page,
        search::{EVENTS_PAGE, SearchView},
    },
};

/// The routes of search.
pub fn routes() -> Vec<Route> {
    routes![show]
}

/// `GET /search?q=&page=`
#[get("/search?<q>&<page>")]
pub async fn show(
    q: Option<&str>,
    page: Option<usize>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (typed, today) = (q.unwrap_or_default(), context.clock.today(context.config.zone));
    let question = match Question::parse(typed) {
        Ok(Some(question)) => question,
        Ok(None) => return Ok(Reply::page(page::blank(None))),
        Err(error) => {
            return Ok(Reply::page(page::blank(Some((typed, &error)))).status(Status::UnprocessableEntity));
        }
    };
    let (found, question) =
        context.read(move |tx| Ok::<_, StoreError>((search::run(tx, &question, today)?, question))).await?;
    let total = found.events.len();
    let pages = total.div_ceil(EVENTS_PAGE).max(1);
    let number = page.unwrap_or(1).clamp(1, pages);
    let events = found.events.into_iter().skip((number - 1) * EVENTS_PAGE).take(EVENTS_PAGE).collect();
    Ok(Reply::page(page::page(&SearchView {
        question: question.text,
        today,
        events,
        total,
        page: number,
        pages,
        people: found.people,
        stores: found.stores,
        more_events: found.more_events,
        more_people: found.more_people,
        more_stores: found.more_stores,
    })))
}
