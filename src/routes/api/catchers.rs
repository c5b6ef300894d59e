//! Errors that no handler answers: unknown addresses, wrong methods, denied requests, panics.

use rocket::{Catcher, Request, catch, catchers, http::Status};

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

#[catch(default)]
async fn any(status: Status, request: &Request<'_>) -> Result<JsonError, CallFailure> {
    let denied = error::denied(request);
    // A request that timed out does not wait again for its caller.
    if status.code < 500 {
        authenticate::count_uncounted(request).await?;
    }
    if let Some(denied) = denied {
        return Err(CallFailure(denied));
    }
    if let Some(allowed) = methods::others(request, status) {
        let sentence = format!("This call cannot be used that way; its methods are {allowed}.");
        let error = JsonError::new(request, Status::MethodNotAllowed, &sentence, "wrong_method");
        return Ok(error.with_header("Allow", allowed));
    }
    let (sentence, code) = match status.code {
        404 => ("There is no such call; the calls are listed at /api/openapi.json.", "not_found"),
        400 | 422 => ("The request could not be understood.", "malformed"),
        413 => ("The request is too large.", "too_large"),
        code if code < 500 => ("The request was refused.", "refused"),
        _ => (OUR_FAULT, "internal"),
    };
    Ok(JsonError::new(request, status, sentence, code))
}
