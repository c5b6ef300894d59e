//! The one map from errors to HTTP.
//!
//! Rule of this file: visitors read a sentence that helps them; the cause of a fault of ours goes to the log, once, and
//! they get the request id to name it by.

use rocket::{
    Request,
    http::Status,
    response::{self, Responder},
};
use serde_json::{Map, Value, json};
use tracing::error;

use crate::{
    domain::{
        calendar::CalendarError,
        change::{bulk::Refusal, rejection::Rejection},
        format,
        user::access,
    },
    routes::{
        api::{
            reply::JsonError,
            responses::{AlternativeResponse, FindingResponse},
        },
        auth::authenticate::writes,
        http::{reply::Reply, request_id::RequestId},
    },
    secret::SecretError,
    services::{accounts::AccessError, change::ChangeError},
    store::StoreError,
    views::components,
};

/// What a visitor reads when something of ours fails.
pub const OUR_FAULT: &str = "Something went wrong on our side. Nothing was changed.";
/// What a visitor reads while the store cannot write.
pub const UNAVAILABLE: &str = "The change could not be saved, because the disk cannot be written at the moment. \
    Nothing was confirmed. Reading still works; if this lasts after the disk is mended, the server must be restarted.";

/// What a visitor reads who asked for something that cannot be read, or made to be read.
pub const UNREADABLE: &str = "This could not be shown, because the disk is full or cannot be read at the moment. \
    Nothing was changed. If this lasts after the disk is mended, the server must be restarted.";
/// What a visitor reads who asked for all there is while very much was written.
const OUTPACED: &str =
    "So much was changed while this was made that it could not be finished. Nothing is wrong: try again.";

/// What a visitor reads while too many others ask.
pub const CROWDED: &str =
    "The server has more to do than it can at the moment. Nothing was changed: try again in a moment.";

/// Why a request is not answered as asked.
#[derive(Debug)]
pub enum Failure {
    /// The address leads nowhere.
    NotFound(String),
    /// A call or a form that cannot be understood.
    Malformed(String),
    /// Something that only one may do at a time is being done.
    Taken(String),
    /// A call whose body is not JSON.
    NotJson,
    /// A call whose body did not come whole in time.
    Slow,
    TooLarge {
        bytes_max: u64,
    },
    Rejected(Rejection),
    /// Administration of users and tokens that is not carried out.
    Access(access::Refusal),
    /// A word or a hash could not be made.
    Secret(SecretError),
    /// Too many passwords are being looked at.
    Busy,
    /// Too many others ask; nothing was begun. It is no fault, so the log has no line for each of very many.
    Overloaded,
    Store(StoreError),
    /// A change that failed; the store has said so in the log, with more about it than is known here.
    Change(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Overloaded,
            StoreError::Outpaced => Self::Taken(OUTPACED.to_owned()),
            other => Self::Store(other),
        }
    }
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Refused(refusal) => Self::Access(refusal),
            AccessError::Store(error) => error.into(),
        }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<CalendarError> for Failure {
    fn from(error: CalendarError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Rejected(rejection) => Self::Rejected(rejection),
            ChangeError::Store(StoreError::Busy) => Self::Overloaded,
            ChangeError::Store(error) => Self::Change(error),
        }
    }
}

impl Failure {
    pub fn status(&self) -> Status {
        match self {
            Self::NotFound(_) => Status::NotFound,
            Self::Malformed(_) => Status::BadRequest,
            Self::Taken(_) => Status::Conflict,
            Self::NotJson => Status::UnsupportedMediaType,
            Self::Slow => Status::RequestTimeout,
            Self::TooLarge { .. } => Status::PayloadTooLarge,
            Self::Rejected(rejection) => rejection_status(rejection),
            Self::Access(refusal) => access_status(refusal),
            Self::Busy | Self::Overloaded => Status::ServiceUnavailable,
            Self::Store(error) | Self::Change(error) if error.is_unavailable() => Status::ServiceUnavailable,
            Self::Store(_) | Self::Change(_) | Self::Secret(_) => Status::InternalServerError,
        }
    }

    /// The id in answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Malformed(_) => "malformed",
            Self::Taken(_) => "taken",
            Self::NotJson => "not_json",
            Self::Slow => "too_slow",
            Self::TooLarge { .. } => "too_large",
            Self::Rejected(rejection) => rejection.code(),
            Self::Access(_) => "refused",
            Self::Busy | Self::Overloaded => "busy",
            Self::Store(error) | Self::Change(error) if error.is_unavailable() => "unavailable",
            Self::Store(_) | Self::Change(_) | Self::Secret(_) => "internal",
        }
    }

    /// The sentence for the visitor.
    pub fn sentence(&self) -> String {
        match self {
            Self::NotFound(sentence) | Self::Malformed(sentence) | Self::Taken(sentence) => sentence.clone(),
            Self::NotJson => "Send the body as JSON, with the header Content-Type: application/json.".to_owned(),
            Self::Slow => "The body took too long to arrive, so nothing was done. Send it again.".to_owned(),
            Self::TooLarge { bytes_max } => format!("The body is too large: at most {bytes_max} bytes are accepted."),
            Self::Rejected(rejection) => rejection.reason(),
            Self::Access(refusal) => format!("{}.", format::capitalized(&refusal.to_string())),
            Self::Busy => "Too many passwords are being checked just now. Try again in a moment.".to_owned(),
            Self::Overloaded => CROWDED.to_owned(),
            Self::Store(error) | Self::Change(error) if error.is_unavailable() => UNAVAILABLE.to_owned(),
            Self::Store(_) | Self::Change(_) | Self::Secret(_) => OUR_FAULT.to_owned(),
        }
    }

    /// The sentence for who sent a request: one that only reads is not told of a change.
    fn sentence_for(&self, request: &Request<'_>) -> String {
        match self {
            Self::Store(error) if error.is_unavailable() && !writes(request) => UNREADABLE.to_owned(),
            _ => self.sentence(),
        }
    }

    pub fn secret(error: SecretError) -> Self {
        Self::Secret(error)
    }

    fn log(&self) {
        if let Self::Secret(cause) = self {
            error!(%cause, "request failed");
        }
        if let Self::Store(cause) = self {
            error!(%cause, "request failed");
        }
    }
}

fn access_status(refusal: &access::Refusal) -> Status {
    use access::Refusal;
    match refusal {
        Refusal::UnknownUser(_) | Refusal::UnknownSession | Refusal::UnknownToken => Status::NotFound,
        Refusal::NameTaken(_) | Refusal::LastAdmin(_) | Refusal::Stale(_) => Status::Conflict,
        Refusal::AmbiguousToken(_) | Refusal::Label | Refusal::Ended | Refusal::TooMany(_) => {
            Status::UnprocessableEntity
        }
        Refusal::DeadLink => Status::Gone,
    }
}

/// 404 for what is not there, 409 for what is not as the request supposes, 422 for what a rule refuses.
fn rejection_status(rejection: &Rejection) -> Status {
    match rejection {
        Rejection::UnknownEvent(_)
        | Rejection::UnknownSchedule(_)
        | Rejection::UnknownEmployee(_)
        | Rejection::UnknownEntry(_) => Status::NotFound,
        Rejection::Stale { .. }
        | Rejection::NothingToUndo(_)
        | Rejection::AlreadyUndone { .. }
        | Rejection::TooLate { .. }
        | Rejection::ChangedSince { .. }
        | Rejection::KeyReused
        | Rejection::NotTradable(_)
        | Rejection::NotASupervisor(_)
        | Rejection::AlreadyScheduled(_)
        | Rejection::NotScheduled(_) => Status::Conflict,
        Rejection::Staff(refusal) if refusal.is_conflict() => Status::Conflict,
        Rejection::Several(refusals) if refusals.iter().any(|one| matches!(one.why, Rejection::Stale { .. })) => {
            Status::Conflict
        }
        Rejection::Several(_)
        | Rejection::Staff(_)
        | Rejection::NothingChosen
        | Rejection::TooMany { .. }
        | Rejection::OutOfCalendar(_)
        | Rejection::OtherDate { .. }
        | Rejection::Refused { .. } => Status::UnprocessableEntity,
    }
}

/// A failed page: the error page, or its fragment for htmx.
impl<'r> Responder<'r, 'static> for Failure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let request_id = RequestId::of(request);
        self.log();
        error_page(self.status(), &self.sentence_for(request), &request_id).respond_to(request)
    }
}

/// The error page of a status. Only our own faults name the request.
pub fn error_page(status: Status, sentence: &str, request_id: &RequestId) -> Reply {
    let named = (status.code >= 500).then_some(request_id.0.as_str());
    Reply::page(components::error::page(status.code, sentence, named)).status(status)
}

/// A failed call.
#[derive(Debug)]
pub struct CallFailure(pub Failure);

impl<E: Into<Failure>> From<E> for CallFailure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl<'r> Responder<'r, 'static> for CallFailure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let Self(failure) = self;
        failure.log();
        let mut error = JsonError::new(request, failure.status(), &failure.sentence_for(request), failure.code());
        if let Failure::Rejected(rejection) = &failure {
            describe(rejection, &mut error.body);
        }
        error.respond_to(request)
    }
}

/// What a caller needs to go on after a rejection.
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
        | Rejection::Staff(_)
        | Rejection::KeyReused => {}
    }
}
