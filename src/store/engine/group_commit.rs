//! Group commit: one sync serves every writer that waits for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::store::error::StoreError;

/// How long a sync waits for announced writers, to serve them too. A change takes 0.1 ms to apply
/// (`benches/README.md`); waiting for a long one would delay the others.
const GATHER_MS_MAX: u64 = 5;

/// Issues tickets at commit, and lets each writer wait until a later sync has ended.
#[derive(Debug)]
pub(crate) struct GroupCommit {
    /// The last ticket issued.
    committed: AtomicU64,
    syncs: AtomicU64,
    state: Mutex<State>,
    turn: Condvar,
    all_here: Condvar,
    /// How long a sync waits for announced writers.
    timeouts: Duration,
}

#[derive(Debug, Default)]
struct State {
    /// Every ticket up to this one is on disk.
    synced: u64,
    syncing: bool,
    /// The error of a failed sync. The kernel reports it once and then forgets what it could not write, so a second
    /// sync would succeed and prove nothing.
    failed: Option<String>,
    /// Writers without a ticket, which will take one or give up.
    coming: usize,
}

/// An announced writer, until it has a ticket or gives up.
pub(crate) struct Coming<'a>(&'a GroupCommit);

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.coming -= 1;
        if state.coming == 0 {
            self.0.all_here.notify_one();
        }
    }
}

impl Default for GroupCommit {
    fn default() -> Self {
        Self::with_timeout(Duration::from_millis(GATHER_MS_MAX))
    }
}

impl GroupCommit {
    fn with_timeout(timeouts: Duration) -> Self {
        Self {
            committed: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
            state: Mutex::default(),
            turn: Condvar::new(),
            all_here: Condvar::new(),
            timeouts,
        }
    }

    /// Announces a writer: a sync that begins now waits for it briefly.
    pub fn expect(&self) -> Coming<'_> {
        self.lock().coming += 1;
        Coming(self)
    }

    /// A ticket for a change that was just applied. Call it before the next change can be applied.
    pub fn ticket(&self) -> u64 {
        self.committed.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The last ticket issued: once it is on disk, so is everything that can be read now.
    pub fn last_ticket(&self) -> u64 {
        self.committed.load(Ordering::SeqCst)
    }

    /// Waits until the ticket is on disk. If no sync is running, this caller syncs for all that have committed by
    /// then.
    ///
    /// `sync` is passed the last ticket that it covers.
    pub fn wait(&self, ticket: u64, sync: impl Fn(u64) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut state = self.lock();
        while state.synced < ticket {
            if let Some(why) = &state.failed {
                return Err(StoreError::ReadOnly(why.clone()));
            }
            if state.syncing {
                state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.syncing = true;
            drop(self.gathered(state));
            let upto = self.committed.load(Ordering::SeqCst);
            // If a panic escaped, the waiting writers would wait forever.
            let result = catch_unwind(AssertUnwindSafe(|| sync(upto)))
                .unwrap_or_else(|_| Err(StoreError::Damaged("the engine panicked while it synced".to_owned())));
            self.syncs.fetch_add(1, Ordering::Relaxed);
            state = self.lock();
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

    /// Waits for announced writers.
    fn gathered<'a>(&'a self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.all_here.wait_timeout_while(state, self.timeouts, |state| state.coming > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn a_later_sync_does_not_repair_a_failed_one() {
        let flusher = GroupCommit::default();
        let (first, second) = (flusher.ticket(), flusher.ticket());

        let failed = flusher.wait(first, |_| Err(StoreError::Full));
        let later = flusher.wait(second, |_| Ok(()));

        assert!(matches!(failed, Err(StoreError::Full)), "{failed:?}");
        assert!(matches!(later, Err(StoreError::ReadOnly(_))), "{later:?}");
    }

    #[test]
    fn a_sync_waits_for_a_writer_in_progress_and_includes_it() {
        let flusher = GroupCommit::with_timeout(Duration::MAX);
        let (first, late) = (flusher.ticket(), flusher.expect());

        let served = thread::scope(|scope| {
            let served = scope.spawn(|| {
                let served = AtomicU64::new(0);
                let done = flusher.wait(first, |upto| {
                    served.store(upto, Ordering::SeqCst);
                    Ok(())
                });
                done.map(|()| served.into_inner())
            });
            while !flusher.lock().syncing {
                thread::yield_now();
            }
            let second = flusher.ticket();
            drop(late);
            flusher.wait(second, |_| Err(StoreError::Full)).map(|()| second).and(served.join().unwrap_or(Ok(0)))
        });

        assert!(matches!(served, Ok(2)), "{served:?}");
        assert_eq!(flusher.syncs(), 1);
    }

    #[test]
    fn a_sync_does_not_wait_long_for_a_slow_writer() {
        let flusher = GroupCommit::default();
        let (first, _late) = (flusher.ticket(), flusher.expect());

        let done = flusher.wait(first, |_| Ok(()));

        assert!(done.is_ok(), "{done:?}");
    }

    #[test]
    fn a_failed_sync_fails_all_waiting_writers() {
        let flusher = GroupCommit::default();
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
