//! Confirmation of a session by a password or code, before actions that give access to others.
//!
//! A session that was confirmed in the last [`CONFIRMED_MINUTES`](crate::domain::user::access::CONFIRMED_MINUTES) needs none.
//! Its forms have no field for it; those of other sessions do. The action takes a [`Confirmed`], which only
//! [`SensitiveRequest::confirm`] makes.

use std::borrow::Cow;

use rocket::{
    Request,
    outcome::try_outcome,
    request::{FromRequest, Outcome},
};

use crate::{
    context::Context,
    domain::{
        audit::{Action, Origin},
        user::{User, second_factor},
    },
    routes::{
        auth::{
            authenticate::AuthMethod,
            csrf_form::CsrfVerified,
            state::{Attempt, AuthState, Checked},
            visitor::Visitor,
        },
        http::error::{Failure, Limited},
        pages::accounts::{sign_in, user_record},
        render::Refused,
    },
    services::accounts,
    views::{
        FormKeys,
        components::{
            alert::{FieldError, Problem},
            form_tokens::confirmation_id,
        },
    },
};

/// Proof that the user confirmed the session a short while ago.
#[derive(Clone, Copy, Debug)]
pub struct Confirmed(());

/// A request for an action that needs a confirmed session, or for another one about an account.
#[derive(Debug)]
pub struct SensitiveRequest<'r> {
    pub visit: Visitor,
    pub keys: FormKeys,
    pub auth: &'r AuthState,
    pub context: &'r Context,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SensitiveRequest<'r> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let visit = try_outcome!(request.guard().await.map_error(|(status, _)| (status, ())));
        let keys = try_outcome!(request.guard().await.map_error(|(status, _)| (status, ())));
        let auth: &AuthState = try_outcome!(request.guard().await.map_error(|(status, _)| (status, ())));
        let context: &Context = try_outcome!(request.guard().await.map_error(|(status, _)| (status, ())));
        Outcome::Success(Self { visit, keys, auth, context })
    }
}

impl SensitiveRequest<'_> {
    /// Requires a confirmed session for an action. `given` is the field of the form `part`, and has the error of a refusal.
    pub async fn confirm(
        &self,
        action: Action,
        (part, given): (&str, &str),
        proof: CsrfVerified,
    ) -> Result<Confirmed, Refused> {
        let Self { visit, auth, context, .. } = self;
        let now = context.clock.now();
        let Some(caller) = &visit.caller else { return Err(Failure::SignedOut.into()) };
        let (AuthMethod::Session { user, digest, .. }, false) = (&caller.method, caller.is_confirmed(now)) else {
            return Ok(Confirmed(()));
        };
        let unconfirmed = |message: &str| Err(Refused::field(confirmation_id(part), message));
        let wanted = user.clone();
        let (user, _) = context.store.run(move |store| user_record(store, &wanted)).await?;
        if user.password.is_none() && user.second_factor.is_none() {
            // There is nothing to ask for. Signing in through the provider again confirms.
            if user.identity.is_none() {
                return Ok(Confirmed(()));
            }
            return unconfirmed("Sign out and in again to do this: your last sign-in is too long ago.");
        }
        if given.trim().is_empty() {
            return unconfirmed("Enter your password to do this.");
        }
        let origin = visit.origin(&caller.name, proof, context);
        let name = user.name.as_str();
        let attempt = Attempt { action, name, user: Some(&user), given, ip: visit.ip, from: &visit.from, origin };
        let is_code = user.second_factor.is_some() && second_factor::is_app_code(given);
        let checked = if is_code {
            auth.check_code(attempt, context).await?
        } else {
            auth.check_password(attempt, context).await?
        };
        match checked {
            Checked::Right => {
                let digest = *digest;
                context.store.run(move |store| accounts::confirm(store, digest, now)).await?;
                Ok(Confirmed(()))
            }
            Checked::Wrong if is_code => unconfirmed("That code is wrong or was used."),
            Checked::Wrong => unconfirmed("That is not your password."),
            Checked::Busy => Err(Failure::Busy.into()),
            Checked::Limited(limited) => Err(too_many(confirmation_id(part), limited)),
        }
    }

    /// Requires the current password, also of a confirmed session, so that an unattended browser cannot be used to lock out
    /// its owner. `given` is the field `current`.
    pub async fn confirm_by_password(&self, user: &User, given: &str, origin: Origin) -> Result<Confirmed, Refused> {
        let Self { visit, auth, context, .. } = self;
        let (action, name) = (Action::SetPassword, user.name.as_str());
        let attempt = Attempt { action, name, user: Some(user), given, ip: visit.ip, from: &visit.from, origin };
        match auth.check_password(attempt, context).await? {
            Checked::Right => Ok(Confirmed(())),
            Checked::Wrong => Err(Refused::field("current", "That is not your current password.")),
            Checked::Busy => Err(Failure::Busy.into()),
            Checked::Limited(limited) => Err(too_many("current", limited)),
        }
    }
}

fn too_many(field: impl Into<Cow<'static, str>>, limited: Limited) -> Refused {
    let error = FieldError { name: field.into(), message: sign_in::too_many(limited) };
    Refused::limited(Problem::Fields(vec![error]), limited)
}
