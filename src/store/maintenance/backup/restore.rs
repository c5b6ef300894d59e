//! Restores a backup into a separate folder, checks it there, and only then puts it in place.
//!
//! Everything happens inside the data folder, the only place where its user may write; or in a schema beside the one that
//! is replaced, if the store is in a database.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Seek},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use crate::{
    domain::{
        audit::{About, Action, Entry, Origin, Outcome, Topic},
        integrity::StoreReport,
    },
    store::{
        Database, OpenError, Options, SCRATCH_PREFIX, Store, StoreError,
        catalog::Table,
        engine::{data_dir, swap},
        maintenance::{
            backup::{BackupError, Contents, Reader, sweep},
            check, repair,
        },
        postgres::Exchange,
        tables::audit,
    },
};

/// Records written in one transaction.
const BATCH_RECORDS: usize = 250;

/// A backup that was restored into a store.
#[derive(Debug)]
pub struct Restored {
    pub contents: Contents,
    /// Result of the check of the new store. It contains no storage problem.
    pub report: StoreReport,
}

/// A restored store in its place.
#[derive(Debug)]
pub struct Placed {
    pub restored: Restored,
    /// Where the previous store is: its data folder, or its schema.
    pub kept: Option<String>,
}

/// Restores into a new folder, and checks the result.
///
/// # Errors
/// [`BackupError`]; the folder may then contain an unusable part.
pub fn build(source: impl BufRead, folder: &Path, options: &Options) -> Result<Restored, BackupError> {
    build_in_store(source, || Store::open(folder, &options.for_scratch()))
}

fn build_in_store(source: impl BufRead, open: impl Fn() -> Result<Store, OpenError>) -> Result<Restored, BackupError> {
    let store = open()?;
    let contents = fill(&store, source)?;
    repair::run(&store)?;
    drop(store);
    let store = open()?;
    let report = check::run_in_slices(&store)?;
    if let Some(problem) = report.storage_problems.first() {
        return Err(BackupError::Unsound(problem.clone()));
    }
    Ok(Restored { contents, report })
}

/// Audits the restore in the restored store itself, before it is put in place: a store is never in place without its
/// entry. Then syncs the files next to the store.
fn record(folder: &Path, origin: &Origin, options: &Options) -> Result<(), BackupError> {
    let store = Store::open(folder, &options.for_scratch())?;
    record_in(&store, origin)?;
    drop(store);
    Ok(data_dir::sync_marks(folder)?)
}

fn record_in(store: &Store, origin: &Origin) -> Result<(), StoreError> {
    let about = About { topic: Topic::File, id: "backup".to_owned() };
    let entry = Entry { about: Some(about), ..Entry::new(origin, Action::Restore, Outcome::Done) };
    store.write(|tx| audit::append(tx, entry.clone()).map(drop))
}

fn fill(store: &Store, source: impl BufRead) -> Result<Contents, BackupError> {
    let mut reader = Reader::new(source)?;
    loop {
        let mut batch = Vec::with_capacity(BATCH_RECORDS);
        while batch.len() < BATCH_RECORDS
            && let Some(stored) = reader.next()?
        {
            batch.push((stored.table, stored.key.clone(), stored.bytes.clone()));
        }
        store
            .write(|tx| batch.iter().try_for_each(|(table, key, bytes)| tx.put(*table, key.clone(), bytes.clone())))?;
        if batch.len() < BATCH_RECORDS {
            return Ok(reader.into_contents());
        }
    }
}

/// Restores a backup as the data folder, and audits that. With `replace`, the previous store is moved into a folder
/// inside it. The parent folder is used only if the data folder does not exist.
///
/// # Errors
/// [`BackupError`]; the data folder is unchanged.
pub fn into_place(
    backup: &Path,
    data_dir: &Path,
    replace: bool,
    origin: &Origin,
    options: &Options,
) -> Result<Placed, BackupError> {
    let source = File::open(backup)?;
    Site::check(data_dir, replace)?;
    Reader::new(BufReader::new(&source))?.finish()?;
    (&source).rewind()?;
    let made_folder = !data_dir.try_exists()?;
    data_dir::create_private(data_dir)?;
    let site = Site::of(data_dir, replace)?;
    let placed = build_in(&site.path, BufReader::new(source), options).and_then(|(scratch, restored)| {
        record(&made_in(&scratch), origin, options)?;
        let kept = site.take(&made_in(&scratch), origin.at)?;
        Ok(Placed { restored, kept: kept.map(|folder| folder.display().to_string()) })
    });
    if placed.is_err() && made_folder {
        // Removes what was created, if possible; the error above is reported.
        let _ = fs::remove_dir_all(data_dir);
    }
    placed
}

/// Restores a backup as the schema of a database, and audits that. With `replace`, the previous schema gets another name.
///
/// # Errors
/// [`BackupError`]; the schema is unchanged.
pub fn into_database(
    backup: &Path,
    data_dir: &Path,
    database: &Database,
    replace: bool,
    origin: &Origin,
    options: &Options,
    waits: impl Fn(&str),
) -> Result<Placed, BackupError> {
    let source = File::open(backup)?;
    let exchange = Exchange::with(database, origin.at)?;
    if exchange.is_taken()? && !replace {
        return Err(BackupError::HoldsSchema(database.schema.clone()));
    }
    Reader::new(BufReader::new(&source))?.finish()?;
    (&source).rewind()?;
    let options = Options { database: Some(exchange.coming()), ..options.clone() };
    let open = || Store::open(data_dir, &options);
    let built = build_in_store(BufReader::new(source), open).and_then(|restored| {
        expect_all(&restored)?;
        record_in(&open()?, origin)?;
        Ok(restored)
    });
    match built {
        Ok(restored) => Ok(Placed { restored, kept: exchange.place(waits)? }),
        Err(error) => {
            exchange.discard();
            Err(error)
        }
    }
}

/// The locked data folder.
struct Site {
    path: PathBuf,
    /// Tells if there is, or was, a store.
    taken: bool,
    _held: File,
}

impl Site {
    /// Checks that a backup may be restored here, before anything is read or created.
    fn check(data_dir: &Path, replace: bool) -> Result<(), BackupError> {
        if data_dir.try_exists()? { Self::of(data_dir, replace).map(drop) } else { Ok(()) }
    }

    fn of(data_dir: &Path, replace: bool) -> Result<Self, BackupError> {
        let held = data_dir::hold(data_dir)?;
        let path = fs::canonicalize(data_dir)?;
        swap::complete(&path)?;
        let taken = data_dir::holds_store(&path)?;
        if taken && !replace {
            return Err(BackupError::Holds(data_dir.to_owned()));
        }
        sweep(&path)?;
        data_dir::give_to_owner(&path)?;
        Ok(Self { path, taken, _held: held })
    }

    /// Puts the new store in place; returns the folder of the old one, if there was one.
    fn take(&self, made: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>, BackupError> {
        let put = || {
            data_dir::give_to_owner(&self.path)?;
            let kept = if self.taken {
                Some(swap::replace(made, &self.path, now)?)
            } else {
                swap::place(made, &self.path)?;
                None
            };
            data_dir::give_to_owner(&self.path)?;
            Ok(kept)
        };
        put().map_err(|source| BackupError::NotPlaced { source })
    }
}

fn made_in(scratch: &TempDir) -> PathBuf {
    scratch.path().join("data")
}

fn build_in(folder: &Path, source: impl BufRead, options: &Options) -> Result<(TempDir, Restored), BackupError> {
    let scratch = tempfile::Builder::new().prefix(SCRATCH_PREFIX).tempdir_in(folder)?;
    let restored = build(source, &made_in(&scratch), options)?;
    expect_all(&restored)?;
    Ok((scratch, restored))
}

fn expect_all(restored: &Restored) -> Result<(), BackupError> {
    let (expected, found) = (restored.contents.count(Table::Events), restored.report.pairs.events);
    if expected != found as u64 {
        return Err(BackupError::Unsound(format!("it holds {found} events of {expected}")));
    }
    Ok(())
}
