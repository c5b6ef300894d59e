//! Uploaded files, kept in the data folder between the preview and the confirmation.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    import::table::base_name,
    secret,
    store::{StoreError, disk_space},
};

pub const FILES_MAX: usize = 12;
/// Most bytes of the files of one upload: they are held in memory together while they are read.
pub const UPLOAD_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long an upload waits to be confirmed, in hours.
const KEPT_HOURS: i64 = 24;
/// Where they lie, inside the data folder.
const UPLOADS_DIR: &str = "uploads";
const TOKEN_BYTES: usize = 16;
/// What is kept of an uploaded file's name, in bytes: a file system takes 255.
const NAME_BYTES_MAX: usize = 100;

/// The files of one upload.
#[derive(Clone, Debug)]
pub struct Upload {
    folder: PathBuf,
    token: String,
}

impl Upload {
    /// A new, empty one for files of so many bytes. Old ones go.
    ///
    /// # Errors
    /// [`StoreError::Full`] if they would take what changes need, and if its folder cannot be made.
    pub fn begin(data_dir: &Path, bytes: u64, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let uploads = data_dir.join(UPLOADS_DIR);
        fs::create_dir_all(&uploads)?;
        sweep(&uploads, now)?;
        disk_space::check_for_others(data_dir, bytes)?;
        let token = secret::random_hex::<TOKEN_BYTES>().map_err(io::Error::other)?;
        let folder = uploads.join(&token);
        fs::create_dir(&folder)?;
        Ok(Self { folder, token })
    }

    /// The one that a token names; none if there is no such one, or no longer.
    pub fn named(data_dir: &Path, token: &str) -> Option<Self> {
        let is_token = token.len() == 2 * TOKEN_BYTES && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let folder = data_dir.join(UPLOADS_DIR).join(token);
        (is_token && folder.is_dir()).then(|| Self { folder, token: token.to_owned() })
    }

    /// Checks that the disk still has room for more of its files.
    ///
    /// # Errors
    /// [`StoreError::Full`] if they would take what changes need.
    pub fn check_room(&self) -> Result<(), StoreError> {
        disk_space::check_for_others(&self.folder, 0)
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where the next file is to be put: its name here carries its place and its own name.
    pub fn place_for(&self, index: usize, name: &str) -> PathBuf {
        let plain = |c: char| {
            if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' }
        };
        let name: String = base_name(name).chars().map(plain).collect();
        let name = &name[..name.floor_char_boundary(NAME_BYTES_MAX)];
        self.folder.join(format!("{index:02}-{name}"))
    }

    /// Its files in their order, each as its name and bytes.
    pub fn files(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut paths = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        let file = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok((name.chars().skip(3).collect(), fs::read(path)?))
        };
        paths.iter().map(file).collect()
    }

    /// Removes it.
    pub fn discard(self) -> io::Result<()> {
        fs::remove_dir_all(self.folder)
    }
}

fn sweep(uploads: &Path, now: DateTime<Utc>) -> io::Result<()> {
    for entry in fs::read_dir(uploads)? {
        let entry = entry?;
        let made: DateTime<Utc> = entry.metadata()?.modified()?.into();
        if now - made > TimeDelta::hours(KEPT_HOURS) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
