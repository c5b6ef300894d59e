//! The command line: arguments in, sentences and an exit code out. One file per subcommand.
//!
//! Exit codes: 0 done, 1 done but with findings or refused rows, 2 could not run.

mod accounts;
mod allocator;
mod backup;
mod check;
mod config;
mod export;
mod generate;
mod import;
mod install;
mod log_file;
mod logging;
mod restore;
mod serve;
mod terminal;
mod token;
mod user;

use std::{path::PathBuf, process::ExitCode};

use crate::{
    cli::terminal::complain,
    config::{Config, rocket_settings},
    store::{OpenError, Options, Store},
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
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what `tandem` alone does)
    Serve(serve::Arguments),
    /// Bring in events, schedules and employees
    Import(import::Arguments),
    /// Take events, schedule, employees or the audit out as a table
    Export(export::Arguments),
    /// Fill the store with made-up events
    Generate(generate::Arguments),
    /// Check pairs and storage; exit code 1 if something was found
    Check(check::Arguments),
    /// Write everything into one file, also while the server runs
    Backup(backup::Arguments),
    /// Put a backup in the place of the data folder
    Restore(restore::Arguments),
    /// Who may sign in
    User(user::Arguments),
    /// Tokens by which programs make calls
    Token(token::Arguments),
    /// Print the settings in force
    Config,
    /// Print what makes a shell complete this command
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
}

/// Something that stops a command: a sentence for the person at the terminal.
type Stop = Box<dyn std::error::Error + Send + Sync>;

/// What a command that ran to its end reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Findings,
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    // These need no settings, so that packages can be built where none are right.
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
    let settings = rocket_settings();
    let config = Config::read(&settings, arguments.data_dir)?;
    match arguments.command {
        None => serve::run(&arguments.serve, settings, config),
        Some(Command::Serve(arguments)) => serve::run(&arguments, settings, config),
        Some(Command::Import(arguments)) => import::run(&arguments, &config),
        Some(Command::Export(arguments)) => export::run(&arguments, &config),
        Some(Command::Generate(arguments)) => generate::run(&arguments, &config),
        Some(Command::Check(arguments)) => check::run(&arguments, &config),
        Some(Command::Backup(arguments)) => backup::run(&arguments, &config),
        Some(Command::Restore(arguments)) => restore::run(&arguments, &config),
        Some(Command::User(arguments)) => user::run(&arguments, &config),
        Some(Command::Token(arguments)) => token::run(&arguments, &config),
        Some(Command::Config | Command::Completions { .. } | Command::Man) => {
            config::run(&config);
            Ok(Verdict::Clean)
        }
    }
}

fn open(config: &Config) -> Result<Store, OpenError> {
    Store::open(&config.data_dir, &options(config))
}

fn options(config: &Config) -> Options {
    Options { cache_bytes: config.cache_bytes, ..Options::default() }
}
