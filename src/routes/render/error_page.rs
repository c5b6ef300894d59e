//! Error pages, rendered from [`Failure`]: a document, or a fragment for htmx.

use crate::{
    domain::format,
    routes::{
        auth::{authenticate::writes, csrf_form::FormBody, form_tokens, redirect_target},
        http::{error::Failure, request_id::RequestId},
        render::reply::{Reply, wants_fragment},
    },
    views::{
        components::{self, unsent::UnsentForm},
        urls,
    },
};
use rocket::{
    Request, Response,
    http::{Header, Status},
    response::{self, Redirect, Responder},
};

/// The error page, or its fragment for htmx.
impl<'r> Responder<'r, 'static> for Failure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        self.log();
        let is_change = writes(request);
        let (status, sentence) = (self.status(), page_sentence(&self, &self.sentence(is_change), is_change));
        match (&self, FormBody::of(request)) {
            (Self::SignedOut, _) => redirect_to_sign_in(request),
            // Not even a page: its style and script are those of a team.
            (Self::UnknownHost, _) => (status, format!("{sentence}\n")).respond_to(request),
            (Self::NoSecondFactor, _) => leave_to(urls::SECOND_FACTOR.to_owned(), request),
            (Self::Limited(_) | Self::Malformed(_) | Self::WrongToken, Some(form)) => {
                unsent_page(request, &self, form, sentence).status(status).respond_to(request)
            }
            _ => error_page(status, &sentence, &RequestId::of(request)).respond_to(request),
        }
    }
}

/// The page that keeps a form which was refused before its handler saw it.
fn unsent_page(request: &Request<'_>, failure: &Failure, form: &FormBody, sentence: String) -> Reply {
    let next = match failure {
        Failure::Malformed(_) => {
            "Nothing was changed. It was taken out of your entries below: check them, then send them again."
        }
        Failure::Limited(_) => "Nothing was changed. Your entries are still on this page: wait, then send them again.",
        _ => "Nothing was changed. Your entries are still on this page: check them, then send them again.",
    };
    let form = UnsentForm {
        sentences: &[sentence, next.to_owned()],
        action: request.uri().path().as_str(),
        fields: &form.fields,
        wrong: form.wrong.as_deref(),
        button: "Send again",
    };
    Reply::page(components::unsent::page(&form, &form_tokens::of(request)))
}

/// The sentence on a page. The API has its own for requests over a limit.
fn page_sentence(failure: &Failure, sentence: &str, is_change: bool) -> String {
    match failure {
        Failure::Limited(limited) => format!(
            "Too many {}. Try again in {}.",
            if is_change { "changes" } else { "requests" },
            format::count(limited.wait_s, "second")
        ),
        Failure::WrongToken => "You have signed in again since this form was opened.".to_owned(),
        _ => sentence.to_owned(),
    }
}

/// The error page of a status. It shows the request id for server errors only.
pub fn error_page(status: Status, sentence: &str, request_id: &RequestId) -> Reply {
    let request_id = (status.code >= 500).then_some(request_id.0.as_str());
    Reply::page(components::error::page(status.code, sentence, request_id)).status(status)
}

/// Redirects to the sign-in page, which leads back to the current page.
fn redirect_to_sign_in(request: &Request<'_>) -> response::Result<'static> {
    let header = |name| request.headers().get_one(name).map(path_of);
    let back = match (wants_fragment(request), writes(request)) {
        (true, _) => header("HX-Current-URL"),
        (false, true) => header("Referer"),
        (false, false) => Some(request.uri().to_string()),
    };
    leave_to(urls::sign_in(&redirect_target::own_path(&back.unwrap_or_default())), request)
}

/// Leads the whole window to an address.
pub fn leave_to(to: String, request: &Request<'_>) -> response::Result<'static> {
    if wants_fragment(request) {
        return Response::build().status(Status::Ok).header(Header::new("HX-Redirect", to)).ok();
    }
    Redirect::to(to).respond_to(request)
}

/// `http://127.0.0.1:8000/activity` has the path `/activity`.
fn path_of(url: &str) -> String {
    let after_host = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    after_host.unwrap_or_default()
}
