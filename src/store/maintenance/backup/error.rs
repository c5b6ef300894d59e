//! Errors of backup and restore.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::store::{
    self,
    error::{OpenError, StoreError},
    maintenance::backup::BACKUP_VERSION,
};

/// The target is unchanged.
#[derive(Debug, Error)]
pub enum BackupError {
    #[error("{} exists already, and a backup never overwrites a file: give another name", .0.display())]
    Exists(PathBuf),
    #[error("this is not a backup of tandem: {0}")]
    NotABackup(&'static str),
    #[error(
        "the backup has {what} {found}, this tandem reads up to {max}: use a newer tandem",
        max = match *what { "format" => BACKUP_VERSION, _ => store::FORMAT_VERSION }
    )]
    Newer { what: &'static str, found: u32 },
    #[error("the backup is damaged at line {line}: {why}")]
    Damaged { line: u64, why: String },
    #[error("the backup is cut short: it ends after line {line}, without its footer")]
    CutShort { line: u64 },
    #[error("the store in the backup does not agree with itself: {0}")]
    Unsound(String),
    #[error("{} holds a store already: restore into another folder, or use --replace, which keeps this one", .0.display())]
    Holds(PathBuf),
    #[error(
        "the schema {0} holds a store already: restore into another schema, or use --replace, which keeps this one"
    )]
    HoldsSchema(String),
    #[error("the restored store could not be put in place: {source}; the store is as it was")]
    NotPlaced { source: io::Error },
    #[error("the file could not be read or written: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl BackupError {
    /// Converts to a store error, for callers that did not name a file.
    pub fn into_store_error(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Io(error) => error.into(),
            other => StoreError::CutOff(other.to_string()),
        }
    }
}
