//! Rights as types: a handler that takes one of these has it granted.

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use super::request_id::RequestId;
use crate::{
    config::SignIn,
    context::Context,
    domain::audit::{Origin, Source},
};

/// Somebody who may read.
#[derive(Debug)]
pub struct Viewer;

/// Somebody who may change events.
#[derive(Debug)]
pub struct Scheduler {
    who: String,
    request_id: RequestId,
}

impl Scheduler {
    /// What the audit says of a change that this person makes now.
    pub fn origin(&self, source: Source, context: &Context) -> Origin {
        Origin { who: self.who.clone(), source, request_id: self.request_id.0.clone(), at: context.clock.now() }
    }
}

/// How the audit names somebody who did not sign in.
const NOBODY: &str = "somebody (no sign-in)";

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Viewer {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        match request.rocket().state::<Context>().map(|context| context.config.sign_in) {
            Some(SignIn::None) => Outcome::Success(Self),
            None => Outcome::Forward(rocket::http::Status::InternalServerError),
        }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Scheduler {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        match request.rocket().state::<Context>().map(|context| context.config.sign_in) {
            Some(SignIn::None) => Outcome::Success(Self { who: NOBODY.to_owned(), request_id: RequestId::of(request) }),
            None => Outcome::Forward(rocket::http::Status::InternalServerError),
        }
    }
}
