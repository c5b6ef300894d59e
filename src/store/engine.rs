//! sled, and nothing else knows it.
//!
//! Two properties of sled 0.34.7 shape this file. A transaction holds one process-wide lock, and a plain read inside it
//! waits for that lock forever; so nothing runs inside but the prepared writes of [`Engine::apply`]. And `flush` ends in
//! `sync_file_range`, which a power cut does not respect; so [`Engine::sync`] adds `fdatasync` on the database file.

use std::{
    cell::Cell,
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
        remove_half_snapshots(dir)?;
        let config = sled::Config::new().path(dir).cache_capacity(options.cache_bytes).flush_every_ms(None);
        let (db, trees) = unless_it_panics(|| {
            let db = config.open()?;
            let trees = Table::ALL.iter().map(|table| db.open_tree(table.name())).collect::<Result<_, _>>()?;
            Ok((db, trees))
        })?;
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

    pub fn scan(&self, table: Table, range: Range<&[u8]>) -> impl Iterator<Item = Result<(Bytes, Bytes), StoreError>> {
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

thread_local! {
    /// Whether a panic on this thread will be told as an error.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Some damage the engine meets with a panic, such as a file that was cut off. It is told as damage.
fn unless_it_panics<T>(open: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                tell(info);
            }
        }));
    });
    QUIET.set(true);
    let opened = panic::catch_unwind(AssertUnwindSafe(open));
    QUIET.set(false);
    match opened {
        Ok(opened) => opened.map_err(store_error),
        Err(_) => Err(StoreError::Damaged("it cannot be made sense of".to_owned())),
    }
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
