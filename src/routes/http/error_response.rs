//! Error answers, rendered from [`Failure`]: a page or fragment for browsers, JSON for API requests.

use rocket::{
    Request, Response,
    http::{Header, Status},
    response::{self, Redirect, Responder},
};
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        change::{bulk::Refusal, rejection::Rejection},
        format,
    },
    routes::{
        api::{
            reply::JsonError,
            responses::{AlternativeResponse, FindingResponse},
        },
        auth::{authenticate::writes, csrf_form::FormBody, form_tokens, redirect_target},
        http::{
            error::{CallFailure, Failure},
            reply::{Reply, wants_fragment},
            request_id::RequestId,
        },
    },
    views::{components, urls},
};

/// The error page, or its fragment for htmx.
impl<'r> Responder<'r, 'static> for Failure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        self.log();
        let is_change = writes(request);
        let (status, sentence) = (self.status(), page_sentence(&self, &self.sentence(is_change), is_change));
        match (&self, FormBody::of(request)) {
            (Self::SignedOut, _) => redirect_to_sign_in(request),
            (Self::Limited(limited), Some(form)) => {
                let (path, keys) = (request.uri().path().as_str(), form_tokens::of(request));
                let page = components::rate_limited::page(&sentence, path, &form.fields, &keys, limited.wait_s);
                Reply::page(page).status(status).respond_to(request)
            }
            _ => error_page(status, &sentence, &RequestId::of(request)).respond_to(request),
        }
    }
}

/// The sentence on a page. The API has its own for requests over a limit.
fn page_sentence(failure: &Failure, sentence: &str, is_change: bool) -> String {
    match failure {
        Failure::Limited(limited) => format!(
            "Too many {}. Try again in {}.",
            if is_change { "changes" } else { "requests" },
            format::count(limited.wait_s, "second")
        ),
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
    let to = urls::sign_in(&redirect_target::own_path(&back.unwrap_or_default()));
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

impl<'r> Responder<'r, 'static> for CallFailure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let Self(failure) = self;
        failure.log();
        let sentence = failure.sentence(writes(request));
        let mut error = JsonError::new(request, failure.status(), &sentence, failure.code());
        if let Failure::Rejected(rejection) = &failure {
            describe(rejection, &mut error.body);
        }
        if let Failure::SignedOut = failure {
            error = error.with_header("WWW-Authenticate", "Bearer realm=\"tandem\"".to_owned());
        }
        error.respond_to(request)
    }
}

/// Adds the details of a rejection that a client needs to go on.
fn describe(rejection: &Rejection, body: &mut Map<String, Value>) {
    match rejection {
        Rejection::Refused { findings, alternatives } => {
            let refusals: Vec<_> =
                findings.iter().filter(|finding| finding.refuses).map(FindingResponse::from).collect();
            let alternatives: Vec<_> = alternatives.iter().map(AlternativeResponse::from).collect();
            body.insert("refusals".to_owned(), json!(refusals));
            body.insert("alternatives".to_owned(), json!(alternatives));
        }
        Rejection::Stale { event, last, .. } | Rejection::ChangedSince { event, last } => {
            body.insert("event_id".to_owned(), json!(event.id.0));
            body.insert("revision".to_owned(), json!(event.revision.0));
            body.insert("start_datetime".to_owned(), json!(event.start().map(format::iso_moment)));
            body.insert("employee_id".to_owned(), json!(event.schedule.as_ref().map(|now| now.employee.as_str())));
            body.insert("changed_by".to_owned(), json!(last.as_ref().map(|last| &last.who)));
            body.insert("changed_at".to_owned(), json!(last.as_ref().map(|last| last.at.to_rfc3339())));
            body.insert("change".to_owned(), json!(last.as_ref().map(|last| last.action.slug())));
        }
        Rejection::OtherDate { core, .. } => {
            body.insert("core_event_id".to_owned(), json!(core.id.0));
            body.insert("core_date".to_owned(), json!(core.date()));
        }
        Rejection::Several(refusals) => {
            let one =
                |one: &Refusal| json!({ "event_id": one.event.0, "code": one.why.code(), "message": one.sentence() });
            body.insert("refusals".to_owned(), refusals.iter().map(one).collect());
        }
        Rejection::UnknownEvent(_)
        | Rejection::UnknownSchedule(_)
        | Rejection::UnknownEmployee(_)
        | Rejection::AlreadyScheduled(_)
        | Rejection::NotScheduled(_)
        | Rejection::NotTradable(_)
        | Rejection::NotASupervisor(_)
        | Rejection::OutOfCalendar(_)
        | Rejection::UnknownEntry(_)
        | Rejection::NothingToUndo(_)
        | Rejection::AlreadyUndone { .. }
        | Rejection::TooLate { .. }
        | Rejection::NothingChosen
        | Rejection::TooMany { .. }
        | Rejection::Proposal(_)
        | Rejection::Staff(_)
        | Rejection::KeyReused => {}
    }
}
