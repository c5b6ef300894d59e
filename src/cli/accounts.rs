//! Orders about users and tokens, and lists of them: in the folder itself, or through the server that holds it.

use std::time::Duration;

use crate::{
    cli::{Stop, open},
    clock::Clock,
    config::Config,
    domain::{
        audit::{Origin, Source},
        user::access::{AdminCommand, Refusal},
    },
    services::accounts::{self, AccessError, AccessList},
    store::{self, OpenError, ServerAddress, Store},
};

/// How long the server may take to answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 30;

/// Where the accounts are reached.
pub enum Accounts {
    Here(Box<Store>),
    At(ServerAddress),
}

impl Accounts {
    /// Opens the folder, or finds the server that holds it.
    pub fn open(config: &Config) -> Result<Self, Stop> {
        match open(config) {
            Ok(store) => Ok(Self::Here(Box::new(store))),
            Err(OpenError::Locked { pid, path }) => match store::server_address_in(&config.data_dir) {
                Some(notice) => Ok(Self::At(notice)),
                None => Err(OpenError::Locked { pid, path }.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out an order, or says why not.
    pub fn execute(&self, order: &AdminCommand) -> Result<(), Stop> {
        match self {
            Self::Here(store) => {
                let origin = Origin {
                    who: "command line".to_owned(),
                    source: Source::CommandLine,
                    request_id: "accounts".to_owned(),
                    at: Clock::System.now(),
                };
                accounts::execute(store, order, None, &origin).map_err(|error| match error {
                    AccessError::Refused(refusal) => refusal.into(),
                    AccessError::Store(error) => error.into(),
                })
            }
            Self::At(notice) => {
                let sent = agent().post(address(notice)).header("Authorization", bearer(notice));
                let sent = sent.header("Content-Type", "application/json").send(&serde_json::to_vec(order)?);
                let mut answer = sent.map_err(|error| unreachable(notice, &error))?;
                let done: Result<(), Refusal> = serde_json::from_reader(answer.body_mut().as_reader())?;
                Ok(done?)
            }
        }
    }

    /// Every user and token.
    pub fn access_list(&self) -> Result<AccessList, Stop> {
        match self {
            Self::Here(store) => Ok(store.read(|view| accounts::access_list(view))?),
            Self::At(notice) => {
                let asked = agent().get(address(notice)).header("Authorization", bearer(notice)).call();
                let mut answer = asked.map_err(|error| unreachable(notice, &error))?;
                Ok(serde_json::from_reader(answer.body_mut().as_reader())?)
            }
        }
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().proxy(None).max_redirects(0);
    config.timeout_global(Some(Duration::from_secs(ANSWER_SECONDS_MAX))).build().new_agent()
}

fn address(notice: &ServerAddress) -> String {
    format!("http://{}/admin/accounts", notice.address)
}

fn bearer(notice: &ServerAddress) -> String {
    format!("Bearer {}", notice.token)
}

fn unreachable(notice: &ServerAddress, error: &ureq::Error) -> String {
    format!("the server at http://{} holds the folder and did not answer: {error}", notice.address)
}
