//! The roster of a week.

use chrono::NaiveDate;
use rocket::{
    Request, get,
    request::{FromRequest, Outcome},
    response::Redirect,
};

use crate::{
    context::Context,
    domain::{
        calendar,
        day::roster::{RosterFilter, TITLES},
    },
    routes::{
        auth::Viewer,
        http::{error::Failure, params::DateParam},
        pages::calendar::filter,
        render::{
            Flashed, Reply,
            cached_page::{At, PageData, PageRequest, PageResponse},
        },
    },
    store::{
        ReadTx, Snapshot, StoreError,
        queries::roster,
        tables::{employees, events, retail_stores},
    },
    views::{
        calendar::{
            roster::{self as views, RosterView},
            roster_filter::{self, RosterFilterForm},
        },
        components::filter::CHOICES_MAX,
        urls,
    },
};

/// The filter and the page of a roster. An invalid one is a 400 that names what is allowed.
#[derive(Debug)]
pub struct RosterQuery(pub RosterFilter, pub usize);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RosterQuery {
    type Error = Failure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
        let fields = request.uri().query().into_iter().flat_map(|query| query.segments());
        filter::outcome(RosterFilter::parse(fields).map(|(filter, page)| Self(filter, page)))
    }
}

/// `GET /roster`: this week.
#[get("/roster")]
pub fn this(_viewer: Viewer, context: &Context) -> Redirect {
    Redirect::to(urls::roster(context.today()))
}

/// `GET /roster/<date>?title=&store=&employee=&page=`: the week that contains a date; a narrow screen shows that day.
#[get("/roster/<date>")]
pub async fn show(
    date: Result<DateParam, Failure>,
    query: Result<RosterQuery, Failure>,
    _viewer: Viewer,
    flash: Flashed,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let (DateParam(date), RosterQuery(filter, page)) = (date?, query?);
    let address = views::address(date, &filter, page);
    let asked = asked.with_message(flash.0);
    Ok(asked.page(address, context, read(date, filter, page, context), views::page).await?)
}

/// `GET /roster/<date>/print`: the week of all people as a sheet.
#[get("/roster/<date>/print")]
pub async fn sheet(
    date: Result<DateParam, Failure>,
    query: Result<RosterQuery, Failure>,
    _viewer: Viewer,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let (DateParam(date), RosterQuery(filter, _)) = (date?, query?);
    let address = views::part(date, "print", &filter);
    Ok(asked.page(address, context, read(date, filter, 1, context), views::sheet).await?)
}

fn read(
    date: NaiveDate,
    filter: RosterFilter,
    page: usize,
    context: &Context,
) -> impl FnOnce(&Snapshot<'_>, At) -> Result<PageData<RosterView>, StoreError> + use<> {
    let dates = calendar::week_of(date, context.config.week_start);
    move |tx, At { version, today, .. }| {
        let roster = roster::of(tx, &dates, &filter, today)?;
        let words = words(tx, &filter)?;
        let page = page.min(roster.pages());
        let no_events =
            roster.open.is_empty() && roster.people.iter().all(|one| one.shifts.is_empty()) && events::are_none(tx)?;
        let view = RosterView { roster, date, filter, words, page, today, version, no_events };
        Ok(PageData { view, until: None })
    }
}

/// The filter with the names that its ids stand for.
pub fn words(tx: &dyn ReadTx, filter: &RosterFilter) -> Result<Vec<String>, StoreError> {
    let mut words: Vec<_> =
        TITLES.iter().filter(|title| filter.titles.contains(title)).map(|title| title.label().to_owned()).collect();
    if let Some(store) = &filter.store {
        words.push(filter::store_label(tx, store)?);
    }
    for id in &filter.people {
        words.push(employees::shown_name(tx, id)?);
    }
    Ok(words)
}

/// `GET /roster/<date>/filter`: the filter form of the roster.
#[get("/roster/<date>/filter")]
pub async fn filter_form(
    date: Result<DateParam, Failure>,
    query: Result<RosterQuery, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Reply, Failure> {
    let (DateParam(date), RosterQuery(filter, _)) = (date?, query?);
    let filtered = views::address(date, &filter, 1);
    filter_page("roster", urls::roster(date), filtered, filter, context).await
}

/// The filter form of a page, whose address is `whole` without a filter and `filtered` with its present one.
pub async fn filter_page(
    of: &'static str,
    whole: String,
    filtered: String,
    filter: RosterFilter,
    context: &Context,
) -> Result<Reply, Failure> {
    let read = move |tx: &Snapshot<'_>| {
        let (stores, many_stores) = retail_stores::all(tx, CHOICES_MAX)?;
        let people = employees::active_names(tx)?;
        Ok::<_, StoreError>(RosterFilterForm { of, whole, filtered, filter, stores, many_stores, people })
    };
    Ok(Reply::page(roster_filter::page(&context.read(read).await?)))
}
