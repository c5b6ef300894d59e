//! Password hashing: slow on purpose, so on blocking threads, and only a few at a time.

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
/// Longest wait for a permit, in seconds.
const WAIT_SECONDS_MAX: u64 = 5;

/// Permits to hash, and the number of passwords hashed so far.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    hashed: Arc<AtomicU64>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE_MAX)), hashed: Arc::default() }
    }
}

impl Passwords {
    /// True if a password is that of an active user; none if too many wait. It takes as long without a user, and for a
    /// user without a password.
    pub async fn check(&self, password: String, user: Option<&User>) -> Option<bool> {
        let hash = user.and_then(|user| user.password.clone());
        let is_active = user.is_some_and(|user| user.active);
        let is_right = self.run(move || secret::is_password(&password, hash.as_ref())).await?;
        Some(is_right && is_active)
    }

    /// Hashes a new password; none if too many wait.
    ///
    /// # Errors
    /// If the system provides no random numbers, or no memory.
    pub async fn hash(&self, password: String) -> Result<Option<PasswordHash>, SecretError> {
        self.run(move || secret::hash(&password)).await.transpose()
    }

    /// Passwords hashed since the start. Each costs the same.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let wait = Duration::from_secs(WAIT_SECONDS_MAX);
        let permit = time::timeout(wait, Arc::clone(&self.permits).acquire_owned()).await.ok()?.ok()?;
        self.hashed.fetch_add(1, Ordering::Relaxed);
        let done = task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.ok()
    }
}
