//! The tables of a schema, made by the first server that needs them.

use std::sync::Arc;

use tokio_postgres::{Client, Row};

use crate::{
    secret,
    store::{
        error::StoreError,
        options::Database,
        postgres::{pool::Pool, session::Target},
    },
};

/// Version of the tables. A newer one is refused.
const LAYOUT: i32 = 1;
const SECRET_BYTES: usize = 32;

/// Makes the schema and its tables if they are missing. Returns the secret of the store.
pub(super) fn prepare(pool: &Arc<Pool>, database: &Database) -> Result<String, StoreError> {
    let target = &pool.target;
    pool.wait(async {
        let client = target.connect().await?;
        let found = match find(&client, target).await? {
            Some(found) => found,
            None if database.create => {
                make(&client, target, &database.schema).await?;
                find(&client, target).await?.ok_or(StoreError::Conflict)?
            }
            None => {
                return Err(StoreError::Refused(format!("there is no store in the schema {}", database.schema)));
            }
        };
        let (layout, secret): (i32, String) = (found.get(0), found.get(1));
        if layout == LAYOUT {
            Ok(secret)
        } else {
            Err(StoreError::Refused(format!(
                "the tables in the schema {} are of version {layout}, and this tandem knows {LAYOUT}: use a newer tandem",
                database.schema
            )))
        }
    })
}

pub(super) async fn find(client: &Client, target: &Target) -> Result<Option<Row>, StoreError> {
    let gate = target.name("gate");
    let asked = format!("SELECT to_regclass('{gate}') IS NOT NULL");
    let there = client.query_one(&asked, &[]).await?;
    if !there.get::<_, bool>(0) {
        return Ok(None);
    }
    let asked = format!("SELECT layout, secret FROM {gate}");
    client.query_opt(&asked, &[]).await.map_err(StoreError::from)
}

/// Makes the tables in one transaction; of several servers that start at once, one does.
async fn make(client: &Client, target: &Target, schema: &str) -> Result<(), StoreError> {
    let secret = secret::random_hex::<SECRET_BYTES>().map_err(|error| StoreError::Database(error.to_string()))?;
    let [kv, gate, news, lease] = ["kv", "gate", "news", "lease"].map(|table| target.name(table));
    // Without the right to make a schema, it may have been made by an administrator.
    let asked = format!("SELECT to_regnamespace('{schema}') IS NULL");
    let missing = client.query_one(&asked, &[]).await?.get(0);
    let create = if missing { format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\";") } else { String::new() };
    let made = format!(
        "BEGIN; SELECT pg_advisory_xact_lock(hashtext('tandem {schema}')); \
         {create} \
         CREATE TABLE IF NOT EXISTS {kv} (t smallint NOT NULL, k bytea NOT NULL, v bytea NOT NULL, PRIMARY KEY (t, k)); \
         CREATE TABLE IF NOT EXISTS {gate} (one boolean PRIMARY KEY DEFAULT true CHECK (one), \
         version bigint NOT NULL, format integer NOT NULL, layout integer NOT NULL, secret text NOT NULL, \
         replaced boolean NOT NULL DEFAULT false) WITH (fillfactor = 10); \
         CREATE TABLE IF NOT EXISTS {news} (version bigint PRIMARY KEY, nonce bytea NOT NULL, days text NOT NULL, \
         tables smallint[], keys bytea[]); \
         CREATE TABLE IF NOT EXISTS {lease} (name text PRIMARY KEY, holder bytea NOT NULL, ends timestamptz NOT NULL); \
         INSERT INTO {gate} (version, format, layout, secret) VALUES (0, 0, {LAYOUT}, '{secret}') ON CONFLICT DO NOTHING; \
         COMMIT"
    );
    client.batch_execute(&made).await.map_err(StoreError::from)
}
