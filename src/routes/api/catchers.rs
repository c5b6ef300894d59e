//! Errors that no handler answers: unknown addresses, wrong methods, denied requests, panics.

use rocket::{Catcher, Request, Responder, catch, catchers, http::Status};

use crate::routes::{
    api::error_response::JsonError,
    http::{
        error::{self, CallFailure, OUR_FAULT},
        methods,
    },
};

/// One catcher for every status.
pub fn all() -> Vec<Catcher> {
    catchers![any]
}

/// An answer to what no handler answered.
#[derive(Debug, Responder)]
enum Unanswered {
    Denied(CallFailure),
    Other(JsonError),
}

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Unanswered {
    if let Some(denied) = error::denied(request) {
        return Unanswered::Denied(CallFailure(denied));
    }
    let is_unknown = status == Status::BadRequest && request.route().is_none();
    if (status == Status::NotFound || is_unknown)
        && let Some(allowed) = methods::others(request, is_unknown)
    {
        let sentence = format!("This call cannot be used that way; its methods are {allowed}.");
        let error = JsonError::new(request, Status::MethodNotAllowed, &sentence, "wrong_method");
        return Unanswered::Other(error.with_header("Allow", allowed));
    }
    let (sentence, code) = match status.code {
        404 => ("There is no such call; the calls are listed at /api/openapi.json.", "not_found"),
        400 | 422 => ("The request could not be understood.", "malformed"),
        413 => ("The request is too large.", "too_large"),
        code if code < 500 => ("The request was refused.", "refused"),
        _ => (OUR_FAULT, "internal"),
    };
    Unanswered::Other(JsonError::new(request, status, sentence, code))
}
