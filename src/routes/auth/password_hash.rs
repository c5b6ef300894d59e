//! Passwords: hashed slowly on purpose, so away from the async threads, and only a few at once.
//!
//! Rule of this file: there is one way to ask whether a password is right, [`AuthState::check_password`]. It counts the attempt
//! by address and by name and audits a wrong one, whatever the password is given for.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rocket::tokio::{sync::Semaphore, task, time};
use tracing::info;

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        change::Action,
        user::{PASSWORD_CHARS_MAX, PasswordHash, User},
    },
    routes::auth::{AuthState, rate_limit::Limited},
    secret::{self, SecretError},
    services::accounts,
    store::StoreError,
};

/// Passwords hashed at once: each takes a core for a moment, and 19 MiB.
const AT_ONCE_MAX: usize = 2;
/// How long one may wait for its turn, in seconds.
const WAIT_SECONDS_MAX: u64 = 5;

/// The turns, and how many were taken.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    taken: Arc<AtomicU64>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE_MAX)), taken: Arc::default() }
    }
}

/// What a look at a password says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Right,
    Wrong,
    /// Too many wait.
    Busy,
    /// There were too many attempts; it was not looked at.
    Limited(Limited),
}

/// A password that somebody gives.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// What it is given for.
    pub action: Action,
    /// Whose it should be, as typed.
    pub name: &'a str,
    /// None if nobody has that name.
    pub user: Option<&'a User>,
    pub password: &'a str,
    /// Where from, for limits and for people.
    pub ip: Option<IpAddr>,
    pub from: &'a str,
    pub origin: Origin,
}

impl AuthState {
    /// Whether a password is right. It takes as long for a name that nobody has.
    ///
    /// # Errors
    /// If a wrong one cannot be audited.
    pub async fn check_password(&self, attempt: Attempt<'_>, context: &Context) -> Result<Checked, StoreError> {
        let Attempt { action, name, user, password, ip, from, origin } = attempt;
        if let Some(Err(limited)) = self.governor.as_ref().map(|governor| governor.count_password(ip, name)) {
            return Ok(Checked::Limited(limited));
        }
        let password: String = password.chars().take(PASSWORD_CHARS_MAX + 1).collect();
        let checked = self.passwords.check(password, user).await;
        if checked == Checked::Wrong {
            let (known, from) = (user.map(|user| user.name.clone()), from.to_owned());
            info!(from, known = known.is_some(), action = action.slug(), "a wrong password");
            let audited = move |store: &_| accounts::failed(store, action, known.as_ref(), &from, &origin);
            context.store.run(audited).await?;
        }
        Ok(checked)
    }
}

impl Passwords {
    /// Whether a password is that of a user. It takes as long for nobody, and for who has none.
    async fn check(&self, password: String, user: Option<&User>) -> Checked {
        let hash = user.and_then(|user| user.password.clone());
        let may = user.is_some_and(|user| user.active);
        match self.turn(move || secret::is_password(&password, hash.as_ref())).await {
            Some(true) if may => Checked::Right,
            Some(_) => Checked::Wrong,
            None => Checked::Busy,
        }
    }

    /// Hashes a new password; none if too many wait.
    ///
    /// # Errors
    /// If the machine gives no random numbers, or no memory.
    pub async fn hash(&self, password: String) -> Result<Option<PasswordHash>, SecretError> {
        self.turn(move || secret::hash(&password)).await.transpose()
    }

    /// How many passwords were hashed since the start: each costs the same.
    pub fn hashed(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    async fn turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let wait = Duration::from_secs(WAIT_SECONDS_MAX);
        let turn = time::timeout(wait, Arc::clone(&self.turns).acquire_owned()).await.ok()?.ok()?;
        self.taken.fetch_add(1, Ordering::Relaxed);
        let done = task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.ok()
    }
}
