//! The day.

use rocket::{State, get, http::uri::Origin, request::FlashMessage};

use super::{
    done,
    failure::Failure,
    filtered::{self, Filtered},
    guard::Viewer,
    params::{self, DateParam},
    reply::Reply,
};
use crate::{
    context::Context,
    domain::words,
    store::{
        Store, StoreError,
        days::{self, Show},
    },
    views::{
        FormKeys,
        address::{self, DayPage},
        day::{self, DayView},
        filter::{self, FilterForm},
    },
};

/// `GET /calendar/day/<date>?<filter>&all=<group>`
#[get("/calendar/day/<date>")]
pub async fn show(
    date: Result<DateParam, Failure>,
    filter: Result<Filtered, Failure>,
    origin: &Origin<'_>,
    _viewer: Viewer,
    flash: Option<FlashMessage<'_>>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let fields: Vec<_> = origin.query().into_iter().flat_map(|query| query.segments()).collect();
    let page = DayPage { date: date?.0, filter: filter?.0, all: params::shown_whole(&fields), bank: None };
    let page = day::page(&view(page, context).await?, &keys);
    Ok(Reply::page(page.with_message(flash.and_then(|flash| done::message_in(&flash)))))
}

/// `GET /calendar/day/<date>/print`: the day as a sheet.
#[get("/calendar/day/<date>/print")]
pub async fn sheet(
    date: Result<DateParam, Failure>,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let page = DayPage::narrowed(date?.0, filter?.0);
    Ok(Reply::page(day::sheet(&view(page, context).await?, &keys)))
}

async fn view(page: DayPage, context: &Context) -> Result<DayView, StoreError> {
    let (pairing, today) = (context.config.policy.pairing, context.clock.today(context.config.zone));
    let show = Show { pairing, undo: Some((context.config.undo_minutes, context.clock.now())) };
    let read = move |store: &Store| {
        store.read(|view| {
            let day = days::narrowed_day(view, page.date, &page.filter, show)?;
            let narrowing = filtered::narrowing(view, &page.filter)?;
            Ok(DayView { day, page, version: store.version(), narrowing, today, pairing })
        })
    };
    context.store.run(read).await
}

/// `GET /calendar/day/<date>/filter`: the form that narrows the day.
#[get("/calendar/day/<date>/filter")]
pub async fn narrow(
    date: Result<DateParam, Failure>,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (DateParam(date), Filtered(filter)) = (date?, filter?);
    let form = FilterForm::new(words::date(date), address::day(date), filter).carrying("date", date.to_string());
    let form = context.store.run(move |store| store.read(|view| filtered::with_choices(view, form))).await;
    Ok(Reply::page(filter::page(&form.map_err(|error: StoreError| error)?)))
}
