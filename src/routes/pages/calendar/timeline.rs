//! The timeline of a day.

use chrono::{NaiveDate, TimeDelta, Timelike};
use rocket::get;

use crate::{
    context::Context,
    domain::day::roster::RosterFilter,
    routes::{
        auth::Viewer,
        http::{error::Failure, params::DateParam},
        pages::calendar::roster::{self as rosters, RosterQuery},
        render::{
            Flashed, Reply,
            cached_page::{At, PageData, PageRequest, PageResponse},
        },
    },
    store::{Snapshot, StoreError, queries::roster, tables::events},
    views::{
        calendar::timeline::{self, TimelineView},
        urls,
    },
};

/// Time after which the line of the current time is drawn again, in seconds.
const NOW_S: u32 = 5 * 60;

/// `GET /calendar/day/<date>/timeline?title=&store=&employee=&page=`
#[get("/calendar/day/<date>/timeline")]
pub async fn show(
    date: Result<DateParam, Failure>,
    query: Result<RosterQuery, Failure>,
    _viewer: Viewer,
    flash: Flashed,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let (DateParam(date), RosterQuery(filter, page)) = (date?, query?);
    let address = timeline::address(date, &filter, page);
    let asked = asked.with_message(flash.0);
    Ok(asked.page(address, context, read(date, filter, page, context), timeline::page).await?)
}

/// `GET /calendar/day/<date>/timeline/print`: the day of all people as a sheet.
#[get("/calendar/day/<date>/timeline/print")]
pub async fn sheet(
    date: Result<DateParam, Failure>,
    query: Result<RosterQuery, Failure>,
    _viewer: Viewer,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let (DateParam(date), RosterQuery(filter, _)) = (date?, query?);
    let address = timeline::part(date, "print", &filter);
    Ok(asked.page(address, context, read(date, filter, 1, context), timeline::sheet).await?)
}

fn read(
    date: NaiveDate,
    filter: RosterFilter,
    page: usize,
    context: &Context,
) -> impl FnOnce(&Snapshot<'_>, At) -> Result<PageData<TimelineView>, StoreError> + use<> {
    let zone = context.config.zone;
    move |tx, At { version, now, today }| {
        let roster = roster::of(tx, &[date], &filter, today)?;
        let page = page.min(roster.pages());
        let no_events = roster.people.iter().all(|one| one.shifts.is_empty()) && events::are_none(tx)?;
        let local = now.with_timezone(&zone).naive_local();
        let left = NOW_S - (local.minute() * 60 + local.second()) % NOW_S;
        let until = (date == today).then(|| now + TimeDelta::seconds(left.into()));
        let words = rosters::words(tx, &filter)?;
        let view = TimelineView { roster, filter, words, page, now: local, version, no_events };
        Ok(PageData { view, until })
    }
}

/// `GET /calendar/day/<date>/timeline/filter`: the filter form of the timeline.
#[get("/calendar/day/<date>/timeline/filter")]
pub async fn filter_form(
    date: Result<DateParam, Failure>,
    query: Result<RosterQuery, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Reply, Failure> {
    let (DateParam(date), RosterQuery(filter, _)) = (date?, query?);
    let filtered = timeline::address(date, &filter, 1);
    rosters::filter_page("timeline", urls::timeline(date), filtered, filter, context).await
}
