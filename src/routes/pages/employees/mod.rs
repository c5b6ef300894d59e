//! Employees: the list, a person's page and its forms, their week, and the company's holidays.

mod form_fields;
pub mod holidays;
pub mod list;
pub mod profile;
pub mod time_off;
pub mod week;

use chrono::NaiveDate;
use rocket::{Responder, Route, http::Status, request::FlashMessage, response::Flash, response::Redirect, routes};

use crate::{
    domain::{change::rejection::Rejection, employee::Employee, ids::EmployeeId},
    routes::{
        http::{error::Failure, reply::Reply},
        pages::changes::change_response,
    },
    store::{
        ReadTx, StoreError,
        tables::{employees, events},
    },
    views::{
        Page,
        components::message::Message,
        employees::{HELD_SHOWN_MAX, Held},
    },
};

/// Pages for every viewer.
pub fn routes() -> Vec<Route> {
    routes![list::show, week::this, week::show, week::sheet]
}

/// Pages and forms for admins.
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

/// The response to a form.
#[derive(Debug, Responder)]
pub enum Answer {
    Told(Flash<Redirect>),
    /// The form again, with the entered values and the errors.
    Again(Reply),
}

impl Answer {
    fn told(next: String, text: String) -> Self {
        let message = Message { text, notes: Vec::new(), link: None, undo: None };
        Self::Told(change_response::carry(&message, next))
    }

    fn rerender(page: Page, status: Status) -> Self {
        Self::Again(Reply::page(page).status(status))
    }
}

fn message(flash: Option<FlashMessage<'_>>) -> Option<Message> {
    flash.and_then(|flash| change_response::message_in(&flash))
}

fn find(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Employee, Failure> {
    employees::get(tx, id)?.ok_or_else(|| Failure::Rejected(Rejection::UnknownEmployee(id.clone())))
}

/// The events of an employee from `first` to `last`, up to the listed number.
fn held(tx: &dyn ReadTx, id: &EmployeeId, first: NaiveDate, last: NaiveDate) -> Result<Held, StoreError> {
    let mut events = events::held_first(tx, id, (first, last), HELD_SHOWN_MAX + 1)?;
    let more = events.len() > HELD_SHOWN_MAX;
    events.truncate(HELD_SHOWN_MAX);
    events.sort_by_key(|event| (event.start(), event.id));
    Ok(Held { events, more })
}
