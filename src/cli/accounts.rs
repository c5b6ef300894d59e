//! Administration of users and tokens: in the data folder itself, or through the server that has it open.

use std::{io::Read, time::Duration};

use crate::{
    cli::{Stop, open, server::Server},
    clock::Clock,
    config::Config,
    domain::{
        audit::{Origin, Source},
        user::access::{AdminCommand, Refusal},
    },
    services::accounts::{self, AccessError, AccessList},
    store::{OpenError, Store},
};

const ACCOUNTS: &str = "/admin/accounts";
/// Timeout of a request to the server, in seconds.
const ANSWER_SECONDS_MAX: u64 = 30;
/// Most bytes read of an answer that refuses a command.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Access to the accounts: the open store, or the server that has it open.
pub enum Accounts {
    Here(Box<Store>),
    At(Server),
}

impl Accounts {
    /// Opens the data folder, or finds the server that has it open.
    pub fn open(config: &Config) -> Result<Self, Stop> {
        match open(config) {
            Ok(store) => Ok(Self::Here(Box::new(store))),
            Err(OpenError::Locked { pid, path }) => match Server::of(config) {
                Some(server) => Ok(Self::At(server)),
                None => Err(OpenError::Locked { pid, path }.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Executes a command, or returns the reason why it was refused.
    pub fn execute(&self, command: &AdminCommand) -> Result<(), Stop> {
        match self {
            Self::Here(store) => {
                let origin = Origin::new("command line", Source::CommandLine, "accounts", Clock::System.now());
                accounts::execute(store, command, None, &origin).map_err(|error| match error {
                    AccessError::Refused(refusal) => refusal.into(),
                    AccessError::Store(error) => error.into(),
                })
            }
            Self::At(server) => {
                let sent = server.signed(agent().post(server.url(ACCOUNTS)));
                let sent = sent.header("Content-Type", "application/json").send(&serde_json::to_vec(command)?);
                let mut response = sent.map_err(|error| unreachable(server, &error))?;
                if !response.status().is_success() {
                    return Err(refused(response.status().as_u16(), response.body_mut().as_reader()).into());
                }
                let done: Result<(), Refusal> = serde_json::from_reader(response.body_mut().as_reader())?;
                Ok(done?)
            }
        }
    }

    /// Every user and token.
    pub fn access_list(&self) -> Result<AccessList, Stop> {
        match self {
            Self::Here(store) => Ok(store.read(|view| accounts::access_list(view))?),
            Self::At(server) => {
                let response = server.signed(agent().get(server.url(ACCOUNTS))).call();
                let mut response = response.map_err(|error| unreachable(server, &error))?;
                if !response.status().is_success() {
                    return Err(refused(response.status().as_u16(), response.body_mut().as_reader()).into());
                }
                Ok(serde_json::from_reader(response.body_mut().as_reader())?)
            }
        }
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().proxy(None).max_redirects(0).http_status_as_error(false);
    config.timeout_global(Some(Duration::from_secs(ANSWER_SECONDS_MAX))).build().new_agent()
}

/// The error message of a server that refuses a command: the sentence of its answer, or else its status.
fn refused(status: u16, answer: impl Read) -> String {
    let answer: Option<serde_json::Value> = serde_json::from_reader(answer.take(ANSWER_BYTES_MAX)).ok();
    let sentence = answer.as_ref().and_then(|answer| answer["error"].as_str());
    sentence.map_or_else(|| format!("the server refused this with status {status}"), str::to_owned)
}

fn unreachable(server: &Server, error: &ureq::Error) -> String {
    format!("the server at {} has the folder open and did not answer: {error}", server.url(""))
}
