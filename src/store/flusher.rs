//! Group commit: one sync serves every writer that waits for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::error::StoreError;

/// Hands out tickets at commit, and lets each writer wait until a sync that began later has ended.
#[derive(Debug, Default)]
pub(super) struct Flusher {
    /// The last ticket handed out.
    committed: AtomicU64,
    syncs: AtomicU64,
    state: Mutex<State>,
    turn: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Every ticket up to this one is on disk.
    synced: u64,
    syncing: bool,
    /// Why a sync failed. The kernel reports that once and then forgets what it could not write, so that a second sync
    /// would succeed and prove nothing.
    failed: Option<String>,
}

impl Flusher {
    /// A ticket for a change that was just applied. Call it before the next change can be.
    pub fn ticket(&self) -> u64 {
        self.committed.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The last ticket handed out: once it is on disk, so is everything that can be read now.
    pub fn last_ticket(&self) -> u64 {
        self.committed.load(Ordering::SeqCst)
    }

    /// Waits until the ticket is on disk. Whoever finds nobody syncing syncs, for all that have committed by then.
    ///
    /// `sync` is told the last ticket that it is for.
    pub fn wait(&self, ticket: u64, sync: impl Fn(u64) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.synced < ticket {
            if let Some(why) = &state.failed {
                return Err(StoreError::Wounded(why.clone()));
            }
            if state.syncing {
                state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.syncing = true;
            drop(state);
            let upto = self.committed.load(Ordering::SeqCst);
            // Whoever waits would wait forever for one that panicked.
            let result = catch_unwind(AssertUnwindSafe(|| sync(upto)))
                .unwrap_or_else(|_| Err(StoreError::Damaged("the engine panicked while it synced".to_owned())));
            self.syncs.fetch_add(1, Ordering::Relaxed);
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.syncing = false;
            match &result {
                Ok(()) => state.synced = state.synced.max(upto),
                Err(error) => state.failed = Some(error.to_string()),
            }
            self.turn.notify_all();
            result?;
        }
        Ok(())
    }

    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use super::*;

    #[test]
    fn a_sync_that_failed_is_not_made_good_by_the_next_one() {
        let flusher = Flusher::default();
        let (first, second) = (flusher.ticket(), flusher.ticket());

        let failed = flusher.wait(first, |_| Err(StoreError::Full));
        let later = flusher.wait(second, |_| Ok(()));

        assert!(matches!(failed, Err(StoreError::Full)), "{failed:?}");
        assert!(matches!(later, Err(StoreError::Wounded(_))), "{later:?}");
    }

    #[test]
    fn a_failed_sync_fails_everybody_who_waits_for_it() {
        let flusher = Flusher::default();
        let tickets = [flusher.ticket(), flusher.ticket(), flusher.ticket()];
        let all_have_tickets = Barrier::new(tickets.len());

        let results = thread::scope(|scope| {
            let wait = |ticket| {
                let (flusher, all_have_tickets) = (&flusher, &all_have_tickets);
                scope.spawn(move || {
                    all_have_tickets.wait();
                    flusher.wait(ticket, |_| Err(StoreError::Full))
                })
            };
            tickets.map(wait).map(thread::ScopedJoinHandle::join)
        });

        assert!(results.iter().all(|result| matches!(result, Ok(Err(_)))), "{results:?}");
        assert_eq!(flusher.syncs(), 1);
    }
}
