//! JSON request bodies.

use rocket::{
    Data, Request,
    data::{FromData, Outcome, ToByteUnit},
    http::ContentType,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    domain::format,
    routes::{
        auth::csrf_form::{CsrfVerified, forbidden},
        http::{
            body_timeout::arrival,
            decode,
            error::{CallFailure, Failure},
            json::Unambiguous,
        },
    },
};

/// Largest request body, in bytes.
const BODY_BYTES_MAX: u64 = 64 * 1024;

/// The decoded body of a request.
#[derive(Debug)]
pub struct JsonBody<T>(T);

impl<T> JsonBody<T> {
    /// The fields, and the proof that a change may be made with them.
    pub fn into_parts(self) -> (T, CsrfVerified) {
        let proof = self.proof();
        (self.0, proof)
    }
}

#[rocket::async_trait]
impl<'r, T: DeserializeOwned> FromData<'r> for JsonBody<T> {
    type Error = CallFailure;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match read(request, data).await.and_then(|bytes| parse(&bytes)) {
            Ok(fields) => Outcome::Success(Self(fields)),
            Err(failure) => Outcome::Error((failure.status(), CallFailure(failure))),
        }
    }
}

async fn read(request: &Request<'_>, data: Data<'_>) -> Result<Vec<u8>, Failure> {
    if request.content_type() != Some(&ContentType::JSON) {
        return Err(Failure::NotJson);
    }
    let reading = arrival(request, data.open(BODY_BYTES_MAX.bytes()).into_bytes());
    let bytes = reading.await.map_err(|_| Failure::Slow)?;
    let bytes = bytes.map_err(|error| Failure::Malformed(format!("The body could not be read: {error}.")))?;
    if !bytes.is_complete() {
        return Err(Failure::TooLarge { bytes_max: BODY_BYTES_MAX });
    }
    Ok(bytes.into_inner())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    match serde_json::from_slice(bytes).map(|Unambiguous(value)| value) {
        Ok(Value::Object(fields)) => match fields.iter().find_map(|(name, value)| Some((name, forbidden_in(value)?))) {
            Some((name, found)) => Err(Failure::Malformed(forbidden(&format!("Field {name}"), found))),
            None => decode::decode(fields, "Field"),
        },
        Ok(_) => Err(Failure::Malformed("The body must be a JSON object, like {\"schedule_id\": 2001}.".to_owned())),
        Err(error) if error.is_data() => Err(Failure::Malformed(format!("The body is ambiguous: {error}."))),
        Err(error) => Err(Failure::Malformed(format!("The body is not JSON: {error}."))),
    }
}

/// The first character in the texts of a value that no text may have.
fn forbidden_in(value: &Value) -> Option<char> {
    match value {
        Value::String(text) => format::forbidden_in(text),
        Value::Array(values) => values.iter().find_map(forbidden_in),
        Value::Object(fields) => fields.values().find_map(forbidden_in),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
