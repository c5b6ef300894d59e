//! Errors that no handler answers: unknown addresses, wrong methods, denied requests, panics.

use rocket::{Catcher, Request, Responder, catch, catchers, http::Status};

use crate::routes::{
    api::error_response::JsonError,
    auth::authenticate,
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
async fn any(status: Status, request: &Request<'_>) -> Unanswered {
    let denied = error::denied(request);
    // A request that timed out does not wait again for its caller.
    if status.code < 500
        && let Err(limited) = authenticate::count_uncounted(request).await
    {
        return Unanswered::Denied(CallFailure(limited));
    }
    if let Some(denied) = denied {
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
