//! The sled engine. No other module knows sled.
//!
//! Two properties of sled 0.34.7 shape this file. A transaction holds one process-wide lock, and a plain read inside
//! it waits for that lock forever; so nothing runs inside except the prepared writes of [`Engine::apply`]. And
//! `flush` ends in `sync_file_range`, which does not survive a power cut; so [`Engine::sync`] adds `fdatasync` on the
//! database file, and syncs all other files that the engine wrote.

pub mod data_dir;
pub mod group_commit;
pub(super) mod rebuild;
mod record_chunks;
pub mod side_files;
pub mod swap;
pub mod system;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
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

use crate::store::{
    Options,
    catalog::Table,
    engine::{record_chunks::Split, side_files::Beside},
    error::StoreError,
    fail_points::FailPoints,
    transaction::{Flow, ReadTx, ScanOrder, Visit, Writes},
};

/// A value as returned by the engine.
pub(super) type Bytes = sled::IVec;

/// A value to put under a key of one of the engine's trees, or none to remove.
type Write<'a> = (usize, Cow<'a, [u8]>, Option<Cow<'a, [u8]>>);

/// The name of the engine's database file.
pub(super) const DATABASE: &str = "db";
/// The name on disk of the tree with the chunks of long records, see [`record_chunks`]. Never changed.
const PIECES: &str = "pieces";

pub(super) struct Engine {
    db: sled::Db,
    /// The trees of the tables, in order, and the chunks of long records.
    trees: Vec<Tree>,
    /// The database file.
    pub file: File,
    beside: Beside,
    fail_points: FailPoints,
    point_reads: AtomicU64,
    /// Reads of any kind: each would be a round trip to a database server.
    calls: AtomicU64,
    /// The tables that have chunks, one bit each, so that the others need no lookup.
    in_pieces: AtomicU64,
}

impl Engine {
    /// Opens a store, or creates it.
    pub fn open(dir: &Path, options: &Options) -> Result<Self, StoreError> {
        rebuild::finish_exchange(dir)?;
        let config = sled::Config::new().path(dir).cache_capacity(options.cache_bytes).flush_every_ms(None);
        fs::create_dir_all(dir)?;
        remove_half_snapshots(dir)?;
        side_files::repair_conf(dir)?;
        silence_engine_panics();
        let (db, trees) = recover(&config)?;
        let engine = Self {
            db,
            trees,
            file: File::open(dir.join(DATABASE))?,
            beside: Beside::new(dir),
            fail_points: options.fail_points.clone(),
            point_reads: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            in_pieces: AtomicU64::new(0),
        };
        for table in Table::ALL {
            if let Some(piece) = engine.pieces().scan_prefix(record_chunks::prefix(table)).next() {
                piece.map_err(store_error)?;
                engine.in_pieces.fetch_or(bit(table), Ordering::Relaxed);
            }
        }
        engine.sync()?;
        sync_dir(dir)?;
        Ok(engine)
    }

    fn find(&self, table: Table, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.point_reads.fetch_add(1, Ordering::Relaxed);
        let found = self.tree(table).get(key).map_err(store_error)?;
        found.map(|value| self.whole(table, key, value)).transpose()
    }

    pub fn pairs(
        &self,
        table: Table,
        range: Range<&[u8]>,
    ) -> impl DoubleEndedIterator<Item = Result<(Bytes, Bytes), StoreError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.tree(table).range::<&[u8], _>(range).map(move |pair| {
            let (key, value) = pair.map_err(store_error)?;
            let value = self.whole(table, &key, value)?;
            Ok((key, value))
        })
    }

    /// Writes all or nothing. The closure only replays prepared writes: it may run again, and reads nothing.
    pub fn apply(&self, writes: &Writes) -> Result<(), StoreError> {
        if writes.is_empty() {
            return Ok(());
        }
        let writes = self.in_entries(writes)?;
        // The engine prepares each tree of a transaction, written or not, and needs at least one.
        let written: BTreeSet<usize> = writes.iter().map(|(tree, _, _)| *tree).collect();
        let trees: Vec<Tree> = written.iter().map(|tree| self.trees[*tree].clone()).collect();
        let done = trees.as_slice().transaction(|trees| {
            let trees: BTreeMap<_, _> = written.iter().zip(trees).collect();
            for (tree, key, value) in &writes {
                self.fail_points.fail_if_armed().map_err(ConflictableTransactionError::Abort)?;
                match value {
                    Some(value) => trees[tree].insert(key.as_ref(), value.as_ref())?,
                    None => trees[tree].remove(key.as_ref())?,
                };
            }
            Ok(())
        });
        done.map_err(|error| match error {
            TransactionError::Abort(error) => error,
            TransactionError::Storage(error) => store_error(error),
        })
    }

    /// The writes with long records split into chunks, and removals of the chunks they replace. No other write may
    /// run meanwhile.
    fn in_entries<'a>(&self, writes: &'a Writes) -> Result<Vec<Write<'a>>, StoreError> {
        let place = Table::ALL.len();
        let mut all = Vec::with_capacity(writes.len());
        for ((table, key), value) in writes {
            let split = value.as_ref().map(|value| record_chunks::split(*table, key, value)).transpose()?.flatten();
            let kept = split.as_ref().map_or(0, |split| split.pieces.len());
            for old in self.pieces_of(*table, key, kept)? {
                all.push((place, Cow::Owned(old), None));
            }
            let value = match split {
                Some(Split { head, pieces }) => {
                    self.in_pieces.fetch_or(bit(*table), Ordering::Relaxed);
                    all.extend(
                        pieces.into_iter().map(|(key, value)| (place, Cow::Owned(key), Some(Cow::Owned(value)))),
                    );
                    Some(Cow::Owned(head))
                }
                None => value.as_deref().map(Cow::Borrowed),
            };
            all.push((*table as usize, Cow::Borrowed(key.as_slice()), value));
        }
        Ok(all)
    }

    /// The keys of a record's chunks, from a number on.
    fn pieces_of(&self, table: Table, key: &[u8], from: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut keys = Vec::new();
        if self.in_pieces.load(Ordering::Relaxed) & bit(table) != 0 {
            for number in u32::try_from(from).unwrap_or(u32::MAX).. {
                let piece = record_chunks::piece_key(table, key, number);
                if !self.pieces().contains_key(&piece).map_err(store_error)? {
                    break;
                }
                keys.push(piece);
            }
        }
        Ok(keys)
    }

    /// A record joined with its chunks.
    fn whole(&self, table: Table, key: &[u8], value: Bytes) -> Result<Bytes, StoreError> {
        let piece = |key: &[u8]| self.pieces().get(key).map_err(store_error);
        Ok(record_chunks::join(table, key, &value, piece)?.map_or(value, Bytes::from))
    }

    /// The keys of records that are longer than an entry may be and not split, as versions before format 4 wrote
    /// them.
    pub fn oversized(&self, table: Table) -> Result<Vec<Vec<u8>>, StoreError> {
        let long = |(key, value): &(Bytes, Bytes)| key.len() + value.len() > record_chunks::ENTRY_BYTES_MAX;
        let pairs = self.tree(table).iter().filter(|pair| pair.as_ref().map_or(true, long));
        pairs.map(|pair| pair.map(|(key, _)| key.to_vec()).map_err(store_error)).collect()
    }

    /// A tree that belongs to no table of this version.
    fn unknown_tree(&self) -> Option<String> {
        let names = self.db.tree_names().into_iter().map(|name| String::from_utf8_lossy(&name).into_owned());
        let known = |name: &str| {
            name == PIECES || name.starts_with("__sled__") || Table::ALL.iter().any(|table| table.name() == name)
        };
        names.into_iter().find(|name| !known(name))
    }

    /// Makes everything applied so far survive a power cut: all files that the engine has written.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(store_error)?;
        self.fail_points.strike_sync()?;
        self.file.sync_data()?;
        Ok(self.beside.sync()?)
    }

    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        Ok(self.file.metadata()?.len())
    }

    /// Records read by their keys, and reads of any kind, since the start.
    pub fn reads(&self) -> (u64, u64) {
        (self.point_reads.load(Ordering::Relaxed), self.calls.load(Ordering::Relaxed))
    }

    fn tree(&self, table: Table) -> &Tree {
        &self.trees[table as usize]
    }

    fn pieces(&self) -> &Tree {
        &self.trees[Table::ALL.len()]
    }
}

impl ReadTx for Engine {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(self.find(table, key)?.map(|value| value.to_vec()))
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        keys.iter().map(|key| Ok(self.find(table, key)?.map(|value| value.to_vec()))).collect()
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let keys = |range: &Range<Vec<u8>>| {
            let keys = self.tree(table).range::<&[u8], _>(range.start.as_slice()..&range.end).keys().take(max);
            keys.map(|key| Ok(key.map_err(store_error)?.to_vec())).collect()
        };
        ranges.iter().map(keys).collect()
    }

    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        let mut pairs = self.pairs(table, range);
        let mut next = || match order {
            ScanOrder::Ascending => pairs.next(),
            ScanOrder::Descending => pairs.next_back(),
        };
        while let Some(pair) = next() {
            let (key, value) = pair?;
            if visit(&key, &value)? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

fn bit(table: Table) -> u64 {
    1 << table as u64
}

/// An interrupted start, by a kill or a full disk, leaves half a snapshot, which the engine would read as the newest
/// one and report as damaged. The complete one before it still exists.
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

/// Keeps sled's panics off the terminal: [`recover`] reports them as errors. All other panics are reported as usual.
fn silence_engine_panics() {
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

/// Opens the database file. If it is damaged, sled may panic instead of returning an error.
fn recover(config: &sled::Config) -> Result<(sled::Db, Vec<Tree>), StoreError> {
    let open = || {
        let db = config.open()?;
        let names = Table::ALL.iter().map(|table| table.name()).chain([PIECES]);
        let trees = names.map(|name| db.open_tree(name)).collect::<Result<_, _>>()?;
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

/// How long an engine that this process just closed may take to release its file.
const HELD_TRIES_MAX: u32 = 200;
const HELD_DELAY_MS: u64 = 10;

/// The folder is locked by this process, so the file can only be held by an engine of our own that is still closing.
fn is_held(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().contains("could not acquire lock"))
}

/// Syncs the names in a folder to disk; the engine does not.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    data_dir::sync_names(dir)?;
    data_dir::sync_names(data_dir::parent(dir))
}

fn store_error(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(error) => error.into(),
        sled::Error::Corruption { at, .. } => StoreError::Damaged(format!("a checksum is wrong at {at:?}")),
        other => StoreError::Damaged(other.to_string()),
    }
}
