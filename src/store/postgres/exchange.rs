//! A restored store takes the place of another one, while servers use it.
//!
//! It is made in a schema of its own. Then both schemas change their names in one transaction, which waits for the
//! transactions in progress. Servers that are running continue with the new store, at a later version.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_postgres::Client;
use tracing::warn;

use crate::store::{
    error::StoreError,
    options::Database,
    postgres::{error, pool::Pool, schema, session::Target},
};

/// How long transactions in progress are waited for.
const LOCK_WAIT: &str = "60s";
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
        let pool = Arc::new(Pool::start(Target::parse(database)?)?);
        let name = |what: &str| format!("{}_{what}_{}", database.schema, now.format(TIME));
        Ok(Self { pool, database: database.clone(), coming: name("new"), kept: name("before") })
    }

    /// Tells if the schema holds a store.
    pub fn is_taken(&self) -> Result<bool, StoreError> {
        let target = self.pool.target();
        self.pool.wait(async { Ok(schema::find(&target.connect().await?, target).await?.is_some()) })
    }

    /// The schema in which the new store is made.
    pub fn coming(&self) -> Database {
        Database { schema: self.coming.clone(), create: true, ..self.database.clone() }
    }

    /// Puts the new store in place. Returns the name of the schema of the old one, if there was one.
    pub fn place(&self) -> Result<Option<String>, StoreError> {
        let taken = self.is_taken()?;
        let (schema, coming, kept) = (&self.database.schema, &self.coming, &self.kept);
        let replaced = format!(
            "SET LOCAL lock_timeout = '{LOCK_WAIT}'; \
             LOCK TABLE {schema}.gate, {schema}.kv, {schema}.news, {schema}.lease IN ACCESS EXCLUSIVE MODE; \
             UPDATE {coming}.gate SET secret = old.secret, version = greatest(gate.version, old.version) + 1 \
             FROM {schema}.gate AS old; \
             INSERT INTO {coming}.news (version, nonce, days) SELECT version, '', 'all' FROM {coming}.gate \
             ON CONFLICT (version) DO NOTHING; \
             UPDATE {schema}.gate SET replaced = true; ALTER SCHEMA {schema} RENAME TO {kept};"
        );
        let replaced = if taken { replaced } else { String::new() };
        match self.run(&format!("BEGIN; {replaced} ALTER SCHEMA {coming} RENAME TO {schema}; COMMIT")) {
            Err(StoreError::Unreachable(why)) => Err(StoreError::InDoubt(why)),
            Err(error) => {
                self.discard();
                Err(error)
            }
            Ok(()) => Ok(taken.then(|| format!("the schema {kept}"))),
        }
    }

    /// Removes what was made of the new store. Not while it may be taking its place: it would be removed by then.
    pub fn discard(&self) {
        if let Err(error) = self.run(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.coming)) {
            warn!(%error, "the schema {} could not be removed", self.coming);
        }
    }

    fn run(&self, statements: &str) -> Result<(), StoreError> {
        self.pool.wait(async {
            let client: Client = self.pool.target().connect().await?;
            client.batch_execute(statements).await.map_err(|error| error::of(&error))
        })
    }
}
