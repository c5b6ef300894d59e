//! State of authentication: form tokens, rate limits and password checks.

use std::{io, net::IpAddr};

use rocket::{
    Request,
    fairing::{AdHoc, Fairing},
};
use tracing::{error, info};

use crate::{
    context::{Context, PerTeam, Teams},
    domain::{
        audit::{Action, Origin},
        user::{PASSWORD_CHARS_MAX, User, UserName, access::Digest},
    },
    routes::{
        auth::{limiter::Limiter, password_hash::Passwords},
        http::{
            error::Limited,
            team::{self, of_team},
        },
    },
    services::accounts,
    store::StoreError,
};

/// State of authentication, one per team.
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

/// A password or code that a client gives.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The action that it is given for.
    pub action: Action,
    /// The user name as given.
    pub name: &'a str,
    /// The user of that name, if there is one.
    pub user: Option<&'a User>,
    pub given: &'a str,
    /// The client's address, for rate limits.
    pub ip: Option<IpAddr>,
    /// The client's address, for people.
    pub from: &'a str,
    pub origin: Origin,
}

of_team!(AuthState);

impl AuthState {
    pub fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        team::state(request)
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

    /// Counts an attempt against the limits of its address and its name.
    pub fn count_attempt(&self, kind: &str, ip: Option<IpAddr>, name: &str) -> Result<(), Limited> {
        self.limiter().map_or(Ok(()), |limiter| limiter.count_attempt(kind, ip, name))
    }

    /// Counts a mail that a stranger has sent to a user. False if there were too many.
    pub fn may_mail(&self, user: &UserName) -> bool {
        self.limiter().is_none_or(|limiter| limiter.count_name("mail", user.as_str()).is_ok())
    }

    /// Checks a code of the second factor and uses it up. This is the only way: it counts the attempt by address and by name
    /// and audits a wrong code.
    pub async fn check_code(&self, attempt: Attempt<'_>, context: &Context) -> Result<Checked, StoreError> {
        let Attempt { action, name, user, given, ip, from, origin } = attempt;
        if let Err(limited) = self.count_attempt("code", ip, name) {
            return Ok(Checked::Limited(limited));
        }
        let Some(user) = user.map(|user| user.name.clone()) else { return Ok(Checked::Wrong) };
        let (code, from): (String, _) = (given.chars().take(PASSWORD_CHARS_MAX).collect(), from.to_owned());
        let used = move |store: &_| accounts::use_code(store, action, &user, &code, &from, &origin);
        if context.store.run(used).await? {
            return Ok(Checked::Right);
        }
        info!(action = action.slug(), "wrong code");
        Ok(Checked::Wrong)
    }

    /// Checks a password. This is the only way: it counts the attempt by address and by name and audits a wrong password.
    /// The check takes as long for an unknown name.
    ///
    /// # Errors
    /// If a wrong password cannot be audited.
    pub async fn check_password(&self, attempt: Attempt<'_>, context: &Context) -> Result<Checked, StoreError> {
        let Attempt { action, name, user, given, ip, from, origin } = attempt;
        if let Err(limited) = self.count_attempt("password", ip, name) {
            return Ok(Checked::Limited(limited));
        }
        let password: String = given.chars().take(PASSWORD_CHARS_MAX + 1).collect();
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

/// Manages the state. The server does not start without the secret key of each data folder.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("authentication", |rocket| async {
        let passwords = Passwords::default();
        let made = rocket.state::<Teams>().map(|teams| {
            PerTeam::try_new(teams, |context| {
                let limiter = context.config.access.rates.as_ref().map(Limiter::new);
                Ok::<_, io::Error>(AuthState { secret: secret(context)?, limiter, passwords: passwords.clone() })
            })
        });
        match made {
            Some(Ok(states)) => Ok(rocket.manage(states)),
            Some(Err(error)) => {
                error!(%error, "the secret key of a data folder cannot be read or made");
                Err(rocket)
            }
            None => Err(rocket),
        }
    })
}

/// The seed of form tokens. Teams may share a configured key.
fn secret(context: &Context) -> io::Result<String> {
    match (&context.config.access.secret_key, &context.config.team) {
        (Some(key), Some(team)) => Ok(format!("{} {}", team.name, key.reveal())),
        (Some(key), None) => Ok(key.reveal().to_owned()),
        (None, _) => context.store.blocking().secret(),
    }
}
