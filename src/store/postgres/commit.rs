//! The end of a write: its changes and its commit in one round trip, and what to do if the answer is lost.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio_postgres::types::ToSql;
use tracing::warn;

use crate::store::{
    error::StoreError,
    postgres::{error, news::Doubts, pool::Pool, read::Reading, replica::Stamp},
    transaction::Writes,
};

/// How long the answer to a commit is looked for after its connection was lost, in seconds.
const DOUBT_SECONDS_MAX: u64 = 25;
const DOUBT_PAUSE_MS: u64 = 200;
/// Most changed keys that the news lists; of a larger change other servers learn that anything may have changed.
const LISTED_KEYS_MAX: usize = 4096;

/// The changes of a write.
pub(super) struct Commit<'a> {
    pub writes: &'a Writes,
    pub version: u64,
    pub format: u32,
    pub nonce: &'a [u8],
    pub days: &'a str,
    pub doubts: &'a Doubts,
}

pub(super) enum Ended {
    Committed,
    /// Nothing was changed, and the closure may run again.
    Lost(StoreError),
}

impl Commit<'_> {
    /// Commits.
    ///
    /// # Errors
    /// [`StoreError::InDoubt`] if it is not known whether the changes were made; for every other error, none was.
    pub fn make(&self, reading: Reading) -> Result<Ended, StoreError> {
        let (mut gone_tables, mut gone_keys): (Vec<i16>, Vec<&[u8]>) = <_>::default();
        let (mut tables, mut keys, mut values): (Vec<i16>, Vec<&[u8]>, Vec<&[u8]>) = <_>::default();
        for ((table, key), value) in self.writes {
            if let Some(value) = value {
                tables.push(table.number());
                keys.push(key);
                values.push(value);
            } else {
                gone_tables.push(table.number());
                gone_keys.push(key);
            }
        }
        let version = i64::try_from(self.version).unwrap_or(i64::MAX);
        let format = i32::try_from(self.format).unwrap_or(i32::MAX);
        let is_listed = self.writes.len() <= LISTED_KEYS_MAX;
        let (place, pass) = reading.into_parts();
        let (client, sql) = (place.client(), place.sql());
        let parameters: [&(dyn ToSql + Sync); 10] =
            [&gone_tables, &gone_keys, &tables, &keys, &values, &version, &format, &self.nonce, &self.days, &is_listed];
        place.pool().counts.trips.fetch_add(1, Ordering::Relaxed);
        let both = place.trips(async {
            tokio::join!(biased; client.execute(&sql.apply, &parameters), client.batch_execute("COMMIT"))
        });
        match both {
            Some((Ok(_), Ok(()))) => {
                let made = Stamp { version: self.version, nonce: self.nonce.to_vec() };
                if let Some(pass) = pass {
                    place.pool().replica.advance(pass, self.writes, made);
                }
                place.give_back();
                Ok(Ended::Committed)
            }
            // A commit after an error is a rollback, without an error of its own.
            Some((Err(error), _) | (Ok(_), Err(error))) if error::is_rolled_back(&error) => {
                place.end();
                or_again(error::of(&error))
            }
            _ => {
                let pool = Arc::clone(place.pool());
                drop(place);
                self.look_for(&pool)
            }
        }
    }

    /// Looks for the write in the news. Locking the gate waits for the end of its transaction.
    fn look_for(&self, pool: &Arc<Pool>) -> Result<Ended, StoreError> {
        warn!(version = self.version, "the connection was lost during a commit: looking for the change");
        // Before its news is read, which then publishes it.
        self.doubts.add(self.nonce);
        let until = Instant::now() + Duration::from_secs(DOUBT_SECONDS_MAX);
        loop {
            match self.is_there(pool) {
                Ok(true) => {
                    self.doubts.remove(self.nonce);
                    return Ok(Ended::Committed);
                }
                Ok(false) => {
                    self.doubts.remove(self.nonce);
                    let why = "the connection to the database was lost before the change was made".to_owned();
                    return Ok(Ended::Lost(StoreError::Unreachable(why)));
                }
                Err(error) if Instant::now() >= until => return Err(StoreError::InDoubt(error.to_string())),
                Err(_) => thread::sleep(Duration::from_millis(DOUBT_PAUSE_MS)),
            }
        }
    }

    fn is_there(&self, pool: &Arc<Pool>) -> Result<bool, StoreError> {
        let (reading, _) = Reading::begin_write(pool)?;
        let version = i64::try_from(self.version).unwrap_or(i64::MAX);
        let (place, _) = reading.into_parts();
        let row = place.trip(place.client().query_opt(&place.sql().nonce, &[&version]))?;
        if row.is_none_or(|row| row.get::<_, &[u8]>(0) != self.nonce) {
            place.end();
            return Ok(false);
        }
        // A primary that crashed while it waited for its standby makes the change visible: this commit waits for it.
        let replicate = format!("UPDATE {} SET version = version; COMMIT", pool.target.name("gate"));
        place.trip(place.client().batch_execute(&replicate))?;
        place.give_back();
        Ok(true)
    }
}

fn or_again(error: StoreError) -> Result<Ended, StoreError> {
    match error {
        StoreError::Conflict => Ok(Ended::Lost(StoreError::Conflict)),
        other => Err(other),
    }
}
