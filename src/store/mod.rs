//! The store: records, their indexes and counters, on disk.
//!
//! Invariant: [`Store::read`] reads one snapshot. [`Store::write`] changes all or nothing and returns only when the
//! change would survive a power cut. `backend` is what they need of an engine: `embedded` with sled in `engine`, or
//! `postgres`.

mod backend;
pub mod catalog;
mod change_feed;
pub mod copy;
mod counters;
pub mod disk_space;
mod embedded;
mod engine;
mod error;
mod fail_points;
mod handle;
mod issue_counts;
mod long_read;
pub mod maintenance;
mod migration;
mod options;
mod postgres;
pub mod queries;
pub mod tables;
mod touched;
mod transaction;

use std::{
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

pub use crate::store::backend::Moment;
pub use crate::store::catalog::Table;
pub use crate::store::change_feed::{Days, News, Subscriber};
pub use crate::store::counters::Counters;
pub use crate::store::engine::data_dir::{
    BACKUPS_DIR, LOCK_FILE, SCRATCH_PREFIX, ServerAddress, holds_store, server_address_in,
};
pub(crate) use crate::store::engine::data_dir::{create_folder, create_private, private_folder, sync_parent};
pub use crate::store::error::{OpenError, StoreError};
pub use crate::store::fail_points::FailPoints;
pub use crate::store::handle::{Handle, REQUESTS_MAX};
pub use crate::store::long_read::SLICE_RECORDS_MAX;
pub use crate::store::options::{CACHE_BYTES, Database, Options};
pub use crate::store::transaction::{Flow, ReadTx, ScanOrder, Snapshot, Tx};
use crate::{
    domain::audit::seal::AuditKeys,
    metrics::Metrics,
    store::{
        backend::Backend,
        change_feed::Publisher,
        disk_space::Sparing,
        embedded::Embedded,
        engine::{
            data_dir::{CHANGES_FILE, DataDir},
            rebuild,
        },
        postgres::Postgres,
        tables::{days, issues, meta},
        transaction::Prepared,
    },
};

/// Version of the formats in the data folder. A newer one is refused, an older one is migrated. 2 also indexes
/// unstaffed events without a due date, and counts the whole calendar. 3 indexes events by store, and by the words of
/// their names. 4 stores long records in chunks. 5 lists unstaffed events under the last day on which they can be done, and
/// counts the COREs without their Supervisor. 6 compares stores, employees and words of names by keys in which spellings
/// of the same number are equal. 7 indexes issues. The audit of 8 may begin later than with entry 1, see
/// `maintenance/audit_archive`.
/// 9 stores the parts of days off, and compares words without their accents. 10 drops all of several apostrophes before the
/// name of a store from its key.
pub const FORMAT_VERSION: u32 = 10;

/// The store, open: in the data folder, which is locked, or in a database that other servers use as well.
pub struct Store {
    engine: Backend,
    publisher: Publisher,
    /// Number of unscheduled events, for the header of every page.
    unscheduled: AtomicU64,
    /// Open issues, for the header of every page.
    issues: Mutex<issues::Counts>,
    /// The version of a shared store to which both numbers belong.
    counted: Mutex<u64>,
    metrics: Metrics,
    audit_keys: Option<AuditKeys>,
    /// The data folder.
    path: PathBuf,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("version", &self.version()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store of a data folder, or creates it; or that of a database, with a data folder for all else.
    ///
    /// # Errors
    /// [`OpenError`] if another process holds it, or if it is not a data folder, not readable, damaged, or of a newer
    /// version; or if the database cannot be reached or used.
    pub fn open(data_dir: &Path, options: &Options) -> Result<Self, OpenError> {
        match &options.database {
            Some(database) => Self::open_database(database, data_dir, options),
            None => Self::open_folder(data_dir, options),
        }
    }

    fn open_folder(data_dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let folder = Arc::new(DataDir::claim(data_dir)?);
        let engine = Embedded::open(Arc::clone(&folder), options).map_err(OpenError::Store)?;
        let mut store = Self::over(Backend::Embedded(Box::new(engine)), data_dir, options);
        store.check_format(&folder)?;
        store.engine = store.engine.rebuilt(rebuild::without_blobs, options).map_err(OpenError::Store)?;
        let unscheduled = store.read(|tx| days::unscheduled(tx)).map_err(OpenError::Store)?;
        store.unscheduled.store(unscheduled, Ordering::Relaxed);
        store.compute_issues(options.short_work_minutes).map_err(OpenError::Store)?;
        Ok(store)
    }

    /// The folder is not locked: it holds no store, and servers may share it.
    fn open_database(database: &Database, data_dir: &Path, options: &Options) -> Result<Self, OpenError> {
        create_private(data_dir).map_err(OpenError::unusable(data_dir))?;
        let engine = Postgres::open(database, options).map_err(OpenError::Store)?;
        let store = Self::over(Backend::Postgres(engine), data_dir, options);
        store.check_shared_format()?;
        store.compute_issues(options.short_work_minutes).map_err(OpenError::Store)?;
        store.engine.follow(store.publisher.clone()).map_err(OpenError::Store)?;
        Ok(store)
    }

    fn over(engine: Backend, data_dir: &Path, options: &Options) -> Self {
        Self {
            engine,
            publisher: Publisher::default(),
            unscheduled: AtomicU64::new(0),
            issues: Mutex::default(),
            counted: Mutex::default(),
            metrics: options.metrics.clone(),
            audit_keys: options.audit_keys.clone(),
            path: data_dir.to_owned(),
        }
    }

    fn check_format(&self, folder: &DataDir) -> Result<(), OpenError> {
        let (found, wanted, path) = (self.version(), folder.acknowledged, folder.path.clone());
        match self.read(|tx| meta::format(tx)).map_err(OpenError::Store)? {
            Some(..=FORMAT_VERSION) if found < wanted => {
                Err(OpenError::Outdated { path, counter: CHANGES_FILE, found, wanted })
            }
            Some(older @ ..FORMAT_VERSION) => {
                migration::run(self, older).map_err(OpenError::Store)?;
                folder.mark()
            }
            Some(FORMAT_VERSION) if folder.marked => Ok(()),
            // The first start was interrupted before it could mark the folder.
            Some(FORMAT_VERSION) => folder.mark(),
            Some(found) => Err(OpenError::Newer { found }),
            None if folder.marked => Err(OpenError::Emptied { path }),
            None => {
                self.write(|tx| meta::set_format(tx, FORMAT_VERSION)).map_err(OpenError::Store)?;
                folder.mark()
            }
        }
    }

    /// The same for a store in which other servers may do this at the same time.
    fn check_shared_format(&self) -> Result<(), OpenError> {
        let ready = self.write(|tx| match meta::format(tx)? {
            None => meta::set_format(tx, FORMAT_VERSION).map(|()| None),
            found => Ok::<_, StoreError>(found),
        });
        match ready.map_err(OpenError::Store)? {
            None | Some(FORMAT_VERSION) => Ok(()),
            Some(older @ ..FORMAT_VERSION) => migration::run(self, older).map_err(OpenError::Store),
            Some(found) => Err(OpenError::Newer { found }),
        }
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
        self.engine.read(|tx| {
            self.keep_up(tx)?;
            read(tx)
        })
    }

    /// Changes any number of records in one transaction. If the closure fails, nothing was changed.
    ///
    /// The closure may run more than once, with the store as it is then; only the writes of its last run are applied.
    /// It must not change anything but the transaction.
    ///
    /// Returns when the change is on disk: flushed by the engine and synced by the kernel. Concurrent writers share
    /// one sync. A transaction without writes waits until what it has read is on disk: the answer that there is
    /// nothing to change must not outlive the change it depends on.
    ///
    /// # Errors
    /// Errors of the closure, and [`StoreError`] if the change could not be written.
    pub fn write<T, E: From<StoreError>>(&self, mut write: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let prepare = |before: &Snapshot<'_>| {
            let mut tx = Tx::to_apply(before, self.audit_keys.as_ref());
            let value = write(&mut tx)?;
            let issues = issues::settle(&mut tx)?;
            if !tx.is_empty() {
                meta::count_change(&mut tx)?;
            }
            let (days, unscheduled) = (tx.take_days(), days::unscheduled(&tx)?);
            let format = meta::written_format(&tx)?;
            Ok::<_, E>(Prepared { writes: tx.into_writes(), days, format, rest: (value, unscheduled, issues) })
        };
        let (value, news) = self.engine.write(prepare, |(value, unscheduled, issues), version| {
            self.count(unscheduled, issues, version);
            value
        })?;
        self.publisher.publish(news);
        Ok(value)
    }

    /// The keys that seal audit entries.
    pub(crate) fn audit_keys(&self) -> Option<&AuditKeys> {
        self.audit_keys.as_ref()
    }

    /// Publishes the server's local address to the command line, in the lock file. A command line that shares the store
    /// needs none.
    pub fn announce(&self, notice: &ServerAddress) -> io::Result<()> {
        self.engine.embedded().map_or(Ok(()), |engine| engine.folder.announce(notice))
    }

    /// The secret of this store, 64 hexadecimal digits.
    pub fn secret(&self) -> io::Result<String> {
        match &self.engine {
            Backend::Embedded(engine) => engine.folder.secret(),
            Backend::Postgres(engine) => Ok(engine.secret.clone()),
        }
    }

    /// The store as it is now, for a read of all tables. Other changes continue, and wait for one slice at most.
    pub fn moment(&self) -> Moment<'_> {
        self.engine.moment()
    }

    /// An unnamed file on the disk of the data folder. It is deleted when dropped, and leaves the space reserved for
    /// changes.
    pub fn temporary_file(&self) -> Result<Sparing<File>, StoreError> {
        Ok(Sparing::on(&self.path, tempfile::tempfile_in(&self.path)?))
    }

    /// Metrics since the start.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The size of the store on disk, in bytes.
    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        self.engine.bytes_on_disk()
    }

    /// Number of changes ever made: equal values mean that nothing changed in between, and pages rendered at different versions may differ.
    pub fn version(&self) -> u64 {
        self.engine.version()
    }

    /// Subscribes to changes from now on.
    pub fn listen(&self) -> Subscriber {
        self.publisher.listen()
    }

    /// Number of subscribers.
    pub fn subscribers(&self) -> usize {
        self.publisher.subscribers()
    }

    /// What was done since the start.
    pub fn counters(&self) -> Counters {
        self.engine.counters()
    }

    /// Takes, or keeps, a lease for this server: of several servers that share the store, one does a job. False while
    /// another server has it. It ends by itself, after a number of seconds.
    pub fn lease(&self, name: &str, seconds: u32) -> Result<bool, StoreError> {
        self.engine.lease(name, seconds)
    }

    /// Gives up every lease of this server, so that another one need not wait for their end.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be reached; then they end by themselves.
    pub fn release_leases(&self) -> Result<(), StoreError> {
        self.engine.release_leases()
    }

    /// Checks that a change could be saved now.
    ///
    /// # Errors
    /// The reason if not: an earlier write failed, the disk is full, or the data folder was moved.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.engine.check_writable()
    }
}
