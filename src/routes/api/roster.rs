//! The roster of a week.

use chrono::{Datelike, NaiveDate};
use rocket::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::{
        alike::number_key,
        calendar,
        day::{
            Card,
            roster::{FILTER_PEOPLE_MAX, PersonWeek, Roster, RosterFilter, RosterFilterError, Shift},
        },
        event::{
            Event,
            filter::{FilterError, STORE_CHARS_MAX},
        },
    },
    routes::{
        api::{
            calendar::Counts,
            query::{self, Query},
            responses::{ErrorAnswer, EventObject},
            schemas,
        },
        auth::Viewer,
        http::{
            decode::Parsed,
            error::{CallFailure, Failure},
            etag::Tagged,
            params::DateParam,
        },
    },
    store::queries::roster,
};

/// Query parameters of a roster.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RosterParams {
    /// Several times for several.
    #[param(value_type = Option<Vec<schemas::Title>>)]
    #[serde(default, deserialize_with = "query::one_or_more")]
    title: Vec<schemas::Title>,
    /// The store's number: people who work there that week.
    #[param(value_type = Option<String>, max_length = 500, pattern = r"\S")]
    store: Option<Parsed<String>>,
    /// Several times for several, at most 50.
    #[param(value_type = Option<Vec<schemas::Employee>>, max_items = 50)]
    #[serde(default, deserialize_with = "query::one_or_more")]
    employee: Vec<schemas::Employee>,
}

const _: () = assert!(FILTER_PEOPLE_MAX == 50, "as the document has it");

impl RosterParams {
    fn filter(self) -> Result<RosterFilter, Failure> {
        if self.employee.len() > FILTER_PEOPLE_MAX {
            return Err(Failure::Malformed(format!("Parameter employee: {}.", RosterFilterError::People)));
        }
        if self.store.as_ref().is_some_and(|store| store.0.chars().count() > STORE_CHARS_MAX) {
            return Err(Failure::Malformed(format!("Parameter store: {}.", FilterError::Store)));
        }
        Ok(RosterFilter {
            titles: self.title.into_iter().map(|title| title.0).collect(),
            store: self.store.map(|store| number_key(&store.0).into_owned()),
            people: self.employee.into_iter().map(|employee| employee.0).collect(),
        })
    }
}

/// The work of people in a week.
///
/// A week of the first or last days that there are has dates beyond them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Roster)]
pub struct RosterObject {
    #[schema(value_type = String, format = Date)]
    first: NaiveDate,
    #[schema(value_type = String, format = Date)]
    last: NaiveDate,
    /// By job title and name.
    people: Vec<RosterPerson>,
    /// The seven days, for these people.
    days: Vec<RosterDay>,
    /// Unstaffed events whose last day is in the week.
    unscheduled: Vec<EventObject>,
    /// False if the week has more events than are listed and counted here. `/api/events` has all, page by page.
    complete: bool,
}

/// The week of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterPerson {
    #[schema(example = "101")]
    employee_id: String,
    name: String,
    #[schema(example = "Event Specialist")]
    job_title: &'static str,
    is_active: bool,
    /// Minutes of work in the week.
    minutes: u32,
    /// Most minutes that they should work in a week.
    weekly_minutes_max: u32,
    days: Vec<RosterPersonDay>,
}

/// A day of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterPersonDay {
    #[schema(value_type = String, format = Date)]
    date: NaiveDate,
    /// "off", "all day" or "09:00-17:00".
    availability: String,
    /// "whole-day", "morning" (until 12:00) or "afternoon" (from 12:00).
    time_off: Vec<&'static str>,
    /// By start.
    events: Vec<EventObject>,
}

/// A day of a roster.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterDay {
    #[schema(value_type = String, format = Date)]
    date: NaiveDate,
    /// The name of a company holiday.
    holiday: Option<String>,
    counts: Counts,
    /// Unstaffed events whose last day it is.
    unscheduled_due: u32,
}

/// The work of people in the week that contains a date
#[utoipa::path(get, path = "/api/roster/{date}", operation_id = "show_roster", tag = "Calendar",
    params(("date" = schemas::Date, Path), RosterParams),
    responses((status = 200, body = RosterObject), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer), (status = 404, body = ErrorAnswer)))]
#[get("/roster/<date>")]
pub async fn week(
    date: Result<DateParam, Failure>,
    query: Result<Query<RosterParams>, CallFailure>,
    _viewer: Viewer,
    context: &Context,
) -> Result<Tagged<RosterObject>, CallFailure> {
    let (DateParam(date), filter) = (date?, query?.0.filter()?);
    let (dates, today) = (calendar::week_of(date, context.config.week_start), context.today());
    let roster = context.read(move |tx| roster::of(tx, &dates, &filter, today)).await?;
    Ok(Tagged(roster_object(&roster)))
}

fn roster_object(roster: &Roster) -> RosterObject {
    let counts = roster.counts();
    let day = |date: &NaiveDate| {
        let counts = counts.get(date).copied().unwrap_or_default();
        let holiday = roster.holidays.get(date).cloned();
        RosterDay { date: *date, holiday, counts: Counts::of(&counts), unscheduled_due: counts.unscheduled_due }
    };
    let open = |event: &Event| EventObject::of(&Card::plain(event.clone(), None, Vec::new()));
    RosterObject {
        first: roster.first(),
        last: roster.last(),
        people: roster.people.iter().map(|one| person(one, &roster.dates)).collect(),
        days: roster.dates.iter().map(day).collect(),
        unscheduled: roster.open.iter().map(open).collect(),
        complete: roster.complete,
    }
}

fn person(one: &PersonWeek, dates: &[NaiveDate]) -> RosterPerson {
    let employee = &one.employee;
    let event = |shift: &Shift| {
        EventObject::of(&Card::plain(shift.event.clone(), Some(employee.clone()), shift.findings.clone()))
    };
    let day = |date: &NaiveDate| RosterPersonDay {
        date: *date,
        availability: employee.availability.on(date.weekday()).to_string(),
        time_off: employee.time_off.iter().filter(|off| off.meets(*date, *date)).map(|off| off.part.slug()).collect(),
        events: one.on(*date).map(event).collect(),
    };
    RosterPerson {
        employee_id: employee.id.to_string(),
        name: employee.name.clone(),
        job_title: employee.title.label(),
        is_active: employee.active,
        minutes: one.minutes(),
        weekly_minutes_max: employee.weekly_minutes_max(),
        days: dates.iter().map(day).collect(),
    }
}
