//! Changes that other servers make in a store.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use chrono::NaiveDate;
use tokio_postgres::types::ToSql;
use tracing::{error, info, warn};

use crate::store::{
    change_feed::{Days, News, Publisher},
    error::StoreError,
    postgres::{
        SERVER_BYTES,
        pool::{Place, Pool, late},
        read::Reading,
    },
};

/// Changes read at once.
const POLL_CHANGES_MAX: i64 = 500;
/// Changes whose news is kept: a commit in doubt is looked for among them.
const KEPT_CHANGES: u64 = 10_000;
/// Stands for every day.
const ALL: &str = "all";
/// A nonce for news that is of no write, as SQL.
pub(super) const RANDOM_NONCE: &str = "decode(replace(gen_random_uuid()::text, '-', ''), 'hex')";
/// Most of our own changes that are looked for in the news because their commit is in doubt.
const DOUBTS_MAX: usize = 256;

/// The nonces of our own changes whose commit is in doubt. If one turns out to be made, it is published as others are.
#[derive(Debug, Default)]
pub(super) struct Doubts(Mutex<VecDeque<Vec<u8>>>);

impl Doubts {
    pub fn add(&self, nonce: &[u8]) {
        let mut nonces = self.nonces();
        if nonces.len() == DOUBTS_MAX {
            nonces.pop_front();
        }
        nonces.push_back(nonce.to_vec());
    }

    /// Removes a nonce. False if it was not in doubt.
    pub fn remove(&self, nonce: &[u8]) -> bool {
        let mut nonces = self.nonces();
        let before = nonces.len();
        nonces.retain(|one| one != nonce);
        nonces.len() < before
    }

    fn nonces(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
    match place.trip(place.client().execute(&place.sql().forget, &[&before])) {
        Ok(_) => place.give_back(),
        Err(error) => warn!(%error, "old news could not be removed from the database"),
    }
}

/// Publishes what other servers change in a store, and notes the newest version.
pub(super) struct Follower {
    pub pool: Arc<Pool>,
    pub server: [u8; SERVER_BYTES],
    /// The newest version that this process has seen.
    pub known: Arc<AtomicU64>,
    pub doubts: Arc<Doubts>,
    pub publisher: Publisher,
    /// Set when the store is closed.
    pub closed: Arc<AtomicBool>,
    /// The version up to which changes were published.
    pub seen: u64,
    /// The last question failed.
    pub is_lost: bool,
}

impl Follower {
    pub fn schema(&self) -> &str {
        self.pool.target.schema()
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Notes the version of the store.
    pub fn knows(&self, version: u64) {
        self.known.fetch_max(version, Ordering::AcqRel);
    }

    /// Looks for news if the version of the store says that there is any.
    pub fn look(&mut self, version: &Result<u64, String>) {
        let is_current = |version| {
            let known = self.known.load(Ordering::Acquire);
            version == self.seen && version >= known && !self.pool.replica.has_diverged()
        };
        let asked = match version {
            Ok(version) if is_current(*version) => Ok(()),
            Ok(_) => self.ask().map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        match &asked {
            Err(error) if !self.is_lost => {
                warn!(%error, schema = self.schema(), "changes of other servers cannot be read");
            }
            Ok(()) if self.is_lost => info!(schema = self.schema(), "changes of other servers are read again"),
            _ => {}
        }
        self.is_lost = asked.is_err();
        self.knows(self.seen);
    }

    fn ask(&mut self) -> Result<(), StoreError> {
        let place = self.pool.take()?;
        let others = self.each_since(&place)?;
        place.give_back();
        if others {
            // The next request finds the copy of the store up to date.
            Reading::begin(&self.pool)?.end();
        }
        Ok(())
    }

    /// Publishes the changes since `seen`. Tells if other servers made any.
    fn each_since(&mut self, place: &Place) -> Result<bool, StoreError> {
        // Read before the question: what was seen is in the database, unless that has lost it.
        let known = self.known.load(Ordering::Acquire).max(self.seen);
        let after = i64::try_from(self.seen).unwrap_or(i64::MAX);
        let (client, sql) = (place.client(), place.sql());
        let news: [&(dyn ToSql + Sync); 2] = [&after, &POLL_CHANGES_MAX];
        let both = place
            .trips(async { tokio::join!(biased; client.query_one(&sql.version, &[]), client.query(&sql.news, &news)) });
        let (newest, rows) = both.ok_or_else(late)?;
        let newest = newest?.get::<_, i64>(0).unsigned_abs();
        if newest < known || self.pool.replica.take_divergence() {
            pass_lost(place, known.max(newest), newest)?;
            return Ok(true);
        }
        let mut others = false;
        for row in rows? {
            let (version, nonce, days): (i64, &[u8], &str) = (row.get(0), row.get(1), row.get(2));
            let version = version.unsigned_abs();
            // News that was removed before it was read leaves a gap.
            let days = if version == self.seen + 1 { days_of(days) } else { Days::All };
            self.seen = version;
            let is_ours = nonce.starts_with(&self.server);
            let was_in_doubt = is_ours && self.doubts.remove(nonce);
            if was_in_doubt {
                info!(version, "a change whose commit was in doubt was made");
            }
            // Our own changes were published when they were made.
            if !is_ours || was_in_doubt {
                others = true;
                self.publisher.publish(News { version, days });
            }
        }
        Ok(others)
    }
}

/// The database is behind what this server has seen: a failover without synchronous replication, or a recovery to an
/// earlier time, has lost changes. It gets a version that no server has seen, so that nothing cached counts as current.
fn pass_lost(place: &Place, seen: u64, newest: u64) -> Result<(), StoreError> {
    error!(seen, newest, "the database has lost confirmed changes, as a failover without synchronous replication does");
    let target = &place.pool().target;
    let (gate, news) = (target.name("gate"), target.name("news"));
    let statement = format!(
        "WITH later AS (UPDATE {gate} SET version = {seen} + 1 WHERE version <= {seen} RETURNING version) \
         INSERT INTO {news} (version, nonce, days) SELECT version, {RANDOM_NONCE}, '{ALL}' FROM later \
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
