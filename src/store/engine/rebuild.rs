//! Copies a store record by record, and replaces the old one with the copy.
//!
//! A copy is as small as its records, and has no files besides its database. Versions before 0.2 let the engine write
//! large pages into `blobs`. They are synced now, but are otherwise not safe against a power cut: they are removed as
//! soon as the store is opened.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use crate::store::{
    Options,
    catalog::{Table, everything},
    engine::{DATABASE, Engine, side_files, sync_dir},
    error::StoreError,
    fail_points::FailPoints,
    transaction::Writes,
};

/// Records copied in one transaction.
const BATCH_RECORDS: usize = 250;

/// Replaces a store with a copy: [`without_blobs`] or [`compacted`].
pub type Rebuild = fn(Engine, &Path, &Options) -> Result<Engine, StoreError>;

/// Copies a store that has files besides its database.
///
/// # Errors
/// If the copy was made and could not replace the old store. A store that cannot be copied stays as it is.
pub fn without_blobs(engine: Engine, dir: &Path, options: &Options) -> Result<Engine, StoreError> {
    if !side_files::has_blobs(dir)? {
        return Ok(engine);
    }
    info!("the store has pages outside its database file, which a power cut might lose: it is copied without them");
    if let Err(error) = copy(&engine, dir, options) {
        warn!(%error, "the store could not be copied; it stays as it is, and the next start tries again");
        remove(&new_dir(dir))?;
        return Ok(engine);
    }
    put_in_place(engine, dir, options)
}

/// Replaces a store with a copy, which has no room for what was changed or removed.
///
/// # Errors
/// If the store could not be copied; it stays as it is.
pub fn compacted(engine: Engine, dir: &Path, options: &Options) -> Result<Engine, StoreError> {
    if let Err(error) = copy(&engine, dir, options) {
        remove(&new_dir(dir))?;
        return Err(error);
    }
    put_in_place(engine, dir, options)
}

fn put_in_place(old: Engine, dir: &Path, options: &Options) -> Result<Engine, StoreError> {
    drop(old);
    exchange(dir)?;
    Engine::open(dir, options)
}

fn new_dir(dir: &Path) -> PathBuf {
    beside(dir, ".new")
}

fn old_dir(dir: &Path) -> PathBuf {
    beside(dir, ".old")
}

/// A name next to a folder, also next to a copy: opening a copy must not remove it.
fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn copy(from: &Engine, dir: &Path, options: &Options) -> Result<(), StoreError> {
    if let Some(tree) = from.unknown_tree() {
        return Err(StoreError::Damaged(format!("this version does not know its table {tree}")));
    }
    let to = Engine::open(&new_dir(dir), &Options { fail_points: FailPoints::default(), ..options.clone() })?;
    for table in Table::ALL {
        let all = everything();
        let mut batch = Writes::new();
        for pair in from.pairs(table, &all.start..&all.end) {
            let (key, value) = pair?;
            batch.insert((table, key.to_vec()), Some(value.to_vec()));
            if batch.len() == BATCH_RECORDS {
                to.apply(&batch)?;
                batch.clear();
            }
        }
        to.apply(&batch)?;
    }
    to.sync()?;
    drop(to);
    compare(from, &Engine::open(&new_dir(dir), options)?)
}

/// Compares every record of a copy that was opened again.
fn compare(from: &Engine, to: &Engine) -> Result<(), StoreError> {
    for table in Table::ALL {
        let all = everything();
        let mut copied = to.pairs(table, &all.start..&all.end);
        for pair in from.pairs(table, &all.start..&all.end) {
            if copied.next().transpose()? != Some(pair?) {
                return Err(differs(table));
            }
        }
        if copied.next().is_some() {
            return Err(differs(table));
        }
    }
    Ok(())
}

fn differs(table: Table) -> StoreError {
    StoreError::Damaged(format!("the copy of table {} is not equal to it", table.name()))
}

/// Replaces the old store with the new one. [`finish_exchange`] completes an interrupted exchange: the old one is
/// complete until the new one is in place.
fn exchange(dir: &Path) -> io::Result<()> {
    fs::rename(dir, old_dir(dir))?;
    sync_dir(&old_dir(dir))?;
    fs::rename(new_dir(dir), dir)?;
    sync_dir(dir)?;
    fs::remove_dir_all(old_dir(dir))
}

/// Completes an exchange that was interrupted by a power cut or a kill.
pub fn finish_exchange(dir: &Path) -> io::Result<()> {
    if old_dir(dir).exists() {
        if dir.join(DATABASE).exists() {
            fs::remove_dir_all(old_dir(dir))?;
        } else {
            // An existing folder was created again, empty, before this check.
            remove(dir)?;
            fs::rename(old_dir(dir), dir)?;
        }
        sync_dir(dir)?;
    }
    remove(&new_dir(dir))
}

fn remove(dir: &Path) -> io::Result<()> {
    if dir.exists() { fs::remove_dir_all(dir) } else { Ok(()) }
}
