//! Group commit: one sync serves every writer that waits for it.

use std::sync::{
    Condvar, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
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
}

impl Flusher {
    /// A ticket for a change that was just applied. Call it before the next change can be.
    pub fn ticket(&self) -> u64 {
        self.committed.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Waits until the ticket is on disk. Whoever finds nobody syncing syncs, for all that have committed by then.
    pub fn wait(&self, ticket: u64, sync: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.synced < ticket {
            if state.syncing {
                state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.syncing = true;
            drop(state);
            let upto = self.committed.load(Ordering::SeqCst);
            let result = sync();
            self.syncs.fetch_add(1, Ordering::Relaxed);
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.syncing = false;
            self.turn.notify_all();
            result?;
            state.synced = state.synced.max(upto);
        }
        Ok(())
    }

    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }
}
