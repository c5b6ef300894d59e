//! Hashing passwords: slow on purpose, so away from the async threads, and only a few at once.

use std::{sync::Arc, time::Duration};

use rocket::tokio::{sync::Semaphore, task, time};

use crate::{
    domain::user::{PasswordHash, User},
    secret::{self, SecretError},
};

/// Passwords hashed at once: each takes a core for a moment, and 19 MiB.
const AT_ONCE_MAX: usize = 2;
/// How long one may wait for its turn, in seconds.
const WAIT_SECONDS_MAX: u64 = 5;

/// The turns.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE_MAX)))
    }
}

/// What a look at a password says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Right,
    Wrong,
    /// Too many wait.
    Busy,
}

impl Passwords {
    /// Whether a password is that of a user. It takes as long for nobody, and for who has none.
    pub async fn check(&self, password: String, user: Option<&User>) -> Checked {
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

    async fn turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let wait = Duration::from_secs(WAIT_SECONDS_MAX);
        let turn = time::timeout(wait, Arc::clone(&self.0).acquire_owned()).await.ok()?.ok()?;
        let done = task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.ok()
    }
}
