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
/// Longest wait for the answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 20;

/// Starts the thread, which ends with the connections.
pub(super) fn start(connections: Weak<Connections>) -> Result<(), StoreError> {
    thread::Builder::new().name("tandem-news".to_owned()).spawn(move || follow(&connections))?;
    Ok(())
}

fn follow(connections: &Weak<Connections>) {
    let (mut question, mut is_lost) = (None, false);
    while let Some(connections) = connections.upgrade() {
        let mut followers = connections.followers();
        followers.retain(|follower| !follower.is_closed());
        let schemas: Vec<_> = followers.iter().map(|follower| follower.schema().to_owned()).collect();
        let versions = connections.wait(versions(&mut question, &connections.target, &schemas));
        match &versions {
            Err(error) if !is_lost => warn!(%error, "changes of other servers cannot be read"),
            Ok(_) if is_lost => info!("the database answers again"),
            _ => {}
        }
        is_lost = versions.is_err();
        for follower in followers.iter_mut() {
            if let Ok(versions) = &versions {
                follower.look(versions.get(follower.schema()).copied());
            }
        }
        drop(followers);
        drop(connections);
        thread::sleep(Duration::from_millis(POLL_MS));
    }
}

/// A prepared question, on its own connection.
struct Question {
    client: Client,
    statement: Statement,
    schemas: Vec<String>,
}

/// The version of each store. One that is missing has no tables.
async fn versions(
    kept: &mut Option<Question>,
    target: &Target,
    schemas: &[String],
) -> Result<BTreeMap<String, u64>, StoreError> {
    if schemas.is_empty() {
        return Ok(BTreeMap::new());
    }
    let limit = Duration::from_secs(ANSWER_SECONDS_MAX);
    let question = match kept.take().filter(|question| !question.client.is_closed()) {
        Some(question) if question.schemas == schemas => question,
        outdated => timeout(limit, prepare(outdated, target, schemas)).await.map_err(|_| late())??,
    };
    let rows = timeout(limit, question.client.query(&question.statement, &[])).await.map_err(|_| late())?;
    let rows = rows?;
    let versions = rows.iter().map(|row| (row.get(0), row.get::<_, i64>(1).unsigned_abs())).collect::<BTreeMap<_, _>>();
    // A store without tables may get them: it is looked for again.
    let is_complete = schemas.iter().all(|schema| versions.contains_key(schema));
    *kept = Some(if is_complete { question } else { Question { schemas: Vec::new(), ..question } });
    Ok(versions)
}

async fn prepare(outdated: Option<Question>, target: &Target, schemas: &[String]) -> Result<Question, StoreError> {
    let client = match outdated {
        Some(question) => question.client,
        None => target.connect().await?,
    };
    let asked = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(format('%I.gate', name)) IS NOT NULL";
    let found = client.query(asked, &[&schemas]).await?;
    // A schema's name needs no escape: it has lower-case letters, digits and _.
    let version = |schema: &str| format!("SELECT '{schema}' AS name, version FROM \"{schema}\".gate");
    let each: Vec<_> = found.iter().map(|row| version(row.get(0))).collect();
    let statement = if each.is_empty() {
        "SELECT ''::text AS name, 0::int8 AS version WHERE false".to_owned()
    } else {
        each.join(" UNION ALL ")
    };
    let statement = client.prepare(&statement).await?;
    Ok(Question { client, statement, schemas: schemas.to_owned() })
}
