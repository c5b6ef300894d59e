//! Copies a store record by record, so that it has no files besides its database, and replaces the old one.
//!
//! Versions before 0.2 let the engine write large pages into `blobs`. They are synced now, but are otherwise not safe
//! against a power cut: they are removed as soon as the store is opened.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use crate::store::{
    Options,
    engine::{DATABASE, Engine, Writes, fail_points::FailPoints, side_files, sync_dir},
    error::StoreError,
    tables::{catalog::Table, keys::everything},
};

/// Records copied in one transaction.
const BATCH_RECORDS: usize = 250;

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
    drop(engine);
    exchange(dir)?;
    Engine::open(dir, options)
}

fn new_dir(dir: &Path) -> PathBuf {
    dir.with_extension("new")
}

fn old_dir(dir: &Path) -> PathBuf {
    dir.with_extension("old")
}

fn copy(from: &Engine, dir: &Path, options: &Options) -> Result<(), StoreError> {
    if let Some(tree) = from.unknown_tree() {
        return Err(StoreError::Damaged(format!("this version does not know its table {tree}")));
    }
    let to = Engine::open(&new_dir(dir), &Options { fail_points: FailPoints::default(), ..options.clone() })?;
    for table in Table::ALL {
        let all = everything();
        let mut batch = Writes::new();
        for pair in from.scan(table, &all.start..&all.end) {
            let (key, value) = pair?;
            batch.insert((table, key.to_vec()), Some(value.to_vec()));
            if batch.len() == BATCH_RECORDS {
                to.apply(&batch)?;
                batch.clear();
            }
        }
        to.apply(&batch)?;
    }
    to.sync()
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
