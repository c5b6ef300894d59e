//! `tandem import`: imports the retailer's exports, the old application's tables, or our own exports.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use crate::{
    cli::{
        Stop, Verdict,
        check::{check, counted, pair_lines},
        open, origin,
        terminal::say,
    },
    clock::Clock,
    config::Config,
    domain::{audit, integrity::finding_state::Trigger},
    import::{
        self, Found, Incoming, Note, Rejected, Summary, Writing, database, detect, exports, legacy, listed::Listed,
        report::kept, table::Texts, visits,
    },
};

/// Endings of the files of a folder that are read.
const TABLE_ENDINGS: [&str; 5] = ["csv", "tsv", "txt", "xlsx", "xls"];

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    #[command(subcommand)]
    source: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// The retailer's CSV exports of visits, scheduled and not
    Visits {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        how: How,
    },
    /// The old application's tables: a folder with what its database exported, or three files
    Legacy {
        /// Folder with the tables, one CSV file or workbook each, recognized by their headings
        #[arg(value_name = "FOLDER", required_unless_present = "events")]
        folder: Option<PathBuf>,
        #[arg(long, value_name = "FILE", requires = "events", conflicts_with = "folder")]
        employees: Option<PathBuf>,
        #[arg(long, value_name = "FILE", requires_all = ["employees", "schedule"], conflicts_with = "folder")]
        events: Option<PathBuf>,
        #[arg(long, value_name = "FILE", requires = "events", conflicts_with = "folder")]
        schedule: Option<PathBuf>,
        #[command(flatten)]
        how: How,
    },
    /// Files of `tandem export`: events, schedule and employees, as CSV or JSON lines
    Exports {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Clone, Copy, Debug, Args)]
#[group(skip)]
struct How {
    /// Print what would be new, changed, unchanged and rejected, without saving anything
    #[arg(long)]
    dry_run: bool,
    /// Release visits of the files' weeks that the files do not name any more
    #[arg(long)]
    release_missing: bool,
    /// Save nothing if any row is rejected
    #[arg(long)]
    strict: bool,
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    let (files, how) = match &arguments.source {
        From::Visits { files, how } | From::Exports { files, how } => (read_all(files)?, *how),
        From::Legacy { folder: Some(folder), how, .. } => (all_in(folder)?, *how),
        From::Legacy { folder: None, employees, events, schedule, how } => {
            let files = [employees, events, schedule].into_iter().flatten();
            (files.map(|path| file(path)).collect::<Result<_, _>>()?, *how)
        }
    };
    let names: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
    // Every rejected row is printed, however many there are.
    let rejected = Listed::reporting(|rejected: &Rejected| say(format!("rejected: {rejected}")));
    let notes = Listed::reporting(|note: &Note| say(format!("note: {note}")));
    let changes = Listed::reporting(|change: &audit::Note| say(format!("{}: {}", change.rule, change.message)));
    let found = Found { changes, ..Found::default() };
    let incoming = Incoming { rejected, notes, found, ..Incoming::default() };
    let incoming = match &arguments.source {
        From::Visits { .. } => visits::read(incoming, &files)?,
        From::Exports { .. } => exports::read(incoming, &files)?,
        From::Legacy { folder: Some(_), .. } => detect::old_tables(incoming, &files)?,
        From::Legacy { .. } => match files.as_slice() {
            [employees, events, schedule]
                if !files.iter().any(|(name, bytes)| database::is_one(&Texts::of(name, bytes))) =>
            {
                legacy::read(incoming, employees, events, schedule)?
            }
            _ => database::read(incoming, &files)?,
        },
    };
    drop(files);
    bring_in(incoming, &names, how, config)
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, Stop> {
    paths.iter().map(|path| file(path)).collect()
}

/// The tables of a folder, by name. Other files in it are named on standard output.
fn all_in(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Stop> {
    let failed = |error: io::Error| format!("{} cannot be read: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(failed)?;
    paths.retain(|path| path.is_file());
    paths.sort();
    let is_table = |path: &PathBuf| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        ending.is_some_and(|ending| TABLE_ENDINGS.contains(&&*ending))
    };
    let (tables, others): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(is_table);
    for other in others {
        say(format!("note: {}: is no table, so it was skipped", other.display()));
    }
    if tables.is_empty() {
        return Err(format!("{} holds no tables: .{} are read", folder.display(), TABLE_ENDINGS.join(", .")).into());
    }
    read_all(&tables)
}

fn file(path: &Path) -> Result<(String, Vec<u8>), Stop> {
    let bytes = fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok((name, bytes))
}

fn bring_in(incoming: Incoming, files: &[String], how: How, config: &Config) -> Result<Verdict, Stop> {
    let store = open(config)?;
    let origin = origin("import");
    let mut plan = import::plan(&store.moment(), incoming)?;
    if how.release_missing {
        plan.release_missing();
    }
    let short_work_minutes = config.policy.short_work_minutes;
    plan.check(&store.moment(), short_work_minutes)?;
    if !plan.missing().is_empty() {
        let (count, are) = (counted(plan.missing().len(), "visit"), is_are(plan.missing().len()));
        say(format!(
            "{count} of these weeks {are} not in the files any more; with --release-missing they are released, otherwise \
             they stay and are listed as issues"
        ));
    }
    let stopped = how.strict && !plan.rejected.is_empty();
    let summary = if how.dry_run || stopped {
        plan.summary()
    } else {
        let (now, window_minutes) = (|| Clock::System.now(), config.undo_minutes);
        let writing = Writing { origin: &origin, now: &now, window_minutes, stops: &|| false };
        let begun = |id| {
            if let Err(error) = kept::remove(&config.data_dir, id) {
                say(format!("note: the report of an earlier import {id} could not be removed: {error}"));
            }
        };
        import::write(&store, plan, files, &writing, begun)?.0
    };
    print(&summary);
    let verdict = if summary.rejected.is_empty() { Verdict::Clean } else { Verdict::Findings };
    if how.dry_run {
        say("Nothing was written: this was a dry run.");
        return Ok(verdict);
    }
    if stopped {
        say("Nothing was written: --strict stops at a rejected row.");
        return Ok(verdict);
    }
    let report = check(config, store, Trigger::Import)?;
    for line in pair_lines(&report.pairs) {
        say(line);
    }
    for (check, number) in report.pairs.by_check() {
        say(format!("{}: {}", counted(number, "finding"), check.slug()));
    }
    Ok(verdict)
}

fn is_are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn print(summary: &Summary) {
    if !summary.rejected.is_empty() && summary.new + summary.changed + summary.released + summary.unchanged == 0 {
        say("Every row was rejected: nothing can be imported.");
    }
    say(format!(
        "{}: {} new, {} changed, {}{} unchanged; {} rejected",
        counted(summary.new + summary.changed + summary.released + summary.unchanged, "event"),
        summary.new,
        summary.changed,
        if summary.released > 0 { format!("{} released, ", summary.released) } else { String::new() },
        summary.unchanged,
        counted(summary.rejected.len(), "row")
    ));
    for (kind, notes) in [("split pair", &summary.found.splits), ("finding", &summary.found.findings)] {
        for note in notes.iter() {
            say(format!("{kind}: {}: {}", note.rule, note.message));
        }
        if notes.len() > notes.iter().count() {
            say(format!("{kind}: {} in all; the check lists them", notes.len()));
        }
    }
    let (cores, scheduled) = (summary.cores, summary.scheduled);
    let what = if cores == 1 { "a CORE" } else { "COREs" };
    say(format!("{cores} of them {} {what}, {scheduled} {} scheduled", is_are(cores), is_are(scheduled)));
    let employees = counted(summary.employees, "employee");
    say(format!("{employees}: {} new, {} changed", summary.employees_new, summary.employees_changed));
    if summary.holidays_new > 0 {
        say(format!("{} new", counted(summary.holidays_new, "holiday")));
    }
    if summary.rotation_new > 0 {
        say(format!(
            "{} in the rotation new",
            if summary.rotation_new == 1 { "1 entry".to_owned() } else { format!("{} entries", summary.rotation_new) }
        ));
    }
}
