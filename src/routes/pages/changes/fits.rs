//! Employees and days that fit an event: pages mark them while it is dragged.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rocket::get;
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
        auth::Scheduler,
        http::{error::Failure, etag::Tagged, params::EventParam},
        pages::changes::{change_form, find},
    },
    store::{ReadTx, Snapshot, StoreError, queries::roster::AllHeld},
};

/// Most days that are checked at once: the weeks of a month.
const DAYS_MAX: i64 = 42;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Free,
    Warned,
    Refused,
}

/// Whether a person may work the event on a day.
#[derive(Debug, Serialize)]
pub struct Fit {
    level: Level,
    /// The facts; empty if the person is free.
    why: String,
}

#[derive(Debug, Default, Serialize)]
pub struct Fits {
    /// Each person's days.
    people: BTreeMap<String, BTreeMap<NaiveDate, Fit>>,
    /// The best of all people on each day, for an event that no one has.
    anyone: BTreeMap<NaiveDate, Fit>,
}

impl Fits {
    fn best(&self, date: NaiveDate) -> Fit {
        let levels = self.people.values().filter_map(|days| days.get(&date)).map(|fit| fit.level);
        let level = levels.min().unwrap_or(Level::Refused);
        let why = match level {
            Level::Free => "",
            Level::Warned => "no one is free then without a warning",
            Level::Refused => "no one may work it then",
        };
        Fit { level, why: why.to_owned() }
    }
}

/// `GET /events/<event>/fits?first=&last=&employee=`: who may work the event at its time of day, everyone or one person,
/// on each day from `first` to `last`.
#[get("/events/<event>/fits?<first>&<last>&<employee>")]
pub async fn show(
    event: Result<EventParam, Failure>,
    first: &str,
    last: &str,
    employee: Option<&str>,
    _scheduler: Scheduler,
    context: &Context,
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
    let mut fits = Fits::default();
    let days = || first.iter_days().take_while(|date| *date <= last);
    for (id, employee) in people.iter().filter(|(id, _)| only.is_none_or(|one| one == *id)) {
        let held = held.get(id).map_or(&[][..], Vec::as_slice);
        let short_work_minutes = policy.short_work_minutes;
        let employee = Employee { name: namesakes.name_of(employee), ..employee.clone() };
        let facts = Facts { employee: &employee, held, holidays: &holidays, short_work_minutes };
        let day = |date: NaiveDate| (date, fit(&facts, event, date, time));
        fits.people.insert(id.to_string(), days().map(day).collect());
    }
    fits.anyone = days().map(|date| (date, fits.best(date))).collect();
    Ok(fits)
}

fn fit(facts: &Facts<'_>, event: &Event, date: NaiveDate, time: NaiveTime) -> Fit {
    let mut found: Vec<Finding> = facts.findings_at(event, NaiveDateTime::new(date, time));
    found.sort_by_key(|one| !one.refuses);
    let level = match found.first() {
        None => Level::Free,
        Some(worst) if worst.refuses => Level::Refused,
        Some(_) => Level::Warned,
    };
    Fit { level, why: found.into_iter().next().map(|one| one.message).unwrap_or_default() }
}
