//! The data folder: whose it is, and who holds it now.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use super::{
    engine::sync_dir,
    error::{OpenError, StoreError},
};

/// Locked while a process uses the folder; holds that process's id.
pub const LOCK_FILE: &str = "tandem.lock";
/// Written once the store has its first record: an empty store beside it is a damaged one, not a new one.
const MARK_FILE: &str = "tandem.store";
/// How many changes have been acknowledged. The engine takes a damaged end of its file for one that was never finished
/// and forgets it without a word; this tells.
pub(super) const CHANGES_FILE: &str = "tandem.changes";
const STORE_DIR: &str = "store";
/// Free room below which nothing is written, in bytes. An engine that meets the end of the disk within a write can no
/// longer read everything, because its reads finish what writes began; so it must not meet it. A batch of an import
/// takes a tenth of this.
const ROOM_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// What may lie in a folder that is to become a data folder.
const HARMLESS: [&str; 6] = [LOCK_FILE, CHANGES_FILE, STORE_DIR, "logs", "backups", "lost+found"];

/// A data folder that this process holds.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    marked: bool,
    changes: File,
    acknowledged: u64,
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
        let marked = path.join(MARK_FILE).exists();
        if !marked && let Some(found) = foreign_file(path).map_err(unusable)? {
            return Err(OpenError::NotOurs { path: path.to_owned(), found });
        }
        let lock = lock(path)?;
        let open = File::options().read(true).write(true).create(true).truncate(false).open(path.join(CHANGES_FILE));
        let mut changes = open.map_err(unusable)?;
        let mut number = String::new();
        changes.read_to_string(&mut number).map_err(unusable)?;
        // After a power cut the file may be behind, or empty: then it proves nothing.
        let acknowledged = number.trim().parse().unwrap_or(0);
        let folder = Self { path: path.to_owned(), marked, changes, acknowledged, _lock: lock };
        fs::create_dir_all(folder.store_dir()).map_err(unusable)?;
        sync_dir(path).map_err(unusable)?;
        Ok(folder)
    }

    pub fn store_dir(&self) -> PathBuf {
        self.path.join(STORE_DIR)
    }

    /// Whether the folder held a store before.
    pub fn was_marked(&self) -> bool {
        self.marked
    }

    /// How many changes were acknowledged before the folder was claimed, as far as is known.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Notes how many changes are on disk, just before the last of them is acknowledged. Not synced itself: it survives
    /// a crash of ours, and never says more than the store.
    pub fn acknowledge(&self, changes: u64) -> io::Result<()> {
        let mut file = &self.changes;
        file.rewind()?;
        file.write_all(format!("{changes:020}\n").as_bytes())
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

    pub fn mark(&self) -> Result<(), OpenError> {
        let write = || {
            let mut file = File::create(self.path.join(MARK_FILE))?;
            file.write_all(b"This folder belongs to tandem. Back it up with `tandem backup`.\n")?;
            file.sync_all()?;
            sync_dir(&self.path)
        };
        write().map_err(|source| OpenError::Unusable { path: self.path.clone(), source })
    }
}

fn foreign_file(path: &Path) -> io::Result<Option<String>> {
    // A first start that was cut off left the lock before the store: a store without it is somebody else's.
    let begun = path.join(LOCK_FILE).exists();
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !HARMLESS.contains(&name.as_str()) || (name == STORE_DIR && !begun) {
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
