//! Hashing passwords: slow on purpose, so away from the async threads, and only a few at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rocket::tokio::{sync::Semaphore, task, time};

use crate::{
    domain::user::{PasswordHash, User},
    secret::{self, SecretError},
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
