//! `tandem restore`: restores a backup, checks it, and replaces the store of the data folder.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{
        Stop, Verdict,
        check::pair_lines,
        options, origin,
        terminal::{complain, say},
    },
    config::Config,
    store::{
        Table,
        maintenance::backup::{BackupError, restore},
    },
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// The backup to restore
    file: PathBuf,
    /// Replace an existing store, which is kept beside it, in the data folder or in the database
    #[arg(long)]
    replace: bool,
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    let origin = origin("restore");
    let (file, folder, options) = (&arguments.file, &config.data_dir, options(config));
    let (place, placed) = match &options.database {
        Some(database) => (
            format!("the schema {}", database.schema),
            restore::into_database(file, folder, database, arguments.replace, &origin, &options, |what| complain(what)),
        ),
        None => (folder.display().to_string(), restore::into_place(file, folder, arguments.replace, &origin, &options)),
    };
    let placed = placed.map_err(|error| -> Stop {
        match error {
            BackupError::Open(_)
            | BackupError::Holds(_)
            | BackupError::HoldsSchema(_)
            | BackupError::Store(_)
            | BackupError::NotPlaced { .. } => error.into(),
            error => format!("{}: {error}", arguments.file.display()).into(),
        }
    })?;
    let (contents, report) = (&placed.restored.contents, &placed.restored.report);
    say(format!(
        "restored {} events, {} employees and {} audit entries of {} into {place}",
        contents.count(Table::Events),
        contents.count(Table::Employees),
        contents.count(Table::Audit),
        contents.made_at.with_timezone(&config.zone).format("%Y-%m-%d %H:%M:%S %Z")
    ));
    for line in pair_lines(&report.pairs) {
        say(line);
    }
    if let Some(kept) = &placed.kept {
        say(format!("the previous store is in {kept}"));
    }
    Ok(Verdict::Clean)
}
