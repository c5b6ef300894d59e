//! Snapshots, and transactions that read their own writes.

use std::{fmt, iter, mem, ops::Range};

use chrono::NaiveDate;

use crate::store::{
    change_feed::Days,
    engine::{Engine, Writes},
    error::StoreError,
    tables::catalog::Table,
};

/// Largest record, in bytes: the size of a proposal of 1000 rows. The engine stores it in chunks, but it is read as a
/// whole.
pub const RECORD_BYTES_MAX: usize = 256 * 1024;

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

    /// Visits the keys of a range in either direction, until told to stop.
    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError>;

    /// Visits the keys of a range in order, until told to stop.
    fn scan(&self, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        self.scan_in(ScanOrder::Ascending, table, range, visit)
    }
}

/// The store as of one moment.
pub struct Snapshot<'a> {
    engine: &'a Engine,
}

impl<'a> Snapshot<'a> {
    pub(super) fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot")
    }
}

impl ReadTx for Snapshot<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.engine.get(table, key)?.map(|value| value.to_vec()))
    }

    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        let mut pairs = self.engine.scan(table, range);
        let mut next = || match order {
            ScanOrder::Ascending => pairs.next(),
            ScanOrder::Descending => pairs.next_back(),
        };
        while let Some(pair) = next() {
            let (key, value) = pair?;
            if visit(&key, &value)? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// A transaction: its writes are collected and applied together after the closure has ended.
///
/// The engine's tables are not accessible from it, so no write can bypass it. A transaction on top of a [`ReadTx`]
/// that is dropped is a dry run: it reads as if its writes had been made.
pub struct Tx<'a> {
    base: &'a dyn ReadTx,
    writes: Writes,
    /// The days whose pages change.
    days: Days,
}

impl fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn over(base: &'a dyn ReadTx) -> Self {
        Self { base, writes: Writes::new(), days: Days::default() }
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

    /// Tells if any day may have changed.
    pub(super) fn shows_anywhere(&self) -> bool {
        self.days == Days::All
    }

    /// Records that any day may have changed.
    pub(super) fn shows_everywhere(&mut self) {
        self.days = Days::All;
    }

    pub(super) fn take_days(&mut self) -> Days {
        mem::take(&mut self.days)
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
        match self.writes.get(&(table, key.to_vec())) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(table, key),
        }
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
