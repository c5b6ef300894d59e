//! `tandem token`: manages API tokens, also while a server runs.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use clap::{Args, Subcommand};

use crate::{
    cli::{
        Stop, Verdict,
        accounts::Accounts,
        terminal::{self, say},
    },
    clock::Clock,
    config::Config,
    domain::user::{
        Scope,
        access::{AdminCommand, Digest, Purpose, TOKEN_DAYS},
    },
    secret::SecretToken,
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a token and print it, once
    Create {
        /// The program that uses it
        name: String,
        /// read, schedule or admin
        #[arg(long, alias = "role", default_value = "read")]
        scope: Scope,
        /// Last day on which it is valid, YYYY-MM-DD in UTC [default: a year from now]
        #[arg(long)]
        ends: Option<NaiveDate>,
    },
    /// List tokens and calendar feeds
    List,
    /// Revoke a token or feed by its id or name
    Revoke { token: String },
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    let accounts = Accounts::open(config)?;
    match &arguments.command {
        Command::Create { name, scope, ends } => {
            let token = SecretToken::new()?;
            let last = ends.unwrap_or_else(|| (Clock::System.now() + Days::new(TOKEN_DAYS)).date_naive());
            let ends_at = last.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
            let purpose = Purpose::Calls(*scope);
            let digest = Digest::of(token.as_str());
            let command = AdminCommand::MakeToken { digest, label: name.clone(), purpose, ends_at: Some(ends_at) };
            accounts.execute(&command)?;
            // The token alone goes to standard output, for scripts.
            say(token.as_str());
            terminal::note(format!("Token {name}, scope {scope}, valid through {last}. It is not shown again."));
        }
        Command::List => list(&accounts)?,
        Command::Revoke { token } => {
            accounts.execute(&AdminCommand::EndToken { token: token.clone() })?;
            say(format!("{token} is revoked."));
        }
    }
    Ok(Verdict::Clean)
}

fn list(accounts: &Accounts) -> Result<(), Stop> {
    let access_list = accounts.access_list()?;
    for token in &access_list.tokens {
        let ends = token.ends_at.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        let used = token.used_at.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        say(format!("{} {:<24} {:<24} ends: {ends}  last used: {used}", token.id, token.label, token.purpose));
    }
    if access_list.tokens.is_empty() {
        say("There are no tokens.");
    }
    Ok(())
}
