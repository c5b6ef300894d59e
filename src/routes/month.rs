//! The month, and the ways that lead to it.

use rocket::{State, get, response::Redirect};

use super::{
    failure::Failure,
    guard::Viewer,
    params::{self, DateParam},
    reply::Reply,
};
use crate::{
    context::Context,
    domain::calendar::Month,
    store::{StoreError, days},
    views::{
        address,
        month::{self, MonthView},
    },
};

fn this_month(context: &Context) -> Month {
    Month::of(context.clock.today(context.config.zone))
}

/// `GET /`
#[get("/")]
pub fn home(_viewer: Viewer, context: &State<Context>) -> Redirect {
    Redirect::to(address::month(this_month(context)))
}

/// `GET /calendar?year=&month=`: the picker, and old bookmarks. What is missing is this month's.
#[get("/calendar?<year>&<month>")]
pub fn pick(
    year: Option<&str>,
    month: Option<&str>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Redirect, Failure> {
    let this = this_month(context);
    let (this_year, this_number) = (this.year().to_string(), this.number().to_string());
    let picked = params::month(year.unwrap_or(&this_year), month.unwrap_or(&this_number))?;
    Ok(Redirect::to(address::month(picked)))
}

/// `GET /calendar/daily/<date>`: an old bookmark.
#[get("/calendar/daily/<date>")]
pub fn old_address(date: Result<DateParam, Failure>, _viewer: Viewer) -> Result<Redirect, Failure> {
    Ok(Redirect::permanent(address::day(date?.0)))
}

/// `GET /calendar/<year>/<month>`
#[get("/calendar/<year>/<month>", rank = 20)]
pub async fn show(year: &str, month: &str, _viewer: Viewer, context: &State<Context>) -> Result<Reply, Failure> {
    let month = params::month(year, month)?;
    let days = context.store.run(move |store| store.read(|view| days::month(view, month))).await;
    let days = days.map_err(|error: StoreError| error)?;
    let today = context.clock.today(context.config.zone);
    Ok(Reply::page(month::page(&MonthView { month, today, week_start: context.config.week_start, days })))
}
