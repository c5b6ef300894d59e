//! The store: records, their indexes and counters, on disk.
//!
//! Invariant: [`Store::read`] reads one snapshot. [`Store::write`] changes all or nothing and returns only when the
//! change would survive a power cut. Only `engine` knows sled.

mod change_feed;
pub mod copy;
pub mod disk_space;
mod engine;
mod error;
mod handle;
pub mod maintenance;
pub mod queries;
pub mod tables;
mod transaction;

use std::{
    fmt,
    fs::File,
    io,
    path::Path,
    sync::{
        Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

pub use crate::store::change_feed::{Days, News, Subscriber};
pub use crate::store::engine::data_dir::{
    BACKUPS_DIR, LOCK_FILE, SCRATCH_PREFIX, ServerAddress, holds_store, server_address_in,
};
pub use crate::store::engine::fail_points::FailPoints;
pub use crate::store::engine::long_read::{Moment, SLICE_RECORDS_MAX};
pub use crate::store::error::{OpenError, StoreError};
pub use crate::store::handle::{Handle, REQUESTS_MAX};
pub use crate::store::tables::catalog::Table;
pub use crate::store::transaction::{Flow, ReadTx, ScanOrder, Snapshot, Tx};
use crate::{
    metrics::Metrics,
    store::{
        change_feed::Publisher,
        disk_space::{Ahead, CHANGE_BYTES_MIN, OTHERS_BYTES_MIN, Sparing},
        engine::{DATABASE, Engine, data_dir::DataDir, group_commit::GroupCommit, long_read::Moments, rebuild},
        maintenance::repair,
        tables::{days, meta, record},
    },
};

/// Version of the formats in the data folder. A newer one is refused, an older one is migrated. 2 also indexes
/// unstaffed events without a due date, and counts the whole calendar. 3 indexes events by store, and by the words of
/// their names. 4 stores long records in chunks.
pub const FORMAT_VERSION: u32 = 4;
/// Long records migrated in one transaction.
const MIGRATED_RECORDS: usize = 50;
/// Default size of the engine's page cache, in bytes. The engine's own default is 1 GB.
pub const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// Options for opening a store.
#[derive(Clone, Debug)]
pub struct Options {
    pub cache_bytes: u64,
    /// Makes chosen writes fail; armed by tests only.
    pub fail_points: FailPoints,
    /// Metrics of the store.
    pub metrics: Metrics,
    /// A temporary store, which is deleted or moved when complete. It leaves disk space to the store in use.
    pub scratch: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: CACHE_BYTES,
            fail_points: FailPoints::default(),
            metrics: Metrics::default(),
            scratch: false,
        }
    }
}

/// The data folder, open and locked.
pub struct Store {
    engine: Engine,
    group_commit: GroupCommit,
    /// Changes in the store when it was opened.
    changes_before: u64,
    /// Readers share it, a writer holds it exclusively: a reader never sees half a change.
    gate: RwLock<()>,
    /// Counts the changes since the start.
    generation: AtomicU64,
    publisher: Publisher,
    /// Number of unscheduled events, for the header of every page.
    unscheduled: AtomicU64,
    metrics: Metrics,
    /// Long reads of earlier moments.
    moments: Moments,
    /// None for a scratch store.
    ahead: Option<Ahead>,
    /// The write error after which the store is read-only until a restart.
    write_failure: Mutex<Option<String>>,
    /// Dropped last: the engine is closed before another process may open the folder.
    folder: DataDir,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the data folder, or creates it.
    ///
    /// # Errors
    /// [`OpenError`] if another process holds it, or if it is not a data folder, not readable, damaged, or of a newer
    /// version.
    pub fn open(data_dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let folder = DataDir::claim(data_dir)?;
        let engine = Engine::open(&folder.store_dir(), options).map_err(OpenError::Store)?;
        let changes_before = meta::changes(&Snapshot::new(&engine)).map_err(OpenError::Store)?;
        let ahead = Self::ahead(&folder, options)?;
        let mut store = Self {
            engine,
            changes_before,
            group_commit: GroupCommit::default(),
            gate: RwLock::new(()),
            generation: AtomicU64::new(0),
            publisher: Publisher::default(),
            unscheduled: AtomicU64::new(0),
            metrics: options.metrics.clone(),
            moments: Moments::default(),
            ahead,
            write_failure: Mutex::new(None),
            folder,
        };
        // A full disk prevents changes, not the start.
        let _ = store.ahead.as_ref().map(Ahead::extend);
        store.check_format(data_dir)?;
        store.engine =
            rebuild::without_blobs(store.engine, &store.folder.store_dir(), options).map_err(OpenError::Store)?;
        store.ahead = Self::ahead(&store.folder, options)?;
        let unscheduled = store.read(|tx| days::unscheduled(tx)).map_err(OpenError::Store)?;
        store.unscheduled.store(unscheduled, Ordering::Relaxed);
        Ok(store)
    }

    /// Blocks beyond the end of the database file, so that reading never needs one; none for a scratch store.
    fn ahead(folder: &DataDir, options: &Options) -> Result<Option<Ahead>, OpenError> {
        let ahead = (!options.scratch).then(|| Ahead::of(&folder.store_dir().join(DATABASE)));
        ahead.transpose().map_err(|error| OpenError::Store(error.into()))
    }

    fn check_format(&self, data_dir: &Path) -> Result<(), OpenError> {
        let (found, wanted) = (self.changes_before, self.folder.acknowledged());
        match self.read(|tx| meta::format(tx)).map_err(OpenError::Store)? {
            Some(..=FORMAT_VERSION) if found < wanted => {
                Err(OpenError::Outdated { path: data_dir.to_owned(), found, wanted })
            }
            Some(older @ ..FORMAT_VERSION) => {
                self.migrate(older).map_err(OpenError::Store)?;
                self.folder.mark()
            }
            Some(FORMAT_VERSION) if self.folder.was_marked() => Ok(()),
            // The first start was interrupted before it could mark the folder.
            Some(FORMAT_VERSION) => self.folder.mark(),
            Some(found) => Err(OpenError::Newer { found }),
            None if self.folder.was_marked() => Err(OpenError::Emptied { path: data_dir.to_owned() }),
            None => {
                self.write(|tx| meta::set_format(tx, FORMAT_VERSION)).map_err(OpenError::Store)?;
                self.folder.mark()
            }
        }
    }

    /// Migrates an older store to this version. An interrupted migration starts again at the next start: the version
    /// is written last. No record changes, so no backup is needed.
    fn migrate(&self, from: u32) -> Result<(), StoreError> {
        if from < 3 {
            repair::run(self)?;
        }
        if from < 4 {
            self.split_long_records()?;
        }
        self.write(|tx| meta::set_format(tx, FORMAT_VERSION))
    }

    /// Rewrites long records, which splits them into chunks; their content stays.
    fn split_long_records(&self) -> Result<(), StoreError> {
        for table in Table::ALL {
            for keys in self.engine.oversized(table)?.chunks(MIGRATED_RECORDS) {
                self.write(|tx| {
                    for key in keys {
                        let record = tx.get(table, key)?.ok_or_else(|| record::corrupt(table, key))?;
                        tx.put(table, key.clone(), record)?;
                    }
                    Ok::<_, StoreError>(())
                })?;
            }
        }
        Ok(())
    }

    /// Number of unscheduled events after the last change. Reads no table and takes no lock.
    pub fn unscheduled(&self) -> u64 {
        self.unscheduled.load(Ordering::Relaxed)
    }

    /// Reads any number of records from one snapshot.
    ///
    /// # Errors
    /// Errors of the closure, and [`StoreError`] if a record cannot be read.
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, E>) -> Result<T, E> {
        let _shared = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        read(&Snapshot::new(&self.engine))
    }

    /// Changes any number of records in one transaction. If the closure fails, nothing was changed.
    ///
    /// Returns when the change is on disk: flushed by the engine and synced by the kernel. Concurrent writers share
    /// one sync. A transaction without writes waits until what it has read is on disk: the answer that there is
    /// nothing to change must not outlive the change it depends on.
    ///
    /// # Errors
    /// Errors of the closure, and [`StoreError`] if the change could not be written.
    pub fn write<T, E: From<StoreError>>(&self, write: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let coming = self.group_commit.expect();
        let alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.check_write_failure()?;
        let before = Snapshot::new(&self.engine);
        let mut tx = Tx::over(&before);
        let value = write(&mut tx)?;
        let days = tx.take_days();
        let ticket = if tx.is_empty() { self.group_commit.last_ticket() } else { self.apply(tx)? };
        drop(alone);
        drop(coming);
        let sync = |upto: u64| {
            let began = Instant::now();
            let synced = self.engine.sync();
            self.folder.check_place(self.engine.database())?;
            synced?;
            self.metrics.sync(began.elapsed());
            Ok(self.folder.acknowledge(self.changes_before + upto)?)
        };
        self.group_commit.wait(ticket, sync).map_err(|error| self.record_write_failure(error))?;
        self.publisher.publish(News { version: self.changes_before + ticket, days });
        Ok(value)
    }

    /// Publishes the server's local address to the command line, in the lock file.
    ///
    /// # Errors
    /// If the lock file cannot be written.
    pub fn announce(&self, notice: &ServerAddress) -> io::Result<()> {
        self.folder.announce(notice)
    }

    /// The secret of this folder, 64 hexadecimal digits.
    ///
    /// # Errors
    /// If its file cannot be read or created.
    pub fn secret(&self) -> io::Result<String> {
        self.folder.secret()
    }

    /// The store as it is now, for a read of all tables. Other changes continue, and wait for one slice at most.
    pub fn moment(&self) -> Moment<'_> {
        Moment::of(self)
    }

    /// An unnamed file on the disk of the data folder. It is deleted when dropped, and leaves the space reserved for
    /// changes.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn temporary_file(&self) -> Result<Sparing<File>, StoreError> {
        Ok(Sparing::on(self.folder.path(), tempfile::tempfile_in(self.folder.path())?))
    }

    /// Applies the writes of a transaction. Returns the ticket to wait for.
    fn apply(&self, mut tx: Tx<'_>) -> Result<u64, StoreError> {
        self.check_folder()?;
        meta::count_change(&mut tx)?;
        let unscheduled = days::unscheduled(&tx)?;
        let writes = tx.into_writes();
        self.moments.keep(&self.engine, &writes)?;
        let began = Instant::now();
        self.engine.apply(&writes).map_err(|error| self.record_write_failure(error))?;
        self.metrics.commit(began.elapsed());
        self.unscheduled.store(unscheduled, Ordering::Relaxed);
        self.generation.fetch_add(1, Ordering::Release);
        Ok(self.group_commit.ticket())
    }

    /// Metrics since the start.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The size of the store on disk, in bytes.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        self.engine.bytes_on_disk()
    }

    /// Number of changes since the start: equal values mean that nothing changed in between.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Number of changes ever made: pages rendered at different versions may differ.
    pub fn version(&self) -> u64 {
        self.changes_before + self.generation()
    }

    /// Subscribes to changes from now on.
    pub fn listen(&self) -> Subscriber {
        self.publisher.listen()
    }

    /// Number of subscribers.
    pub fn subscribers(&self) -> usize {
        self.publisher.subscribers()
    }

    /// Point reads since the start. The cost of a page is the difference of two values.
    pub fn point_reads(&self) -> u64 {
        self.engine.point_reads()
    }

    /// Syncs to disk since the start; fewer than changes when writers share one.
    pub fn syncs(&self) -> u64 {
        self.group_commit.syncs()
    }

    /// Checks that a change could be saved now.
    ///
    /// # Errors
    /// The reason if not: an earlier write failed, the disk is full, or the data folder was moved.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.check_write_failure()?;
        self.check_folder()
    }

    /// Checks that the folder is in place, with space for another change. If not, nothing was begun, and changes work
    /// again once it is.
    fn check_folder(&self) -> Result<(), StoreError> {
        self.folder.check_place(self.engine.database())?;
        let Some(ahead) = &self.ahead else { return disk_space::check(self.folder.path(), OTHERS_BYTES_MIN) };
        disk_space::check(self.folder.path(), CHANGE_BYTES_MIN)?;
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
