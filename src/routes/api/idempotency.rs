//! The `Idempotency-Key` header: the same key again answers with the first result.

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};
use utoipa::IntoParams;

use crate::{domain::ids::IdempotencyKey, routes::http::error::Failure};

/// What a caller names its attempt, if it does.
#[derive(Debug)]
pub struct IdempotencyKeyHeader(Option<String>);

impl IdempotencyKeyHeader {
    /// The key, or what is wrong with it.
    pub fn key(self) -> Result<Option<IdempotencyKey>, Failure> {
        let malformed =
            |error: crate::domain::ids::IdError| Failure::Malformed(format!("Header Idempotency-Key: {error}."));
        self.0.map(|text| text.parse()).transpose().map_err(malformed)
    }
}

/// The header, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "for the document")]
pub struct AttemptHeader {
    /// Names the attempt: the same key again answers with the first result and changes nothing, for 24 hours.
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
