//! sled, and nothing else knows it.
//!
//! Two properties of sled 0.34.7 shape this file. A transaction holds one process-wide lock, and a plain read inside it
//! waits for that lock forever; so nothing runs inside but the prepared writes of [`Engine::apply`]. And `flush` ends in
//! `sync_file_range`, which a power cut does not respect; so [`Engine::sync`] adds `fdatasync` on the database file.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    ops::Range,
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use sled::{
    Transactional, Tree,
    transaction::{ConflictableTransactionError, TransactionError},
};

use super::{Options, error::StoreError, faults::Faults, table::Table};

/// A value as the engine hands it out.
pub(super) type Bytes = sled::IVec;
/// The writes of one transaction: a value to put, or none to remove.
pub(super) type Writes = BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>;

pub(super) struct Engine {
    db: sled::Db,
    trees: Vec<Tree>,
    file: File,
    faults: Faults,
    point_reads: AtomicU64,
}

impl Engine {
    pub fn open(dir: &Path, options: &Options) -> Result<Self, StoreError> {
        let config = sled::Config::new().path(dir).cache_capacity(options.cache_bytes).flush_every_ms(None);
        remove_half_snapshots(dir)?;
        hush_the_engine();
        let (db, trees) = recover(&config)?;
        let file = File::open(dir.join("db"))?;
        let engine = Self { db, trees, file, faults: options.faults.clone(), point_reads: AtomicU64::new(0) };
        engine.sync()?;
        sync_dir(dir)?;
        Ok(engine)
    }

    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.point_reads.fetch_add(1, Ordering::Relaxed);
        self.tree(table).get(key).map_err(store_error)
    }

    pub fn scan(
        &self,
        table: Table,
        range: Range<&[u8]>,
    ) -> impl DoubleEndedIterator<Item = Result<(Bytes, Bytes), StoreError>> {
        self.tree(table).range::<&[u8], _>(range).map(|pair| pair.map_err(store_error))
    }

    /// Writes all or nothing. The closure only replays prepared writes: it may run again, and reads nothing.
    pub fn apply(&self, writes: &Writes) -> Result<(), StoreError> {
        let done = self.trees.as_slice().transaction(|trees| {
            for ((table, key), value) in writes {
                self.faults.strike().map_err(ConflictableTransactionError::Abort)?;
                let tree = &trees[*table as usize];
                match value {
                    Some(value) => tree.insert(key.as_slice(), value.as_slice())?,
                    None => tree.remove(key.as_slice())?,
                };
            }
            Ok(())
        });
        done.map_err(|error| match error {
            TransactionError::Abort(error) => error,
            TransactionError::Storage(error) => store_error(error),
        })
    }

    /// Makes everything applied so far survive a power cut.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(store_error)?;
        self.faults.strike_sync()?;
        Ok(self.file.sync_data()?)
    }

    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        self.db.size_on_disk().map_err(store_error)
    }

    pub fn point_reads(&self) -> u64 {
        self.point_reads.load(Ordering::Relaxed)
    }

    fn tree(&self, table: Table) -> &Tree {
        &self.trees[table as usize]
    }
}

/// A start that was cut off, by a kill or a full disk, leaves half a snapshot, which the engine would then read as the
/// newest one and call damaged. The whole one before it is still there.
fn remove_half_snapshots(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Keeps sled's panics off the terminal: [`recover`] says in a sentence what they mean. All others are told as ever.
fn hush_the_engine() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let of_sled = info.location().is_some_and(|place| place.file().contains("sled-"));
            if !of_sled {
                tell(info);
            }
        }));
    });
}

/// Reads the database file. Where it is damaged, sled may panic rather than say so.
fn recover(config: &sled::Config) -> Result<(sled::Db, Vec<Tree>), StoreError> {
    let open = || {
        let db = config.open()?;
        let trees = Table::ALL.iter().map(|table| db.open_tree(table.name())).collect::<Result<_, _>>()?;
        Ok((db, trees))
    };
    let mut tries = 0;
    loop {
        match panic::catch_unwind(AssertUnwindSafe(open)) {
            Ok(Err(error)) if is_held(&error) && tries < HELD_TRIES_MAX => {
                tries += 1;
                thread::sleep(Duration::from_millis(HELD_DELAY_MS));
            }
            Ok(opened) => return opened.map_err(store_error),
            Err(why) => {
                let why = why.downcast_ref::<String>().map_or("its parts do not fit together", String::as_str);
                return Err(StoreError::Damaged(why.to_owned()));
            }
        }
    }
}

/// How long an engine that this process closed just now may take to let go of its file.
const HELD_TRIES_MAX: u32 = 200;
const HELD_DELAY_MS: u64 = 10;

/// The folder is ours alone, so whoever holds the file is an engine of our own that is still closing.
fn is_held(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().contains("could not acquire lock"))
}

/// Makes the names in a folder survive a power cut; the engine does not.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()?;
    match dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => File::open(fs::canonicalize(".")?)?.sync_all(),
    }
}

fn store_error(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(error) => error.into(),
        sled::Error::Corruption { at, .. } => StoreError::Damaged(format!("a checksum is wrong at {at:?}")),
        other => StoreError::Damaged(other.to_string()),
    }
}
