//! Catcher of requests that no handler answered: denied by a guard, timed out, malformed or for an unknown path.

use rocket::{
    Catcher, Request, catch, catchers,
    http::{Method, Status},
    response::{self, Responder},
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
async fn any(status: Status, request: &Request<'_>) -> Result<ErrorReply, Failure> {
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
    let is_unknown = status == Status::BadRequest && request.route().is_none();
    let others = if matches!(request.method(), Method::Get | Method::Head) && !is_unknown {
        None
    } else {
        methods::others(request, is_unknown)
    };
    let wrong_method = others.filter(|_| status == Status::NotFound || is_unknown);
    let status = if wrong_method.is_some() { Status::MethodNotAllowed } else { status };
    let sentence = match status.code {
        404 => "There is no such page.",
        405 => "This address cannot be used that way.",
        413 => "What was sent is too large.",
        code if code < 500 => "The request could not be understood.",
        _ => OUR_FAULT,
    };
    Ok(ErrorReply { reply: error_page(status, sentence, &RequestId::of(request)), allowed: wrong_method })
}

/// An error page, with the methods that its address takes if the request had another.
#[derive(Debug)]
struct ErrorReply {
    reply: Reply,
    allowed: Option<String>,
}

impl<'r> Responder<'r, 'static> for ErrorReply {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = self.reply.respond_to(request)?;
        if let Some(allowed) = self.allowed {
            response.set_raw_header("Allow", allowed);
        }
        Ok(response)
    }
}
