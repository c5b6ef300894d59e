//! The team of a request.

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::{
    context::Context,
    routes::http::error::{Failure, deny},
};

/// The context of the team.
pub fn context<'r>(request: &'r Request<'_>) -> Option<&'r Context> {
    request.rocket().state()
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r Context {
    type Error = Failure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
        match context(request) {
            Some(context) => Outcome::Success(context),
            None => Outcome::Error(deny(request, Failure::Internal)),
        }
    }
}
