//! The nightly backup: written, restored into a temporary directory, checked, and only then kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use tracing::{error, info};

use crate::{
    context::{BackupMade, BackupReport, Context},
    jobs::schedule::latest,
    store::{
        self, BACKUPS_DIR, Options, Table,
        maintenance::backup::{self, BackupError, Draft},
    },
};

/// Delay before a failed run is repeated, in minutes.
const RETRY_MINUTES: i64 = 60;
/// Page cache of the temporary store, in bytes.
const PROOF_CACHE_BYTES: u64 = 4 * 1024 * 1024;

/// Tells if the run that was due last is still missing.
pub fn is_due(context: &Context, now: DateTime<Utc>) -> bool {
    let Some(at) = context.config.backup_at else { return false };
    let failed = context.backups.get().filter(|report| report.outcome.is_err());
    let waits = failed.is_some_and(|report| (now - report.at).abs() < TimeDelta::minutes(RETRY_MINUTES));
    !waits && !file_of(context, latest(now, at, context.config.zone)).exists()
}

/// Makes the backup that was due last, verifies it, and removes the oldest ones beyond the configured number.
pub fn run_once(context: &Context, now: DateTime<Utc>) -> BackupReport {
    let at = context.config.backup_at.unwrap_or(NaiveTime::MIN);
    let date = latest(now, at, context.config.zone);
    let outcome = make(context, date, now).map_err(|error| error.to_string());
    match &outcome {
        Ok(made) => {
            info!(file = %made.file.display(), bytes = made.bytes, events = made.events, "nightly backup made and verified");
        }
        Err(sentence) => error!(%date, "the nightly backup failed: {sentence}"),
    }
    let report = BackupReport { at: now, outcome };
    context.backups.set(report.clone());
    report
}

fn make(context: &Context, date: NaiveDate, now: DateTime<Utc>) -> Result<BackupMade, BackupError> {
    let (file, folder) = (file_of(context, date), folder_of(context));
    store::create_folder(&folder)?;
    backup::sweep(&folder)?;
    let mut draft = Draft::beside(&file, &context.config.data_dir)?;
    draft.write(context.store.blocking(), now)?;
    let proven = draft.prove(&Options { cache_bytes: PROOF_CACHE_BYTES, ..Options::default() })?;
    let (_, bytes) = draft.place()?;
    prune(&folder, context.config.backups_kept, &file)?;
    Ok(BackupMade { file, bytes, events: proven.contents.count(Table::Events) })
}

/// Time of the newest nightly backup; none if there is none.
pub fn newest(context: &Context) -> Option<SystemTime> {
    let entries = fs::read_dir(folder_of(context)).ok()?.filter_map(Result::ok);
    let nightly = entries.filter(|entry| date_of(&entry.path()).is_some());
    nightly.filter_map(|entry| entry.metadata().ok()?.modified().ok()).max()
}

fn folder_of(context: &Context) -> PathBuf {
    context.config.data_dir.join(BACKUPS_DIR)
}

fn file_of(context: &Context, date: NaiveDate) -> PathBuf {
    folder_of(context).join(format!("tandem-{date}.jsonl.gz"))
}

/// Removes old backups. The newest stay, and so does the new one, even if the clock went back and it looks old.
fn prune(folder: &Path, kept: usize, made: &Path) -> io::Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        found.extend(date_of(&path).map(|date| (date, path)));
    }
    found.sort();
    found.reverse();
    for (_, path) in found.iter().skip(kept).filter(|(_, path)| path != made) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// The date in the name of a nightly backup; none for any other file, which stays.
fn date_of(path: &Path) -> Option<NaiveDate> {
    path.file_name()?.to_str()?.strip_prefix("tandem-")?.strip_suffix(".jsonl.gz")?.parse().ok()
}
