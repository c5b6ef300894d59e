//! What can go wrong with the store, which is our fault and never the user's.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::store::{self, engine::data_dir, tables::catalog::Table};

/// A read or a write that did not happen.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the disk could not be read or written: {0}")]
    Io(#[source] io::Error),
    #[error("the disk is full")]
    Full,
    #[error("table {} holds a record that cannot be read, at key {key}", table.name())]
    Corrupt { table: Table, key: String },
    #[error("the database file is damaged: {0}")]
    Damaged(String),
    #[error("a record for table {} has {bytes} bytes, more than the {max} allowed", table.name())]
    TooLarge { table: Table, bytes: usize, max: usize },
    #[error("nothing can be written until a restart, because an earlier write failed: {0}")]
    ReadOnly(String),
    #[error(
        "the data folder {0} was removed, moved or replaced while it was in use: no change can be saved until it is back or the server is restarted"
    )]
    Moved(PathBuf),
    #[error("the work was cut off: {0}")]
    CutOff(String),
    #[error("too many requests wait for the store")]
    Busy,
    #[error("too much changed while all of it was read")]
    Outpaced,
}

impl StoreError {
    /// Whether memory and disk may now differ.
    pub(super) fn leaves_doubt(&self) -> bool {
        match self {
            Self::Io(_) | Self::Full | Self::Damaged(_) | Self::Moved(_) => true,
            Self::Corrupt { .. }
            | Self::TooLarge { .. }
            | Self::ReadOnly(_)
            | Self::CutOff(_)
            | Self::Busy
            | Self::Outpaced => false,
        }
    }

    /// Whether the store cannot write at the moment, as opposed to a fault of ours.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Io(_) | Self::Full | Self::ReadOnly(_) | Self::Moved(_) => true,
            Self::Corrupt { .. }
            | Self::Damaged(_)
            | Self::TooLarge { .. }
            | Self::CutOff(_)
            | Self::Busy
            | Self::Outpaced => false,
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull { Self::Full } else { Self::Io(error) }
    }
}

/// Why a data folder was not opened. What is damaged is left for a backup to replace.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error(
        "data folder {path} is in use by another tandem (process {pid}): stop that one first, or use another folder"
    )]
    Locked { path: PathBuf, pid: String },
    #[error("{path} is not a folder: give the folder that holds, or shall hold, the data")]
    NotAFolder { path: PathBuf },
    #[error(
        "{path} is not a tandem data folder: it holds {found} and no store; give an empty folder, or one that tandem made"
    )]
    NotOurs { path: PathBuf, found: String },
    #[error(
        "other users of this machine may enter the data folder {path} (its mode is {mode:04o}), and that cannot be changed \
         ({source}): chmod 700 it"
    )]
    Open { path: PathBuf, mode: u32, source: io::Error },
    #[error("data folder {path} cannot be used: {source}")]
    Unusable { path: PathBuf, source: io::Error },
    #[error("the store in {path} is damaged: its records are gone although it was in use; restore a backup")]
    Emptied { path: PathBuf },
    #[error(
        "the store in {path} is damaged: it has {found} of the {wanted} changes that were acknowledged; restore a backup, or delete {} to go on without the rest",
        data_dir::CHANGES_FILE
    )]
    Outdated { path: PathBuf, found: u64, wanted: u64 },
    #[error(
        "the store has format {found}, this tandem reads up to {max}: use a newer tandem",
        max = store::FORMAT_VERSION
    )]
    Newer { found: u32 },
    #[error(transparent)]
    Store(StoreError),
}

impl OpenError {
    /// Whether the folder could not be opened because it cannot be written.
    pub fn is_unwritable(&self) -> bool {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        match self {
            Self::Unusable { source, .. } | Self::Open { source, .. } | Self::Store(StoreError::Io(source)) => {
                matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem)
            }
            _ => false,
        }
    }
}
