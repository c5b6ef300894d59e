//! Reads of one transaction: from the copy of the store where it is known there, otherwise a round trip each.

use std::{
    cell::Cell,
    collections::HashMap,
    ops::Range,
    sync::{Arc, atomic::Ordering},
};

use tokio_postgres::{Row, types::ToSql};

use crate::store::{
    catalog::{Table, everything},
    error::StoreError,
    postgres::{
        begin,
        pool::{Place, Pool},
        replica::{Pair, Pass, Replica, after},
    },
    transaction::{Flow, ReadTx, ScanOrder, Visit},
};

/// Records that a scan asks for first, and most that it asks for at once.
const SCAN_RECORDS_FIRST: usize = 64;
const SCAN_RECORDS_MAX: usize = 512;
/// Records of a small table that are read at once.
const SMALL_RECORDS_MAX: usize = 2048;
/// Most records of one scan that are kept in the copy: a scan of a large table leaves room for what is read often.
const KEPT_RECORDS_MAX: usize = 4096;
/// Keys that one statement looks for.
const KEYS_MAX: usize = 4096;

/// A transaction that reads: of one snapshot, or holding the gate.
pub(in crate::store) struct Reading {
    place: Place,
    /// Of the store that is read.
    pub version: u64,
    /// What of the copy may be used; nothing for a long read.
    pass: Option<Pass>,
    /// The error that broke the transaction, of a kind that makes it worth another try.
    broken: Cell<bool>,
}

impl Reading {
    pub(super) fn begin(pool: &Arc<Pool>) -> Result<Self, StoreError> {
        begin::read(pool).map(Self::of)
    }

    /// On a connection of its own: others need not wait for one.
    pub(super) fn begin_long(pool: &Arc<Pool>) -> Result<Self, StoreError> {
        begin::long_read(pool).map(Self::of)
    }

    /// Locks the gate. Returns the format of the store as well.
    pub(super) fn begin_write(pool: &Arc<Pool>) -> Result<(Self, u32), StoreError> {
        begin::write(pool).map(|(begun, format)| (Self::of(begun), format))
    }

    fn of(begun: begin::Begun) -> Self {
        let begin::Begun { place, version, pass } = begun;
        Self { place, version, pass, broken: Cell::new(false) }
    }

    /// Tells that a read failed in a way that ends the transaction, but not the use case.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    pub fn end(self) {
        self.place.end();
    }

    /// The connection, and what brings the copy of the store up to date once a commit succeeds.
    pub(super) fn into_parts(self) -> (Place, Option<Pass>) {
        (self.place, self.pass)
    }

    fn replica(&self) -> &Replica {
        &self.place.pool().replica
    }

    /// Tells if what is read is kept in the copy.
    fn is_kept(&self) -> bool {
        self.pass.is_some_and(|pass| self.replica().is_open_to(pass))
    }

    #[expect(clippy::option_option, reason = "a missing value is an answer, too")]
    fn known(&self, table: Table, key: &[u8]) -> Option<Option<Vec<u8>>> {
        self.replica().get(self.pass?, table, key)
    }

    fn known_rows(
        &self,
        order: ScanOrder,
        table: Table,
        range: &Range<Vec<u8>>,
        max: usize,
    ) -> Option<(Vec<Pair>, Range<Vec<u8>>)> {
        self.replica().rows(self.pass?, order, table, range, max)
    }

    fn learn(
        &self,
        table: Table,
        rows: impl IntoIterator<Item = Pair>,
        complete: impl IntoIterator<Item = Range<Vec<u8>>>,
    ) {
        if let Some(pass) = self.pass {
            self.replica().learn(pass, table, rows, complete);
        }
    }

    fn rows(
        &self,
        answer: impl Future<Output = Result<Vec<Row>, tokio_postgres::Error>>,
    ) -> Result<Vec<Row>, StoreError> {
        let counts = &self.place.pool().counts;
        counts.calls.fetch_add(1, Ordering::Relaxed);
        counts.trips.fetch_add(1, Ordering::Relaxed);
        let rows = self.place.trip(answer);
        if let Err(StoreError::Conflict | StoreError::Unreachable(_)) = &rows {
            self.broken.set(true);
        }
        rows
    }

    fn count_keys(&self, keys: usize) {
        self.place.pool().counts.keys.fetch_add(keys as u64, Ordering::Relaxed);
    }

    /// Reads the first rows of a range, and what is left of the range behind them.
    fn page(
        &self,
        order: ScanOrder,
        table: Table,
        range: &Range<Vec<u8>>,
        max: usize,
        keeps: bool,
    ) -> Result<(Vec<Pair>, Range<Vec<u8>>), StoreError> {
        let (sql, client, most) = (self.place.sql(), self.place.client(), limit(max));
        let keeps = keeps && self.is_kept();
        let (number, with_events) = (table.number(), keeps && table.lists_events());
        let some: [&(dyn ToSql + Sync); 5] = [&number, &range.start, &range.end, &most, &with_events];
        let found = match order {
            ScanOrder::Ascending => self.rows(client.query(&sql.up, &some))?,
            ScanOrder::Descending => self.rows(client.query(&sql.down, &some[..4]))?,
        };
        let rows: Vec<Pair> = found.iter().map(|row| (row.get(0), row.get(1))).collect();
        let last = rows.last().filter(|_| rows.len() == max).map(|row| row.0.as_slice());
        let (read, left) = match (order, last) {
            (_, None) => (range.clone(), range.end.clone()..range.end.clone()),
            (ScanOrder::Ascending, Some(last)) => (range.start.clone()..after(last), after(last)..range.end.clone()),
            (ScanOrder::Descending, Some(last)) => {
                (last.to_vec()..range.end.clone(), range.start.clone()..last.to_vec())
            }
        };
        if keeps {
            self.learn(table, rows.iter().cloned(), [read]);
            if with_events && order == ScanOrder::Ascending {
                self.learn_events(&found, 0, 2);
            }
        }
        Ok((rows, left))
    }

    /// Notes the events that rows of an index came with.
    fn learn_events(&self, rows: &[Row], key: usize, event: usize) {
        let pair = |row: &Row| {
            let id = row.get::<_, &[u8]>(key).last_chunk::<8>()?.to_vec();
            Some((id, row.get::<_, Option<Vec<u8>>>(event)?))
        };
        self.learn(Table::Events, rows.iter().filter_map(pair), []);
    }

    /// Reads the first rows of each of several ranges.
    fn first_rows(&self, ranges: &[(Table, Range<Vec<u8>>)], max: usize) -> Result<Vec<Vec<Pair>>, StoreError> {
        let (is_kept, most) = (self.is_kept(), limit(max));
        let tables: Vec<i16> = ranges.iter().map(|(table, _)| table.number()).collect();
        let low: Vec<&[u8]> = ranges.iter().map(|(_, range)| range.start.as_slice()).collect();
        let high: Vec<&[u8]> = ranges.iter().map(|(_, range)| range.end.as_slice()).collect();
        let with_events: Vec<bool> = ranges.iter().map(|(table, _)| is_kept && table.lists_events()).collect();
        let asked: [&(dyn ToSql + Sync); 5] = [&tables, &low, &high, &most, &with_events];
        let found = self.rows(self.place.client().query(&self.place.sql().first, &asked))?;
        let mut rows: Vec<Vec<Pair>> = vec![Vec::new(); ranges.len()];
        for row in &found {
            let at = usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or(usize::MAX);
            if let Some(rows) = rows.get_mut(at) {
                rows.push((row.get(1), row.get(2)));
            }
        }
        if is_kept {
            for ((table, range), rows) in ranges.iter().zip(&rows) {
                let read = match rows.last() {
                    Some((last, _)) if rows.len() == max => range.start.clone()..after(last),
                    _ => range.clone(),
                };
                self.learn(*table, rows.iter().cloned(), [read]);
            }
            self.learn_events(&found, 1, 3);
        }
        Ok(rows)
    }

    /// Reads what is likely to be asked for next, with a key that is not known.
    fn read_neighbours(&self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let all = everything();
        let (range, max) = match table {
            // Small, and read again and again.
            Table::Meta | Table::Employees | Table::Holidays | Table::Acceptances | Table::MissingVisits => {
                (all, SMALL_RECORDS_MAX)
            }
            // Of the following days.
            Table::DayCounts => (key.to_vec()..all.end, SCAN_RECORDS_FIRST),
            _ => return Ok(()),
        };
        if self.is_kept() && self.known_rows(ScanOrder::Ascending, table, &range, 1).is_none() {
            self.page(ScanOrder::Ascending, table, &range, max, true)?;
        }
        Ok(())
    }
}

impl ReadTx for Reading {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.count_keys(1);
        if let Some(known) = self.known(table, key) {
            return Ok(known);
        }
        self.read_neighbours(table, key)?;
        if let Some(known) = self.known(table, key) {
            return Ok(known);
        }
        let rows = self.rows(self.place.client().query(&self.place.sql().get, &[&table.number(), &key]))?;
        let value: Option<Vec<u8>> = rows.first().map(|row| row.get(0));
        self.learn_each(table, [(key.to_vec(), value.clone())]);
        Ok(value)
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.count_keys(keys.len());
        let mut found: HashMap<&Vec<u8>, Option<Vec<u8>>> = HashMap::with_capacity(keys.len());
        let mut unknown = Vec::new();
        for key in keys {
            match self.known(table, key) {
                Some(value) => drop(found.insert(key, value)),
                None => unknown.push(key),
            }
        }
        if let Some(first) = unknown.first() {
            self.read_neighbours(table, first)?;
            unknown.retain(|key| match self.known(table, key) {
                Some(value) => {
                    found.insert(key, value);
                    false
                }
                None => true,
            });
        }
        for some in unknown.chunks(KEYS_MAX) {
            let rows = self.rows(self.place.client().query(&self.place.sql().many, &[&table.number(), &some]))?;
            let mut values: HashMap<Vec<u8>, Vec<u8>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
            for key in some {
                found.insert(*key, values.remove(*key));
            }
            self.learn_each(table, some.iter().map(|key| ((*key).clone(), found.get(*key).cloned().flatten())));
        }
        Ok(keys.iter().map(|key| found.get(key).cloned().flatten()).collect())
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        let (mut keys, mut unknown) = (vec![Vec::new(); ranges.len()], Vec::new());
        for (at, range) in ranges.iter().enumerate().filter(|(_, range)| range.start < range.end) {
            match self.known_rows(ScanOrder::Ascending, table, range, max) {
                Some((rows, left)) if rows.len() == max || left.start >= left.end => {
                    keys[at] = rows.into_iter().map(|row| row.0).collect();
                }
                _ => unknown.push((at, range)),
            }
        }
        let unknown_ranges: Vec<_> = unknown.iter().map(|(_, range)| (table, (*range).clone())).collect();
        for (some, ranges) in unknown.chunks(KEYS_MAX).zip(unknown_ranges.chunks(KEYS_MAX)) {
            for ((at, _), rows) in some.iter().zip(self.first_rows(ranges, max)?) {
                keys[*at] = rows.into_iter().map(|row| row.0).collect();
            }
        }
        Ok(keys)
    }

    fn warm(&self, ranges: &mut dyn FnMut() -> Vec<(Table, Range<Vec<u8>>)>) -> Result<(), StoreError> {
        if !self.is_kept() {
            return Ok(());
        }
        let is_unknown = |(table, range): &&(Table, Range<Vec<u8>>)| {
            let known = self.known_rows(ScanOrder::Ascending, *table, range, usize::MAX);
            known.is_none_or(|(_, left)| left.start < left.end)
        };
        let unknown: Vec<_> = ranges().into_iter().filter(|one| is_unknown(&one)).take(KEYS_MAX).collect();
        if !unknown.is_empty() {
            self.first_rows(&unknown, SCAN_RECORDS_MAX)?;
        }
        Ok(())
    }

    /// Visits a range page by page. The visit may read.
    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        let mut left = range.start.to_vec()..range.end.to_vec();
        let (mut most, mut read) = (SCAN_RECORDS_FIRST, 0);
        while left.start < left.end {
            let mut known = self.known_rows(order, table, &left, most);
            if known.is_none() {
                self.read_neighbours(table, &left.start)?;
                known = self.known_rows(order, table, &left, most);
            }
            let (rows, rest) = if let Some(known) = known {
                known
            } else {
                let page = self.page(order, table, &left, most, read < KEPT_RECORDS_MAX)?;
                read += page.0.len();
                page
            };
            left = rest;
            for (key, value) in &rows {
                if visit(key, value)? == Flow::Stop {
                    return Ok(());
                }
            }
            most = SCAN_RECORDS_MAX;
        }
        Ok(())
    }
}

impl Reading {
    /// Notes the values of keys, also that a key has none.
    fn learn_each(&self, table: Table, found: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>) {
        let (mut rows, mut missing) = (Vec::new(), Vec::new());
        for (key, value) in found {
            match value {
                Some(value) => rows.push((key, value)),
                None => missing.push(key.clone()..after(&key)),
            }
        }
        self.learn(table, rows, missing);
    }
}

fn limit(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}
