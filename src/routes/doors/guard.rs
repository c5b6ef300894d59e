//! Rights as types: a handler that takes one of these has it granted.
//!
//! `Viewer` reads, `Scheduler` changes events, `Admin` has people, users, imports, settings and backups. Each knows who
//! it is: `who()` for a page, `origin()` for the audit.

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use super::{
    caller::{Caller, admit},
    denied::Denied,
};
use crate::{
    context::Context,
    domain::{
        audit::{Origin, Source},
        user::Role,
    },
    routes::request_id::RequestId,
};

/// Declares a right: a role at least, and who has it.
macro_rules! right {
    ($(#[$doc:meta])* $name:ident, $role:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[allow(dead_code, reason = "not every right is asked for everything")]
        pub struct $name {
            caller: Caller,
            request_id: RequestId,
        }

        #[allow(dead_code, reason = "not every right is asked for everything")]
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
            type Error = Denied;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denied> {
                match admit(request, $role).await {
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
