//! The day.

use rocket::{get, http::uri::Origin};

use crate::{
    context::Context,
    domain::format,
    routes::{
        auth::Viewer,
        http::{
            error::Failure,
            params::{self, DateParam},
        },
        pages::calendar::filter::{self, Filtered},
        render::{
            Flashed, Reply,
            cached_page::{At, PageData, PageRequest, PageResponse},
        },
    },
    store::{
        Snapshot, StoreError,
        queries::{
            day_cards::{self, Show},
            undo_window,
        },
        tables::events,
    },
    views::{
        calendar::{
            day::{self, DayView},
            day_page::DayPage,
        },
        components::{self, filter::FilterForm},
        urls,
    },
};

/// `GET /calendar/day/<date>?<filter>&all=<group>`
#[get("/calendar/day/<date>")]
pub async fn show(
    date: Result<DateParam, Failure>,
    filter: Result<Filtered, Failure>,
    origin: &Origin<'_>,
    _viewer: Viewer,
    flash: Flashed,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let fields: Vec<_> = origin.query().into_iter().flat_map(|query| query.segments()).collect();
    let page = DayPage { date: date?.0, filter: filter?.0, all: params::shown_whole(&fields), other: None };
    let asked = asked.with_message(flash.0);
    Ok(asked.page(page.address(), context, read(page, context), day::page).await?)
}

/// `GET /calendar/day/<date>/print`: the day as a sheet.
#[get("/calendar/day/<date>/print")]
pub async fn sheet(
    date: Result<DateParam, Failure>,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let page = DayPage::filtered(date?.0, filter?.0);
    let address = urls::sheet(&urls::day(page.date), &page.filter);
    Ok(asked.page(address, context, read(page, context), day::sheet).await?)
}

fn read(
    page: DayPage,
    context: &Context,
) -> impl FnOnce(&Snapshot<'_>, At) -> Result<PageData<DayView>, StoreError> + use<> {
    let (pairing, undo_minutes) = (context.config.policy.pairing, context.config.undo_minutes);
    move |tx, At { version, now, today }| {
        let show = Show { pairing, undo: Some((undo_minutes, now)), findings: Some(today) };
        let day = day_cards::filtered_day(tx, page.date, &page.filter, show)?;
        let until = undo_window::first_to_close(tx, day.undos(), undo_minutes)?;
        let filter_summary = filter::filter_summary(tx, &page.filter)?;
        let no_events = day.total == 0 && events::are_none(tx)?;
        Ok(PageData { view: DayView { day, page, version, filter_summary, today, pairing, no_events }, until })
    }
}

/// `GET /calendar/day/<date>/filter`: the filter form of the day.
#[get("/calendar/day/<date>/filter")]
pub async fn filter_form(
    date: Result<DateParam, Failure>,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Reply, Failure> {
    let (DateParam(date), Filtered(filter)) = (date?, filter?);
    let form = FilterForm::new(format::date(date), urls::day(date), filter).carrying("date", date.to_string());
    let form = context.read(move |tx| filter::with_choices(tx, form)).await?;
    Ok(Reply::page(components::filter::page(&form)))
}
