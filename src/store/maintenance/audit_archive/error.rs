//! Errors of archives of the audit.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::store::{
    error::StoreError,
    maintenance::{audit_archive::file::ARCHIVE_VERSION, backup::BackupError},
};

#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error("{} exists already, and an archive never overwrites a file: give another name", .0.display())]
    Exists(PathBuf),
    #[error("this is not an archive of the audit: {0}")]
    NotAnArchive(&'static str),
    #[error("the archive has format {found}, this tandem reads up to {ARCHIVE_VERSION}: use a newer tandem")]
    Newer { found: u32 },
    #[error("the archive is damaged at line {line}: {why}")]
    Damaged { line: u64, why: String },
    #[error("the archive is cut short: it ends after line {line}, without its footer")]
    CutShort { line: u64 },
    #[error("the file could not be read or written: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BackupError> for ArchiveError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Exists(path) => Self::Exists(path),
            BackupError::NotABackup(why) => Self::NotAnArchive(why),
            BackupError::Damaged { line, why } => Self::Damaged { line, why },
            BackupError::CutShort { line } => Self::CutShort { line },
            BackupError::Io(error) => Self::Io(error),
            other => Self::Store(other.into_store_error()),
        }
    }
}
