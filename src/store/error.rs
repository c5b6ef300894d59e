//! Errors of the store. None is caused by a user's input.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::store::{self, catalog::Table};

/// A read or a write failed.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("cannot read or write the disk: {0}")]
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
    #[error("too much changed while the store was read")]
    Outpaced,
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The server, the address or the rights must be changed first.
    #[error("the database cannot be used: {0}")]
    Refused(String),
    #[error("the database was lost while a change was saved, and it is not known if it was saved: {0}")]
    InDoubt(String),
    #[error("other changes came first too often")]
    Conflict,
    #[error(
        "a newer tandem has brought the store to format {found}, this one writes {max}: update this server",
        max = store::FORMAT_VERSION
    )]
    Newer { found: u32 },
    #[error("the database failed: {0}")]
    Database(String),
}

impl StoreError {
    /// Tells if memory and disk may now differ.
    pub(super) fn leaves_doubt(&self) -> bool {
        match self {
            Self::Io(_) | Self::Full | Self::Damaged(_) | Self::Moved(_) => true,
            Self::Corrupt { .. }
            | Self::TooLarge { .. }
            | Self::ReadOnly(_)
            | Self::CutOff(_)
            | Self::Busy
            | Self::Outpaced
            | Self::Unreachable(_)
            | Self::Refused(_)
            | Self::InDoubt(_)
            | Self::Conflict
            | Self::Newer { .. }
            | Self::Database(_) => false,
        }
    }

    /// What became of a change that ended with this error.
    pub fn effect(&self) -> &'static str {
        if let Self::InDoubt(_) = self {
            "it is not known if the change was made"
        } else {
            "change failed, nothing changed"
        }
    }

    /// Tells if the store cannot write at the moment, as opposed to a bug.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Io(_)
            | Self::Full
            | Self::ReadOnly(_)
            | Self::Moved(_)
            | Self::Unreachable(_)
            | Self::Refused(_)
            | Self::InDoubt(_)
            | Self::Newer { .. } => true,
            Self::Corrupt { .. }
            | Self::Damaged(_)
            | Self::TooLarge { .. }
            | Self::CutOff(_)
            | Self::Busy
            | Self::Outpaced
            | Self::Conflict
            | Self::Database(_) => false,
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull { Self::Full } else { Self::Io(error) }
    }
}

/// The error for a record that cannot be read.
pub(crate) fn corrupt(table: Table, key: &[u8]) -> StoreError {
    StoreError::Corrupt { table, key: name_of(key) }
}

/// A readable key: the number of an event, the id of an employee; otherwise its bytes.
fn name_of(key: &[u8]) -> String {
    let text = key.strip_suffix(&[0, 0]).and_then(|text| std::str::from_utf8(text).ok());
    match (<[u8; 8]>::try_from(key), text) {
        (Ok(number), _) => u64::from_be_bytes(number).to_string(),
        (_, Some(text)) if !text.is_empty() && !text.contains(char::is_control) => text.to_owned(),
        _ => format!("{key:02x?}"),
    }
}

/// The data folder was not opened. Damaged data stays as it is, to be replaced from a backup.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("data folder {path} is in use by another tandem (process {pid}): stop it first, or use another folder")]
    Locked { path: PathBuf, pid: String },
    #[error("{path} is not a folder: give a folder for the data")]
    NotAFolder { path: PathBuf },
    #[error(
        "{path} is not a tandem data folder: it holds {found} and no store; give an empty folder, or one created by tandem"
    )]
    NotOurs { path: PathBuf, found: String },
    #[error(
        "other users of this machine may enter the data folder {path} (its mode is {mode:04o}), and that cannot be changed \
         ({source}): chmod 700 it"
    )]
    Open { path: PathBuf, mode: u32, source: io::Error },
    #[error("data folder {path} cannot be used: {source}")]
    Unusable { path: PathBuf, source: io::Error },
    #[error("the store in {path} is damaged: its records are missing although it was in use; restore a backup")]
    Emptied { path: PathBuf },
    #[error(
        "the store in {path} is damaged: it has {found} of the {wanted} changes that were acknowledged; restore a backup, or delete {} to go on without the rest",
        counter
    )]
    Outdated { path: PathBuf, counter: &'static str, found: u64, wanted: u64 },
    #[error(
        "the store has format {found}, this tandem reads up to {max}: use a newer tandem",
        max = store::FORMAT_VERSION
    )]
    Newer { found: u32 },
    #[error(transparent)]
    Store(StoreError),
}

impl OpenError {
    pub(super) fn unusable(path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Unusable { path: path.to_owned(), source }
    }

    /// True if the folder could not be opened because it is not writable.
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
