//! Reading as of one moment, and a transaction that reads its own writes.

use std::{fmt, ops::Range};

use super::{
    engine::{Bytes, Engine, Writes},
    error::StoreError,
    table::Table,
};

/// Largest record, in bytes. The engine puts values above 128 KiB into files of their own that it never syncs.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;

/// Whether a scan goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Stop,
}

/// Called with each key and value of a scan.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<Flow, StoreError>;

/// What can be read, inside a transaction or outside.
pub trait View {
    /// The value of a key, copied out.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits the keys of a range in order, until told to stop.
    fn scan(&self, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError>;
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

impl View for Snapshot<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.engine.get(table, key)?.map(|value| value.to_vec()))
    }

    fn scan(&self, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        for pair in self.engine.scan(table, range) {
            let (key, value) = pair?;
            if visit(&key, &value)? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// A transaction: its writes wait here and are applied together, after the closure has ended.
///
/// The engine's tables cannot be reached from it, so nothing can be written past it.
pub struct Tx<'a> {
    engine: &'a Engine,
    writes: Writes,
}

impl fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

impl<'a> Tx<'a> {
    pub(super) fn new(engine: &'a Engine) -> Self {
        Self { engine, writes: Writes::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.writes.is_empty()
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

impl View for Tx<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(&(table, key.to_vec())) {
            Some(written) => Ok(written.clone()),
            None => Ok(self.engine.get(table, key)?.map(|value| value.to_vec())),
        }
    }

    fn scan(&self, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        let own = (table, range.start.to_vec())..(table, range.end.to_vec());
        let mut own = self.writes.range(own).peekable();
        let mut stored = self.engine.scan(table, range);
        let mut next: Option<(Bytes, Bytes)> = stored.next().transpose()?;
        loop {
            let own_first = match (own.peek(), &next) {
                (Some(((_, ours), _)), Some((theirs, _))) => ours.as_slice() <= theirs.as_ref(),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => return Ok(()),
            };
            let mut flow = Flow::Continue;
            if own_first {
                let Some(((_, key), value)) = own.next() else { return Ok(()) };
                if next.as_ref().is_some_and(|(theirs, _)| theirs.as_ref() == key.as_slice()) {
                    next = stored.next().transpose()?;
                }
                if let Some(value) = value {
                    flow = visit(key, value)?;
                }
            } else if let Some((key, value)) = next.take() {
                flow = visit(&key, &value)?;
                next = stored.next().transpose()?;
            }
            if flow == Flow::Stop {
                return Ok(());
            }
        }
    }
}
