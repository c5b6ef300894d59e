//! Snapshots, and transactions that read their own writes.

use std::{cell::RefCell, collections::BTreeMap, fmt, iter, mem, ops::Range};

use chrono::NaiveDate;

use crate::{
    domain::audit::seal::AuditKeys,
    store::{catalog::Table, change_feed::Days, error::StoreError, touched::Touched},
};

/// Largest record, in bytes: the size of a proposal of 1000 rows. The engine stores it in chunks, but it is read as a
/// whole.
pub const RECORD_BYTES_MAX: usize = 256 * 1024;

/// The writes of one transaction: a value to put, or none to remove.
pub(super) type Writes = BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>;

/// Tells a scan to continue or stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Stop,
}

/// Direction of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanOrder {
    Ascending,
    Descending,
}

/// Called with each key and value of a scan.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<Flow, StoreError>;

/// Read access to the store, inside a transaction or outside.
pub trait ReadTx {
    /// A copy of the value of a key.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Copies of the values of several keys of a table, in the order of the keys.
    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// The first `max` keys of each of several ranges of a table.
    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError>;

    /// Visits the keys of a range in either direction, until told to stop.
    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError>;

    /// Announces what is read next, so that a database is asked once for all of it. Changes no answer. A store in the data
    /// folder does not even ask for the ranges.
    fn warm(&self, _ranges: &mut dyn FnMut() -> Vec<(Table, Range<Vec<u8>>)>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Visits the keys of a range in order, until told to stop.
    fn scan(&self, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        self.scan_in(ScanOrder::Ascending, table, range, visit)
    }
}

/// The store as of one moment.
pub struct Snapshot<'a> {
    source: &'a dyn ReadTx,
    version: u64,
}

impl<'a> Snapshot<'a> {
    pub(super) fn new(source: &'a dyn ReadTx, version: u64) -> Self {
        Self { source, version }
    }

    /// Number of changes ever made, with the last one that is seen here.
    pub fn version(&self) -> u64 {
        self.version
    }
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot")
    }
}

impl ReadTx for Snapshot<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.source.get(table, key)
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.source.get_many(table, keys)
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        self.source.first_keys(table, ranges, max)
    }

    fn warm(&self, ranges: &mut dyn FnMut() -> Vec<(Table, Range<Vec<u8>>)>) -> Result<(), StoreError> {
        self.source.warm(ranges)
    }

    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        self.source.scan_in(order, table, range, visit)
    }
}

/// What a transaction came to: its writes, the days whose pages they change, and what else is needed afterwards.
pub(super) struct Prepared<T> {
    pub writes: Writes,
    pub days: Days,
    /// The format that the writes give the store, if they change it.
    pub format: Option<u32>,
    pub rest: T,
}

/// A transaction: its writes are collected and applied together after the closure has ended.
///
/// The engine's tables are not accessible from it, so no write can bypass it. A transaction on top of a [`ReadTx`]
/// that is dropped is a dry run: it reads as if its writes had been made.
pub struct Tx<'a> {
    base: &'a dyn ReadTx,
    writes: Writes,
    /// Records of `base` that were read, so that each is read once.
    known: RefCell<Writes>,
    /// The days whose pages change.
    days: Days,
    /// The changes from which issues are computed; none for a dry run, which ends before that.
    touched: Option<Touched>,
    /// Seal audit entries; none if no key is set.
    audit_keys: Option<&'a AuditKeys>,
}

impl fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn over(base: &'a dyn ReadTx) -> Self {
        Self {
            base,
            writes: Writes::new(),
            known: RefCell::default(),
            days: Days::default(),
            touched: None,
            audit_keys: None,
        }
    }

    /// A transaction that will be applied, with the keys that seal its audit entries.
    pub(super) fn to_apply(base: &'a dyn ReadTx, audit_keys: Option<&'a AuditKeys>) -> Self {
        Self { touched: Some(Touched::default()), audit_keys, ..Self::over(base) }
    }

    /// Notes what changes, for the issues that depend on it.
    pub(super) fn touch(&mut self, note: impl FnOnce(&mut Touched)) {
        if let Some(touched) = &mut self.touched {
            note(touched);
        }
    }

    pub(super) fn take_touched(&mut self) -> Option<Touched> {
        self.touched.take()
    }

    pub(super) fn audit_keys(&self) -> Option<&'a AuditKeys> {
        self.audit_keys
    }

    /// Reads as if these writes had been made.
    pub(super) fn with(base: &'a dyn ReadTx, writes: Writes) -> Self {
        Self { writes, ..Self::over(base) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Records a day whose page changes, for subscribers.
    pub(super) fn shows_on(&mut self, date: NaiveDate) {
        self.days.add(date);
    }

    /// Records that any day may have changed.
    pub(super) fn shows_everywhere(&mut self) {
        self.days = Days::All;
    }

    pub(super) fn take_days(&mut self) -> Days {
        mem::take(&mut self.days)
    }

    /// The value that this transaction gives a key.
    pub(super) fn written(&self, table: Table, key: &[u8]) -> Option<&Vec<u8>> {
        self.writes.get(&(table, key.to_vec()))?.as_ref()
    }

    pub(super) fn into_writes(self) -> Writes {
        self.writes
    }

    pub(super) fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) -> Result<(), StoreError> {
        let bytes = key.len() + value.len();
        if bytes > RECORD_BYTES_MAX {
            return Err(StoreError::TooLarge { table, bytes, max: RECORD_BYTES_MAX });
        }
        self.writes.insert((table, key), Some(value));
        Ok(())
    }

    pub(super) fn remove(&mut self, table: Table, key: Vec<u8>) {
        self.writes.insert((table, key), None);
    }
}

impl ReadTx for Tx<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let place = (table, key.to_vec());
        if let Some(written) = self.writes.get(&place) {
            return Ok(written.clone());
        }
        if let Some(known) = self.known.borrow().get(&place) {
            return Ok(known.clone());
        }
        let read = self.base.get(table, key)?;
        self.known.borrow_mut().insert(place, read.clone());
        Ok(read)
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let is_unknown = |key: &&Vec<u8>| {
            let place = (table, (*key).clone());
            !self.writes.contains_key(&place) && !self.known.borrow().contains_key(&place)
        };
        let unknown: Vec<_> = keys.iter().filter(is_unknown).cloned().collect();
        if !unknown.is_empty() {
            let read = self.base.get_many(table, &unknown)?;
            self.known.borrow_mut().extend(unknown.into_iter().map(|key| (table, key)).zip(read));
        }
        keys.iter().map(|key| self.get(table, key)).collect()
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        let is_written = |range: &Range<Vec<u8>>| {
            range.start < range.end
                && self.writes.range((table, range.start.clone())..(table, range.end.clone())).next().is_some()
        };
        let others: Vec<_> = ranges.iter().filter(|range| !is_written(range)).cloned().collect();
        let mut found =
            if others.is_empty() { Vec::new() } else { self.base.first_keys(table, &others, max)? }.into_iter();
        let keys = |range: &Range<Vec<u8>>| {
            if is_written(range) {
                first_keys_by_scan(self, table, range, max)
            } else {
                Ok(found.next().unwrap_or_default())
            }
        };
        ranges.iter().map(keys).collect()
    }

    fn warm(&self, ranges: &mut dyn FnMut() -> Vec<(Table, Range<Vec<u8>>)>) -> Result<(), StoreError> {
        self.base.warm(ranges)
    }

    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        let mut own = self.writes.range((table, range.start.to_vec())..(table, range.end.to_vec()));
        let mut own = iter::from_fn(|| match order {
            ScanOrder::Ascending => own.next(),
            ScanOrder::Descending => own.next_back(),
        })
        .peekable();
        let precedes = |ours: &[u8], key: &[u8]| match order {
            ScanOrder::Ascending => ours < key,
            ScanOrder::Descending => ours > key,
        };
        let mut flow = Flow::Continue;
        self.base.scan_in(order, table, range, &mut |key, value| {
            while let Some(((_, ours), written)) = own.next_if(|((_, ours), _)| precedes(ours, key)) {
                flow = written.as_ref().map_or(Ok(Flow::Continue), |value| visit(ours, value))?;
                if flow == Flow::Stop {
                    return Ok(flow);
                }
            }
            flow = match own.next_if(|((_, ours), _)| ours.as_slice() == key) {
                Some((_, Some(written))) => visit(key, written)?,
                Some((_, None)) => Flow::Continue,
                None => visit(key, value)?,
            };
            Ok(flow)
        })?;
        while let (Flow::Continue, Some(((_, ours), written))) = (flow, own.next()) {
            flow = written.as_ref().map_or(Ok(Flow::Continue), |value| visit(ours, value))?;
        }
        Ok(())
    }
}

/// The first `max` keys of a range.
pub(super) fn first_keys_by_scan(
    tx: &dyn ReadTx,
    table: Table,
    range: &Range<Vec<u8>>,
    max: usize,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut keys = Vec::new();
    tx.scan(table, &range.start..&range.end, &mut |key, _| {
        if keys.len() == max {
            return Ok(Flow::Stop);
        }
        keys.push(key.to_vec());
        Ok(Flow::Continue)
    })?;
    Ok(keys)
}

/// A write of a repair: the table, the key, and the new value; None removes the entry.
pub(crate) type Fix = (Table, Vec<u8>, Option<Vec<u8>>);
