//! Reports of imports that were confirmed. They stay in the data folder for some time, so that they can be downloaded.
//!
//! Rule of this file: no more than [`KEPT_MAX`] reports of at most [`REPORT_BYTES_MAX`](super::REPORT_BYTES_MAX) are kept,
//! none of them longer than [`KEPT_DAYS`].

use std::{
    cmp::Reverse,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::csv_escape::plain_cell,
    import::report::Report,
    secret,
    store::{self, StoreError, disk_space::Sparing},
};

/// How long a report is kept, in days.
pub const KEPT_DAYS: i64 = 30;
pub const KEPT_MAX: usize = 8;
/// Where they lie, inside the data folder.
const REPORTS_DIR: &str = "reports";
const ENDING: &str = "csv";
/// The ending of a report while it is written.
const DRAFT_ENDING: &str = "part";
const NAME_BYTES: usize = 8;

/// A report being written. Its file goes with it, unless it is kept.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    report: Report,
}

impl Draft {
    /// Begins a report. Old ones go.
    ///
    /// # Errors
    /// [`StoreError::Full`] if the disk has no room for it, and if its file cannot be made.
    pub fn begin(data_dir: &Path, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let folder = data_dir.join(REPORTS_DIR);
        store::create_folder(&folder)?;
        sweep(data_dir, now)?;
        let name = secret::random_hex::<NAME_BYTES>().map_err(io::Error::other)?;
        let path = folder.join(format!("{name}.{DRAFT_ENDING}"));
        let report = Report::begin(Sparing::on(data_dir, File::create(&path)?))?;
        Ok(Self { path, report })
    }

    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Keeps it as the report of an import, also after a power cut.
    pub fn keep(self, import: u64) -> io::Result<()> {
        self.report.finish()?.sync_all()?;
        let kept = self.path.with_file_name(format!("{import}.{ENDING}"));
        fs::rename(&self.path, &kept)?;
        store::sync_parent(&kept)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is gone if it was kept. If it cannot be removed, the next report sweeps it.
        let _ = fs::remove_file(&self.path);
    }
}

/// The report of an import; none if it was not kept, or no longer is.
pub fn open(data_dir: &Path, import: u64, now: DateTime<Utc>) -> io::Result<Option<File>> {
    sweep(data_dir, now)?;
    match File::open(data_dir.join(REPORTS_DIR).join(format!("{import}.{ENDING}"))) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes the report of an import, if there is one: a store that was restored counts its imports from an earlier number.
pub fn remove(data_dir: &Path, import: u64) -> io::Result<()> {
    match fs::remove_file(data_dir.join(REPORTS_DIR).join(format!("{import}.{ENDING}"))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The rejected rows and notes among the first lines of a report: whether it is a rejected row, and a sentence.
pub fn first_lines(report: File, max: usize) -> io::Result<Vec<(bool, String)>> {
    let mut reader = csv::Reader::from_reader(io::BufReader::new(report));
    let mut lines = Vec::new();
    for record in reader.records().take(max) {
        let record = record.map_err(io::Error::other)?;
        let cell = |index: usize| plain_cell(record.get(index).unwrap_or_default());
        if !matches!(&*cell(0), "rejected" | "note") {
            break;
        }
        let line = if cell(2).is_empty() { String::new() } else { format!(" line {}", cell(2)) };
        let column = if cell(3).is_empty() { String::new() } else { format!(", column \"{}\"", cell(3)) };
        let is_rejected = cell(0) == "rejected";
        lines.push((is_rejected, format!("{}{line}{column}: {}", cell(1), cell(4))));
    }
    Ok(lines)
}

/// Removes reports that are too old, and the oldest beyond the most that are kept.
pub fn sweep(data_dir: &Path, now: DateTime<Utc>) -> io::Result<()> {
    let entries = match fs::read_dir(data_dir.join(REPORTS_DIR)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let mut reports = Vec::new();
    for entry in entries {
        let entry = entry?;
        // One that is gone meanwhile needs no sweeping.
        let Ok(written) = entry.metadata().and_then(|data| data.modified()) else { continue };
        let path = entry.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok());
        reports.push((number, DateTime::<Utc>::from(written), path));
    }
    // The newest import first; drafts, which have no number, last.
    reports.sort_by_key(|(number, _, _)| Reverse(*number));
    for (place, (number, written, path)) in reports.into_iter().enumerate() {
        let kept = if number.is_some() { TimeDelta::days(KEPT_DAYS) } else { TimeDelta::days(1) };
        if now - written > kept || (number.is_some() && place >= KEPT_MAX) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
