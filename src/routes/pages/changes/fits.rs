//! Employees and days that fit an event: pages mark them while it is dragged.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rocket::{State, get};
use serde::Serialize;

use crate::{
    context::Context,
    domain::{
        calendar,
        employee::{Employee, name::Namesakes},
        event::Event,
        ids::EmployeeId,
        policy::Policy,
        rules::{Finding, stored::Facts},
    },
    routes::{
        auth::guards::Scheduler,
        http::{error::Failure, etag::Tagged, params::EventParam},
        pages::changes::{change_form, find},
    },
    store::{ReadTx, Snapshot, StoreError, queries::roster::AllHeld},
};

/// Most days that are checked at once: the weeks of a month.
const DAYS_MAX: i64 = 42;

/// Whether a person may work the event on a day.
#[derive(Debug, Serialize)]
pub struct Fit {
    /// "free", "warned" or "refused"
    level: &'static str,
    /// The facts; empty if the person is free.
    why: String,
}

/// Each person's days.
pub type Fits = BTreeMap<String, BTreeMap<NaiveDate, Fit>>;

/// `GET /events/<event>/fits?first=&last=&employee=`: who may work the event at its time of day, everyone or one person,
/// on each day from `first` to `last`.
#[get("/events/<event>/fits?<first>&<last>&<employee>")]
pub async fn show(
    event: Result<EventParam, Failure>,
    first: &str,
    last: &str,
    employee: Option<&str>,
    _scheduler: Scheduler,
    context: &State<Context>,
) -> Result<Tagged<Fits>, Failure> {
    let day = |text| calendar::parse_date(text).map_err(|error| Failure::Malformed(format!("{error}.")));
    let (id, first, last) = (event?.0, day(first)?, day(last)?);
    if !(0..DAYS_MAX).contains(&(last - first).num_days()) {
        return Err(Failure::Malformed(format!("Choose 1 to {DAYS_MAX} days.")));
    }
    let only: Option<EmployeeId> = employee.and_then(|text| text.parse().ok());
    let policy = context.config.policy;
    let read = move |tx: &Snapshot<'_>| {
        let event = find(tx, id)?;
        Ok::<_, Failure>(fits(tx, &event, (first, last), only.as_ref(), &policy)?)
    };
    Ok(Tagged(context.read(read).await?))
}

fn fits(
    tx: &dyn ReadTx,
    event: &Event,
    (first, last): (NaiveDate, NaiveDate),
    only: Option<&EmployeeId>,
    policy: &Policy,
) -> Result<Fits, StoreError> {
    let AllHeld { people, held, holidays, .. } = AllHeld::read(tx, first, last)?;
    let time = event.start().map_or_else(|| change_form::usual_time(event, policy), |start| start.time());
    let namesakes = Namesakes::among(people.values());
    let mut fits = Fits::new();
    for (id, employee) in people.iter().filter(|(id, _)| only.is_none_or(|one| one == *id)) {
        let held = held.get(id).map_or(&[][..], Vec::as_slice);
        let short_work_minutes = policy.short_work_minutes;
        let employee = Employee { name: namesakes.name_of(employee), ..employee.clone() };
        let facts = Facts { employee: &employee, held, holidays: &holidays, short_work_minutes };
        let days = first.iter_days().take_while(|date| *date <= last);
        let day = |date: NaiveDate| (date, fit(&facts, event, date, time));
        fits.insert(id.to_string(), days.map(day).collect());
    }
    Ok(fits)
}

fn fit(facts: &Facts<'_>, event: &Event, date: NaiveDate, time: NaiveTime) -> Fit {
    let mut found: Vec<Finding> = facts.findings_at(event, NaiveDateTime::new(date, time));
    found.sort_by_key(|one| !one.refuses);
    let level = match found.first() {
        None => "free",
        Some(worst) if worst.refuses => "refused",
        Some(_) => "warned",
    };
    Fit { level, why: found.into_iter().next().map(|one| one.message).unwrap_or_default() }
}
