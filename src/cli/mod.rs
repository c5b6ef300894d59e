//! The command line, with one file per subcommand.
//!
//! Exit codes: 0 success, 1 success with findings or rejected rows, 2 failure.

mod accounts;
mod allocator;
mod archive_audit;
mod backup;
mod check;
mod compact;
mod config;
mod export;
mod generate;
mod import;
mod install;
mod log_file;
mod logging;
mod propose;
mod restore;
mod serve;
mod server;
mod teams;
mod terminal;
mod token;
mod user;

use std::{path::PathBuf, process::ExitCode};

use crate::{
    cli::terminal::complain,
    clock::Clock,
    config::{Config, Configs, rocket_settings},
    domain::audit::{Origin, Source},
    store::{self, Database, OpenError, Options, Store},
};
use clap::{CommandFactory, Parser, Subcommand};

/// Tandem: a scheduling calendar for teams whose events come in pairs.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, about)]
struct Arguments {
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        help = "The folder that holds the data [default: ./data, or TANDEM_DATA_DIR]"
    )]
    data_dir: Option<PathBuf>,
    #[arg(long, global = true, value_name = "NAME", help = "The team, if the settings have several")]
    team: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default)
    Serve(serve::Arguments),
    /// Import events, schedules and employees
    Import(import::Arguments),
    /// Export events, schedule, employees or the audit as a table
    Export(export::Arguments),
    /// Fill the store with generated events
    Generate(generate::Arguments),
    /// Propose an employee and a start for each unscheduled event; exit code 1 if some find no place
    Propose(propose::Arguments),
    /// Check pairs and storage; exit code 1 if there are findings
    Check(check::Arguments),
    /// Back up everything into one file, also while the server runs
    Backup(backup::Arguments),
    /// Restore a backup into the data folder
    Restore(restore::Arguments),
    /// Rewrite the store after much was removed; the server must be stopped
    Compact,
    /// Move the oldest entries of the audit to a sealed file; the server must be stopped
    ArchiveAudit(archive_audit::Arguments),
    /// Manage users
    User(user::Arguments),
    /// Manage API tokens
    Token(token::Arguments),
    /// List the teams with their host names and stores; exit code 1 if one has a problem
    Teams,
    /// Print the settings in force
    Config,
    /// Print the completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
}

/// An error that stops a command, as a message for the terminal.
type Stop = Box<dyn std::error::Error + Send + Sync>;

/// Result of a command that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Findings,
}

/// Names the command line in an audit entry.
fn origin(command: &str) -> Origin {
    Origin::new("command line", Source::CommandLine, command, Clock::System.now())
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    // These need no settings, so that packages can be built without valid ones.
    match arguments.command {
        Some(Command::Completions { shell }) => return install::completions(&mut Arguments::command(), shell),
        Some(Command::Man) => return install::manual(Arguments::command()),
        _ => {}
    }
    match dispatch(arguments) {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(stop) => {
            complain(stop);
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<Verdict, Stop> {
    let (settings, team) = (rocket_settings(), arguments.team.as_deref());
    let configs = Configs::read(&settings, arguments.data_dir.as_deref(), team)?;
    let of_process = |what: &str| match team {
        Some(_) => Err(format!("{what} is for all teams: leave out --team")),
        None => Ok(()),
    };
    let config = || configs.one(team);
    match arguments.command {
        None | Some(Command::Serve(_)) => {
            of_process("the server")?;
            let serve = match arguments.command {
                Some(Command::Serve(arguments)) => arguments,
                _ => arguments.serve,
            };
            serve::run(&serve, settings, configs)
        }
        Some(Command::Import(arguments)) => import::run(&arguments, config()?),
        Some(Command::Export(arguments)) => export::run(&arguments, config()?),
        Some(Command::Generate(arguments)) => generate::run(&arguments, config()?),
        Some(Command::Propose(arguments)) => propose::run(&arguments, config()?),
        Some(Command::Check(arguments)) => check::run(&arguments, config()?),
        Some(Command::Backup(arguments)) => backup::run(&arguments, config()?),
        Some(Command::Restore(arguments)) => restore::run(&arguments, config()?),
        Some(Command::Compact) => compact::run(config()?),
        Some(Command::ArchiveAudit(arguments)) => archive_audit::run(&arguments, config()?),
        Some(Command::User(arguments)) => user::run(&arguments, config()?),
        Some(Command::Token(arguments)) => token::run(&arguments, config()?),
        Some(Command::Teams) => {
            of_process("the list")?;
            Ok(teams::run(&configs))
        }
        Some(Command::Config | Command::Completions { .. } | Command::Man) => {
            config::run(if team.is_some() { config()? } else { &configs.process });
            Ok(Verdict::Clean)
        }
    }
}

/// Opens the store, or creates it.
fn open(config: &Config) -> Result<Store, OpenError> {
    Store::open(&config.data_dir, &options(config))
}

/// Opens a store that exists.
fn open_existing(config: &Config) -> Result<Store, OpenError> {
    let mut options = options(config);
    if let Some(database) = &mut options.database {
        database.create = false;
    }
    Store::open(&config.data_dir, &options)
}

/// Checks that there is a store in the data folder. One in a database is found missing when it is opened.
fn expect_store(config: &Config) -> Result<(), Stop> {
    if config.store_url.reveal().is_empty() && !store::holds_store(&config.data_dir)? {
        return Err(format!("there is no store in {}", config.data_dir.display()).into());
    }
    Ok(())
}

fn options(config: &Config) -> Options {
    Options {
        cache_bytes: config.cache_bytes,
        short_work_minutes: config.policy.short_work_minutes,
        audit_keys: config.audit_keys.clone(),
        database: (!config.store_url.reveal().is_empty()).then(|| Database {
            url: config.store_url.reveal().to_owned(),
            schema: config.store_schema.clone(),
            create: true,
        }),
        ..Options::default()
    }
}
