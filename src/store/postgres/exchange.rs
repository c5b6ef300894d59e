//! A restored store takes the place of another one, while servers use it.
//!
//! It is made in a schema of its own. Then both schemas change their names in one transaction, which waits for the
//! transactions in progress: a little at a time, because others wait behind it. Servers that are running continue with the
//! new store, at a later version.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use tokio_postgres::Client;
use tracing::warn;

use crate::store::{
    error::StoreError,
    options::Database,
    postgres::{news::RANDOM_NONCE, pool::Pool, schema},
};

/// How long transactions in progress are waited for, in seconds, and how long at once, in milliseconds.
const WAIT_SECONDS_MAX: u64 = 20;
const LOCK_WAIT_MS: u64 = 500;
const PAUSE_MS: u64 = 200;
const TIME: &str = "%Y%m%dt%H%M%S";

/// The schema of the store, and those that come before and after it.
pub(in crate::store) struct Exchange {
    pool: Arc<Pool>,
    database: Database,
    coming: String,
    kept: String,
}

impl Exchange {
    pub fn with(database: &Database, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let pool = Arc::new(Pool::start(database, 0)?);
        let name = |what: &str| format!("{}_{what}_{}", database.schema, now.format(TIME));
        Ok(Self { pool, database: database.clone(), coming: name("new"), kept: name("before") })
    }

    /// Tells if the schema holds a store.
    pub fn is_taken(&self) -> Result<bool, StoreError> {
        let target = &self.pool.target;
        self.pool.wait(async { Ok(schema::find(&target.connect().await?, target).await?.is_some()) })
    }

    /// The schema in which the new store is made.
    pub fn coming(&self) -> Database {
        Database { schema: self.coming.clone(), create: true, ..self.database.clone() }
    }

    /// Puts the new store in place. Returns the name of the schema of the old one, if there was one. `waits` is called with
    /// what this waits for.
    pub fn place(&self, waits: impl Fn(&str)) -> Result<Option<String>, StoreError> {
        let taken = self.is_taken()?;
        let (until, mut said) = (Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX), false);
        loop {
            match self.run(&self.statements(taken)) {
                Err(StoreError::Unreachable(why)) => return Err(StoreError::InDoubt(why)),
                Err(StoreError::Busy) => {
                    let users = self.users().unwrap_or_else(|error| error.to_string());
                    if Instant::now() >= until {
                        self.discard();
                        return Err(StoreError::Refused(format!(
                            "transactions in the schema {} did not end within {WAIT_SECONDS_MAX} seconds, so nothing was \
                             replaced: {users}. Try again when no backup, export or check runs",
                            self.database.schema
                        )));
                    }
                    if !said {
                        said = true;
                        waits(&format!(
                            "waiting up to {WAIT_SECONDS_MAX} seconds for transactions in the schema {}: {users}",
                            self.database.schema
                        ));
                    }
                    thread::sleep(Duration::from_millis(PAUSE_MS));
                }
                Err(error) => {
                    self.discard();
                    return Err(error);
                }
                Ok(()) => return Ok(taken.then(|| format!("the schema {}", self.kept))),
            }
        }
    }

    fn statements(&self, taken: bool) -> String {
        let (schema, coming, kept) = (&self.database.schema, &self.coming, &self.kept);
        let replaced = format!(
            "SET LOCAL lock_timeout = '{LOCK_WAIT_MS}ms'; \
             LOCK TABLE {schema}.gate, {schema}.kv, {schema}.news, {schema}.lease IN ACCESS EXCLUSIVE MODE; \
             UPDATE {coming}.gate SET secret = old.secret, version = greatest(gate.version, old.version) + 1 \
             FROM {schema}.gate AS old; \
             DELETE FROM {coming}.news; INSERT INTO {coming}.news (version, nonce, days) \
             SELECT version, {RANDOM_NONCE}, 'all' FROM {coming}.gate; \
             UPDATE {schema}.gate SET replaced = true; ALTER SCHEMA {schema} RENAME TO {kept};"
        );
        let replaced = if taken { replaced } else { String::new() };
        format!("BEGIN; {replaced} ALTER SCHEMA {coming} RENAME TO {schema}; COMMIT")
    }

    /// Who uses the tables of the store now.
    fn users(&self) -> Result<String, StoreError> {
        let asked = format!(
            "SELECT coalesce(string_agg(format('process %s of %s (%s, since %s s)', pid, coalesce(nullif(application_name, \
             ''), 'another program'), state, extract(epoch FROM now() - xact_start)::int), ', '), 'they have just ended') \
             FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND pid IN (SELECT pid FROM pg_locks JOIN pg_class AS used \
             ON used.oid = relation WHERE granted AND used.relnamespace = to_regnamespace('{}'))",
            self.database.schema
        );
        self.pool.wait(async {
            let client = self.pool.target.connect().await?;
            client.query_one(&asked, &[]).await.map(|row| row.get(0)).map_err(StoreError::from)
        })
    }

    /// Removes what was made of the new store. Not while it may be taking its place: it would be removed by then.
    pub fn discard(&self) {
        if let Err(error) = self.run(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.coming)) {
            warn!(%error, "the schema {} could not be removed", self.coming);
        }
    }

    fn run(&self, statements: &str) -> Result<(), StoreError> {
        self.pool.wait(async {
            let client: Client = self.pool.target.connect().await?;
            client.batch_execute(statements).await.map_err(StoreError::from)
        })
    }
}
