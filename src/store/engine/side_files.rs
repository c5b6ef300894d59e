//! Syncs the engine's files beside its database file before anything is acknowledged.
//!
//! sled 0.34.7 syncs neither `blobs/*` nor `conf` nor any folder.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use flate2::Crc;

use crate::store::{
    engine::{self, DATABASE},
    error::StoreError,
};

const CONF: &str = "conf";
/// Content of `conf` as sled 0.34.7 writes it with our settings, followed by its CRC.
const CONF_TEXT: &str = "segment_size: 524288\nuse_compression: false\nversion: 0.34\n";

/// Files and folders as of their last sync.
#[derive(Debug)]
pub struct Beside {
    dir: PathBuf,
    synced: Mutex<Stamps>,
}

/// File attributes that change when a file is written. The engine writes a file once, so a coarse time is enough.
type Stamps = BTreeMap<PathBuf, Stamp>;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    is_folder: bool,
    bytes: u64,
    written: Option<SystemTime>,
    file: u64,
}

impl Beside {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), synced: Mutex::default() }
    }

    /// Syncs everything below the folder that was written or renamed since its last sync, except the database file.
    pub fn sync(&self) -> io::Result<()> {
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.look()?;
        for path in self.unsynced(&synced, &now) {
            if let Some(file) = there(File::open(path))? {
                file.sync_all()?;
            }
        }
        *synced = now;
        Ok(())
    }

    fn look(&self) -> io::Result<Stamps> {
        let (mut stamps, mut folders) = (Stamps::new(), vec![self.dir.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in there(fs::read_dir(&folder))?.into_iter().flatten() {
                let entry = entry?;
                let (path, Some(data)) = (entry.path(), there(entry.metadata())?) else { continue };
                let stamp = Stamp::of(&data);
                folders.extend(Some(path.clone()).filter(|_| stamp.is_folder));
                stamps.insert(path, stamp);
            }
        }
        Ok(stamps)
    }

    /// Files that were written, and every folder if there are other names: the time of a folder is coarse, too.
    fn unsynced<'a>(&'a self, synced: &'a Stamps, now: &'a Stamps) -> impl Iterator<Item = &'a Path> {
        let renamed = now.keys().ne(synced.keys());
        let changed = move |(path, stamp): &(&PathBuf, &Stamp)| {
            !path.ends_with(DATABASE) && (synced.get(*path) != Some(*stamp) || (renamed && stamp.is_folder))
        };
        let inside = now.iter().filter(changed).map(|(path, _)| path.as_path());
        inside.chain(Some(self.dir.as_path()).filter(|_| renamed))
    }
}

impl Stamp {
    fn of(data: &fs::Metadata) -> Self {
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(data);
        #[cfg(not(unix))]
        let file = 0;
        Self { is_folder: data.is_dir(), bytes: data.len(), written: data.modified().ok(), file }
    }
}

/// None if there is no such file: the engine may have removed it meanwhile.
pub fn there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells if the engine has written pages outside its database file.
pub fn has_blobs(dir: &Path) -> io::Result<bool> {
    Ok(there(fs::read_dir(dir.join("blobs")))?.is_some_and(|mut inside| inside.next().is_some()))
}

/// Rewrites the engine's settings if a power cut left a part of them: they are always the same.
///
/// # Errors
/// [`StoreError::Damaged`] if they are complete and different: the store belongs to another version of the engine.
pub fn repair_conf(dir: &Path) -> Result<(), StoreError> {
    let Some(mut file) = there(File::open(dir.join(CONF)))? else { return Ok(()) };
    let mut found = Vec::new();
    file.read_to_end(&mut found)?;
    let right = conf();
    if found == right {
        return Ok(());
    }
    if let Some((text, crc)) = found.split_last_chunk()
        && !text.is_empty()
        && crc_of(text) == *crc
    {
        let text = String::from_utf8_lossy(text).trim().replace('\n', ", ");
        return Err(StoreError::Damaged(format!(
            "its settings ({text}) are not those of this version: use the tandem that wrote it"
        )));
    }
    tracing::warn!("the settings of the database file were torn, as a power cut leaves them; they are written anew");
    let mut scratch = tempfile::NamedTempFile::new_in(dir)?;
    scratch.write_all(&right)?;
    scratch.as_file().sync_all()?;
    scratch.persist(dir.join(CONF)).map_err(|error| error.error)?;
    Ok(engine::sync_dir(dir)?)
}

fn conf() -> Vec<u8> {
    [CONF_TEXT.as_bytes(), &crc_of(CONF_TEXT.as_bytes())].concat()
}

fn crc_of(text: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(text);
    crc.sum().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Options, Store};

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn used() -> Result<tempfile::TempDir, Box<dyn std::error::Error>> {
        let folder = tempfile::TempDir::new()?;
        Store::open(folder.path(), &Options::default())?;
        Ok(folder)
    }

    /// What the next sync would sync, by its name.
    fn next(beside: &Beside) -> io::Result<Vec<String>> {
        let (synced, now) = (beside.synced.lock().unwrap_or_else(PoisonError::into_inner), beside.look()?);
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(beside.unsynced(&synced, &now).filter_map(name).collect())
    }

    #[test]
    fn every_new_file_of_the_folder_is_synced_once_with_its_name() -> Tested {
        let folder = tempfile::TempDir::new()?;
        let dir = folder.path().join("store");
        fs::create_dir_all(dir.join("blobs"))?;
        let beside = Beside::new(&dir);
        let write = |name: &str, text: &str| fs::write(dir.join(name), text);
        write("conf", "settings")?;
        write(DATABASE, "records")?;
        assert_eq!(next(&beside)?, ["blobs", "conf", "store"]);
        beside.sync()?;
        assert_eq!(next(&beside)?, Vec::<String>::new());

        write("blobs/4711", "a page")?;
        assert_eq!(next(&beside)?, ["blobs", "4711", "store"]);
        beside.sync()?;
        write("conf", "other settings")?;
        write("anything", "of a later engine")?;
        assert_eq!(next(&beside)?, ["anything", "blobs", "conf", "store"]);
        beside.sync()?;
        fs::rename(dir.join("anything"), dir.join("blobs/anything"))?;
        assert_eq!(next(&beside)?, ["blobs", "anything", "store"]);
        beside.sync()?;
        write(DATABASE, "records that are synced by themselves")?;
        assert_eq!(next(&beside)?, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn the_settings_are_those_that_the_engine_writes() -> Tested {
        let folder = used()?;

        assert_eq!(fs::read(folder.path().join("store/conf"))?, conf());
        Ok(())
    }

    #[test]
    fn truncated_settings_are_rewritten() -> Tested {
        let folder = used()?;
        let (path, right) = (folder.path().join("store/conf"), conf());
        let mut torn: Vec<Vec<u8>> = (0..right.len()).map(|length| right[..length].to_vec()).collect();
        torn.push(vec![0; right.len()]);
        torn.extend((0..right.len()).map(|at| {
            let mut torn = right.clone();
            torn[at] ^= 4;
            torn
        }));
        for torn in torn {
            fs::write(&path, &torn)?;
            Store::open(folder.path(), &Options::default())?;
            assert!(fs::read(&path)? == right, "{torn:?}");
        }
        Ok(())
    }

    #[test]
    fn settings_of_another_engine_are_refused_and_stay() -> Tested {
        let folder = used()?;
        let text = b"segment_size: 1048576\nuse_compression: false\nversion: 0.35\n";
        let others = [text.as_slice(), &crc_of(text)].concat();
        fs::write(folder.path().join("store/conf"), &others)?;

        let refused = Store::open(folder.path(), &Options::default()).map(|_| ()).map_err(|error| error.to_string());

        assert!(refused.as_ref().is_err_and(|why| why.contains("use the tandem that wrote it")), "{refused:?}");
        assert_eq!(fs::read(folder.path().join("store/conf"))?, others);
        Ok(())
    }
}
