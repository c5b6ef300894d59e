//! Backup files.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use tempfile::NamedTempFile;

use crate::store::{
    Options, SCRATCH_PREFIX, Store,
    disk_space::Sparing,
    engine::data_dir::{self, parent},
    maintenance::backup::{
        BackupError, Contents, Reader,
        restore::{self, Restored},
        write,
    },
};

/// A temporary backup next to its target. It is deleted if dropped before it was placed.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    target: PathBuf,
    data_dir: PathBuf,
}

impl Draft {
    /// Creates an empty one; `target` must not exist. On the disk of `data_dir` it leaves the space reserved for
    /// changes.
    pub fn beside(target: &Path, data_dir: &Path) -> Result<Self, BackupError> {
        if target.try_exists()? {
            return Err(BackupError::Exists(target.to_owned()));
        }
        let file = tempfile::Builder::new().prefix(SCRATCH_PREFIX).tempfile_in(parent(target))?;
        Ok(Self { file, target: target.to_owned(), data_dir: data_dir.to_owned() })
    }

    pub fn write(&mut self, store: &Store, made_at: DateTime<Utc>) -> Result<(), BackupError> {
        write::write(store, made_at, self.sparing())
    }

    pub(crate) fn fill<E>(&mut self, write: impl FnOnce(Sparing<&File>) -> Result<(), E>) -> Result<(), E> {
        write(self.sparing())
    }

    pub fn copy(&mut self, mut source: impl Read) -> Result<(), BackupError> {
        io::copy(&mut source, &mut self.sparing())?;
        Ok(())
    }

    /// Restores it into a temporary folder, and checks the result.
    pub fn prove(&mut self, options: &Options) -> Result<Restored, BackupError> {
        let scratch = tempfile::Builder::new().prefix(SCRATCH_PREFIX).tempdir_in(parent(&self.target))?;
        restore::build(self.reread()?, &scratch.path().join("data"), options)
    }

    /// Reads it to its end, and renames it to its target.
    pub fn place(self) -> Result<(Contents, u64), BackupError> {
        self.place_after(|source| Reader::new(source)?.finish())
    }

    /// Renames it to its target once `read` has read it back.
    pub(crate) fn place_after<T, E: From<BackupError>>(
        mut self,
        read: impl FnOnce(BufReader<&File>) -> Result<T, E>,
    ) -> Result<(T, u64), E> {
        let content = read(self.reread()?)?;
        Ok((content, self.put_in_place()?))
    }

    fn put_in_place(self) -> Result<u64, BackupError> {
        self.file.as_file().sync_all()?;
        let bytes = self.file.as_file().metadata()?.len();
        let placed = self.file.persist_noclobber(&self.target);
        placed.map_err(|failed| match failed.error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(self.target.clone()),
            _ => failed.error.into(),
        })?;
        data_dir::sync_parent(&self.target)?;
        Ok(bytes)
    }

    fn sparing(&self) -> Sparing<&File> {
        Sparing::beside(parent(&self.target), &self.data_dir, self.file.as_file())
    }

    fn reread(&mut self) -> Result<BufReader<&File>, BackupError> {
        self.file.as_file_mut().rewind()?;
        Ok(BufReader::new(self.file.as_file()))
    }
}

/// A backup in an unnamed file, positioned at its beginning, for slow readers.
pub fn to_temporary(store: &Store, made_at: DateTime<Utc>) -> Result<File, BackupError> {
    let mut file = store.temporary_file().map_err(BackupError::from)?;
    write::write(store, made_at, &mut file)?;
    let mut file = file.into_inner();
    file.rewind()?;
    Ok(file)
}

/// Removes the temporary files and folders that a crash left in a folder.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(SCRATCH_PREFIX) {
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
    }
    Ok(())
}
