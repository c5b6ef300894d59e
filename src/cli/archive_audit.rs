//! `tandem archive-audit`: moves the oldest entries of the audit to a sealed file.

use std::path::PathBuf;

use chrono::{Days, NaiveDate, NaiveTime};
use clap::Args;

use crate::{
    cli::{Stop, Verdict, expect_store, open_existing, origin, terminal::say},
    clock::Clock,
    config::Config,
    domain::calendar,
    store::maintenance::audit_archive,
};

/// Days whose entries stay: those of open undo windows, remembered keys and recent changes on cards.
const DAYS_KEPT_MIN: u64 = 31;

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// The first day whose entries stay, as YYYY-MM-DD; at least 31 days ago
    #[arg(long, value_name = "DATE", value_parser = date)]
    before: NaiveDate,
    /// The file to write, for example tandem-audit-2024.jsonl.gz; it must not exist
    file: PathBuf,
}

fn date(text: &str) -> Result<NaiveDate, String> {
    calendar::parse_date(text).map_err(|error| error.to_string())
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    expect_store(config)?;
    let latest = Clock::System.today(config.zone) - Days::new(DAYS_KEPT_MIN);
    if arguments.before > latest {
        return Err(format!("entries of the last {DAYS_KEPT_MIN} days stay: give a date up to {latest}").into());
    }
    let midnight = arguments.before.and_time(NaiveTime::MIN).and_local_timezone(config.zone).earliest();
    let before = midnight.ok_or("that day has no midnight: give the day after")?.to_utc();
    let store = open_existing(config)?;
    match audit_archive::run(&store, &arguments.file, before, &origin("archive-audit"))? {
        Some(moved) => {
            say(format!(
                "moved entries {} to {} to {} ({} bytes); keep it: it proves what was before",
                moved.first,
                moved.last,
                arguments.file.display(),
                moved.bytes
            ));
            say("`tandem compact` makes the store smaller");
        }
        None => say(format!("no entry before {} can leave; nothing was written", arguments.before)),
    }
    Ok(Verdict::Clean)
}
