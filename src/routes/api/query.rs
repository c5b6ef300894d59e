//! The query of a call: fields are taken one by one, so that an error names the field and a misspelled one is refused.

use std::str::FromStr;

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::routes::http::error::Failure;

/// Items on a page unless asked for otherwise, and at most.
pub const LIMIT_DEFAULT: usize = 100;
pub const LIMIT_MAX: usize = 500;

/// The fields of a query that nobody has taken yet, decoded.
#[derive(Debug)]
pub struct Query {
    fields: Vec<(String, String)>,
    taken: Vec<&'static str>,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Query {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let segments = request.uri().query().into_iter().flat_map(|query| query.segments());
        let fields = segments.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Outcome::Success(Self { fields, taken: Vec::new() })
    }
}

impl Query {
    /// The values of a field that may be there several times.
    pub fn all(&mut self, name: &'static str) -> Result<Vec<String>, Failure> {
        self.taken.push(name);
        let (these, others) = std::mem::take(&mut self.fields).into_iter().partition(|(given, _)| given == name);
        self.fields = others;
        let these: Vec<(String, String)> = these;
        let these: Vec<_> = these.into_iter().map(|(_, value)| value.trim().to_owned()).collect();
        if these.iter().any(String::is_empty) {
            return Err(malformed(name, "is blank: leave it out"));
        }
        Ok(these)
    }

    /// A field that may be there once.
    pub fn optional<T>(&mut self, name: &'static str) -> Result<Option<T>, Failure>
    where
        T: FromStr<Err: ToString>,
    {
        self.optional_with(name, |text| text.parse::<T>().map_err(|error| error.to_string()))
    }

    /// A field that may be there once, read by `read`.
    pub fn optional_with<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Failure> {
        match self.all(name)?.as_slice() {
            [] => Ok(None),
            [value] => read(value).map(Some).map_err(|error| malformed(name, &error)),
            [_, _, ..] => Err(malformed(name, "is given twice: choose one")),
        }
    }

    /// How many items a page holds.
    pub fn limit(&mut self) -> Result<usize, Failure> {
        let read = |text: &str| match text.parse() {
            Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
            _ => Err(format!("must be a whole number from 1 to {LIMIT_MAX}")),
        };
        Ok(self.optional_with("limit", read)?.unwrap_or(LIMIT_DEFAULT))
    }

    /// Where a page begins: the `next` of the page before, which `read` understands.
    pub fn cursor<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Failure> {
        self.optional_with("cursor", |text| {
            read(text).ok_or_else(|| "must be what the page before gave as next".to_owned())
        })
    }

    /// Refuses fields that nobody took.
    pub fn finish(self) -> Result<(), Failure> {
        match self.fields.first() {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(40).collect();
                Err(Failure::Malformed(format!(
                    "Unknown parameter \"{name}\"; this call takes: {}.",
                    self.taken.join(", ")
                )))
            }
        }
    }
}

/// A cursor that is a number: digits alone, as [`texts::NumberCursor`](crate::routes::api::schemas::NumberCursor) has them.
pub fn number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A parameter that cannot be used.
pub fn malformed(name: &str, why: &str) -> Failure {
    Failure::Malformed(format!("Parameter \"{name}\": {why}."))
}
