//! Errors of handlers and guards, with the one map from an error to its status, code and sentence.
//!
//! Users read a sentence that helps them. The cause of a server error goes to the log, once, with the id of the request.
//! Pages and JSON are rendered from these errors in `error_response.rs`.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use rocket::{Request, http::Status};
use tracing::error;

use crate::{
    domain::{
        calendar::CalendarError,
        change::rejection::Rejection,
        format,
        schedule::problem::Problem,
        user::{Role, Scope, access},
    },
    routes::http::team,
    secret::SecretError,
    services::{accounts::AccessError, change::ChangeError},
    store::StoreError,
};

/// Sentence of a server error.
pub const OUR_FAULT: &str = "Something went wrong on our side. Nothing was changed.";
/// Sentence for a change while the store cannot be written.
pub const UNAVAILABLE: &str = "The change could not be saved, because the disk cannot be written at the moment. \
    Nothing was confirmed. Reading still works; if this lasts after the disk is fixed, the server must be restarted.";
/// Sentences while the database that holds the store cannot be used, for a change and for a read.
const NO_DATABASE: &str = "The change could not be saved, because the database cannot be used at the moment. \
    Nothing was changed: try again in a moment.";
const NO_DATABASE_TO_READ: &str = "This could not be shown, because the database cannot be used at the moment. \
    Nothing was changed: try again in a moment.";
/// Sentence for a change whose answer from the database was lost, and could not be found again.
const IN_DOUBT: &str = "The database was lost while the change was saved, so it is not known whether it was: look before \
    you send it again.";
/// Sentence for a read while the store cannot be read, or an export cannot be written.
pub const UNREADABLE: &str = "This could not be shown, because the disk is full or cannot be read at the moment. \
    Nothing was changed. If this lasts after the disk is fixed, the server must be restarted.";
/// Sentence for a full export during which too much was written.
const OUTPACED: &str =
    "So much was changed while this was made that it could not be finished. Nothing is wrong: try again.";
const OVERLOADED: &str =
    "The server has more to do than it can at the moment. Nothing was changed: try again in a moment.";
const FOREIGN_ORIGIN: &str = "This came from another site's page, so nothing was done. If you sent it from Tandem itself, \
    the server's public_url is not the address in your browser: tell its administrator.";
const WRONG_TOKEN: &str = "This form belongs to a sign-in that has ended, so nothing was done. Open it again and send \
    it once more; a call from a page sends the form's token as X-CSRF-Token.";
const WRONG_HOST: &str = "Without sign-in, only addresses of this machine are served: use http://127.0.0.1 or \
    http://localhost.";
const UNKNOWN_HOST: &str = "There is nothing at this host name.";
const TIMED_OUT: &str = "This took too long, so the answer was given up. If it was a change, it may still be made: look \
    before you send it again.";

/// An error that ends a request.
#[derive(Clone, Debug)]
pub enum Failure {
    NotFound(String),
    /// A request or form that cannot be parsed.
    Malformed(String),
    /// Another request is doing what only one may do at a time.
    Taken(String),
    /// As many of these run as may at once.
    AtOnce(&'static str),
    /// The body of an API request is not JSON.
    NotJson,
    /// The body did not arrive in time.
    Slow,
    TooLarge {
        bytes_max: u64,
    },
    Rejected(Rejection),
    /// A change of users or tokens that is refused.
    Access(access::Refusal),
    /// A secret or a hash could not be made.
    Secret(SecretError),
    /// Too many passwords are being hashed.
    Busy,
    /// Too many requests use the store; nothing was begun. Not logged: an overload would fill the log.
    Overloaded,
    /// The handler took too long.
    TimedOut,
    SignedOut,
    /// The role of the caller is too low.
    Forbidden {
        name: String,
        has: Role,
        needed: Role,
        /// The caller is a token, which has a scope instead of a role.
        is_token: bool,
    },
    /// The role of the caller requires a second factor, and they have none.
    NoSecondFactor,
    /// The request was sent by a page of another site.
    ForeignOrigin,
    /// The request has no form token, or that of another session.
    WrongToken,
    /// The request is for another host.
    WrongHost,
    /// No team has the host of the request.
    UnknownHost,
    /// A rate limit is exhausted.
    Limited(Limited),
    /// A server error that is logged already.
    Internal,
    Store(Arc<StoreError>),
    /// A change that failed; the store has logged the cause.
    Change(Arc<StoreError>),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Conflict => Self::Overloaded,
            StoreError::Outpaced => Self::Taken(OUTPACED.to_owned()),
            other => Self::Store(Arc::new(other)),
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

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::Secret(error)
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
            ChangeError::Store(StoreError::Busy | StoreError::Conflict) => Self::Overloaded,
            ChangeError::Store(error) => Self::Change(Arc::new(error)),
        }
    }
}

impl Failure {
    /// The error map: status, code in JSON answers, and sentence.
    fn describe(&self) -> (Status, &'static str, Cow<'_, str>) {
        match self {
            Self::NotFound(sentence) => (Status::NotFound, "not_found", sentence.into()),
            Self::Malformed(sentence) => (Status::BadRequest, "malformed", sentence.into()),
            Self::Taken(sentence) => (Status::Conflict, "taken", sentence.into()),
            Self::AtOnce(sentence) => (Status::TooManyRequests, "too_many", (*sentence).into()),
            Self::NotJson => {
                let sentence = "Send the body as JSON, with the header Content-Type: application/json.";
                (Status::UnsupportedMediaType, "not_json", sentence.into())
            }
            Self::Slow => {
                let sentence = "The body took too long to arrive, so nothing was done. Send it again.";
                (Status::RequestTimeout, "too_slow", sentence.into())
            }
            Self::TooLarge { bytes_max } => {
                let sentence = format!("The body is too large: at most {bytes_max} bytes are accepted.");
                (Status::PayloadTooLarge, "too_large", sentence.into())
            }
            Self::Rejected(rejection) => (rejection_status(rejection), rejection.code(), rejection.reason().into()),
            Self::Access(refusal) => {
                (access_status(refusal), "refused", format!("{}.", format::capitalized(&refusal.to_string())).into())
            }
            Self::Busy => {
                let sentence = "Too many passwords are being checked just now. Try again in a moment.";
                (Status::ServiceUnavailable, "busy", sentence.into())
            }
            Self::Overloaded => (Status::ServiceUnavailable, "busy", OVERLOADED.into()),
            Self::TimedOut => (Status::ServiceUnavailable, "late", TIMED_OUT.into()),
            Self::SignedOut => {
                let sentence = "Sign in first, or send a token: Authorization: Bearer.";
                (Status::Unauthorized, "signed_out", sentence.into())
            }
            Self::Forbidden { name, has, needed, is_token: true } => {
                let (has, needed) = (Scope::of(*has), Scope::of(*needed));
                let sentence = format!(
                    "{name} has the scope {has}, and this needs the scope {needed}. Nothing was changed. A scope never \
                     changes: use another token."
                );
                (Status::Forbidden, "forbidden", sentence.into())
            }
            Self::Forbidden { name, has, needed, is_token: false } => {
                let sentence = format!(
                    "{name} has the role {has}, and this needs the role {needed}. Nothing was changed. An admin can give it."
                );
                (Status::Forbidden, "forbidden", sentence.into())
            }
            Self::NoSecondFactor => {
                let sentence = "Set up a second factor first, on your account page.";
                (Status::Forbidden, "no_second_factor", sentence.into())
            }
            Self::ForeignOrigin => (Status::Forbidden, "foreign_origin", FOREIGN_ORIGIN.into()),
            Self::WrongToken => (Status::Forbidden, "wrong_token", WRONG_TOKEN.into()),
            Self::WrongHost => (Status::Forbidden, "wrong_host", WRONG_HOST.into()),
            Self::UnknownHost => (Status::MisdirectedRequest, "unknown_host", UNKNOWN_HOST.into()),
            Self::Limited(limited) => {
                let wait = format::count(limited.wait_s, "second");
                let sentence = format!(
                    "That was too many in a short time: {} at once are allowed. Try again in {wait}.",
                    limited.limit
                );
                (Status::TooManyRequests, "too_many", sentence.into())
            }
            Self::Store(error) | Self::Change(error) if error.is_unavailable() => {
                (Status::ServiceUnavailable, "unavailable", unavailable(error, true).into())
            }
            Self::Internal | Self::Store(_) | Self::Change(_) | Self::Secret(_) => {
                (Status::InternalServerError, "internal", OUR_FAULT.into())
            }
        }
    }

    pub fn status(&self) -> Status {
        self.describe().0
    }

    /// The code in JSON answers.
    pub fn code(&self) -> &'static str {
        self.describe().1
    }

    /// The sentence for the user. `writes` tells whether the request was to change something.
    pub fn sentence(&self, writes: bool) -> Cow<'_, str> {
        match self {
            Self::Store(error) if error.is_unavailable() => unavailable(error, writes).into(),
            _ => self.describe().2,
        }
    }

    pub fn log(&self) {
        match self {
            Self::Secret(cause) => error!(%cause, "request failed"),
            Self::Store(cause) => error!(%cause, "request failed"),
            _ => {}
        }
    }
}

fn access_status(refusal: &access::Refusal) -> Status {
    use access::Refusal;
    match refusal {
        Refusal::UnknownUser(_) | Refusal::UnknownSession | Refusal::UnknownToken | Refusal::NoSecondFactor(_) => {
            Status::NotFound
        }
        Refusal::NameTaken(_) | Refusal::LastAdmin(_) | Refusal::Stale(_) | Refusal::NoPasswordHere(_) => {
            Status::Conflict
        }
        Refusal::AmbiguousToken(_) | Refusal::Label | Refusal::Ended | Refusal::TooMany(_) => {
            Status::UnprocessableEntity
        }
        Refusal::NoGroup | Refusal::NotLinked(_) | Refusal::NotAdded | Refusal::Disabled => Status::Forbidden,
        Refusal::DeadLink => Status::Gone,
    }
}

/// The sentence for a store that cannot be used at the moment.
fn unavailable(error: &StoreError, writes: bool) -> &'static str {
    match error {
        StoreError::InDoubt(_) => IN_DOUBT,
        StoreError::Unreachable(_) | StoreError::Refused(_) | StoreError::Newer { .. } if writes => NO_DATABASE,
        StoreError::Unreachable(_) | StoreError::Refused(_) | StoreError::Newer { .. } => NO_DATABASE_TO_READ,
        _ if writes => UNAVAILABLE,
        _ => UNREADABLE,
    }
}

/// 404 for a missing record, 409 for a record in another state than the request assumes, 422 for a rule that refuses.
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
        | Rejection::NoConflict(_)
        | Rejection::OtherConflicts(_)
        | Rejection::KeyReused
        | Rejection::SentBefore(_)
        | Rejection::NotTradable(_)
        | Rejection::NotASupervisor(_)
        | Rejection::AlreadyScheduled(_)
        | Rejection::NotScheduled(_) => Status::Conflict,
        Rejection::Staff(refusal) if refusal.is_conflict() => Status::Conflict,
        Rejection::Several(refusals) if refusals.iter().any(|one| matches!(one.why, Rejection::Stale { .. })) => {
            Status::Conflict
        }
        Rejection::Proposal(problem) => match problem {
            Problem::Unknown => Status::NotFound,
            Problem::Accepted | Problem::SplitsPair { .. } | Problem::RotationChanged | Problem::NoException { .. } => {
                Status::Conflict
            }
            _ => Status::UnprocessableEntity,
        },
        Rejection::Several(_)
        | Rejection::Staff(_)
        | Rejection::NothingChosen
        | Rejection::TooMany { .. }
        | Rejection::OutOfCalendar(_)
        | Rejection::SkippedTime { .. }
        | Rejection::OtherDate { .. }
        | Rejection::Refused { .. } => Status::UnprocessableEntity,
    }
}

/// The error of a guard, until a catcher answers.
#[derive(Debug, Default)]
struct Denied(OnceLock<Failure>);

/// Records the error of a guard, so that the catcher can answer with it. A request keeps the first one.
pub fn deny(request: &Request<'_>, failure: Failure) -> (Status, Failure) {
    let _ = request.local_cache(Denied::default).0.set(failure.clone());
    (failure.status(), failure)
}

/// The error that a guard or a timeout recorded, or that there is no team.
pub fn denied(request: &Request<'_>) -> Option<Failure> {
    let recorded = request.local_cache(Denied::default).0.get().cloned();
    recorded.or_else(|| team::context(request).is_none().then_some(Failure::UnknownHost))
}

/// The state of a quota after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Requests allowed at once.
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until all are available again.
    pub reset_s: u64,
    /// Seconds until the next one is available; 0 while some remain.
    pub wait_s: u64,
}

/// An error of an API request, answered as JSON.
#[derive(Debug)]
pub struct CallFailure(pub Failure);

impl<E: Into<Failure>> From<E> for CallFailure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}
