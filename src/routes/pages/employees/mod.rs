//! Employees: the list, a person's page and its forms, their week, and the company's holidays.

mod form_fields;
pub mod holidays;
pub mod list;
pub mod profile;
pub mod time_off;
pub mod week;

use chrono::NaiveDate;
use rocket::{Route, routes};

use crate::{
    domain::{
        change::rejection::Rejection,
        employee::{Employee, availability::TimeOff},
        event::Event,
        ids::EmployeeId,
    },
    routes::http::error::Failure,
    store::{
        ReadTx, StoreError,
        queries::held::taking_place,
        tables::{employees, events},
    },
    views::employees::{HELD_SHOWN_MAX, Held},
};

/// Pages for every viewer.
pub fn routes() -> Vec<Route> {
    routes![list::show, week::this, week::show, week::sheet]
}

pub fn admin_routes() -> Vec<Route> {
    routes![
        profile::open,
        profile::add,
        profile::show,
        profile::edit,
        profile::ask,
        profile::deactivate,
        profile::reactivate,
        time_off::ask,
        time_off::add,
        time_off::remove
    ]
}

pub fn holiday_routes() -> Vec<Route> {
    routes![holidays::show, holidays::add, holidays::remove]
}

fn find(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Employee, Failure> {
    employees::get(tx, id)?.ok_or_else(|| Failure::Rejected(Rejection::UnknownEmployee(id.clone())))
}

/// Same under the name that pages show.
fn find_named(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Employee, Failure> {
    employees::get_named(tx, id)?.ok_or_else(|| Failure::Rejected(Rejection::UnknownEmployee(id.clone())))
}

/// The events of an employee that take place during a time off, up to the listed number.
fn held_during(tx: &dyn ReadTx, id: &EmployeeId, off: &TimeOff) -> Result<Held, StoreError> {
    let mut events = taking_place(tx, id, off.first, off.last)?;
    events.retain(|event| event.start().is_some_and(|start| off.covers(start, event.end_from(start))));
    Ok(listed(events))
}

/// The events of an employee from `first` to `last`, up to the listed number.
fn held(tx: &dyn ReadTx, id: &EmployeeId, first: NaiveDate, last: NaiveDate) -> Result<Held, StoreError> {
    Ok(listed(events::held_first(tx, id, (first, last), HELD_SHOWN_MAX + 1)?))
}

/// Events by start, up to the listed number.
fn listed(mut events: Vec<Event>) -> Held {
    let more = events.len() > HELD_SHOWN_MAX;
    events.truncate(HELD_SHOWN_MAX);
    events.sort_by_key(|event| (event.start(), event.id));
    Held { events, more }
}
