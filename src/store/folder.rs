//! The data folder: whose it is, and who holds it now.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tracing::warn;

use super::{
    engine::sync_dir,
    error::{OpenError, StoreError},
};

/// Locked while a process uses the folder; holds that process's id.
pub const LOCK_FILE: &str = "tandem.lock";
/// Written once the store has its first record, and then says how far the audit reaches: an empty or shorter store
/// beside it is a damaged one. The engine cannot tell, it takes everything after a damaged place for a torn write.
const MARK_FILE: &str = "tandem.store";
const MARK_TEXT: &str = "This folder belongs to tandem. Back it up with `tandem backup`.\n";
const STORE_DIR: &str = "store";
/// Free room below which nothing is written, in bytes. An engine that meets the end of the disk within a write can no
/// longer read everything, because its reads finish what writes began; so it must not meet it. A batch of an import
/// takes a tenth of this.
const ROOM_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// What may lie in a folder that is to become a data folder.
const HARMLESS: [&str; 5] = [LOCK_FILE, STORE_DIR, "logs", "backups", "lost+found"];

/// A data folder that this process holds.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The last audit entry that is known to be on disk; none before the store's first record.
    mark: Option<u64>,
    /// The mark's file, open from the first note on.
    mark_file: Mutex<Option<File>>,
    /// The lock ends with the file.
    _lock: File,
}

impl Folder {
    pub fn claim(path: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
        if path.exists() && !path.is_dir() {
            return Err(OpenError::NotAFolder { path: path.to_owned() });
        }
        fs::create_dir_all(path).map_err(unusable)?;
        let mark = read_mark(path).map_err(unusable)?;
        if mark.is_none()
            && let Some(found) = foreign_file(path).map_err(unusable)?
        {
            return Err(OpenError::NotOurs { path: path.to_owned(), found });
        }
        let lock = lock(path)?;
        let folder = Self { path: path.to_owned(), mark, mark_file: Mutex::default(), _lock: lock };
        fs::create_dir_all(folder.store_dir()).map_err(unusable)?;
        sync_dir(path).map_err(unusable)?;
        Ok(folder)
    }

    pub fn store_dir(&self) -> PathBuf {
        self.path.join(STORE_DIR)
    }

    /// The audit entry that the store reached at least, if the folder held a store before.
    pub fn mark(&self) -> Option<u64> {
        self.mark
    }

    /// Marks the folder as ours, for good.
    pub fn set_up_mark(&self) -> Result<(), OpenError> {
        let write = || {
            let mut file = File::create(self.path.join(MARK_FILE))?;
            file.write_all(format!("{MARK_TEXT}{}", mark_number(0)).as_bytes())?;
            file.sync_all()?;
            sync_dir(&self.path)
        };
        write().map_err(|source| OpenError::Unusable { path: self.path.clone(), source })
    }

    /// Notes that the audit is on disk up to an entry. Not synced: an older mark only notices less, so nobody waits for
    /// it, and a change that was made does not fail by it.
    pub fn note(&self, audit_last: u64) {
        if let Err(error) = self.write_mark(audit_last) {
            warn!(%error, file = MARK_FILE, "the mark of the data folder could not be written");
        }
    }

    /// Whether there is room for another change.
    ///
    /// # Errors
    /// [`StoreError::Full`] if there is too little. Nothing was begun, so writing goes on once there is room again.
    pub fn check_room(&self) -> Result<(), StoreError> {
        match fs2::available_space(&self.path) {
            Ok(free) if free < ROOM_BYTES_MIN => Err(StoreError::Full),
            // Where nobody can tell, the write itself finds out.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn write_mark(&self, audit_last: u64) -> io::Result<()> {
        let mut open = self.mark_file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match open.take() {
            Some(file) => file,
            None => File::options().write(true).open(self.path.join(MARK_FILE))?,
        };
        let file = open.insert(file);
        file.seek(SeekFrom::Start(MARK_TEXT.len() as u64))?;
        file.write_all(mark_number(audit_last).as_bytes())
    }
}

/// As long for every number, so that it is written in place.
fn mark_number(audit_last: u64) -> String {
    format!("{audit_last:020}\n")
}

/// A mark without a number, or with a damaged one, still tells that there was a store.
fn read_mark(path: &Path) -> io::Result<Option<u64>> {
    match fs::read(path.join(MARK_FILE)) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(Some(text.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn foreign_file(path: &Path) -> io::Result<Option<String>> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !HARMLESS.contains(&name.as_str()) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
    let open = File::options().read(true).write(true).create(true).truncate(false).open(path.join(LOCK_FILE));
    let mut file = open.map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {
            let write = |file: &mut File| {
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())
            };
            write(&mut file).map_err(unusable)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid).map_err(unusable)?;
            Err(OpenError::Locked { path: path.to_owned(), pid: pid.trim().to_owned() })
        }
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}
