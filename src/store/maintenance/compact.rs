//! Rewrites a store, so that its file holds only what is live.
//!
//! The engine appends to its file and reuses what is dead only in part, so a store that is changed a lot grows to a
//! multiple of its records.

use std::path::Path;

use thiserror::Error;

use crate::store::{Options, Store, StoreError, disk_space, engine::rebuild, error::OpenError, maintenance::check};

/// Size of the database file before and after, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Compacted {
    pub before: u64,
    pub after: u64,
}

/// The store is unchanged.
#[derive(Debug, Error)]
pub enum CompactError {
    #[error("the store has problems, and a copy would have them, too: {0}; see `tandem check`")]
    Unsound(String),
    #[error("a second store of up to {} MB does not fit on the disk of the data folder", bytes.div_ceil(1_000_000))]
    Full { bytes: u64 },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies the store of a data folder, compares the copy with it, and puts it in its place.
///
/// # Errors
/// [`CompactError`], also if another process uses the folder.
pub fn run(data_dir: &Path, options: &Options) -> Result<Compacted, CompactError> {
    let store = Store::open(data_dir, options)?;
    let report = check::run_in_slices(&store)?;
    if let Some(problem) = report.storage_problems.into_iter().next() {
        return Err(CompactError::Unsound(problem));
    }
    let before = store.bytes_on_disk()?;
    disk_space::check_for_others(&store.path, before).map_err(|_| CompactError::Full { bytes: before })?;
    let after = store.engine.rebuilt(rebuild::compacted, options)?.bytes_on_disk()?;
    Ok(Compacted { before, after })
}
