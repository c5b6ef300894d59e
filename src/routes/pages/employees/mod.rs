//! Employees: the list, a person's page and its forms, their week, and the company's holidays.

mod form_fields;
pub mod holidays;
pub mod list;
pub mod profile;
pub mod time_off;
pub mod week;

use chrono::NaiveDate;
use rocket::{Responder, http::Status, request::FlashMessage, response::Flash, response::Redirect};

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

/// What a sent form leads to.
#[derive(Debug, Responder)]
pub enum Answer {
    Told(Flash<Redirect>),
    /// The form again, with what was typed and what was wrong.
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

/// What somebody holds from `first` to `last`, as far as it is listed.
fn held(tx: &dyn ReadTx, id: &EmployeeId, first: NaiveDate, last: NaiveDate) -> Result<Held, StoreError> {
    let mut events = events::held_first(tx, id, (first, last), HELD_SHOWN_MAX + 1)?;
    let more = events.len() > HELD_SHOWN_MAX;
    events.truncate(HELD_SHOWN_MAX);
    events.sort_by_key(|event| (event.start(), event.id));
    Ok(Held { events, more })
}
