//! Rights as types: a handler that takes one of these has it granted.
//!
//! `Viewer` reads, `Scheduler` changes events, `Admin` has people, users, imports, settings and backups. Each knows who
//! it is: `who()` for a page, `origin()` for the audit. Nothing is written without an origin, and there is none without
//! what [`CsrfVerified`] proves: a handler that forgets to check where a form comes from does not compile.

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::{
    context::Context,
    domain::{audit::Origin, user::Role},
    routes::{
        auth::{
            authenticate::{Caller, authorize},
            csrf_form::CsrfVerified,
            limiter::Client,
            rate_limit,
        },
        http::{
            error::{Failure, deny},
            request_id::RequestId,
        },
    },
};

/// Whoever it is: for what asks for no sign-in. Counted by address.
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

/// Declares a right: a role at least, and who has it.
macro_rules! right {
    ($(#[$doc:meta])* $name:ident, $role:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            caller: Caller,
            request_id: RequestId,
        }

        impl $name {
            /// Who it is.
            pub fn who(&self) -> &Caller {
                &self.caller
            }

            /// What the audit says of something that this person asked for.
            pub fn origin(&self, proof: CsrfVerified, context: &Context) -> Origin {
                let (who, request_id) = (self.caller.name.clone(), self.request_id.0.clone());
                Origin { who, source: proof.source(), request_id, at: context.clock.now() }
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

right!(
    /// Somebody who may read.
    Viewer,
    Role::Viewer
);
right!(
    /// Somebody who may change events.
    Scheduler,
    Role::Scheduler
);
right!(
    /// Somebody who may change people, users and settings, import, and take a backup.
    Admin,
    Role::Admin
);
