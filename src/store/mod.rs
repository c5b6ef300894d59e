//! The room that keeps everything: records, their indexes and counters, on disk.
//!
//! Rule of this room: [`Store::read`] sees one moment, [`Store::write`] changes all or nothing and returns only when the
//! change would survive a power cut. Nothing outside names the engine.

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

/// Version of the formats in the data folder. A newer one is refused, an older one is migrated.
/// 2 also lists unstaffed events that are never due, and counts the whole calendar.
/// 3 has the entries by which events are found: by store, and by the words of their names.
/// 4 has long records in pieces.
pub const FORMAT_VERSION: u32 = 4;
/// Long records brought to a newer format in one transaction.
const MIGRATED_RECORDS: usize = 50;
/// Memory for the engine's page cache, in bytes, unless configured. The engine's own default is 1 GB.
pub const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    pub cache_bytes: u64,
    /// Makes chosen writes fail; only tests arm it.
    pub fail_points: FailPoints,
    /// Counts what happens to the store.
    pub metrics: Metrics,
    /// It is thrown away, or moved when it is whole: it leaves the disk to the store that is in use.
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
    /// Readers share it, the writer has it alone: a reader never sees half a change.
    gate: RwLock<()>,
    /// Counts the changes since the start.
    generation: AtomicU64,
    publisher: Publisher,
    /// Unscheduled events, for the header of every page.
    unscheduled: AtomicU64,
    metrics: Metrics,
    /// What is being read as of an earlier moment.
    moments: Moments,
    /// None for a scratch store.
    ahead: Option<Ahead>,
    /// Why nothing can be written until a restart.
    write_failure: Mutex<Option<String>>,
    /// Given up last: the engine is closed before another process may come in.
    folder: DataDir,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the data folder, or makes it.
    ///
    /// # Errors
    /// [`OpenError`] if another process holds it, if it is not ours, not readable, damaged, or of a newer version.
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
        // A full disk stops changes, not the start.
        let _ = store.ahead.as_ref().map(Ahead::extend);
        store.check_format(data_dir)?;
        store.engine =
            rebuild::without_blobs(store.engine, &store.folder.store_dir(), options).map_err(OpenError::Store)?;
        store.ahead = Self::ahead(&store.folder, options)?;
        let unscheduled = store.read(|tx| days::unscheduled(tx)).map_err(OpenError::Store)?;
        store.unscheduled.store(unscheduled, Ordering::Relaxed);
        Ok(store)
    }

    /// Blocks ahead of the database file, so that reading never needs one; none for a store that is thrown away.
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
            // The first start was cut off before it could mark the folder.
            Some(FORMAT_VERSION) => self.folder.mark(),
            Some(found) => Err(OpenError::Newer { found }),
            None if self.folder.was_marked() => Err(OpenError::Emptied { path: data_dir.to_owned() }),
            None => {
                self.write(|tx| meta::set_format(tx, FORMAT_VERSION)).map_err(OpenError::Store)?;
                self.folder.mark()
            }
        }
    }

    /// Brings an older store up to this version. Cut off, it begins again at the next start: the version is written
    /// last. No record is touched, so there is nothing that a backup would have to bring back.
    fn migrate(&self, from: u32) -> Result<(), StoreError> {
        if from < 3 {
            repair::run(self)?;
        }
        if from < 4 {
            self.split_long_records()?;
        }
        self.write(|tx| meta::set_format(tx, FORMAT_VERSION))
    }

    /// Writes long records again, which puts them in pieces; what they hold stays the same.
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

    /// How many events are unscheduled, as of the last change. Asks no table and waits for nobody.
    pub fn unscheduled(&self) -> u64 {
        self.unscheduled.load(Ordering::Relaxed)
    }

    /// Reads any number of records as of one moment.
    ///
    /// # Errors
    /// What the closure returns, and [`StoreError`] if a record cannot be read.
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, E>) -> Result<T, E> {
        let _shared = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        read(&Snapshot::new(&self.engine))
    }

    /// Changes any number of records in one transaction. If the closure fails, nothing was changed.
    ///
    /// Returns when the change is on disk: flushed by the engine and synced by the kernel. Writers that wait at the same
    /// time share one sync. Who writes nothing waits for what it has read: an answer that says that everything is so
    /// already must not survive what made it so.
    ///
    /// # Errors
    /// What the closure returns, and [`StoreError`] if the change could not be written.
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
        self.publisher.tell(News { version: self.changes_before + ticket, days });
        Ok(value)
    }

    /// Lets the command line of this machine reach the process that holds the folder.
    ///
    /// # Errors
    /// If the lock file cannot be written.
    pub fn announce(&self, notice: &ServerAddress) -> io::Result<()> {
        self.folder.announce(notice)
    }

    /// A secret that is this folder's alone, in 64 hexadecimal digits.
    ///
    /// # Errors
    /// If its file cannot be read or made.
    pub fn secret(&self) -> io::Result<String> {
        self.folder.secret()
    }

    /// The store as it is now, for who reads all of it: others change it meanwhile, and wait for a slice at most.
    pub fn moment(&self) -> Moment<'_> {
        Moment::of(self)
    }

    /// A file without a name on the disk of the data folder. It goes when it is dropped, and takes nothing of what
    /// changes need.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn temporary_file(&self) -> Result<Sparing<File>, StoreError> {
        Ok(Sparing::on(self.folder.path(), tempfile::tempfile_in(self.folder.path())?))
    }

    /// Applies the writes of a transaction; its ticket tells when they are on disk.
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

    /// What was counted since the start.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The size of the store on disk, in bytes.
    ///
    /// # Errors
    /// If nobody can tell.
    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        self.engine.bytes_on_disk()
    }

    /// Counts the changes since the start: two equal values mean that nothing changed in between.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Counts the changes ever made: a page drawn at this version and one drawn at a later one may differ.
    pub fn version(&self) -> u64 {
        self.changes_before + self.generation()
    }

    /// Hears of every change from now on.
    pub fn listen(&self) -> Subscriber {
        self.publisher.listen()
    }

    /// How many listen.
    pub fn subscribers(&self) -> usize {
        self.publisher.subscribers()
    }

    /// Point reads since the start; what a page costs is a difference of two of these.
    pub fn point_reads(&self) -> u64 {
        self.engine.point_reads()
    }

    /// Syncs to disk since the start; fewer than changes when writers share one.
    pub fn syncs(&self) -> u64 {
        self.group_commit.syncs()
    }

    /// Whether a change could be saved now.
    ///
    /// # Errors
    /// Why not: an earlier write failed, the disk has no room, or the data folder is not where it was.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.check_write_failure()?;
        self.check_folder()
    }

    /// Whether the folder is where it was, with room for another change. If not, nothing was begun, and changes go on
    /// once it is.
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

    /// After a failed write or sync, memory and disk may differ: no more writes until a restart has read the disk again.
    fn record_write_failure(&self, error: StoreError) -> StoreError {
        if error.leaves_doubt() {
            let mut write_failure = self.write_failure.lock().unwrap_or_else(PoisonError::into_inner);
            write_failure.get_or_insert_with(|| error.to_string());
        }
        error
    }
}
