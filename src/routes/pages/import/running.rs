//! The one import that may be written or taken back at a time.

use std::sync::{
    Arc, Condvar, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::routes::http::team::of_team;

/// The import of a team that is being written or taken back by this process, if one is: one at a time.
#[derive(Clone, Debug, Default)]
pub struct Running {
    held: Arc<(Mutex<Option<u64>>, Condvar)>,
    ends: Arc<AtomicBool>,
}

of_team!(Running);

impl Running {
    /// Ends what is being written after the batch that it is at: the server ends.
    pub fn end(&self) {
        self.ends.store(true, Ordering::SeqCst);
    }

    /// Waits until nothing is being written.
    pub fn wait(&self) {
        let held = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.held.1.wait_while(held, |held| held.is_some()));
    }

    pub fn ends(&self) -> bool {
        self.ends.load(Ordering::SeqCst)
    }

    pub fn is(&self, id: u64) -> bool {
        *self.held.0.lock().unwrap_or_else(PoisonError::into_inner) == Some(id)
    }

    /// Takes the only place; none if it is taken.
    pub(super) fn begin(&self) -> Option<Place> {
        let mut held = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() || self.ends() {
            return None;
        }
        *held = Some(0);
        Some(Place(self.clone()))
    }
}

/// Given back when it is dropped.
#[derive(Debug)]
pub struct Place(Running);

impl Place {
    /// Tells if the server ends.
    pub fn ends(&self) -> bool {
        self.0.ends()
    }

    pub fn name(&self, id: u64) {
        *self.0.held.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.held.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.held.1.notify_all();
    }
}
