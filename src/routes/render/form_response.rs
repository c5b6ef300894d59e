//! The response to a form: it is done, or the form comes back.

use std::borrow::Cow;

use rocket::{Responder, http::Status, response::Redirect};

use crate::{
    domain::change::rejection::Rejection,
    routes::{
        http::error::{Failure, Limited},
        render::{
            flash::{FlashRedirect, flash_redirect},
            reply::Reply,
        },
    },
    secret::SecretError,
    services::change::ChangeError,
    store::StoreError,
    views::{
        Page,
        components::alert::{FieldError, Problem},
    },
};

#[derive(Debug, Responder)]
pub enum FormResponse {
    /// A redirect with a message.
    Done(FlashRedirect),
    Next(Redirect),
    /// Most often the form again, with the entered values and the errors.
    Page(Reply),
}

impl FormResponse {
    /// Redirects to `next`, which shows the message.
    pub fn done(next: &str, message: &str) -> Self {
        Self::Done(flash_redirect(message, next))
    }

    pub fn rerender(page: Page, status: Status) -> Self {
        Self::Page(Reply::page(page).status(status))
    }

    /// What was done; for a refused form, the form again as `page` draws it.
    pub fn of(
        done: Result<Self, Refused>,
        page: impl FnOnce(Problem) -> Result<Page, Failure>,
    ) -> Result<Self, Failure> {
        match done {
            Ok(done) => Ok(done),
            Err(Refused::Again { problem, status, limited }) => Ok(Self::again(page(problem)?, status, limited)),
            Err(Refused::Failed(failure)) => Err(failure),
        }
    }

    /// The same with a page that is read from the store.
    pub async fn of_async(
        done: Result<Self, Refused>,
        page: impl AsyncFnOnce(Problem) -> Result<Page, Failure>,
    ) -> Result<Self, Failure> {
        match done {
            Ok(done) => Ok(done),
            Err(Refused::Again { problem, status, limited }) => Ok(Self::again(page(problem).await?, status, limited)),
            Err(Refused::Failed(failure)) => Err(failure),
        }
    }

    fn again(page: Page, status: Status, limited: Option<Limited>) -> Self {
        Self::Page(Reply::page(page).status(status).limited(limited))
    }
}

/// Why a form is not carried out.
#[derive(Debug)]
pub enum Refused {
    /// The form comes back with the problem. `limited` is the quota that was exhausted, if one was.
    Again { problem: Problem, status: Status, limited: Option<Limited> },
    /// The request fails.
    Failed(Failure),
}

impl Refused {
    pub fn form(problem: Problem, status: Status) -> Self {
        Self::Again { problem, status, limited: None }
    }

    /// A field that cannot be used.
    pub fn field(name: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        FieldError { name: name.into(), message: message.into() }.into()
    }

    pub fn sentence(sentence: impl Into<String>) -> Self {
        Self::form(Problem::Other { sentence: sentence.into() }, Status::UnprocessableEntity)
    }

    /// Too many attempts.
    pub fn limited(problem: Problem, limited: Limited) -> Self {
        Self::Again { problem, status: Status::TooManyRequests, limited: Some(limited) }
    }
}

impl From<Vec<FieldError>> for Refused {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::form(Problem::Fields(errors), Status::UnprocessableEntity)
    }
}

impl From<FieldError> for Refused {
    fn from(error: FieldError) -> Self {
        vec![error].into()
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        let sentence = rejection.reason();
        Self::form(Problem::Other { sentence }, Failure::Rejected(rejection).status())
    }
}

impl From<ChangeError> for Refused {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Rejected(rejection) => rejection.into(),
            error @ ChangeError::Store(_) => Self::Failed(error.into()),
        }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<SecretError> for Refused {
    fn from(error: SecretError) -> Self {
        Self::Failed(error.into())
    }
}
