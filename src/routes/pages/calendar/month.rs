//! The month, and the ways that lead to it.

use rocket::{get, request::FromParam, response::Redirect};

use crate::{
    context::Context,
    domain::{
        calendar::Month,
        event::{counts::DayCounts, filter::Filter},
    },
    routes::{
        auth::Viewer,
        http::{
            error::Failure,
            params::{self, DateParam},
        },
        pages::calendar::filter::{self, Filtered},
        render::{
            Reply,
            cached_page::{At, PageData, PageRequest, PageResponse},
        },
    },
    store::{
        Snapshot, StoreError,
        queries::{
            absences,
            filtered_month::{self, FilteredMonth},
        },
        tables::{events, issues},
    },
    views::{
        calendar::month::{self, MonthView},
        components::{self, filter::FilterForm},
        urls,
    },
};

fn this_month(context: &Context) -> Month {
    Month::of(context.today())
}

#[get("/")]
pub fn home(_viewer: Viewer, context: &Context) -> Redirect {
    Redirect::to(urls::month(this_month(context)))
}

/// `GET /calendar?year=&month=` or `?date=`: the picker, the filter's form, and old bookmarks. What is missing is this
/// month's; fields left empty are gone from the address it leads to.
#[get("/calendar?<year>&<month>&<date>")]
pub fn pick(
    year: Option<&str>,
    month: Option<&str>,
    date: Option<&str>,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Redirect, Failure> {
    let Filtered(filter) = filter?;
    if let Some(date) = date {
        let DateParam(date) = DateParam::from_param(date)?;
        return Ok(Redirect::to(urls::with_query(urls::day(date), &filter)));
    }
    let this = this_month(context);
    let (this_year, this_number) = (this.year().to_string(), this.number().to_string());
    let picked = params::month(year.unwrap_or(&this_year), month.unwrap_or(&this_number))?;
    Ok(Redirect::to(urls::with_query(urls::month(picked), &filter)))
}

/// `GET /calendar/daily/<date>`: an old bookmark.
#[get("/calendar/daily/<date>")]
pub fn old_address(date: Result<DateParam, Failure>, _viewer: Viewer) -> Result<Redirect, Failure> {
    Ok(Redirect::permanent(urls::day(date?.0)))
}

#[get("/calendar/<year>/<month>", rank = 20)]
pub async fn show(
    year: &str,
    month: &str,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let (month, Filtered(filter)) = (params::month(year, month)?, filter?);
    let address = urls::with_query(urls::month(month), &filter);
    Ok(asked.page(address, context, read(month, filter, context), month::page).await?)
}

/// `GET /calendar/<year>/<month>/print`: the month as a sheet.
#[get("/calendar/<year>/<month>/print", rank = 20)]
pub async fn sheet(
    year: &str,
    month: &str,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    asked: PageRequest,
    context: &Context,
) -> Result<PageResponse, Failure> {
    let (month, Filtered(filter)) = (params::month(year, month)?, filter?);
    let address = urls::sheet(&urls::month(month), &filter);
    Ok(asked.page(address, context, read(month, filter, context), month::sheet).await?)
}

fn read(
    month: Month,
    filter: Filter,
    context: &Context,
) -> impl FnOnce(&Snapshot<'_>, At) -> Result<PageData<MonthView>, StoreError> + use<> {
    let (week_start, pairing) = (context.config.week_start, context.config.policy.pairing);
    move |tx, At { version, today, .. }| {
        let FilteredMonth { days, complete } = filtered_month::month(tx, month, &filter)?;
        let filter_summary = filter::filter_summary(tx, &filter)?;
        let notes = absences::of_month(tx, month, filter.employee.as_ref())?;
        let is_empty = days.iter().all(|(_, counts)| *counts == DayCounts::default());
        let no_events = is_empty && events::are_none(tx)?;
        let issues = issues::by_day(tx, (month.first(), month.last()), today, |id| {
            Ok(filter.is_empty() || events::get(tx, id)?.is_some_and(|event| filter.matches(&event)))
        })?;
        let view = MonthView {
            month,
            today,
            week_start,
            version,
            days,
            notes,
            issues,
            pairing,
            filter_summary,
            complete,
            no_events,
        };
        Ok(PageData { view, until: None })
    }
}

/// `GET /calendar/<year>/<month>/filter`: the filter form of the month.
#[get("/calendar/<year>/<month>/filter", rank = 20)]
pub async fn filter_form(
    year: &str,
    month: &str,
    filter: Result<Filtered, Failure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Reply, Failure> {
    let (month, Filtered(filter)) = (params::month(year, month)?, filter?);
    let form = FilterForm::new(month::title(month), urls::month(month), filter)
        .carrying("year", month.year().to_string())
        .carrying("month", month.number().to_string());
    let form = context.read(move |tx| filter::with_choices(tx, form)).await?;
    Ok(Reply::page(components::filter::page(&form)))
}
