//! Asks a database for the versions of all stores that this process has there, and then for the news of those that changed.

use std::{collections::BTreeMap, sync::Weak, thread, time::Duration};

use tokio::time::timeout;
use tokio_postgres::{Client, Statement};
use tracing::{info, warn};

use crate::store::{
    error::StoreError,
    postgres::{connections::Connections, pool::late, session::Target},
};

/// Pause between two questions, in milliseconds.
const POLL_MS: u64 = 300;
/// Longest wait for the answer, in seconds, and for the lock of an administrator on a store, in milliseconds.
const ANSWER_SECONDS_MAX: u64 = 20;
const LOCK_WAIT_MS: u64 = 500;

/// The version of each store by its schema, or why it cannot be read.
type Versions = BTreeMap<String, Result<u64, String>>;

/// Starts the thread, which ends with the connections.
pub(super) fn start(connections: Weak<Connections>) -> Result<(), StoreError> {
    thread::Builder::new().name("tandem-news".to_owned()).spawn(move || follow(&connections))?;
    Ok(())
}

fn follow(connections: &Weak<Connections>) {
    let (mut kept, mut forgotten, mut is_lost) = (None, 0, false);
    while let Some(connections) = connections.upgrade() {
        let mut followers = connections.followers();
        followers.retain(|follower| !follower.is_closed());
        let mut schemas: Vec<_> = followers.iter().map(|follower| follower.schema().to_owned()).collect();
        schemas.sort();
        schemas.dedup();
        if forgotten != connections.times_forgotten() {
            forgotten = connections.times_forgotten();
            kept = None;
        }
        // Made inside, because a timeout needs the runtime.
        let versions = connections.wait(async {
            let asked = ask(&mut kept, &connections.target, &schemas);
            timeout(Duration::from_secs(ANSWER_SECONDS_MAX), asked).await.unwrap_or_else(|_| Err(late()))
        });
        match &versions {
            Err(error) if !is_lost => warn!(%error, "changes of other servers cannot be read"),
            Ok(_) if is_lost => info!("the database answers again"),
            _ => {}
        }
        is_lost = versions.is_err();
        let versions = versions.unwrap_or_default();
        // What is known first, because the news of a busy store may have to wait.
        for follower in followers.iter() {
            if let Some(Ok(version)) = versions.get(follower.schema()) {
                follower.knows(*version);
            }
        }
        for follower in followers.iter_mut() {
            if let Some(version) = versions.get(follower.schema()) {
                follower.look(version);
            }
        }
        drop(followers);
        drop(connections);
        thread::sleep(Duration::from_millis(POLL_MS));
    }
}

/// A connection that asks, with the question about these schemas.
struct Asking {
    client: Client,
    question: Option<(Statement, Vec<String>)>,
}

/// Asks for all versions at once, and if one of them cannot be read, for each alone.
async fn ask(kept: &mut Option<Asking>, target: &Target, schemas: &[String]) -> Result<Versions, StoreError> {
    if schemas.is_empty() {
        return Ok(Versions::new());
    }
    let mut asking = if let Some(asking) = kept.take().filter(|asking| !asking.client.is_closed()) {
        asking
    } else {
        let client = target.connect().await?;
        client.batch_execute(&format!("SET lock_timeout = '{LOCK_WAIT_MS}ms'")).await?;
        Asking { client, question: None }
    };
    let versions = match together(&mut asking, schemas).await {
        Err(lost @ StoreError::Unreachable(_)) => return Err(lost),
        Err(_) => {
            asking.question = None;
            each(&asking.client, schemas).await
        }
        Ok(versions) => versions,
    };
    *kept = Some(asking);
    Ok(versions)
}

async fn together(asking: &mut Asking, schemas: &[String]) -> Result<Versions, StoreError> {
    let statement = if let Some((statement, _)) = asking.question.take().filter(|(_, asked)| asked == schemas) {
        statement
    } else {
        let one = |schema: &String| format!("SELECT '{schema}' AS name, version FROM \"{schema}\".gate");
        asking.client.prepare(&schemas.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ")).await?
    };
    let rows = asking.client.query(&statement, &[]).await?;
    asking.question = Some((statement, schemas.to_owned()));
    Ok(rows.iter().map(|row| (row.get(0), Ok(row.get::<_, i64>(1).unsigned_abs()))).collect())
}

async fn each(client: &Client, schemas: &[String]) -> Versions {
    let mut versions = Versions::new();
    for schema in schemas {
        let row = client.query_one(&format!("SELECT version FROM \"{schema}\".gate"), &[]).await;
        let version =
            row.map(|row| row.get::<_, i64>(0).unsigned_abs()).map_err(|error| StoreError::from(error).to_string());
        versions.insert(schema.clone(), version);
    }
    versions
}
