//! `tandem backup`: writes everything into one file, also while a server runs.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use crate::{
    cli::{Stop, Verdict, expect_store, open_existing, origin, server::Server, terminal::say},
    clock::Clock,
    config::Config,
    domain::audit::Action,
    services::files,
    store::{OpenError, Table, maintenance::backup::Draft},
};

/// Timeouts for the first byte and for the whole backup, in seconds.
const CONNECT_SECONDS_MAX: u64 = 10;
const ANSWER_SECONDS_MAX: u64 = 30 * 60;

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// The file to write, for example tandem-backup.jsonl.gz; it must not exist
    file: PathBuf,
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    expect_store(config)?;
    let mut draft = Draft::beside(&arguments.file, &config.data_dir)?;
    match open_existing(config) {
        Ok(store) => {
            draft.write(&store, Clock::System.now())?;
            files::record(&store, Action::Backup, "backup", &origin("backup"));
        }
        Err(error @ OpenError::Locked { .. }) => fetch(&Server::of(config).ok_or(error)?, &mut draft)?,
        Err(error) => return Err(error.into()),
    }
    let (contents, bytes) = draft.place()?;
    let [events, employees, audit] = [Table::Events, Table::Employees, Table::Audit].map(|table| contents.count(table));
    say(format!(
        "{} holds {events} events, {employees} employees and {audit} audit entries in {bytes} bytes",
        arguments.file.display()
    ));
    Ok(Verdict::Clean)
}

/// Downloads the backup from the server that has the folder open.
fn fetch(server: &Server, draft: &mut Draft) -> Result<(), Stop> {
    let agent = ureq::Agent::config_builder()
        .proxy(None)
        .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS_MAX)))
        .timeout_recv_response(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))
        .max_redirects(0)
        .build()
        .new_agent();
    let address = server.url("/admin/backup");
    let answer = server.signed(agent.get(&address)).call();
    let answer = answer.map_err(|error| format!("the server at {address} did not give a backup: {error}"))?;
    draft.copy(answer.into_body().into_reader())?;
    Ok(())
}
