//! Decodes request bodies and queries into the structs that the API document describes.

use std::{fmt::Display, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Map, Number, Value};
use serde_path_to_error::Segment;

use crate::routes::http::error::Failure;

/// Longest field name that an error repeats, in characters.
pub const NAME_CHARS_MAX: usize = 40;

/// A value that callers write as a text or as a number: `"101"` or `101`.
#[derive(Debug)]
pub struct Parsed<T>(pub T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse(deserializer, str::parse).map(Self)
    }
}

/// Reads a text or a number, then parses it.
///
/// # Errors
/// If it is neither, or `parse` rejects it.
pub fn parse<'de, D: Deserializer<'de>, T, E: Display>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error> {
    let text = match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => digits(&number),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(D::Error::custom("must be a single text or number"));
        }
    };
    parse(&text).map_err(D::Error::custom)
}

/// The digits of a number. In JSON, `2`, `2.0` and `2e0` are the same whole number.
pub fn digits(number: &Number) -> String {
    let text = number.to_string();
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// Decodes the fields of a request. `kind` names them in errors: `Field` or `Parameter`.
///
/// # Errors
/// [`Failure::Malformed`] with the name of the first field that is missing, unknown or malformed.
pub fn decode<T: DeserializeOwned>(fields: Map<String, Value>, kind: &str) -> Result<T, Failure> {
    let fields = Value::Object(fields);
    serde_path_to_error::deserialize(&fields).map_err(|error| describe(&fields, kind, &error))
}

/// The error for one field.
pub fn invalid(kind: &str, name: &str, message: &str) -> Failure {
    Failure::Malformed(format!("{kind} \"{}\": {message}.", short(name)))
}

fn describe(fields: &Value, kind: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let message = error.inner().to_string();
    let name = match error.path().iter().next() {
        Some(Segment::Map { key }) => key,
        // "missing field `name`" has no path.
        _ => message.split('`').nth(1).unwrap_or_default(),
    };
    if let Some(expected) = message.strip_prefix(&format!("unknown field `{name}`")) {
        // ", expected one of `a`, `b`"
        let (kind, known) =
            (kind.to_lowercase(), expected.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", "));
        return Failure::Malformed(format!("Unknown {kind} \"{}\"; this call takes: {known}.", short(name)));
    }
    if fields[name].is_null() {
        return Failure::Malformed(format!("{kind} \"{name}\" is missing."));
    }
    invalid(kind, name, &message)
}

fn short(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}
