//! Why somebody is not let in, and the one place where that becomes an answer.

use std::sync::OnceLock;

use rocket::{
    Request, Response,
    fairing::{AdHoc, Fairing},
    http::{Header, Status},
    response::{self, Redirect, Responder},
};

use crate::{
    domain::{format, user::Role},
    routes::{
        api::reply::JsonError,
        auth::{
            authenticate,
            csrf_form::FormBody,
            form_tokens,
            rate_limit::{self, Limited},
            redirect_target,
        },
        http::{
            self,
            error::{self, CROWDED, OUR_FAULT},
            reply::Reply,
            request_id::RequestId,
        },
    },
    views::{components, urls},
};

/// Why a request goes no further.
#[derive(Clone, Debug)]
pub enum AuthError {
    /// Nobody is signed in, or not any more.
    SignedOut,
    /// Somebody is, whose role is too low.
    Role { name: String, has: Role, needed: Role },
    /// The form or call came from another site's page.
    Origin,
    /// It carries no token of its session, or that of an earlier one.
    Token,
    /// It is for another host.
    Host,
    /// Too many in a time.
    Limited(Limited),
    /// It did not come whole in time.
    Slow,
    /// Too many others ask.
    Overloaded,
    /// We took too long for an answer.
    TimedOut,
    /// Our own fault; the log has it.
    Fault,
}

impl AuthError {
    pub fn status(&self) -> Status {
        match self {
            Self::SignedOut => Status::Unauthorized,
            Self::Role { .. } | Self::Origin | Self::Token | Self::Host => Status::Forbidden,
            Self::Limited(_) => Status::TooManyRequests,
            Self::Slow => Status::RequestTimeout,
            Self::Overloaded | Self::TimedOut => Status::ServiceUnavailable,
            Self::Fault => Status::InternalServerError,
        }
    }

    /// The answer to a denied API request.
    pub fn to_json(&self, request: &Request<'_>) -> JsonError {
        let error = JsonError::new(request, self.status(), &self.sentence(), self.code());
        match self {
            Self::SignedOut => error.with_header("WWW-Authenticate", "Bearer realm=\"tandem\"".to_owned()),
            _ => error,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Role { .. } => "forbidden",
            Self::Origin => "foreign_origin",
            Self::Token => "wrong_token",
            Self::Host => "wrong_host",
            Self::Limited(_) => "too_many",
            Self::Slow => "too_slow",
            Self::Overloaded => "busy",
            Self::TimedOut => "late",
            Self::Fault => "internal",
        }
    }

    /// The sentence on a page. The API has its own for requests over a limit.
    fn page_sentence(&self, is_change: bool) -> String {
        match self {
            Self::Limited(limited) => format!(
                "Too many {}. Try again in {}.",
                if is_change { "changes" } else { "requests" },
                format::count(limited.wait_s, "second")
            ),
            other => other.sentence(),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::SignedOut => "Sign in first, or send a token: Authorization: Bearer.".to_owned(),
            Self::Role { name, has, needed } => format!(
                "{name} has the role {has}, and this needs the role {needed}. Nothing was changed. An admin can give it."
            ),
            Self::Origin => {
                "This came from another site's page, so nothing was done. If you sent it from Tandem itself, \
                 the server's public_url is not the address in your browser: tell whoever runs it."
                    .to_owned()
            }
            Self::Token => {
                "This form belongs to a sign-in that has ended, so nothing was done. Open it again and send \
                 it once more; a call from a page sends the form's token as X-CSRF-Token."
                    .to_owned()
            }
            Self::Host => "Without sign-in, only addresses of this machine are served: use http://127.0.0.1 or \
                 http://localhost."
                .to_owned(),
            Self::Limited(limited) => format!(
                "That was too many in a short time: {} at once are allowed. Try again in {}.",
                limited.limit,
                format::count(limited.wait_s, "second")
            ),
            Self::Slow => "It took too long to arrive, so nothing was done. Send it again.".to_owned(),
            Self::Overloaded => CROWDED.to_owned(),
            Self::TimedOut => {
                "This took too long, so the answer was given up. If it was a change, it may still be made: look \
                 before you send it again."
                    .to_owned()
            }
            Self::Fault => OUR_FAULT.to_owned(),
        }
    }
}

/// What was denied, on its way from a guard to the catcher.
#[derive(Debug, Default)]
struct Slot(OnceLock<AuthError>);

pub fn remember(request: &Request<'_>, denied: AuthError) {
    // A request is denied once.
    let _ = request.local_cache(Slot::default).0.set(denied);
}

/// What was denied of a request, if anything was.
pub fn of(request: &Request<'_>) -> Option<AuthError> {
    request.local_cache(Slot::default).0.get().cloned()
}

/// Says in every answer how near its limit is.
pub fn stage() -> impl Fairing {
    AdHoc::on_response("limits", |request, response| {
        Box::pin(async move { rate_limit::set_headers(request, response) })
    })
}

/// A page that is denied.
impl<'r> Responder<'r, 'static> for AuthError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if let Self::SignedOut = self {
            return sign_in_first(request);
        }
        let sentence = self.page_sentence(authenticate::writes(request));
        if let Self::Limited(limited) = self
            && let Some(kept) = FormBody::of(request)
        {
            let path = request.uri().path().as_str();
            let page = components::rate_limited::page(
                &sentence,
                path,
                &kept.fields,
                &form_tokens::of(request),
                limited.wait_s,
            );
            return Reply::page(page).status(self.status()).respond_to(request);
        }
        error::error_page(self.status(), &sentence, &RequestId::of(request)).respond_to(request)
    }
}

/// Leads to the sign-in page, and back afterwards.
fn sign_in_first(request: &Request<'_>) -> response::Result<'static> {
    let header = |name| request.headers().get_one(name).map(path_of);
    let here = || request.uri().to_string();
    let back = match (http::reply::wants_fragment(request), authenticate::writes(request)) {
        (true, _) => header("HX-Current-URL"),
        (false, true) => header("Referer"),
        (false, false) => Some(here()),
    };
    let to = urls::sign_in(&redirect_target::own_path(&back.unwrap_or_default()));
    if http::reply::wants_fragment(request) {
        return Response::build().status(Status::Ok).header(Header::new("HX-Redirect", to)).ok();
    }
    Redirect::to(to).respond_to(request)
}

/// The path of an address of ours: `http://127.0.0.1:8000/activity` has `/activity`.
fn path_of(address: &str) -> String {
    let after_host = address.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    after_host.unwrap_or_default()
}
