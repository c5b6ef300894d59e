//! The data folder: its files, its owner, and its lock.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use tracing::warn;

use crate::{
    secret,
    store::{
        engine::{
            DATABASE,
            side_files::there,
            swap::{self, KEPT_PREFIX},
            system,
        },
        error::{OpenError, StoreError},
    },
};

/// Locked while a process uses the folder; contains its process id, and a server's [`ServerAddress`].
pub const LOCK_FILE: &str = "tandem.lock";
/// Written once the store has its first record: an empty store next to it is damaged, not new.
pub(crate) const MARK_FILE: &str = "tandem.store";
/// Number of acknowledged changes. The engine takes a damaged end of its file for an unfinished write and silently
/// drops it; this number reveals that.
pub(crate) const CHANGES_FILE: &str = "tandem.changes";
pub(crate) const STORE_DIR: &str = "store";
/// Files allowed in a folder that is to become a data folder.
const HARMLESS: [&str; 7] = [LOCK_FILE, CHANGES_FILE, SECRET_FILE, STORE_DIR, "logs", BACKUPS_DIR, "lost+found"];
/// Folder of nightly backups, inside the data folder.
pub const BACKUPS_DIR: &str = "backups";
/// Prefix of temporary files and folders. One that a crash left may be deleted.
pub const SCRATCH_PREFIX: &str = ".tandem-scratch-";
/// The secret from which form tokens are derived if there is no session. A process that can read it can read the
/// store as well.
const SECRET_FILE: &str = "tandem.key";
const SECRET_BYTES: usize = 32;
/// Permission bits of group and others.
#[cfg(unix)]
const OTHERS: u32 = 0o077;
/// How long to wait for the lock: a server that is ending releases it in a moment, and so does a child process that
/// inherited the file until it runs its own program.
const LOCK_TRIES_MAX: u32 = 50;
const LOCK_DELAY_MS: u64 = 10;

/// A data folder held by this process.
#[derive(Debug)]
pub(crate) struct DataDir {
    pub path: PathBuf,
    /// The folder contained a store before.
    pub marked: bool,
    changes: File,
    /// Number of changes acknowledged before the folder was opened, as far as known.
    pub acknowledged: u64,
    /// The lock is released with the file.
    lock: File,
}

/// Address at which the process holding a folder accepts requests of the local command line, and the secret they must
/// send.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    pub address: SocketAddr,
    pub token: String,
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice").field("address", &self.address).finish_non_exhaustive()
    }
}

impl DataDir {
    pub fn claim(path: &Path) -> Result<Self, OpenError> {
        let unusable = OpenError::unusable(path);
        if path.exists() && !path.is_dir() {
            return Err(OpenError::NotAFolder { path: path.to_owned() });
        }
        create_private(path).map_err(unusable)?;
        let marked = path.join(MARK_FILE).exists();
        if !marked && let Some(found) = foreign_file(path).map_err(unusable)? {
            return Err(OpenError::NotOurs { path: path.to_owned(), found });
        }
        let lock = lock(path)?;
        close_to_others(path)?;
        swap::complete(path).map_err(unusable)?;
        let mut changes = open_or_create(&path.join(CHANGES_FILE)).map_err(unusable)?;
        let mut number = String::new();
        changes.read_to_string(&mut number).map_err(unusable)?;
        // After a power cut the file may be behind, or empty: then it proves nothing.
        let acknowledged = number.trim().parse().unwrap_or(0);
        let folder = Self { path: path.to_owned(), marked, changes, acknowledged, lock };
        fs::create_dir_all(folder.store_dir()).map_err(unusable)?;
        sync_names(path).and_then(|()| sync_parent(path)).map_err(unusable)?;
        give_to_owner(path).map_err(unusable)?;
        Ok(folder)
    }

    /// Adds the server's address to the lock file, which only our own user may read.
    pub fn announce(&self, notice: &ServerAddress) -> io::Result<()> {
        for_our_user_only(&self.lock)?;
        let mut file = &self.lock;
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{}\n{}\n{}\n", std::process::id(), notice.address, notice.token)
    }

    pub fn store_dir(&self) -> PathBuf {
        self.path.join(STORE_DIR)
    }

    /// Stores the number of changes on disk, just before the last of them is acknowledged. Not synced itself: it
    /// survives a crash of the process, and is never ahead of the store.
    pub fn acknowledge(&self, changes: u64) -> io::Result<()> {
        let mut file = &self.changes;
        file.rewind()?;
        file.write_all(format!("{changes:020}\n").as_bytes())
    }

    /// Checks that the folder, and the database file in it, are still where they were opened: writes to a file
    /// without a name are lost when the process ends.
    ///
    /// # Errors
    /// [`StoreError::Moved`] if they were removed, moved or replaced.
    pub fn check_place(&self, database: &File) -> Result<(), StoreError> {
        let there = is_at(&self.lock, &self.path.join(LOCK_FILE)) && is_at(database, &self.store_dir().join(DATABASE));
        if there { Ok(()) } else { Err(StoreError::Moved(self.path.clone())) }
    }

    /// The secret of this folder, created on first use.
    pub fn secret(&self) -> io::Result<String> {
        let path = self.path.join(SECRET_FILE);
        if let Some(secret) = there(fs::read_to_string(&path))?.filter(|text| text.trim().len() == 2 * SECRET_BYTES) {
            return Ok(secret.trim().to_owned());
        }
        let secret = secret::random_hex::<SECRET_BYTES>().map_err(io::Error::other)?;
        let mut file = File::options().write(true).create(true).truncate(true).open(&path)?;
        for_our_user_only(&file)?;
        writeln!(file, "{secret}")?;
        file.sync_all()?;
        sync_names(&self.path)?;
        Ok(secret)
    }

    pub fn mark(&self) -> Result<(), OpenError> {
        write_mark(&self.path).map_err(OpenError::unusable(&self.path))
    }
}

/// Gives files created by root in another user's folder to that user.
impl Drop for DataDir {
    fn drop(&mut self) {
        if let Err(error) = give_to_owner(&self.path) {
            warn!(%error, path = %self.path.display(), "files of root stay in the data folder of another user");
        }
    }
}

/// Marks a folder as containing a store.
pub(crate) fn write_mark(path: &Path) -> io::Result<()> {
    let mut file = File::create(path.join(MARK_FILE))?;
    file.write_all(b"This folder belongs to tandem. Back it up with `tandem backup`.\n")?;
    file.sync_all()?;
    sync_names(path)
}

/// Gives files created by root in a data folder to the owner of the folder.
pub(crate) fn give_to_owner(path: &Path) -> io::Result<()> {
    let of_tandem =
        |name: &str| name.starts_with("tandem.") || ["logs", "uploads", "reports", BACKUPS_DIR].contains(&name);
    let is_ours = |name: &str| {
        of_tandem(name)
            || name.starts_with(STORE_DIR)
            || name.starts_with(SCRATCH_PREFIX)
            || name.starts_with(KEPT_PREFIX)
    };
    system::give_to_owner(path, &is_ours)
}

/// Syncs the names in a folder to disk.
pub(crate) fn sync_names(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Syncs the name of a file or a folder to disk, if the folder it is in can be read.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    match File::open(parent(path)) {
        Ok(parent) => parent.sync_all(),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

fn foreign_file(path: &Path) -> io::Result<Option<String>> {
    // An interrupted first start left the lock before the store: a store without a lock file is not ours.
    let begun = path.join(LOCK_FILE).exists();
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let harmless = HARMLESS.contains(&name.as_str())
            || [SCRATCH_PREFIX, KEPT_PREFIX].iter().any(|prefix| name.starts_with(prefix));
        if !harmless || (name == STORE_DIR && !begun) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Tells if a folder contains, or contained, a store. A damaged one counts.
pub fn holds_store(path: &Path) -> io::Result<bool> {
    let is_used = there(fs::read_dir(path.join(STORE_DIR)))?.is_some_and(|mut inside| inside.next().is_some());
    Ok(is_used || path.join(MARK_FILE).try_exists()?)
}

/// Locks an existing folder without opening its store. The lock is released with the file.
pub(crate) fn hold(path: &Path) -> Result<File, OpenError> {
    let unusable = OpenError::unusable(path);
    if !path.is_dir() {
        return Err(OpenError::NotAFolder { path: path.to_owned() });
    }
    if !path.join(MARK_FILE).exists()
        && let Some(found) = foreign_file(path).map_err(unusable)?
    {
        return Err(OpenError::NotOurs { path: path.to_owned(), found });
    }
    lock(path)
}

/// Syncs the files next to the store to disk.
pub(crate) fn sync_marks(path: &Path) -> io::Result<()> {
    for name in [CHANGES_FILE, MARK_FILE] {
        File::open(path.join(name))?.sync_all()?;
    }
    sync_names(path)
}

/// The address published by the process that holds a folder.
pub fn server_address_in(path: &Path) -> Option<ServerAddress> {
    let text = fs::read_to_string(path.join(LOCK_FILE)).ok()?;
    let mut lines = text.lines().skip(1);
    let (address, token) = (lines.next()?.parse().ok()?, lines.next()?.to_owned());
    Some(ServerAddress { address, token })
}

/// Creates a folder, and those above it that are missing, and syncs their names to disk: a file in a folder whose name
/// a power cut takes is lost, however well it was synced itself.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    create_with(&fs::DirBuilder::new(), path)
}

/// As [`create_folder`], a folder that only our own user may enter. The permissions of an existing folder stay.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    create_with(&builder, path)
}

fn create_with(builder: &fs::DirBuilder, path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    create_folder(parent(path))?;
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| sync_parent(path)),
    }
}

/// A folder that only our own user may enter, also if it exists.
pub(crate) fn private_folder(path: &Path) -> Result<(), OpenError> {
    create_private(path).map_err(OpenError::unusable(path))?;
    close_to_others(path)
}

/// Removes the permissions of other users on a folder that was created by something else.
#[cfg(unix)]
fn close_to_others(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::PermissionsExt;
    let unusable = OpenError::unusable(path);
    let mode = fs::metadata(path).map_err(unusable)?.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let closed = fs::set_permissions(path, fs::Permissions::from_mode(mode & !OTHERS));
    closed.map_err(|source| OpenError::Open { path: path.to_owned(), mode, source })?;
    warn!(path = %path.display(), mode = format!("{mode:04o}"), "other users could enter the data folder; now they cannot");
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path) -> Result<(), OpenError> {
    Ok(())
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

/// Tells if a path still refers to an open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |data: fs::Metadata| (data.dev(), data.ino());
    let (open, there) = (file.metadata().map(identity).ok(), fs::metadata(path).map(identity).ok());
    open.is_some() && open == there
}

#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

fn lock(path: &Path) -> Result<File, OpenError> {
    for _ in 0..LOCK_TRIES_MAX {
        match try_lock(path) {
            Err(OpenError::Locked { .. }) => thread::sleep(Duration::from_millis(LOCK_DELAY_MS)),
            other => return other,
        }
    }
    try_lock(path)
}

fn open_or_create(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

fn try_lock(path: &Path) -> Result<File, OpenError> {
    let unusable = OpenError::unusable(path);
    let mut file = open_or_create(&path.join(LOCK_FILE)).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {
            let write = |file: &mut File| {
                for_our_user_only(file)?;
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())?;
                // On disk before a store is: without it, `foreign_file` takes the store for another program's.
                sync_names(path)
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

/// The parent folder of a path.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
