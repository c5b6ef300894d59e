//! Of the writers of a process, one at a time uses the gate of the database: each server has one contender for it.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use crate::store::error::StoreError;

#[derive(Debug, Default)]
pub(super) struct Turn {
    is_taken: Mutex<bool>,
    ended: Condvar,
}

/// The turn of a writer, until it is dropped.
#[derive(Debug)]
pub(super) struct Taken<'a>(&'a Turn);

impl Turn {
    /// Waits for the turn.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if others have it for all of that time.
    pub fn take(&self, wait: Duration) -> Result<Taken<'_>, StoreError> {
        let is_taken = self.is_taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.ended.wait_timeout_while(is_taken, wait, |is_taken| *is_taken);
        let (mut is_taken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(StoreError::Busy);
        }
        *is_taken = true;
        Ok(Taken(self))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self.0.is_taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn a_turn_is_refused_while_another_one_lasts_and_taken_after_it() {
        let turn = Turn::default();
        let first = turn.take(Duration::ZERO);
        assert!(first.is_ok());

        assert!(matches!(turn.take(Duration::from_millis(1)), Err(StoreError::Busy)));

        drop(first);
        assert!(turn.take(Duration::ZERO).is_ok());
    }

    #[test]
    fn every_writer_that_waits_gets_its_turn_alone() {
        let (turn, at_once, most) = (Turn::default(), AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let taken = turn.take(Duration::from_mins(1));
                        most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        assert!(taken.is_ok());
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 1);
    }
}
