//! State of authentication: form tokens, rate limits and password checks.

use std::{net::IpAddr, sync::Arc};

use rocket::{
    Request,
    fairing::{AdHoc, Fairing},
};
use tracing::{error, info};

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        change::Action,
        user::{PASSWORD_CHARS_MAX, User, access::Digest},
    },
    routes::auth::{
        limiter::{Limited, Limiter},
        password_hash::Passwords,
    },
    services::accounts,
    store::StoreError,
};

/// State of authentication, one per server.
pub struct AuthState {
    /// Seed of the form tokens of requests without a session.
    secret: String,
    limiter: Option<Limiter>,
    passwords: Passwords,
}

impl std::fmt::Debug for AuthState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthState").finish_non_exhaustive()
    }
}

/// The result of a password check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Right,
    Wrong,
    /// Too many checks wait.
    Busy,
    /// Too many attempts; the password was not checked.
    Limited(Limited),
}

/// A password that a client gives.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The action that the password is given for.
    pub action: Action,
    /// The user name as given.
    pub name: &'a str,
    /// The user of that name, if there is one.
    pub user: Option<&'a User>,
    pub password: &'a str,
    /// The client's address, for rate limits.
    pub ip: Option<IpAddr>,
    /// The client's address, for people.
    pub from: &'a str,
    pub origin: Origin,
}

impl AuthState {
    pub fn of<'r>(request: &'r Request<'_>) -> Option<&'r Arc<Self>> {
        request.rocket().state()
    }

    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// The rate limits; none if they are off.
    pub(super) fn limiter(&self) -> Option<&Limiter> {
        self.limiter.as_ref()
    }

    /// The form token of a request without a session.
    pub fn anonymous_form_token(&self) -> String {
        form_token_of(&self.secret)
    }

    /// Checks a password. This is the only way: it counts the attempt by address and by name and audits a wrong password.
    /// The check takes as long for an unknown name.
    ///
    /// # Errors
    /// If a wrong password cannot be audited.
    pub async fn check_password(&self, attempt: Attempt<'_>, context: &Context) -> Result<Checked, StoreError> {
        let Attempt { action, name, user, password, ip, from, origin } = attempt;
        if let Some(Err(limited)) = self.limiter().map(|limiter| limiter.count_password(ip, name)) {
            return Ok(Checked::Limited(limited));
        }
        let password: String = password.chars().take(PASSWORD_CHARS_MAX + 1).collect();
        match self.passwords.check(password, user).await {
            Some(true) => return Ok(Checked::Right),
            Some(false) => {}
            None => return Ok(Checked::Busy),
        }
        let (known, from) = (user.map(|user| user.name.clone()), from.to_owned());
        info!(from, known = known.is_some(), action = action.slug(), "wrong password");
        let audit = move |store: &_| accounts::failed(store, action, known.as_ref(), &from, &origin);
        context.store.run(audit).await?;
        Ok(Checked::Wrong)
    }
}

/// The form token of a session token. It cannot be computed without the session token and does not reveal it.
pub fn form_token_of(token: &str) -> String {
    hex::encode(Digest::of(&format!("tandem form {token}")).0)
}

/// Manages the state. The server does not start without the secret key of the data folder.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("authentication", |rocket| async {
        let Some(context) = rocket.state::<Context>() else { return Err(rocket) };
        let secret = match &context.config.access.secret_key {
            Some(configured) => Ok(configured.reveal().to_owned()),
            None => context.store.blocking().secret(),
        };
        let secret = match secret {
            Ok(secret) => secret,
            Err(error) => {
                error!(%error, "the secret key of the data folder cannot be read or made");
                return Err(rocket);
            }
        };
        let limiter = context.config.access.rates.as_ref().map(Limiter::new);
        Ok(rocket.manage(Arc::new(AuthState { secret, limiter, passwords: Passwords::default() })))
    })
}
