//! Guard for the hidden fields of forms: a handler that renders a form takes [`FormKeys`].

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::{
    routes::{auth::authenticate, http::request_id::RequestId},
    views::FormKeys,
};

/// The keys of the forms in the answer to a request.
pub fn of(request: &Request<'_>) -> FormKeys {
    let attempt = format!("form-{}", RequestId::of(request).0);
    let keys = FormKeys::new(attempt, authenticate::form_token(request), authenticate::role(request));
    keys.unconfirmed(authenticate::is_unconfirmed(request))
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FormKeys {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        // The caller is found first, for their token. The guard of the role decides on access.
        let _ = authenticate::find(request).await;
        Outcome::Success(of(request))
    }
}
