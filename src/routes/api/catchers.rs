//! Errors that no handler answers: unknown addresses, wrong methods, denied requests, panics.

use rocket::{Catcher, Request, catch, catchers, http::Status};

use crate::routes::{
    api::reply::JsonError,
    auth::error,
    http::{error::OUR_FAULT, methods},
};

/// One catcher for every status.
pub fn all() -> Vec<Catcher> {
    catchers![any]
}

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> JsonError {
    if let Some(denied) = error::of(request) {
        return denied.to_json(request);
    }
    let is_unknown = status == Status::BadRequest && request.route().is_none();
    if (status == Status::NotFound || is_unknown)
        && let Some(allowed) = methods::others(request, is_unknown)
    {
        let sentence = format!("This call cannot be used that way; its methods are {allowed}.");
        return JsonError::new(request, Status::MethodNotAllowed, &sentence, "wrong_method")
            .with_header("Allow", allowed);
    }
    let (sentence, code) = match status.code {
        404 => ("There is no such call; the calls are listed at /api/openapi.json.", "not_found"),
        400 | 422 => ("The request could not be understood.", "malformed"),
        413 => ("The request is too large.", "too_large"),
        code if code < 500 => ("The request was refused.", "refused"),
        _ => (OUR_FAULT, "internal"),
    };
    JsonError::new(request, status, sentence, code)
}
