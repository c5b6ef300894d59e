//! Errors that no call answers itself: unknown addresses, wrong methods, panics.

use rocket::{Catcher, Either, Request, catch, catchers, http::Status};
use serde_json::{Value, json};

use super::answer::{self, Json};
use crate::routes::{
    doors::denied::{self, DeniedCall},
    failure::OUR_FAULT,
    request_id::RequestId,
};

/// One catcher for every status.
pub fn all() -> Vec<Catcher> {
    catchers![any]
}

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Either<DeniedCall, (Status, Json)> {
    if let Some(denied) = denied::of(request) {
        return Either::Left(DeniedCall(denied));
    }
    let (sentence, code) = match status.code {
        404 => {
            ("There is no such call; see /api/calendar/<year>/<month> and the other calls in the README.", "not_found")
        }
        400 | 422 => ("The request could not be understood.", "malformed"),
        413 => ("The request is too large.", "too_large"),
        code if code < 500 => ("The request was refused.", "refused"),
        _ => (OUR_FAULT, "internal"),
    };
    let mut body = answer::error(sentence, code);
    if status.code >= 500 {
        body.insert("request_id".to_owned(), json!(RequestId::of(request).0));
    }
    Either::Right((status, Json(Value::Object(body))))
}
