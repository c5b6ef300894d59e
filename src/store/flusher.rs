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
    /// Why a sync failed. The kernel says so only once, and the next one would seem to succeed without what this one
    /// lost; so nothing that was not synced before ever counts as synced.
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
    pub fn wait(&self, ticket: u64, sync: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.synced < ticket {
            if state.syncing {
                state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            if let Some(why) = &state.failed {
                return Err(StoreError::Wounded(why.clone()));
            }
            state.syncing = true;
            drop(state);
            let upto = self.committed.load(Ordering::SeqCst);
            // Whoever waits would wait forever for one that panicked.
            let result = catch_unwind(AssertUnwindSafe(&sync))
                .unwrap_or_else(|_| Err(StoreError::Damaged("the engine panicked while it synced".to_owned())));
            self.syncs.fetch_add(1, Ordering::Relaxed);
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.syncing = false;
            self.turn.notify_all();
            if let Err(error) = result {
                state.failed = Some(error.to_string());
                return Err(error);
            }
            state.synced = state.synced.max(upto);
        }
        Ok(())
    }

    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }
}
