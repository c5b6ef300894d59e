//! The begin of a transaction: its version, and what others have changed since the copy of the store was made.

use std::sync::{Arc, atomic::Ordering};

use tokio_postgres::{Row, types::ToSql};

use crate::store::{
    catalog::Table,
    error::StoreError,
    postgres::{
        pool::{Place, Pool, late},
        replica::{Change, Changed, Pass, Stamp, Standing},
    },
};

/// Tries to begin a transaction: connections that were idle may be those to a server that has gone.
const BEGIN_TRIES_MAX: u32 = 3;
/// Later than every version: there is no copy yet.
const NO_VERSION: i64 = i64::MAX / 2;

const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// A backup may pause for as long as its reader does.
const BEGIN_LONG_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = '60s'";
/// Longest wait of a writer for those before it: for its turn in this process, and then for the gate. In seconds.
pub(super) const GATE_SECONDS_MAX: u64 = 10;

/// The server ends a transaction whose process or machine has stopped, so that others can write.
fn begin_write() -> String {
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = on; \
         SET LOCAL lock_timeout = '{GATE_SECONDS_MAX}s'; SET LOCAL statement_timeout = '15s'; \
         SET LOCAL idle_in_transaction_session_timeout = '15s'"
    )
}

/// A transaction that has begun.
pub(super) struct Begun {
    pub place: Place,
    pub version: u64,
    pub pass: Option<Pass>,
}

/// Begins to read a snapshot.
pub(super) fn read(pool: &Arc<Pool>) -> Result<Begun, StoreError> {
    on_live_connection(pool, |place| {
        let (version, news) = begin_snapshot(&place, BEGIN_READ)?;
        let replica = &pool.replica;
        let standing = match replica.catch_up(version, &news, None, false) {
            Standing::Behind(since) => {
                let changed = changed_since(&place, since)?;
                replica.catch_up(version, &news, Some(&changed), false)
            }
            standing => standing,
        };
        Ok(Begun { place, version, pass: pass_of(&standing) })
    })
}

/// Begins to read a snapshot on a connection of its own, without the copy: it may be of a version that is long past.
pub(super) fn long_read(pool: &Arc<Pool>) -> Result<Begun, StoreError> {
    let place = pool.take_apart()?;
    let (version, _) = begin_snapshot(&place, BEGIN_LONG_READ)?;
    Ok(Begun { place, version, pass: None })
}

/// Begins a transaction that holds the gate, with the format of the store.
pub(super) fn write(pool: &Arc<Pool>) -> Result<(Begun, u32), StoreError> {
    let begin = begin_write();
    on_live_connection(pool, |place| {
        let since: [&(dyn ToSql + Sync); 1] = [&copied(&place)];
        let (client, sql) = (place.client(), place.sql());
        count_trip(&place);
        // In this order: what comes after the lock sees the last commit.
        let all = place.trips(async {
            tokio::join!(
                biased;
                client.batch_execute(&begin),
                client.query_opt(&sql.lock, &[]),
                client.query(&sql.seen, &since),
                client.query(&sql.changed, &since),
            )
        });
        let (begun, locked, seen, changed) = all.ok_or_else(late)?;
        begun?;
        // The store was replaced by a restored one while this waited for the gate.
        let locked = locked?.ok_or(StoreError::Conflict)?;
        let format = locked.get::<_, i32>(1).unsigned_abs();
        let (version, news) = news_of(&seen?)?;
        let changed = changed_of(&changed?);
        let standing = pool.replica.catch_up(version, &news, Some(&changed), true);
        Ok((Begun { place, version, pass: pass_of(&standing) }, format))
    })
}

fn begin_snapshot(place: &Place, begin: &str) -> Result<(u64, Vec<Change>), StoreError> {
    let since: [&(dyn ToSql + Sync); 1] = [&copied(place)];
    let (client, sql) = (place.client(), place.sql());
    count_trip(place);
    let both =
        place.trips(async { tokio::join!(biased; client.batch_execute(begin), client.query(&sql.seen, &since)) });
    let (begun, seen) = both.ok_or_else(late)?;
    begun?;
    let (version, news) = news_of(&seen?)?;
    Ok((version, news))
}

/// The version of the copy, as it is asked about.
fn copied(place: &Place) -> i64 {
    place.pool().replica.version().map_or(NO_VERSION, |version| i64::try_from(version).unwrap_or(NO_VERSION))
}

fn changed_since(place: &Place, version: u64) -> Result<Vec<Changed>, StoreError> {
    count_trip(place);
    let since = i64::try_from(version).unwrap_or(NO_VERSION);
    Ok(changed_of(&place.trip(place.client().query(&place.sql().changed, &[&since]))?))
}

fn count_trip(place: &Place) {
    place.pool().counts.trips.fetch_add(1, Ordering::Relaxed);
}

/// The version, and the news that was asked for.
fn news_of(rows: &[Row]) -> Result<(u64, Vec<Change>), StoreError> {
    let first = rows.first().ok_or_else(|| StoreError::Database("the gate has no row".to_owned()))?;
    let change = |row: &Row| {
        let version = row.get::<_, Option<i64>>(1)?.unsigned_abs();
        Some(Change { stamp: Stamp { version, nonce: row.get(2) }, is_listed: row.get(3) })
    };
    Ok((first.get::<_, i64>(0).unsigned_abs(), rows.iter().filter_map(change).collect()))
}

/// Keys of tables that only a newer version knows are of no use here.
fn changed_of(rows: &[Row]) -> Vec<Changed> {
    rows.iter().filter_map(|row| Some((Table::of_number(row.get(0))?, row.get(1), row.get(2)))).collect()
}

fn pass_of(standing: &Standing) -> Option<Pass> {
    match standing {
        Standing::Usable(pass) => Some(*pass),
        Standing::Behind(_) | Standing::Ahead => None,
    }
}

/// Begins on a connection that works: an idle one may be to a server that has gone, and says so only when it is used.
fn on_live_connection<T>(pool: &Arc<Pool>, begin: impl Fn(Place) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut tries = 1;
    loop {
        match pool.take().and_then(&begin) {
            Err(StoreError::Unreachable(_)) if tries < BEGIN_TRIES_MAX => pool.forget_idle(),
            begun => return begun,
        }
        tries += 1;
    }
}
