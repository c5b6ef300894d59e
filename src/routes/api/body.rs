//! The body of a call: one JSON object whose fields are taken one by one, so that an error names the field.

use std::str::FromStr;

use rocket::{
    Data, Request,
    data::{FromData, Outcome, ToByteUnit},
    http::ContentType,
};
use serde_json::{Map, Number, Value};

use crate::routes::http::body_timeout::arrival;
use crate::{
    domain::{
        audit::REASON_CHARS_MAX,
        ids::{JSON_SAFE_MAX, Revision},
    },
    routes::http::error::{CallFailure, Failure},
};

/// Largest body of a call, in bytes.
const BODY_BYTES_MAX: u64 = 64 * 1024;

/// The fields of a call that nobody has taken yet.
#[derive(Debug)]
pub struct Body {
    fields: Map<String, Value>,
    taken: Vec<&'static str>,
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Body {
    type Error = CallFailure;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match read(request, data).await {
            Ok(body) => Outcome::Success(body),
            Err(failure) => Outcome::Error((failure.status(), CallFailure(failure))),
        }
    }
}

async fn read(request: &Request<'_>, data: Data<'_>) -> Result<Body, Failure> {
    if request.content_type() != Some(&ContentType::JSON) {
        return Err(Failure::NotJson);
    }
    let reading = arrival(request, data.open(BODY_BYTES_MAX.bytes()).into_bytes());
    let bytes = reading.await.map_err(|_| Failure::Slow)?;
    let bytes = bytes.map_err(|error| Failure::Malformed(format!("The body could not be read: {error}.")))?;
    if !bytes.is_complete() {
        return Err(Failure::TooLarge { bytes_max: BODY_BYTES_MAX });
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(Body { fields, taken: Vec::new() }),
        Ok(_) => Err(Failure::Malformed("The body must be a JSON object, like {\"schedule_id\": 2001}.".to_owned())),
        Err(error) => Err(Failure::Malformed(format!("The body is not JSON: {error}."))),
    }
}

impl Body {
    /// A field that may be missing or null. Numbers and texts are both read as text, then parsed.
    pub fn optional<T>(&mut self, name: &'static str) -> Result<Option<T>, Failure>
    where
        T: FromStr<Err: ToString>,
    {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| malformed(name, &error.to_string()))
    }

    /// A field that must be there.
    pub fn required<T>(&mut self, name: &'static str) -> Result<T, Failure>
    where
        T: FromStr<Err: ToString>,
    {
        self.optional(name)?.ok_or_else(|| missing(name))
    }

    /// A text that must be there, parsed by `parse`.
    pub fn required_with<T, E: ToString>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Failure> {
        let text = self.text(name)?.ok_or_else(|| missing(name))?;
        parse(&text).map_err(|error| malformed(name, &error.to_string()))
    }

    /// Why rules are passed over; blank counts as missing.
    pub fn reason(&mut self) -> Result<Option<String>, Failure> {
        let reason = self.text("override_reason")?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX) {
            return Err(malformed("override_reason", &format!("has at most {REASON_CHARS_MAX} characters")));
        }
        Ok(reason)
    }

    /// True or false; false if missing.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Failure> {
        match self.take(name) {
            Value::Null => Ok(false),
            Value::Bool(flag) => Ok(flag),
            _ => Err(malformed(name, "must be true or false")),
        }
    }

    /// The revision the caller saw; none accepts any.
    pub fn revision(&mut self) -> Result<Option<Revision>, Failure> {
        match self.take("revision") {
            Value::Null => Ok(None),
            value => {
                let number = value.as_number().and_then(whole).and_then(|number| u32::try_from(number).ok());
                let number =
                    number.ok_or_else(|| malformed("revision", "must be the whole number that the event carried"))?;
                Ok(Some(Revision(number)))
            }
        }
    }

    /// Refuses fields that nobody took: most are misspelled, and ignoring them would do something else than was meant.
    pub fn finish(self) -> Result<(), Failure> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => {
                let name: String = name.chars().take(40).collect();
                Err(Failure::Malformed(format!(
                    "Unknown field \"{name}\"; this call takes: {}.",
                    self.taken.join(", ")
                )))
            }
        }
    }

    fn text(&mut self, name: &'static str) -> Result<Option<String>, Failure> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            Value::Number(number) => {
                Ok(Some(whole(&number).map_or_else(|| number.to_string(), |whole| whole.to_string())))
            }
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(malformed(name, "must be a text or a number")),
        }
    }

    fn take(&mut self, name: &'static str) -> Value {
        self.taken.push(name);
        self.fields.remove(name).unwrap_or(Value::Null)
    }
}

/// A number that is whole, however it is written: to JSON, 2.0 is 2.
fn whole(number: &Number) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "it is in range"
    )]
    let from_float =
        |float: f64| (float.fract() == 0.0 && (0.0..=JSON_SAFE_MAX as f64).contains(&float)).then_some(float as u64);
    number.as_u64().or_else(|| number.as_f64().and_then(from_float))
}

fn missing(name: &str) -> Failure {
    Failure::Malformed(format!("Field \"{name}\" is missing."))
}

fn malformed(name: &str, why: &str) -> Failure {
    Failure::Malformed(format!("Field \"{name}\": {why}."))
}
