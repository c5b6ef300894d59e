//! The running server that has the data folder of a team open, as the command line talks to it.

use crate::{
    config::Config,
    store::{self, ServerAddress},
};

/// Where the server listens, and how it knows the command line.
pub struct Server {
    at: ServerAddress,
    /// The host name of the team; none if the server has one team without a name.
    host: Option<String>,
}

impl Server {
    /// The server that has announced itself in the data folder.
    pub fn of(config: &Config) -> Option<Self> {
        let at = store::server_address_in(&config.data_dir)?;
        Some(Self { at, host: config.team.as_ref().map(|team| team.host.clone()) })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at.address)
    }

    /// Adds the token of the server, and the host name of the team.
    pub fn signed<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        let request = request.header("Authorization", format!("Bearer {}", self.at.token));
        match &self.host {
            Some(host) => request.header("Host", host),
            None => request,
        }
    }
}
