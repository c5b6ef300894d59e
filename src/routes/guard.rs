//! Rights as types: a handler that takes one of these has it granted.
//!
//! `Viewer` reads, `Scheduler` changes events, `Admin` has people, users, imports, settings and backups. Each knows who
//! it is: `who()` for a page, `origin()` for the audit.

use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};

use super::request_id::RequestId;
use crate::{
    config::SignIn,
    context::Context,
    domain::{
        audit::{Origin, Source},
        user::Role,
    },
};

/// Somebody who asks, as far as the server knows them.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As the audit names them.
    pub name: String,
    pub role: Role,
}

/// How the audit names somebody who did not sign in.
const NOBODY: &str = "somebody (no sign-in)";

impl Caller {
    /// Who sends a request; none if nobody is signed in.
    fn of(request: &Request<'_>) -> Option<Self> {
        match request.rocket().state::<Context>()?.config.sign_in {
            SignIn::None => Some(Self { name: NOBODY.to_owned(), role: Role::Admin }),
        }
    }
}

/// Declares a right: a role at least, and who has it.
macro_rules! right {
    ($(#[$doc:meta])* $name:ident, $role:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[allow(dead_code, reason = "not every right is asked for everything yet")]
        pub struct $name {
            caller: Caller,
            request_id: RequestId,
        }

        #[allow(dead_code, reason = "not every right is asked for everything yet")]
        impl $name {
            /// Who it is.
            pub fn who(&self) -> &Caller {
                &self.caller
            }

            /// What the audit says of something that this person does now.
            pub fn origin(&self, source: Source, context: &Context) -> Origin {
                let (who, request_id) = (self.caller.name.clone(), self.request_id.0.clone());
                Origin { who, source, request_id, at: context.clock.now() }
            }
        }

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $name {
            type Error = std::convert::Infallible;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
                match Caller::of(request).filter(|caller| caller.role >= $role) {
                    Some(caller) => Outcome::Success(Self { caller, request_id: RequestId::of(request) }),
                    None => Outcome::Forward(Status::Forbidden),
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
