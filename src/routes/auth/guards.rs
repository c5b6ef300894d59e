//! Role guards: a handler that takes one runs only for callers with that role.
//!
//! `Viewer` reads, `Scheduler` changes events, `Admin` manages employees, users, imports, settings and backups. `who()` is
//! the caller for a page and `origin()` for the audit. Every write needs an origin, and an origin needs a [`CsrfVerified`]:
//! a handler that does not check for CSRF does not compile.

use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};

use crate::{
    context::Context,
    domain::{
        audit::{Origin, Source},
        user::Role,
    },
    routes::{
        auth::{
            authenticate::{AuthMethod, Caller, authorize},
            csrf_form::CsrfVerified,
            csrf_origin,
            limiter::Client,
            rate_limit,
        },
        http::{
            error::{Failure, deny},
            request_id::RequestId,
        },
    },
};

/// Any client. Requests are counted by address.
#[derive(Debug)]
pub struct Anonymous;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Anonymous {
    type Error = Failure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
        match rate_limit::count(request, &Client::at(request.client_ip()), false) {
            Ok(()) => Outcome::Success(Self),
            Err(failure) => Outcome::Error(deny(request, failure)),
        }
    }
}

/// A client on this machine. A request that a proxy forwards comes from elsewhere.
#[derive(Debug)]
pub struct SameMachine;

const PROXY_HEADERS: [&str; 4] = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SameMachine {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let local = request.remote().is_none_or(|remote| remote.ip().to_canonical().is_loopback());
        let configured = request.rocket().config().ip_header.as_ref().map(AsRef::as_ref);
        let proxied = PROXY_HEADERS.into_iter().chain(configured).any(|name| request.headers().contains(name));
        // A page of another site whose name resolves to this machine (DNS rebinding) sends its own name as `Host`.
        let own_host = csrf_origin::check_host(request).is_ok();
        if local && !proxied && own_host { Outcome::Success(Self) } else { Outcome::Forward(Status::NotFound) }
    }
}

/// Who takes a file. Taking one changes nothing, so there is no form to check; only its audit entry is written with this.
#[derive(Debug)]
pub struct Reading(pub(super) Origin);

/// Declares a guard for a role.
macro_rules! role_guard {
    ($(#[$doc:meta])* $name:ident, $role:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            caller: Caller,
            request_id: RequestId,
        }

        impl $name {
            pub fn who(&self) -> &Caller {
                &self.caller
            }

            /// The origin of a change by this caller, for the audit.
            pub fn origin(&self, proof: CsrfVerified, context: &Context) -> Origin {
                self.origin_of(proof.source(), context)
            }

            /// Names the reader in the audit entry of a file that is taken.
            pub fn reading(&self, context: &Context) -> Reading {
                let source = match self.caller.method {
                    AuthMethod::Token(_) => Source::Call,
                    AuthMethod::Open | AuthMethod::Session { .. } => Source::Page,
                };
                Reading(self.origin_of(source, context))
            }

            fn origin_of(&self, source: Source, context: &Context) -> Origin {
                let (who, token) = (self.caller.name.clone(), self.caller.token());
                Origin { who, token, source, request_id: self.request_id.0.clone(), at: context.clock.now() }
            }
        }

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $name {
            type Error = Failure;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
                match authorize(request, $role).await {
                    Ok(caller) => Outcome::Success(Self { caller, request_id: RequestId::of(request) }),
                    Err(denied) => Outcome::Error(denied),
                }
            }
        }
    };
}

role_guard!(
    /// A caller who may read.
    Viewer,
    Role::Viewer
);
role_guard!(
    /// A caller who may change events.
    Scheduler,
    Role::Scheduler
);
role_guard!(
    /// A caller who may change employees, users and settings, import, and back up.
    Admin,
    Role::Admin
);
