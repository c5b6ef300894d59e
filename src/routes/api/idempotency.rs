//! The `Idempotency-Key` header. A repeated key gets the first result again.

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};
use utoipa::IntoParams;

use crate::{domain::ids::IdempotencyKey, routes::http::error::Failure};

/// The header of a request, if it has one.
#[derive(Debug)]
pub struct IdempotencyKeyHeader(Option<String>);

impl IdempotencyKeyHeader {
    /// Parses the key.
    ///
    /// # Errors
    /// [`Failure::Malformed`] if it has a wrong length or character.
    pub fn key(self) -> Result<Option<IdempotencyKey>, Failure> {
        let malformed =
            |error: crate::domain::ids::IdError| Failure::Malformed(format!("Header Idempotency-Key: {error}."));
        self.0.map(|text| text.parse()).transpose().map_err(malformed)
    }
}

/// The header in the API document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "for the API document")]
pub struct IdempotencyHeader {
    /// Identifies the request: for 24 hours, the same key gets the first result again and changes nothing.
    #[param(rename = "Idempotency-Key", pattern = "^[!-~]{1,128}$")]
    key: Option<String>,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IdempotencyKeyHeader {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request.headers().get_one("Idempotency-Key").map(str::to_owned)))
    }
}
