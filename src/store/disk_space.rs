//! Free disk space that each writer in the data folder must leave.
//!
//! Changes have priority: logs, backups, exports and uploads stop long before changes must. Reading never needs a
//! free block: the engine completes writes while reading, so its file always has blocks allocated beyond its end.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::store::{engine::system, error::StoreError};

/// Free bytes below which no change is begun. A batch of an import takes less than half of this.
pub const CHANGE_BYTES_MIN: u64 = 4 * 1024 * 1024;
/// Free bytes below which only changes are written.
pub const OTHERS_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// Bytes allocated beyond the end of the engine's file: as much as the engine may have to complete after one change.
const AHEAD_BYTES: u64 = 4 * 1024 * 1024;
/// Shares of it that are allocated if the disk has no more: reading may need them, changes wait.
const AHEAD_SHARES: [u64; 3] = [1, 2, 4];
/// Growth of the file in bytes after which more is allocated.
const AHEAD_STEP_BYTES: u64 = 1024 * 1024;
/// Bytes that a [`Sparing`] writer writes between two checks of the disk.
const LOOK_BYTES: u64 = 256 * 1024;

/// Checks that a folder's disk has `bytes_min` bytes free.
///
/// # Errors
/// [`StoreError::Full`] if not.
pub fn check(folder: &Path, bytes_min: u64) -> Result<(), StoreError> {
    match fs2::available_space(folder) {
        Ok(free) if free < bytes_min => Err(StoreError::Full),
        // If the system does not report free space, the write itself will fail.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Checks that `bytes` may be written into a folder for something other than a change.
///
/// # Errors
/// [`StoreError::Full`] if the space is reserved for changes.
pub fn check_for_others(folder: &Path, bytes: u64) -> Result<(), StoreError> {
    check(folder, OTHERS_BYTES_MIN.saturating_add(bytes))
}

/// Writes a file on a data folder's disk within a size limit, and leaves the space reserved for changes.
#[derive(Debug)]
pub struct Sparing<W> {
    out: W,
    /// The data folder; none if the file is on another disk.
    folder: Option<PathBuf>,
    written: u64,
    looked_at: u64,
    bytes_max: u64,
}

impl<W> Sparing<W> {
    /// Leaves reserved space on the disk of `folder`.
    pub fn on(folder: &Path, out: W) -> Self {
        Self { out, folder: Some(folder.to_owned()), written: 0, looked_at: 0, bytes_max: u64::MAX }
    }

    /// For a file at `place`: leaves reserved space if it is on the disk of `data_dir`.
    pub fn beside(place: &Path, data_dir: &Path, out: W) -> Self {
        let folder = is_same_disk(place, data_dir).then(|| data_dir.to_owned());
        Self { folder, ..Self::on(data_dir, out) }
    }

    /// Limits the size of the file.
    #[must_use]
    pub fn at_most(self, bytes_max: u64) -> Self {
        Self { bytes_max, ..self }
    }

    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Write for Sparing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (before, more) = (self.written, bytes.len() as u64);
        if before.saturating_add(more) > self.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if let Some(folder) = self.folder.as_ref().filter(|_| before == 0 || before - self.looked_at >= LOOK_BYTES) {
            self.looked_at = before;
            check_for_others(folder, more).map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
        }
        let written = self.out.write(bytes)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(unix)]
fn is_same_disk(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let disk = |path| fs::metadata(path).map(|found| found.dev()).ok();
    disk(one) == disk(other)
}

#[cfg(not(unix))]
fn is_same_disk(_one: &Path, _other: &Path) -> bool {
    true
}

/// Allocates blocks beyond the end of the engine's file.
#[derive(Debug)]
pub(super) struct Ahead {
    file: File,
    /// The end of the file at the last check, and the end of its allocated blocks.
    state: Mutex<(u64, u64)>,
}

impl Ahead {
    pub fn of(path: &Path) -> io::Result<Self> {
        let file = File::options().write(true).open(path)?;
        Ok(Self { file, state: Mutex::new((u64::MAX, 0)) })
    }

    /// Gives the blocks beyond the end of a file back to the disk: opening a store on a full disk needs a few.
    pub fn release(path: &Path) -> io::Result<()> {
        let file = File::options().write(true).open(path)?;
        file.set_len(file.metadata()?.len())
    }

    /// Allocates blocks beyond the current end. If the file system cannot, checks the free bytes that a change needs.
    ///
    /// # Errors
    /// [`StoreError::Full`] if there are none.
    pub fn extend(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last_end, upto) = *state;
        let end = self.file.metadata()?.len();
        // A file that was truncated has lost the blocks beyond its end.
        if end < last_end || end.saturating_add(AHEAD_BYTES) > upto {
            let bytes = AHEAD_BYTES + AHEAD_STEP_BYTES;
            if let Err(error) = system::allocate(&self.file, end, bytes) {
                let shares = AHEAD_SHARES.map(|share| AHEAD_BYTES / share);
                shares.into_iter().find(|bytes| system::allocate(&self.file, end, *bytes).is_ok());
                return Err(error.into());
            }
            *state = (end, end + bytes);
        } else {
            *state = (end, upto);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_that_would_use_the_reserved_space_is_not_written() -> io::Result<()> {
        let folder = TempDir::new()?;
        let free = fs2::available_space(folder.path())?;

        assert!(check_for_others(folder.path(), 1).is_ok());
        assert!(matches!(check_for_others(folder.path(), free), Err(StoreError::Full)));
        Ok(())
    }

    #[test]
    fn a_file_gets_no_more_than_its_share() -> io::Result<()> {
        let folder = TempDir::new()?;
        let mut out = Sparing::on(folder.path(), Vec::new()).at_most(10);

        out.write_all(b"0123456789")?;
        let more = out.write_all(b"0").map_err(|error| error.kind());

        assert_eq!(more, Err(io::ErrorKind::FileTooLarge));
        assert_eq!(out.into_inner(), b"0123456789");
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn blocks_ahead_of_the_end_can_be_given_back() -> Result<(), StoreError> {
        use std::os::unix::fs::MetadataExt;
        let folder = TempDir::new()?;
        let path = folder.path().join("db");
        fs::write(&path, [1; 8192])?;
        Ahead::of(&path)?.extend()?;

        Ahead::release(&path)?;

        let found = fs::metadata(&path)?;
        assert_eq!((found.len(), found.blocks() * 512 < AHEAD_BYTES), (8192, true));
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_has_blocks_ahead_of_its_end_and_gets_them_again_after_it_was_cut() -> Result<(), StoreError> {
        use std::os::unix::fs::MetadataExt;
        let folder = TempDir::new()?;
        let path = folder.path().join("db");
        fs::write(&path, [1; 8192])?;
        let ahead = Ahead::of(&path)?;
        let has = || fs::metadata(&path).map(|found| (found.len(), found.blocks() * 512 >= AHEAD_BYTES));

        ahead.extend()?;
        assert_eq!(has()?, (8192, true));
        File::options().write(true).open(&path)?.set_len(4096)?;
        ahead.extend()?;
        assert_eq!(has()?, (4096, true));
        Ok(())
    }
}
