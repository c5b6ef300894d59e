//! Query parameters.

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Map, Value};

use crate::routes::http::{
    decode,
    error::{CallFailure, Failure},
};

/// Items on a page: without a `limit`, and at most.
const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 500;

/// The decoded query of a request.
#[derive(Debug)]
pub struct Query<T>(pub T);

#[rocket::async_trait]
impl<'r, T: DeserializeOwned> FromRequest<'r> for Query<T> {
    type Error = CallFailure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, CallFailure> {
        match fields(request).and_then(|fields| decode::decode(fields, "Parameter")) {
            Ok(query) => Outcome::Success(Self(query)),
            Err(failure) => Outcome::Error((failure.status(), CallFailure(failure))),
        }
    }
}

/// The parameters by name, trimmed; a repeated one as an array.
fn fields(request: &Request<'_>) -> Result<Map<String, Value>, Failure> {
    let mut fields = Map::new();
    for (name, value) in request.uri().query().into_iter().flat_map(|query| query.segments()) {
        let value = value.trim();
        if value.is_empty() {
            return Err(decode::invalid("Parameter", name, "is blank: leave it out"));
        }
        match fields.get_mut(name) {
            None => {
                fields.insert(name.to_owned(), value.into());
            }
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
        }
    }
    Ok(fields)
}

/// The number of items on a page.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub usize);

impl Default for Limit {
    fn default() -> Self {
        Self(LIMIT_DEFAULT)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode::parse(deserializer, |text| match text.parse() {
            Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(Self(limit)),
            _ => Err(format!("must be a whole number from 1 to {LIMIT_MAX}")),
        })
    }
}

/// Reads a parameter that may be repeated.
pub fn one_or_more<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let values = match Value::deserialize(deserializer)? {
        Value::Array(values) => values,
        value => vec![value],
    };
    values.into_iter().map(|value| T::deserialize(value).map_err(D::Error::custom)).collect()
}
