//! Reads of one transaction, each call of which is a round trip.

use std::{
    cell::Cell,
    collections::HashMap,
    ops::Range,
    sync::{Arc, atomic::Ordering},
};

use tokio_postgres::Row;

use crate::store::{
    catalog::Table,
    error::StoreError,
    postgres::{
        error,
        pool::{Place, Pool, late},
    },
    transaction::{Flow, ReadTx, ScanOrder, Visit},
};

/// Records that a scan asks for first, and most that it asks for at once.
const SCAN_RECORDS_FIRST: i64 = 64;
const SCAN_RECORDS_MAX: i64 = 512;
/// Tries to begin a transaction: connections that were idle may be those to a server that has gone.
const BEGIN_TRIES_MAX: u32 = 3;
/// Keys that one statement looks for.
const KEYS_MAX: usize = 4096;

const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// A backup may pause for as long as its reader does.
const BEGIN_LONG_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = '60s'";
/// The server ends a transaction whose process or machine has stopped, so that others can write.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = on; \
    SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '15s'; \
    SET LOCAL idle_in_transaction_session_timeout = '15s'";

/// A transaction that reads: of one snapshot, or holding the gate.
pub(in crate::store) struct Reading {
    place: Place,
    version: u64,
    /// The error that broke the transaction, of a kind that makes it worth another try.
    broken: Cell<bool>,
}

impl Reading {
    pub(super) fn begin(pool: &Arc<Pool>) -> Result<Self, StoreError> {
        on_live_connection(pool, |place| Self::on(place, BEGIN_READ))
    }

    /// On a connection of its own: others need not wait for one.
    pub(super) fn begin_long(pool: &Arc<Pool>) -> Result<Self, StoreError> {
        Self::on(pool.take_apart()?, BEGIN_LONG_READ)
    }

    fn on(place: Place, begin: &str) -> Result<Self, StoreError> {
        let (client, sql) = (place.client(), place.sql());
        let both = place
            .trips(async { tokio::join!(biased; client.batch_execute(begin), client.query_one(&sql.version, &[])) });
        let (begun, found) = both.ok_or_else(late)?;
        begun.map_err(|error| error::of(&error))?;
        let version = version_of(&found.map_err(|error| error::of(&error))?);
        Ok(Self { place, version, broken: Cell::new(false) })
    }

    /// Locks the gate. Returns the format of the store as well.
    pub(super) fn begin_write(pool: &Arc<Pool>) -> Result<(Self, u32), StoreError> {
        on_live_connection(pool, |place| {
            let (client, sql) = (place.client(), place.sql());
            let both = place.trips(async {
                tokio::join!(biased; client.batch_execute(BEGIN_WRITE), client.query_opt(&sql.lock, &[]))
            });
            let (begun, found) = both.ok_or_else(late)?;
            begun.map_err(|error| error::of(&error))?;
            // The store was replaced by a restored one while this waited for the gate.
            let row = found.map_err(|error| error::of(&error))?.ok_or(StoreError::Conflict)?;
            let format = row.get::<_, i32>(1).unsigned_abs();
            Ok((Self { version: version_of(&row), place, broken: Cell::new(false) }, format))
        })
    }

    /// The version of the store that is read.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Tells that a read failed in a way that ends the transaction, but not the use case.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    pub fn end(self) {
        self.place.end();
    }

    pub(super) fn into_place(self) -> Place {
        self.place
    }

    fn rows(
        &self,
        answer: impl Future<Output = Result<Vec<Row>, tokio_postgres::Error>>,
    ) -> Result<Vec<Row>, StoreError> {
        self.place.pool().counts.calls.fetch_add(1, Ordering::Relaxed);
        let rows = self.place.trip(answer);
        if let Err(StoreError::Conflict | StoreError::Unreachable(_)) = &rows {
            self.broken.set(true);
        }
        rows
    }

    fn count_keys(&self, keys: usize) {
        self.place.pool().counts.keys.fetch_add(keys as u64, Ordering::Relaxed);
    }
}

impl ReadTx for Reading {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.count_keys(1);
        let rows = self.rows(self.place.client().query(&self.place.sql().get, &[&table.number(), &key]))?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.count_keys(keys.len());
        let mut found: HashMap<Vec<u8>, Vec<u8>> = HashMap::with_capacity(keys.len());
        for some in keys.chunks(KEYS_MAX) {
            let rows = self.rows(self.place.client().query(&self.place.sql().many, &[&table.number(), &some]))?;
            found.extend(rows.iter().map(|row| (row.get(0), row.get(1))));
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        let mut keys = vec![Vec::new(); ranges.len()];
        let most = i64::try_from(max).unwrap_or(i64::MAX);
        for (some, keys) in ranges.chunks(KEYS_MAX).zip(keys.chunks_mut(KEYS_MAX)) {
            let low: Vec<&[u8]> = some.iter().map(|range| range.start.as_slice()).collect();
            let high: Vec<&[u8]> = some.iter().map(|range| range.end.as_slice()).collect();
            let client = self.place.client();
            let rows = self.rows(client.query(&self.place.sql().first, &[&table.number(), &low, &high, &most]))?;
            for row in rows {
                let place = usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or(usize::MAX);
                if let Some(keys) = keys.get_mut(place) {
                    keys.push(row.get(1));
                }
            }
        }
        Ok(keys)
    }

    /// Visits a range page by page. The visit may read.
    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        let (mut low, mut high) = (range.start.to_vec(), range.end.to_vec());
        let mut most = SCAN_RECORDS_FIRST;
        while low < high {
            let sql = self.place.sql();
            let statement = match order {
                ScanOrder::Ascending => &sql.up,
                ScanOrder::Descending => &sql.down,
            };
            let rows = self.rows(self.place.client().query(statement, &[&table.number(), &low, &high, &most]))?;
            for row in &rows {
                if visit(row.get(0), row.get(1))? == Flow::Stop {
                    return Ok(());
                }
            }
            let Some(last) = rows.last().filter(|_| rows.len() as u64 == most.unsigned_abs()) else { return Ok(()) };
            match order {
                ScanOrder::Ascending => low = [last.get::<_, &[u8]>(0), &[0]].concat(),
                ScanOrder::Descending => high = last.get(0),
            }
            most = SCAN_RECORDS_MAX;
        }
        Ok(())
    }
}

fn version_of(row: &Row) -> u64 {
    row.get::<_, i64>(0).unsigned_abs()
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
