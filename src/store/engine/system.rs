//! System calls beyond the standard library. If one is not available, the caller uses a fallback.

use std::{fs::File, io, path::Path};

/// Exchanges two names of one file system in one step.
///
/// False if this system or file system cannot; then nothing was done.
#[cfg(target_os = "linux")]
pub fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    supported(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE))
}

#[cfg(not(target_os = "linux"))]
pub fn exchange(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Allocates blocks of a file from `offset` on, also beyond its end, without making it longer. Does nothing if this file
/// system cannot.
///
/// # Errors
/// If the call is supported and there are too few blocks.
#[cfg(target_os = "linux")]
pub fn allocate(file: &File, offset: u64, bytes: u64) -> io::Result<()> {
    supported(rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, offset, bytes)).map(drop)
}

#[cfg(not(target_os = "linux"))]
pub fn allocate(_file: &File, _offset: u64, _bytes: u64) -> io::Result<()> {
    Ok(())
}

/// False if a call is not supported.
#[cfg(target_os = "linux")]
fn supported(done: rustix::io::Result<()>) -> io::Result<bool> {
    use rustix::io::Errno;
    match done {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Tells if files that this process creates in a folder must be given to the folder's owner: root works in another
/// user's folder.
#[cfg(target_os = "linux")]
pub fn is_guest(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    rustix::process::geteuid().is_root() && folder.metadata().is_ok_and(|folder| folder.uid() != 0)
}

#[cfg(not(target_os = "linux"))]
pub fn is_guest(_folder: &Path) -> bool {
    false
}

/// Gives root's files in a folder to the folder's owner, if `is_ours` accepts the name directly in the folder.
///
/// Does not follow symbolic links and skips files with several names: the owner may have put them there.
#[cfg(target_os = "linux")]
pub fn give_to_owner(folder: &Path, is_ours: &dyn Fn(&str) -> bool) -> io::Result<()> {
    use std::os::fd::OwnedFd;

    use rustix::fs::{AtFlags, Dir, FileType, Gid, Mode, OFlags, Uid, chownat, fstat, openat};

    fn give(dir: &OwnedFd, owner: (Uid, Gid), is_ours: &dyn Fn(&str) -> bool) -> io::Result<()> {
        for entry in Dir::read_from(dir)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") || !name.to_str().is_ok_and(is_ours) {
                continue;
            }
            let file = openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
            let found = fstat(&file)?;
            let is_folder = FileType::from_raw_mode(found.st_mode).is_dir();
            if found.st_uid == 0 && (is_folder || found.st_nlink == 1) {
                chownat(&file, "", Some(owner.0), Some(owner.1), AtFlags::EMPTY_PATH)?;
            }
            if is_folder {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                give(&openat(dir, name, flags, Mode::empty())?, owner, &|_| true)?;
            }
        }
        Ok(())
    }

    if !is_guest(folder) {
        return Ok(());
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dir = openat(rustix::fs::CWD, folder, flags, Mode::empty())?;
    let owner = fstat(&dir)?;
    give(&dir, (Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid)), is_ours)
}

#[cfg(not(target_os = "linux"))]
pub fn give_to_owner(_folder: &Path, _is_ours: &dyn Fn(&str) -> bool) -> io::Result<()> {
    Ok(())
}
