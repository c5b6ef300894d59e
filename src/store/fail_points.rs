//! Injected failures, for tests of failed writes.

use std::sync::{Arc, Mutex, PoisonError};

use crate::store::error::StoreError;

/// Makes one write of a later transaction, or one sync, fail. Unarmed, as everywhere except in tests, it costs one
/// uncontended lock.
#[derive(Clone, Debug, Default)]
pub struct FailPoints {
    write: Arc<Mutex<Option<Armed>>>,
    sync: Arc<Mutex<Option<StoreError>>>,
    /// The closure of a write runs twice.
    pub(crate) repeats_writes: bool,
}

#[derive(Debug)]
struct Armed {
    writes_left: u32,
    error: StoreError,
}

impl FailPoints {
    /// Runs the closure of every write twice and discards the first run, as if its transaction had failed and was
    /// begun again.
    #[must_use]
    pub fn repeating_writes(self) -> Self {
        Self { repeats_writes: true, ..self }
    }

    /// Lets `writes` single writes pass and fails the next one with `error`, once.
    pub fn arm(&self, writes: u32, error: StoreError) {
        *self.lock() = Some(Armed { writes_left: writes, error });
    }

    /// Fails the next sync with `error`, once, as the kernel does.
    pub fn arm_sync(&self, error: StoreError) {
        *self.sync.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Tells if an armed failure has not occurred yet.
    pub fn is_armed(&self) -> bool {
        self.lock().is_some()
    }

    /// Called before each single write of a transaction.
    pub(crate) fn fail_if_armed(&self) -> Result<(), StoreError> {
        let mut armed = self.lock();
        match armed.as_mut() {
            Some(fault) if fault.writes_left > 0 => {
                fault.writes_left -= 1;
                Ok(())
            }
            Some(_) => armed.take().map_or(Ok(()), |fault| Err(fault.error)),
            None => Ok(()),
        }
    }

    /// Called in each sync.
    pub(crate) fn strike_sync(&self) -> Result<(), StoreError> {
        self.sync.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Armed>> {
        self.write.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
