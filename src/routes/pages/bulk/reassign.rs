//! Reassigns all events of an employee on a day in one change.

use chrono::NaiveDate;
use rocket::{State, get, http::Status, post};

use crate::{
    context::Context,
    domain::{
        audit::{About, Topic},
        change::Action,
        employee::Employee,
        event::Event,
        format,
        ids::{EmployeeId, EventId},
    },
    routes::{
        auth::{csrf_form::Posted, guards::Scheduler},
        http::{error::Failure, params::DateParam, reply::Reply},
        pages::bulk::{self, Answer, Fields, Frame},
    },
    store::{
        ReadTx, StoreError,
        tables::{employees, events},
    },
    views::{
        FormKeys, bulk as form,
        bulk::{
            Kind,
            reassign::{self, Held},
        },
        calendar::day_page::DayPage,
        urls,
    },
};

/// `GET /days/<date>/reassign?employee=<id>`: the employee's events that day, with a proposal for each. Without an employee,
/// a form that asks who is out.
#[get("/days/<date>/reassign?<employee>")]
pub async fn open(
    date: Result<DateParam, Failure>,
    employee: Option<&str>,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let (DateParam(date), within) = (date?, context.inner().clone());
    let employee = employee.unwrap_or_default().trim().to_owned();
    let read = move |tx: &dyn ReadTx| {
        let who = find(tx, &employee)?;
        let Some(who) = who else {
            let problem = (!employee.is_empty()).then(|| format!("There is no employee {employee}."));
            let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
            return Ok::<_, StoreError>((reassign::page(date, &held(tx, date)?, problem.as_deref()), status));
        };
        let day: Vec<EventId> = events::held_between(tx, &who.id, date, date)?.iter().map(|event| event.id).collect();
        let frame = frame(date, &who);
        Ok((form::page(&bulk::open(tx, &frame, day, &keys, &within)?), Status::Ok))
    };
    let (page, status) = context.read(move |tx| read(tx)).await?;
    Ok(Reply::page(page).status(status))
}

/// `POST /days/<date>/reassign`
#[post("/days/<date>/reassign", data = "<fields>")]
pub async fn submit(
    date: Result<DateParam, Failure>,
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let (origin, within) = (scheduler.origin(fields.proof(), context), context.inner().clone());
    let (DateParam(date), fields) = (date?, fields.0);
    let employee = fields.employee.clone();
    context
        .store
        .run(move |store| {
            let who = store.read(|tx| find(tx, &employee))?;
            let who =
                who.ok_or_else(|| Failure::Malformed("The form does not say who is out. Open it again.".into()))?;
            bulk::answer(store, &frame(date, &who), fields, &keys, &within, &origin)
        })
        .await
}

fn find(tx: &dyn ReadTx, employee: &str) -> Result<Option<Employee>, StoreError> {
    match employee.parse::<EmployeeId>() {
        Ok(id) => employees::get(tx, &id),
        Err(_) => Ok(None),
    }
}

/// The employees with events that day, by name.
fn held(tx: &dyn ReadTx, date: NaiveDate) -> Result<Vec<Held>, StoreError> {
    let day = events::scheduled_on(tx, date)?;
    let of = |id: &EmployeeId| {
        day.iter().filter(|event: &&Event| event.schedule.as_ref().is_some_and(|now| now.employee == *id)).count()
    };
    let mut ids: Vec<_> =
        day.iter().filter_map(|event| event.schedule.as_ref()).map(|now| now.employee.clone()).collect();
    ids.sort();
    ids.dedup();
    let named = |id: &EmployeeId| {
        let name = employees::get(tx, id)?.map_or_else(|| id.to_string(), |one| one.name);
        Ok::<_, StoreError>(Held { id: id.to_string(), name, events: of(id) })
    };
    let mut all = ids.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn frame(date: NaiveDate, who: &Employee) -> Frame {
    Frame {
        kind: Kind::Reassign,
        action: Action::ReassignDay,
        title: format!("{} is out on {}", who.name, format::date_short(date)),
        lead: format!(
            "Suggested replacements for {}. Times stay the same. Selected items are saved together.",
            who.name
        ),
        address: urls::reassign(date),
        home: DayPage::whole(date),
        carried: vec![("employee", who.id.to_string())],
        about: Some(About { topic: Topic::Employee, id: who.id.to_string() }),
    }
}
