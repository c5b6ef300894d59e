//! `tandem user`: manages users, also while a server runs.

use std::io::{IsTerminal, stdin};

use clap::{Args, Subcommand};

use crate::{
    cli::{Stop, Verdict, accounts::Accounts, terminal::say},
    config::Config,
    domain::{
        email::Email,
        user::{
            PasswordHash, Role, UserName,
            access::{AdminCommand, Digest, LINK_HOURS},
            check_password,
        },
    },
    secret::{self, SecretToken},
    views::urls,
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a user; asks for the password, or reads it from standard input
    Add {
        name: UserName,
        /// viewer, scheduler or admin
        #[arg(long, default_value = "scheduler")]
        role: Role,
        /// Print a one-time link with which the user chooses a password
        #[arg(long)]
        link: bool,
        /// The address for a forgotten password and for notices of new sign-ins
        #[arg(long)]
        email: Option<Email>,
    },
    /// List users
    List,
    /// Set a new password and end the user's sessions
    Password {
        name: UserName,
        /// Print a one-time link with which the user chooses a password
        #[arg(long)]
        link: bool,
    },
    /// Change the role of a user
    Role { name: UserName, role: Role },
    /// Set the e-mail address of a user, or remove it
    Email { name: UserName, address: Option<Email> },
    /// Turn off the second factor of a user who lost their device
    ResetSecondFactor { name: UserName },
    /// Disable a user and end their sessions
    Disable { name: UserName },
    /// Enable a disabled user
    Enable { name: UserName },
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    let accounts = Accounts::open(config)?;
    match &arguments.command {
        Command::Add { name, role, link: true, email } => {
            let token = SecretToken::new()?;
            let link = Some(Digest::of(token.as_str()));
            let command =
                AdminCommand::AddUser { name: name.clone(), role: *role, password: None, link, email: email.clone() };
            accounts.execute(&command)?;
            say(format!("Added {name}, {role}."));
            say_link(name, &token, config);
        }
        Command::Add { name, role, link: false, email } => {
            let password = Some(ask(name)?);
            let (user, email) = (name.clone(), email.clone());
            accounts.execute(&AdminCommand::AddUser { name: user, role: *role, password, link: None, email })?;
            say(format!("Added {name}, {role}."));
        }
        Command::Password { name, link: true } => {
            let token = SecretToken::new()?;
            accounts.execute(&AdminCommand::GiveLink { name: name.clone(), link: Digest::of(token.as_str()) })?;
            say_link(name, &token, config);
        }
        Command::Password { name, link: false } => {
            let password = ask(name)?;
            accounts.execute(&AdminCommand::SetPassword { name: name.clone(), password, keep: None })?;
            say(format!("{name} has a new password, and is signed out everywhere."));
        }
        Command::Role { name, role } => {
            accounts.execute(&AdminCommand::SetRole { name: name.clone(), role: *role, seen: None })?;
            say(format!("{name} has the role {role} now."));
        }
        Command::Disable { name } => {
            accounts.execute(&AdminCommand::SetActive { name: name.clone(), active: false, seen: None })?;
            say(format!("{name} is disabled."));
        }
        Command::Enable { name } => {
            accounts.execute(&AdminCommand::SetActive { name: name.clone(), active: true, seen: None })?;
            say(format!("{name} is enabled."));
        }
        Command::Email { name, address } => {
            accounts.execute(&AdminCommand::SetEmail { name: name.clone(), email: address.clone() })?;
            say(match address {
                Some(address) => format!("Messages about the account of {name} go to {address}."),
                None => format!("{name} has no e-mail address now."),
            });
        }
        Command::ResetSecondFactor { name } => {
            accounts.execute(&AdminCommand::RemoveSecondFactor { name: name.clone() })?;
            say(format!("{name} signs in with the password alone now."));
        }
        Command::List => list(&accounts)?,
    }
    Ok(Verdict::Clean)
}

fn list(accounts: &Accounts) -> Result<(), Stop> {
    let access_list = accounts.access_list()?;
    for user in &access_list.users {
        let state = match (user.active, user.has_password) {
            (false, _) => "disabled",
            (true, true) => "active",
            (true, false) => "no password yet",
        };
        let last =
            user.last_sign_in.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        let factor = if user.has_second_factor { "second factor" } else { "" };
        say(format!("{:<24} {:<10} {state:<16} {factor:<14} last signed in: {last}", user.name, user.role.slug()));
    }
    if access_list.users.is_empty() {
        say("No one can sign in yet: tandem user add NAME --role admin");
    }
    Ok(())
}

fn say_link(name: &UserName, token: &SecretToken, config: &Config) {
    let base = &config.alerts.public_url;
    say(format!("{name} chooses a password here, once, within {LINK_HOURS} hours:"));
    say(format!("{base}{}", urls::welcome(token.as_str())));
}

/// Reads a password: typed twice without echo, or the first line of standard input.
fn ask(name: &UserName) -> Result<PasswordHash, Stop> {
    let password = if stdin().is_terminal() {
        let password = rpassword::prompt_password(format!("Password for {name}: "))?;
        if rpassword::prompt_password("Confirm: ")? != password {
            return Err("the passwords differ".into());
        }
        password
    } else {
        let mut line = String::new();
        stdin().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    check_password(&password, name)?;
    Ok(secret::hash(&password)?)
}
