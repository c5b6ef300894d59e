//! The data folder: whose it is, and who holds it now.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tracing::warn;

use super::{engine::sync_dir, error::OpenError};

/// Locked while a process uses the folder; holds that process's id, and a server's [`Notice`].
pub const LOCK_FILE: &str = "tandem.lock";
/// Written once the store has its first record, and then says how far the audit reaches: an empty or shorter store
/// beside it is a damaged one. The engine cannot tell, it takes everything after a damaged place for a torn write.
const MARK_FILE: &str = "tandem.store";
const MARK_TEXT: &str = "This folder belongs to tandem. Back it up with `tandem backup`.\n";
const STORE_DIR: &str = "store";
/// What may lie in a folder that is to become a data folder.
const HARMLESS: [&str; 5] = [LOCK_FILE, STORE_DIR, "logs", BACKUPS_DIR, "lost+found"];
/// Where nightly backups lie, inside the data folder.
pub const BACKUPS_DIR: &str = "backups";
/// What temporary files and folders of ours begin with. One that a crash left behind may be deleted.
pub const SCRATCH_PREFIX: &str = ".tandem-scratch-";

/// A data folder that this process holds.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The last audit entry that is known to be on disk; none before the store's first record.
    mark: Option<u64>,
    /// The lock ends with the file.
    lock: File,
}

/// Where the process that holds a folder takes requests of this machine's own command line, and the word it asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    pub address: SocketAddr,
    pub token: String,
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice").field("address", &self.address).finish_non_exhaustive()
    }
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
        let folder = Self { path: path.to_owned(), mark, lock };
        fs::create_dir_all(folder.store_dir()).map_err(unusable)?;
        sync_dir(path).map_err(unusable)?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a notice to the lock file, which only our own user may read.
    pub fn announce(&self, notice: &Notice) -> io::Result<()> {
        for_our_user_only(&self.lock)?;
        let mut file = &self.lock;
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{}\n{}\n{}\n", std::process::id(), notice.address, notice.token)
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

    fn write_mark(&self, audit_last: u64) -> io::Result<()> {
        let mut file = File::options().write(true).open(self.path.join(MARK_FILE))?;
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
        if !HARMLESS.contains(&name.as_str()) && !name.starts_with(SCRATCH_PREFIX) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Whether there is, or was, a store in a folder. A damaged one counts.
pub fn holds_store(path: &Path) -> io::Result<bool> {
    let mut inside = match fs::read_dir(path.join(STORE_DIR)) {
        Ok(inside) => inside,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return path.join(MARK_FILE).try_exists(),
        Err(error) => return Err(error),
    };
    Ok(inside.next().is_some() || path.join(MARK_FILE).try_exists()?)
}

/// Claims an existing folder without opening what is in it. The claim ends with the file.
pub(super) fn hold(path: &Path) -> Result<File, OpenError> {
    let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
    if !path.is_dir() {
        return Err(OpenError::NotAFolder { path: path.to_owned() });
    }
    if read_mark(path).map_err(unusable)?.is_none()
        && let Some(found) = foreign_file(path).map_err(unusable)?
    {
        return Err(OpenError::NotOurs { path: path.to_owned(), found });
    }
    lock(path)
}

/// Puts a store that was made in `from` into a folder that has none.
pub(super) fn move_store(from: &Path, to: &Path) -> io::Result<()> {
    for name in [STORE_DIR, MARK_FILE] {
        fs::rename(from.join(name), to.join(name))?;
    }
    sync_dir(to)
}

/// Makes the mark of a folder survive a power cut.
pub(super) fn sync_mark(path: &Path) -> io::Result<()> {
    File::open(path.join(MARK_FILE))?.sync_all()?;
    sync_dir(path)
}

/// What the process that holds a folder has announced.
pub fn notice_in(path: &Path) -> Option<Notice> {
    let text = fs::read_to_string(path.join(LOCK_FILE)).ok()?;
    let mut lines = text.lines().skip(1);
    let (address, token) = (lines.next()?.parse().ok()?, lines.next()?.to_owned());
    Some(Notice { address, token })
}

#[cfg(unix)]
fn for_our_user_only(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn for_our_user_only(_file: &File) -> io::Result<()> {
    Ok(())
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
    let open = File::options().read(true).write(true).create(true).truncate(false).open(path.join(LOCK_FILE));
    let mut file = open.map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {
            let write = |file: &mut File| {
                for_our_user_only(file)?;
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())
            };
            write(&mut file).map_err(unusable)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            file.read_to_string(&mut text).map_err(unusable)?;
            Err(OpenError::Locked { path: path.to_owned(), pid: text.lines().next().unwrap_or_default().to_owned() })
        }
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}
