//! What the forms on an answer carry, as a guard: a handler that draws a form takes [`FormKeys`].

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::{
    routes::{auth::authenticate, http::request_id::RequestId},
    views::FormKeys,
};

/// The keys of the forms on the page that a request answers with.
pub fn of(request: &Request<'_>) -> FormKeys {
    let attempt = format!("form-{}", RequestId::of(request).0);
    FormKeys::new(attempt, authenticate::form_token(request), authenticate::role(request))
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FormKeys {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        // Found first, so that the token is theirs. Whether they may come in is for the rights to say.
        let _ = authenticate::find(request).await;
        Outcome::Success(of(request))
    }
}
