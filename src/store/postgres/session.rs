//! A connection to the database server, checked and with its statements prepared.

use std::{str::FromStr, sync::Arc, time::Duration};

use tokio::time::timeout;
use tokio_postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode, TargetSessionAttrs},
};

use crate::store::{
    error::StoreError,
    options::Database,
    postgres::{
        error,
        statements::Statements,
        tls::{self, Connector},
    },
};

/// The oldest server that is accepted, as `server_version_num` counts.
const SERVER_VERSION_MIN: i32 = 140_000;
/// Longest time to connect to one address, in seconds.
const CONNECT_SECONDS_MAX: u64 = 3;
/// Longest time until a host has accepted a connection that can be used, and until its statements are prepared, in seconds.
const PREPARE_SECONDS_MAX: u64 = 10;
/// Idle time after which the system asks if the other end is still there, in seconds.
const KEEPALIVE_SECONDS: u64 = 10;
/// Longest time that sent bytes may stay without an acknowledgement, in seconds.
const UNACKNOWLEDGED_SECONDS_MAX: u64 = 15;
/// Schemas whose statements a connection keeps: the server has a plan for each of them.
const SCHEMAS_MAX: usize = 16;
/// Longest name of a schema, in bytes.
const SCHEMA_BYTES_MAX: usize = 63;

/// Plans that use the index, also before the server has statistics. They change no answer.
const SETTINGS: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off; \
    SET plan_cache_mode = force_generic_plan; SET search_path = pg_catalog; SET client_min_messages = warning";

/// Where to connect.
#[derive(Clone)]
pub(super) struct Target {
    /// One for each host, in order: each has its own time to answer.
    hosts: Vec<Config>,
    schema: String,
    /// None if the connection is not encrypted.
    tls: Option<Connector>,
}

impl Target {
    /// Reads the address. The error does not repeat it: it may hold a password.
    pub fn parse(database: &Database) -> Result<Self, StoreError> {
        let refused = |why: String| StoreError::Refused(format!("store_url cannot be used: {why}"));
        if !is_schema(&database.schema) {
            return Err(refused(format!(
                "{:?} is no name for a schema: lower-case letters, digits and _, at most {SCHEMA_BYTES_MAX}, beginning \
                 with a letter",
                database.schema
            )));
        }
        let (url, wanted) = tls::split(&database.url).map_err(refused)?;
        let mut config = Config::from_str(&url).map_err(|error| refused(error::sentence(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(refused("it names no host".to_owned()));
        }
        let tls = wanted.connector(config.get_hosts(), config.get_hostaddrs()).map_err(refused)?;
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        config
            .application_name("tandem")
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
            .keepalives_idle(Duration::from_secs(KEEPALIVE_SECONDS))
            .tcp_user_timeout(Duration::from_secs(UNACKNOWLEDGED_SECONDS_MAX));
        if config.get_hosts().len() > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(Self { hosts: each_host(&config), schema: database.schema.clone(), tls })
    }

    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// A name of this schema, as SQL.
    pub fn name(&self, table: &str) -> String {
        format!("\"{}\".{table}", self.schema)
    }

    /// Connects, and checks that the server may hold a store.
    pub async fn connect(&self) -> Result<Client, StoreError> {
        let mut last = late();
        for host in &self.hosts {
            let connected = timeout(Duration::from_secs(PREPARE_SECONDS_MAX), self.connect_to(host)).await;
            match connected.unwrap_or_else(|_| Err(late())) {
                Err(error @ StoreError::Unreachable(_)) => last = error,
                done => return done,
            }
        }
        Err(last)
    }

    async fn connect_to(&self, host: &Config) -> Result<Client, StoreError> {
        // A connection ends with its client, or by itself, which the client reports.
        let client = if let Some(tls) = &self.tls {
            let (client, connection) = host.connect(tls.clone()).await.map_err(|error| unreachable(&error))?;
            tokio::spawn(connection);
            client
        } else {
            let (client, connection) = host.connect(NoTls).await.map_err(|error| unreachable(&error))?;
            tokio::spawn(connection);
            client
        };
        check(&client).await?;
        Ok(client)
    }
}

/// The same settings for each host by itself.
fn each_host(config: &Config) -> Vec<Config> {
    let (ports, addresses) = (config.get_ports(), config.get_hostaddrs());
    let one = |(at, host): (usize, &Host)| {
        let mut one = Config::new();
        match host {
            Host::Tcp(name) => one.host(name),
            #[cfg(unix)]
            Host::Unix(folder) => one.host_path(folder),
        };
        ports.get(at).or(ports.first()).map(|port| one.port(*port));
        addresses.get(at).map(|address| one.hostaddr(*address));
        config.get_user().map(|user| one.user(user));
        config.get_password().map(|password| one.password(password));
        config.get_dbname().map(|name| one.dbname(name));
        config.get_options().map(|options| one.options(options));
        config.get_application_name().map(|name| one.application_name(name));
        config.get_connect_timeout().map(|limit| one.connect_timeout(*limit));
        config.get_tcp_user_timeout().map(|limit| one.tcp_user_timeout(*limit));
        one.ssl_mode(config.get_ssl_mode())
            .channel_binding(config.get_channel_binding())
            .target_session_attrs(config.get_target_session_attrs())
            .keepalives(config.get_keepalives())
            .keepalives_idle(config.get_keepalives_idle());
        one
    };
    config.get_hosts().iter().enumerate().map(one).collect()
}

/// Tells if a text is the name of a schema that needs no quotes.
pub(super) fn is_schema(name: &str) -> bool {
    name.len() <= SCHEMA_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.starts_with("pg_")
        && name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
}

/// A refusal of the server, such as a wrong password, or of the network.
fn unreachable(error: &tokio_postgres::Error) -> StoreError {
    match error::of(error) {
        refused @ StoreError::Refused(_) => refused,
        _ => StoreError::Unreachable(error::sentence(error)),
    }
}

fn late() -> StoreError {
    StoreError::Unreachable(format!("the database did not answer within {PREPARE_SECONDS_MAX} seconds"))
}

/// Refuses a server that would lose changes, cannot make them, or is too old.
async fn check(client: &Client) -> Result<(), StoreError> {
    client.batch_execute(SETTINGS).await?;
    let asked = "SELECT current_setting('server_version_num')::int4, current_setting('fsync'), pg_is_in_recovery()";
    let row = client.query_one(asked, &[]).await?;
    let (version, fsync, standby): (i32, String, bool) = (row.get(0), row.get(1), row.get(2));
    refuse(version, &fsync, standby).map_or(Ok(()), |sentence| Err(StoreError::Refused(sentence)))
}

fn refuse(version: i32, fsync: &str, standby: bool) -> Option<String> {
    if version < SERVER_VERSION_MIN {
        return Some(format!(
            "the database server is PostgreSQL {}, and Tandem needs {} or newer",
            version / 10_000,
            SERVER_VERSION_MIN / 10_000
        ));
    }
    if fsync != "on" {
        return Some(
            "the database server runs with fsync = off, so a power cut would lose confirmed changes: set fsync = on"
                .to_owned(),
        );
    }
    standby.then(|| {
        "the database server is a standby, which accepts no changes: let store_url lead to the primary, or name all \
         servers in it"
            .to_owned()
    })
}

/// A connection with the statements of the schemas that used it last.
pub(super) struct Session {
    pub client: Client,
    /// The one that was used last comes last.
    prepared: Vec<(String, Arc<Statements>)>,
}

impl Session {
    pub fn new(client: Client) -> Self {
        Self { client, prepared: Vec::new() }
    }

    pub fn has(&self, schema: &str) -> bool {
        self.prepared.iter().any(|(name, _)| name == schema)
    }

    /// The statements of a schema that exists, prepared once.
    pub async fn statements(&mut self, target: &Target) -> Result<Arc<Statements>, StoreError> {
        let of_schema = |(name, _): &(String, _)| *name == target.schema;
        if let Some(at) = self.prepared.iter().position(of_schema) {
            self.prepared[at..].rotate_left(1);
        } else {
            let prepared = Box::pin(Statements::prepare(&self.client, target));
            let prepared = timeout(Duration::from_secs(PREPARE_SECONDS_MAX), prepared).await.map_err(|_| late())?;
            let prepared = Arc::new(prepared?);
            if self.prepared.len() == SCHEMAS_MAX {
                self.prepared.remove(0);
            }
            self.prepared.push((target.schema.clone(), prepared));
        }
        self.prepared.last().map(|(_, sql)| Arc::clone(sql)).ok_or_else(late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_would_lose_changes_or_accepts_none_is_refused_with_a_sentence() {
        assert_eq!(refuse(150_018, "on", false), None);
        for (found, says) in [
            (refuse(130_004, "on", false), "PostgreSQL 13"),
            (refuse(150_018, "off", false), "fsync = on"),
            (refuse(150_018, "on", true), "standby"),
        ] {
            assert!(found.as_ref().is_some_and(|sentence| sentence.contains(says)), "{found:?}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_without_its_password() {
        for (url, schema, says) in [
            ("postgres://a:hidden@h/db?nonsense=1", "tandem", "nonsense"),
            ("postgres://a:hidden@h/db", "Tandem", "schema"),
            ("postgres://a:hidden@h/db", "pg_tandem", "schema"),
            ("dbname=x password=hidden", "tandem", "no host"),
        ] {
            let database = Database { url: url.to_owned(), schema: schema.to_owned(), create: true };
            let found = Target::parse(&database).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(found.contains(says) && !found.contains("hidden"), "{found}");
            assert!(!format!("{database:?}").contains("hidden"));
        }
    }
}
