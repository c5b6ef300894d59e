//! JSON errors of the API, in one shape.

use rocket::{
    Request, Response,
    http::{Header, Status},
    response::{self, Responder},
    serde::json::Json,
};
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        change::{bulk::Refusal, rejection::Rejection},
        format,
    },
    routes::{
        api::responses::{AlternativeResponse, FindingResponse},
        auth::authenticate::writes,
        http::{
            error::{CallFailure, Failure},
            request_id::RequestId,
        },
    },
};

/// A JSON error. Its shape in the API document is [`ErrorAnswer`](crate::routes::api::responses::ErrorAnswer).
#[derive(Debug)]
pub struct JsonError {
    status: Status,
    /// The fields of the body; a caller may add some.
    pub body: Map<String, Value>,
    header: Option<Header<'static>>,
}

impl JsonError {
    /// `{"success":false,"error","code"}`; with a 5xx status also the id of the request.
    pub fn new(request: &Request<'_>, status: Status, sentence: &str, code: &str) -> Self {
        let fields = [("success", json!(false)), ("error", json!(sentence)), ("code", json!(code))];
        let request_id = (status.code >= 500).then(|| ("request_id", json!(RequestId::of(request).0)));
        let body = fields.into_iter().chain(request_id).map(|(name, value)| (name.to_owned(), value)).collect();
        Self { status, body, header: None }
    }

    /// The same error with a header.
    #[must_use]
    pub fn with_header(self, name: &'static str, value: String) -> Self {
        Self { header: Some(Header::new(name, value)), ..self }
    }
}

impl<'r> Responder<'r, 'static> for JsonError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build_from(Json(self.body).respond_to(request)?);
        if let Some(header) = self.header {
            response.header(header);
        }
        response.status(self.status).ok()
    }
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
        // The sentence says all.
        Rejection::UnknownEvent(_)
        | Rejection::UnknownSchedule(_)
        | Rejection::UnknownEmployee(_)
        | Rejection::AlreadyScheduled(_)
        | Rejection::NotScheduled(_)
        | Rejection::NotTradable(_)
        | Rejection::NotASupervisor(_)
        | Rejection::OutOfCalendar(_)
        | Rejection::SkippedTime { .. }
        | Rejection::UnknownEntry(_)
        | Rejection::NothingToUndo(_)
        | Rejection::AlreadyUndone { .. }
        | Rejection::TooLate { .. }
        | Rejection::NothingChosen
        | Rejection::TooMany { .. }
        | Rejection::Proposal(_)
        | Rejection::Staff(_)
        | Rejection::NoConflict(_)
        | Rejection::OtherConflicts(_)
        | Rejection::KeyReused
        | Rejection::SentBefore(_) => {}
    }
}
