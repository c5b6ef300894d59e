//! Administration of users and tokens: in the data folder itself, or through the server that has it open.

use std::{io::Read, time::Duration};

use serde::de::DeserializeOwned;
use ureq::{Body, http::Response};

use crate::{
    cli::{Stop, open, origin, server::Server},
    config::Config,
    domain::user::access::{AdminCommand, Refusal},
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
            Err(error @ OpenError::Locked { .. }) => Ok(Self::At(Server::of(config).ok_or(error)?)),
            Err(error) => Err(error.into()),
        }
    }

    /// Executes a command, or returns the reason why it was refused.
    pub fn execute(&self, command: &AdminCommand) -> Result<(), Stop> {
        match self {
            Self::Here(store) => {
                accounts::execute(store, command, None, &origin("accounts")).map_err(|error| match error {
                    AccessError::Refused(refusal) => refusal.into(),
                    AccessError::Store(error) => error.into(),
                })
            }
            Self::At(server) => {
                let sent = server.signed(agent().post(server.url(ACCOUNTS)));
                let sent = sent.header("Content-Type", "application/json").send(&serde_json::to_vec(command)?);
                Ok(answer::<Result<(), Refusal>>(server, sent)??)
            }
        }
    }

    /// Every user and token.
    pub fn access_list(&self) -> Result<AccessList, Stop> {
        match self {
            Self::Here(store) => Ok(store.read(|view| accounts::access_list(view))?),
            Self::At(server) => answer(server, server.signed(agent().get(server.url(ACCOUNTS))).call()),
        }
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().proxy(None).max_redirects(0).http_status_as_error(false);
    config.timeout_global(Some(Duration::from_secs(ANSWER_SECONDS_MAX))).build().new_agent()
}

/// What a server answers to a request.
fn answer<T: DeserializeOwned>(server: &Server, sent: Result<Response<Body>, ureq::Error>) -> Result<T, Stop> {
    let mut response = sent.map_err(|error| unreachable(server, &error))?;
    if !response.status().is_success() {
        return Err(refused(response.status().as_u16(), response.body_mut().as_reader()).into());
    }
    Ok(serde_json::from_reader(response.body_mut().as_reader())?)
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
