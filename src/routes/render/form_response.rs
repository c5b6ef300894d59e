//! The response to a form.

use rocket::{Responder, http::Status};

use crate::{
    routes::render::{
        flash::{FlashRedirect, flash_redirect},
        reply::Reply,
    },
    views::Page,
};

#[derive(Debug, Responder)]
pub enum FormResponse {
    /// A redirect with a message.
    Done(FlashRedirect),
    /// The form again, with the entered values and the errors.
    Again(Reply),
}

impl FormResponse {
    /// Redirects to `next`, which shows the message.
    pub fn done(next: &str, message: &str) -> Self {
        Self::Done(flash_redirect(message, next))
    }

    pub fn rerender(page: Page, status: Status) -> Self {
        Self::Again(Reply::page(page).status(status))
    }
}
