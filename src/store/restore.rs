//! Restoring: a backup becomes a store in a folder of its own, is checked there, and only then put in place.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use super::{
    BACKUPS_DIR, Options, SCRATCH_PREFIX, Store,
    backup::{BackupError, Contents, Reader, parent},
    check::{self, StoreReport},
    engine::sync_dir,
    folder, repair,
    table::Table,
};

/// Records written in one transaction.
const BATCH_RECORDS: usize = 250;

/// A backup that became a store.
#[derive(Debug)]
pub struct Restored {
    pub contents: Contents,
    /// What a check of the new store found. Nothing of it is about storage.
    pub report: StoreReport,
}

/// A restored store in its place.
#[derive(Debug)]
pub struct Placed {
    pub restored: Restored,
    /// Where the folder lies that was there before.
    pub kept: Option<PathBuf>,
}

/// Restores into a folder that does not exist yet, and checks what came of it.
///
/// # Errors
/// [`BackupError`]; the folder may then hold a part, and is of no use.
pub fn build(source: impl BufRead, folder: &Path, options: &Options) -> Result<Restored, BackupError> {
    let store = Store::open(folder, options)?;
    let contents = fill(&store, source)?;
    repair::run(&store)?;
    drop(store);
    let store = Store::open(folder, options)?;
    let report = store.read(|view| check::run(view))?;
    if let Some(problem) = report.storage_problems.first() {
        return Err(BackupError::Unsound(problem.clone()));
    }
    drop(store);
    folder::sync_marks(folder)?;
    Ok(Restored { contents, report })
}

fn fill(store: &Store, source: impl BufRead) -> Result<Contents, BackupError> {
    let mut reader = Reader::new(source)?;
    let mut ended = false;
    while !ended {
        store.write(|tx| {
            for _ in 0..BATCH_RECORDS {
                let Some(stored) = reader.next()? else {
                    ended = true;
                    break;
                };
                tx.put(stored.table, stored.key.clone(), stored.bytes.clone())?;
            }
            Ok::<_, BackupError>(())
        })?;
    }
    Ok(reader.into_contents())
}

/// Restores a backup as the data folder. With `replace` a store that is there already is kept beside it.
///
/// # Errors
/// [`BackupError`]; the data folder is as it was.
pub fn into_place(
    backup: &Path,
    data_dir: &Path,
    replace: bool,
    now: DateTime<Utc>,
    options: &Options,
) -> Result<Placed, BackupError> {
    let source = File::open(backup)?;
    let site = Site::of(data_dir, replace)?;
    Reader::new(BufReader::new(&source))?.finish()?;
    let source = BufReader::new(File::open(backup)?);
    match site {
        Site::New(path) => {
            fs::create_dir_all(parent(&path))?;
            let (scratch, restored) = build_in(parent(&path), source, options)?;
            rename(&made_in(&scratch), &path, "the data folder is as it was")?;
            sync_dir(&path)?;
            Ok(Placed { restored, kept: None })
        }
        Site::Vacant { path, _held } => {
            let (scratch, restored) = build_in(&path, source, options)?;
            let moved = folder::move_store(&made_in(&scratch), &path);
            moved.map_err(|source| not_placed(source, "the data folder is empty, or holds a part"))?;
            Ok(Placed { restored, kept: None })
        }
        Site::Taken { path, _held } => {
            let (scratch, restored) = build_in(parent(&path), source, options)?;
            let kept = exchange(&made_in(&scratch), &path, now)?;
            Ok(Placed { restored, kept: Some(kept) })
        }
    }
}

/// What lies where the store shall be; nobody else may come in meanwhile.
enum Site {
    New(PathBuf),
    Vacant { path: PathBuf, _held: File },
    Taken { path: PathBuf, _held: File },
}

impl Site {
    fn of(data_dir: &Path, replace: bool) -> Result<Self, BackupError> {
        if !data_dir.try_exists()? {
            return Ok(Self::New(data_dir.to_owned()));
        }
        let held = folder::hold(data_dir)?;
        let path = fs::canonicalize(data_dir)?;
        match (folder::holds_store(&path)?, replace) {
            (true, true) => Ok(Self::Taken { path, _held: held }),
            (true, false) => Err(BackupError::Holds(data_dir.to_owned())),
            (false, _) => Ok(Self::Vacant { path, _held: held }),
        }
    }
}

fn made_in(scratch: &TempDir) -> PathBuf {
    scratch.path().join("data")
}

fn build_in(folder: &Path, source: impl BufRead, options: &Options) -> Result<(TempDir, Restored), BackupError> {
    let scratch = tempfile::Builder::new().prefix(SCRATCH_PREFIX).tempdir_in(folder)?;
    let restored = build(source, &made_in(&scratch), options)?;
    let (said, found) = (restored.contents.count(Table::Events), restored.report.pairs.events);
    if said != found as u64 {
        return Err(BackupError::Unsound(format!("it holds {found} events of {said}")));
    }
    Ok((scratch, restored))
}

/// Puts a new folder in the place of an old one. Nightly backups stay with the place.
fn exchange(new: &Path, path: &Path, now: DateTime<Utc>) -> Result<PathBuf, BackupError> {
    let mut kept = path.as_os_str().to_owned();
    kept.push(format!(".before-restore-{}", now.format("%Y%m%dT%H%M%SZ")));
    let kept = PathBuf::from(kept);
    if kept.try_exists()? {
        return Err(BackupError::Exists(kept));
    }
    fs::set_permissions(new, fs::metadata(path)?.permissions())?;
    rename(path, &kept, "the data folder is as it was")?;
    if let Err(source) = fs::rename(new, path) {
        return Err(match fs::rename(&kept, path) {
            Ok(()) => not_placed(source, "the data folder is as it was"),
            Err(_) => not_placed(source, &format!("what was there before lies in {}", kept.display())),
        });
    }
    let backups = kept.join(BACKUPS_DIR);
    if backups.is_dir() {
        rename(&backups, &path.join(BACKUPS_DIR), &format!("only the nightly backups stay in {}", kept.display()))?;
    }
    sync_dir(path)?;
    Ok(kept)
}

fn rename(from: &Path, to: &Path, left: &str) -> Result<(), BackupError> {
    fs::rename(from, to).map_err(|source| not_placed(source, left))
}

fn not_placed(source: io::Error, left: &str) -> BackupError {
    BackupError::NotPlaced { source, left: left.to_owned() }
}
