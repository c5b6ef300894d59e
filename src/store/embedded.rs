//! The embedded engine of one process: snapshots, writes, and when a write is on disk.
//!
//! Invariant: readers share a gate that a writer holds exclusively, so that a reader never sees half a change. A write
//! is acknowledged when it is synced; concurrent writers share one sync.
//!
//! This is what [`Store`](crate::store::Store) needs of an engine. Nothing above it knows the gate, tickets, blocks of
//! the disk, or files.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::{
    metrics::Metrics,
    store::{
        Options,
        change_feed::News,
        counters::Counters,
        disk_space::{self, Ahead, CHANGE_BYTES_MIN, OTHERS_BYTES_MIN},
        engine::{DATABASE, Engine, data_dir::DataDir, group_commit::GroupCommit, rebuild::Rebuild},
        error::StoreError,
        fail_points::FailPoints,
        long_read::{Moment, Moments},
        tables::meta,
        transaction::{Prepared, Snapshot, Writes},
    },
};

pub(super) struct Embedded {
    pub engine: Engine,
    group_commit: GroupCommit,
    /// Changes in the store when it was opened.
    changes_before: u64,
    /// Changes since then.
    generation: AtomicU64,
    gate: RwLock<()>,
    pub moments: Moments,
    /// None for a scratch store.
    ahead: Option<Ahead>,
    /// The write error after which the store is read-only until a restart.
    write_failure: Mutex<Option<String>>,
    metrics: Metrics,
    fail_points: FailPoints,
    /// Dropped last: the engine is closed before another process may open the folder.
    pub folder: Arc<DataDir>,
}

impl Embedded {
    /// Opens the store of a data folder, or creates it.
    pub fn open(folder: Arc<DataDir>, options: &Options) -> Result<Self, StoreError> {
        let engine = open_engine(&folder.store_dir(), options)?;
        let changes_before = meta::changes(&Snapshot::new(&engine, 0))?;
        let ahead = ahead(&folder, options)?;
        // A full disk prevents changes, not the start.
        let _ = ahead.as_ref().map(Ahead::extend);
        Ok(Self {
            engine,
            group_commit: GroupCommit::default(),
            changes_before,
            generation: AtomicU64::new(0),
            gate: RwLock::new(()),
            moments: Moments::default(),
            ahead,
            write_failure: Mutex::new(None),
            metrics: options.metrics.clone(),
            fail_points: options.fail_points.clone(),
            folder,
        })
    }

    /// The same with its database as `rebuild` leaves it.
    pub fn rebuilt(self, rebuild: Rebuild, options: &Options) -> Result<Self, StoreError> {
        let engine = rebuild(self.engine, &self.folder.store_dir(), options)?;
        Ok(Self { engine, ahead: ahead(&self.folder, options)?, ..self })
    }

    /// Reads one snapshot.
    pub fn read<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        let _shared = self.share();
        read(&Snapshot::new(&self.engine, self.version()))
    }

    /// Applies the writes that `prepare` returns, all or none, and returns when they are on disk, with the version of
    /// the store. `prepare` may run again. `applied` is passed what the last run returned beside its writes, before
    /// anyone else can read them or see the new version.
    ///
    /// Without writes it waits until what was read is on disk: the answer that there is nothing to change must not
    /// outlive the change it depends on.
    pub fn write<T, U, E: From<StoreError>>(
        &self,
        mut prepare: impl FnMut(&Snapshot<'_>) -> Result<Prepared<T>, E>,
        applied: impl FnOnce(T) -> U,
    ) -> Result<(U, News), E> {
        let coming = self.group_commit.expect();
        let alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.check_write_failure()?;
        let before = Snapshot::new(&self.engine, self.version());
        if self.fail_points.repeats_writes {
            drop(prepare(&before));
        }
        let Prepared { writes, days, rest, .. } = prepare(&before)?;
        let changes = !writes.is_empty();
        if changes {
            self.apply(&writes)?;
        }
        let done = applied(rest);
        let ticket = if changes { self.count() } else { self.group_commit.last_ticket() };
        drop(alone);
        drop(coming);
        self.group_commit.wait(ticket, |upto| self.sync(upto)).map_err(|error| self.record_write_failure(error))?;
        Ok((done, News { version: self.changes_before + ticket, days }))
    }

    fn apply(&self, writes: &Writes) -> Result<(), StoreError> {
        self.check_folder()?;
        self.moments.keep(&self.engine, writes)?;
        let began = Instant::now();
        self.engine.apply(writes).map_err(|error| self.record_write_failure(error))?;
        self.metrics.commit(began.elapsed());
        Ok(())
    }

    /// Counts a change that was applied. Returns the ticket to wait for.
    fn count(&self) -> u64 {
        self.generation.fetch_add(1, Ordering::Release);
        self.group_commit.ticket()
    }

    fn sync(&self, upto: u64) -> Result<(), StoreError> {
        let began = Instant::now();
        let synced = self.engine.sync();
        self.folder.check_place(&self.engine.file)?;
        synced?;
        self.metrics.sync(began.elapsed());
        Ok(self.folder.acknowledge(self.changes_before + upto)?)
    }

    /// The store as it is now, for a read of all tables. Other changes continue, and wait for one slice at most.
    pub fn moment(&self) -> Moment<'_> {
        let _shared = self.share();
        Moment::new(self, &self.moments)
    }

    /// Keeps writers out while a slice is read.
    fn share(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of changes ever made.
    pub fn version(&self) -> u64 {
        self.changes_before + self.generation.load(Ordering::Acquire)
    }

    pub fn counters(&self) -> Counters {
        let (point_reads, read_calls) = self.engine.reads();
        Counters { point_reads, read_calls, round_trips: 0, syncs: self.group_commit.syncs() }
    }

    /// Checks that a change could be saved now.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.check_write_failure()?;
        self.check_folder()
    }

    /// Checks that the folder is in place, with space for another change. If not, nothing was begun, and changes work
    /// again once it is.
    fn check_folder(&self) -> Result<(), StoreError> {
        self.folder.check_place(&self.engine.file)?;
        let Some(ahead) = &self.ahead else { return disk_space::check(&self.folder.path, OTHERS_BYTES_MIN) };
        disk_space::check(&self.folder.path, CHANGE_BYTES_MIN)?;
        ahead.extend()
    }

    fn check_write_failure(&self) -> Result<(), StoreError> {
        let write_failure = self.write_failure.lock().unwrap_or_else(PoisonError::into_inner);
        write_failure.as_ref().map_or(Ok(()), |why| Err(StoreError::ReadOnly(why.clone())))
    }

    /// After a failed write or sync, memory and disk may differ: no more writes until a restart has read the disk
    /// again.
    fn record_write_failure(&self, error: StoreError) -> StoreError {
        if error.leaves_doubt() {
            let mut write_failure = self.write_failure.lock().unwrap_or_else(PoisonError::into_inner);
            write_failure.get_or_insert_with(|| error.to_string());
        }
        error
    }
}

/// Opens the engine, which writes while it opens. On a full disk it takes the blocks that are kept for reading.
fn open_engine(dir: &Path, options: &Options) -> Result<Engine, StoreError> {
    match Engine::open(dir, options) {
        Err(StoreError::Full) => {
            Ahead::release(&dir.join(DATABASE))?;
            Engine::open(dir, options)
        }
        opened => opened,
    }
}

/// Blocks beyond the end of the database file, so that reading never needs one; none for a scratch store.
fn ahead(folder: &DataDir, options: &Options) -> Result<Option<Ahead>, StoreError> {
    let ahead = (!options.scratch).then(|| Ahead::of(&folder.store_dir().join(DATABASE)));
    Ok(ahead.transpose()?)
}

#[cfg(test)]
impl Embedded {
    /// Tells if a writer would have to wait.
    pub fn is_held(&self) -> bool {
        self.gate.try_write().is_err()
    }
}
