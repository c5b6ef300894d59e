//! Catcher of requests that no handler answered: denied by a guard, timed out, malformed or for an unknown path.

use rocket::{
    Catcher, Request, catch, catchers,
    http::{Method, Status},
};

use crate::routes::{
    auth::authenticate,
    http::{
        error::{self, Failure, OUR_FAULT},
        methods,
        request_id::RequestId,
    },
    render::{error_page::error_page, reply::Reply},
};

pub fn all() -> Vec<Catcher> {
    catchers![any]
}

#[catch(default)]
async fn any(status: Status, request: &Request<'_>) -> Result<Reply, Failure> {
    let denied = error::denied(request);
    // The page shows the signed-in user, so the caller is found first. A request that timed out does not wait again.
    if !matches!(denied, Some(Failure::TimedOut)) {
        let counted = authenticate::count_uncounted(request).await;
        // A failure of the server is told as such.
        if status.code < 500 {
            counted?;
        }
    }
    if let Some(failure) = denied {
        return Err(failure);
    }
    let is_read = matches!(request.method(), Method::Get | Method::Head);
    let wrong_method = if is_read && status == Status::NotFound { None } else { methods::others(request, status) };
    let status = if wrong_method.is_some() { Status::MethodNotAllowed } else { status };
    let sentence = match status.code {
        404 => "There is no such page.",
        405 => "This address cannot be used that way.",
        413 => "What was sent is too large.",
        code if code < 500 => "The request could not be understood.",
        _ => OUR_FAULT,
    };
    Ok(error_page(status, sentence, &RequestId::of(request)).allowed(wrong_method))
}
