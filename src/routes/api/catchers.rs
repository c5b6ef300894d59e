//! Errors that no call answers itself: unknown addresses, wrong methods, panics.

use rocket::{
    Catcher, Request, catch, catchers,
    http::{Header, Status},
    response::{self, Responder},
};
use serde_json::{Value, json};

use crate::routes::{
    api::reply::{self, Json},
    auth::error::{self, DeniedCall},
    http::{error::OUR_FAULT, methods, request_id::RequestId},
};

/// One catcher for every status.
pub fn all() -> Vec<Catcher> {
    catchers![any]
}

/// A call by a method that its address does not take.
#[derive(Debug)]
struct WrongMethod {
    allowed: String,
}

impl<'r> Responder<'r, 'static> for WrongMethod {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let sentence = format!("This call cannot be used that way; its methods are {}.", self.allowed);
        let body = Json(Value::Object(reply::error(&sentence, "wrong_method")));
        let mut response = (Status::MethodNotAllowed, body).respond_to(request)?;
        response.set_header(Header::new("Allow", self.allowed));
        Ok(response)
    }
}

/// What no call answered.
#[derive(Debug, Responder)]
enum Unanswered {
    AuthError(DeniedCall),
    WrongMethod(WrongMethod),
    Other((Status, Json)),
}

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Unanswered {
    if let Some(denied) = error::of(request) {
        return Unanswered::AuthError(DeniedCall(denied));
    }
    let is_unknown = status == Status::BadRequest && request.route().is_none();
    if (status == Status::NotFound || is_unknown)
        && let Some(allowed) = methods::others(request, is_unknown)
    {
        return Unanswered::WrongMethod(WrongMethod { allowed });
    }
    let (sentence, code) = match status.code {
        404 => ("There is no such call; the calls are listed at /api/openapi.json.", "not_found"),
        400 | 422 => ("The request could not be understood.", "malformed"),
        413 => ("The request is too large.", "too_large"),
        code if code < 500 => ("The request was refused.", "refused"),
        _ => (OUR_FAULT, "internal"),
    };
    let mut body = reply::error(sentence, code);
    if status.code >= 500 {
        body.insert("request_id".to_owned(), json!(RequestId::of(request).0));
    }
    Unanswered::Other((status, Json(Value::Object(body))))
}
