//! Changes made by other servers, found by asking for them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use chrono::NaiveDate;
use tokio_postgres::types::ToSql;
use tracing::{error, info, warn};

use crate::store::{
    change_feed::{Days, News, Publisher},
    error::StoreError,
    postgres::{
        SERVER_BYTES, error,
        pool::{Place, Pool, late},
    },
};

/// Pause between two questions, in milliseconds.
const POLL_MS: u64 = 300;
/// Changes read at once.
const POLL_CHANGES_MAX: i64 = 500;
/// Changes whose news is kept: a commit in doubt is looked for among them.
const KEPT_CHANGES: u64 = 10_000;
/// Stands for every day.
const ALL: &str = "all";

/// The days as they are stored: dates, separated by commas.
pub(super) fn text_of(days: &Days) -> String {
    match days {
        Days::All => ALL.to_owned(),
        Days::These(dates) => dates.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join(","),
    }
}

fn days_of(text: &str) -> Days {
    let dates = text.split(',').filter(|date| !date.is_empty()).map(str::parse).collect::<Result<_, _>>();
    dates.map_or(Days::All, Days::These)
}

/// Removes the news of old changes. It may wait for the next time.
pub(super) fn forget(pool: &Arc<Pool>, version: u64) {
    let before = i64::try_from(version.saturating_sub(KEPT_CHANGES)).unwrap_or(0);
    let Ok(place) = pool.take() else { return };
    if let Err(error) = place.trip(place.client().execute(&place.sql().forget, &[&before])) {
        warn!(%error, "old news could not be removed from the database");
    }
    place.give_back();
}

/// Starts the thread that publishes what other servers change, and notes the newest version. It ends once `closed` is set.
pub(super) fn follow(
    pool: Arc<Pool>,
    server: [u8; SERVER_BYTES],
    known: Arc<AtomicU64>,
    publisher: Publisher,
    closed: Arc<AtomicBool>,
) -> Result<(), StoreError> {
    let poll = move || {
        let (mut seen, mut lost) = (known.load(Ordering::Acquire), false);
        while !closed.load(Ordering::Acquire) {
            let asked = ask(&pool, &server, &mut seen, &publisher);
            match &asked {
                Err(error) if !lost => warn!(%error, "changes of other servers cannot be read"),
                Ok(()) if lost => info!("the database answers again"),
                _ => {}
            }
            lost = asked.is_err();
            known.fetch_max(seen, Ordering::AcqRel);
            thread::sleep(Duration::from_millis(POLL_MS));
        }
    };
    thread::Builder::new().name("tandem-news".to_owned()).spawn(poll)?;
    Ok(())
}

fn ask(pool: &Arc<Pool>, server: &[u8], seen: &mut u64, publisher: &Publisher) -> Result<(), StoreError> {
    let place = pool.take()?;
    let asked = each_since(&place, server, seen, publisher);
    if asked.is_ok() {
        place.give_back();
    }
    asked
}

fn each_since(place: &Place, server: &[u8], seen: &mut u64, publisher: &Publisher) -> Result<(), StoreError> {
    let after = i64::try_from(*seen).unwrap_or(i64::MAX);
    let (client, sql) = (place.client(), place.sql());
    let news: [&(dyn ToSql + Sync); 2] = [&after, &POLL_CHANGES_MAX];
    let both = place
        .trips(async { tokio::join!(biased; client.query_one(&sql.version, &[]), client.query(&sql.news, &news)) });
    let (newest, rows) = both.ok_or_else(late)?;
    let newest: i64 = newest.map_err(|error| error::of(&error))?.get(0);
    if newest < after {
        return pass_lost(place, after, newest);
    }
    for row in rows.map_err(|error| error::of(&error))? {
        let (version, nonce, days): (i64, &[u8], &str) = (row.get(0), row.get(1), row.get(2));
        let version = version.unsigned_abs();
        // News that was removed before it was read leaves a gap.
        let days = if version == *seen + 1 { days_of(days) } else { Days::All };
        *seen = version;
        // Our own changes were published when they were made.
        if !nonce.starts_with(server) {
            publisher.publish(News { version, days });
        }
    }
    Ok(())
}

/// The database is behind what this server has seen: a failover without synchronous replication, or a recovery to an
/// earlier time, has lost changes. It gets a version that no server has seen, so that nothing cached counts as current.
fn pass_lost(place: &Place, seen: i64, newest: i64) -> Result<(), StoreError> {
    error!(seen, newest, "the database has lost confirmed changes, as a failover without synchronous replication does");
    let target = place.pool().target();
    let (gate, news) = (target.name("gate"), target.name("news"));
    let statement = format!(
        "WITH later AS (UPDATE {gate} SET version = {seen} + 1 WHERE version < {seen} RETURNING version) \
         INSERT INTO {news} (version, nonce, days) SELECT version, '', '{ALL}' FROM later \
         ON CONFLICT (version) DO NOTHING"
    );
    place.trip(place.client().batch_execute(&statement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_stored_as_text_and_unreadable_ones_are_all() {
        let mut days = Days::default();
        assert_eq!(days_of(&text_of(&days)), days);
        for date in ["2025-10-15", "2025-11-01"] {
            days.add(date.parse().unwrap_or_default());
        }
        assert_eq!(text_of(&days), "2025-10-15,2025-11-01");
        assert_eq!(days_of(&text_of(&days)), days);
        assert_eq!(days_of(&text_of(&Days::All)), Days::All);
        assert_eq!(days_of("2025-10-15,what"), Days::All);
    }
}
