//! Reads the entire store as of one moment, in slices, while others change it.
//!
//! A writer saves the old value of each record it changes for every long read in progress. A slice is the current
//! records overlaid with the saved values. The gate is held for one slice only.

use std::{
    fmt, mem,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use crate::store::{
    catalog::Table,
    embedded::Embedded,
    engine::Engine,
    error::StoreError,
    transaction::{Flow, ReadTx, ScanOrder, Tx, Visit, Writes},
};

/// Most records, and bytes, that are read while the gate is held.
pub const SLICE_RECORDS_MAX: usize = 256;
const SLICE_BYTES_MAX: usize = 256 * 1024;
/// Most records that may change during one long read, so that the saved values fit into memory.
const CHANGED_MAX: usize = 50_000;

/// Saved values of records that changed since the moment.
#[derive(Default)]
struct Past {
    were: Writes,
    /// Too many changes: the read fails.
    lost: bool,
}

/// The long reads in progress.
#[derive(Debug, Default)]
pub(crate) struct Moments(Mutex<Vec<Weak<Mutex<Past>>>>);

impl fmt::Debug for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Past").field("were", &self.were.len()).field("lost", &self.lost).finish()
    }
}

impl Moments {
    /// Saves the current values of records about to be written, for every long read. Called while no other read or
    /// write runs.
    pub fn keep(&self, engine: &Engine, writes: &Writes) -> Result<(), StoreError> {
        let mut moments = lock(&self.0);
        moments.retain(|moment| moment.strong_count() > 0);
        for past in moments.iter().filter_map(Weak::upgrade) {
            let mut past = lock(&past);
            for key in writes.keys() {
                if past.lost || past.were.contains_key(key) {
                    continue;
                }
                if past.were.len() == CHANGED_MAX {
                    *past = Past { were: Writes::new(), lost: true };
                    continue;
                }
                let was = engine.get(key.0, &key.1)?;
                past.were.insert(key.clone(), was);
            }
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The store as of the moment when this was created.
pub struct Moment<'a> {
    engine: &'a Embedded,
    past: Arc<Mutex<Past>>,
}

impl fmt::Debug for Moment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moment").field("past", &self.past).finish_non_exhaustive()
    }
}

impl<'a> Moment<'a> {
    /// Called while no write runs.
    pub(super) fn new(engine: &'a Embedded, moments: &Moments) -> Self {
        let past = Arc::<Mutex<Past>>::default();
        lock(&moments.0).push(Arc::downgrade(&past));
        Self { engine, past }
    }

    /// Reads a slice.
    fn then<T>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.engine.read(|now| {
            let mut past = lock(&self.past);
            if past.lost {
                return Err(StoreError::Outpaced);
            }
            let then = Tx::with(now, mem::take(&mut past.were));
            let found = read(&then);
            past.were = then.into_writes();
            found
        })
    }
}

impl ReadTx for Moment<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.then(|then| then.get(table, key))
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.then(|then| then.get_many(table, keys))
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        self.then(|then| then.first_keys(table, ranges, max))
    }

    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        let mut range = range.start.to_vec()..range.end.to_vec();
        while range.start < range.end {
            let (mut slice, mut bytes) = (Vec::new(), 0);
            self.then(|then| {
                then.scan_in(order, table, &range.start..&range.end, &mut |key, value| {
                    slice.push((key.to_vec(), value.to_vec()));
                    bytes += key.len() + value.len();
                    let more = slice.len() < SLICE_RECORDS_MAX && bytes < SLICE_BYTES_MAX;
                    Ok(if more { Flow::Continue } else { Flow::Stop })
                })
            })?;
            match (slice.last(), order) {
                (Some((last, _)), ScanOrder::Ascending) => range.start = [last.as_slice(), &[0]].concat(),
                (Some((last, _)), ScanOrder::Descending) => range.end.clone_from(last),
                (None, _) => return Ok(()),
            }
            for (key, value) in &slice {
                if visit(key, value)? == Flow::Stop {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::store::{Options, Store, catalog::everything};

    fn engine(store: &Store) -> &Embedded {
        store.engine.embedded().unwrap_or_else(|| unreachable!("the store is embedded"))
    }

    const RECORDS: u16 = 1000;
    const TABLE: Table = Table::Outbox;

    fn store() -> (TempDir, Store) {
        let folder = TempDir::new().unwrap_or_else(|error| unreachable!("{error}"));
        let store = Store::open(folder.path(), &Options::default()).unwrap_or_else(|error| unreachable!("{error}"));
        let put = |tx: &mut Tx<'_>| {
            (0..RECORDS).try_for_each(|number| tx.put(TABLE, (2 * number).to_be_bytes().to_vec(), b"then".to_vec()))
        };
        store.write(put).unwrap_or_else(|error: StoreError| unreachable!("{error}"));
        (folder, store)
    }

    fn all(tx: &dyn ReadTx, order: ScanOrder, mut between: impl FnMut(&[u8])) -> Result<Writes, StoreError> {
        let (range, mut found) = (everything(), Writes::new());
        tx.scan_in(order, TABLE, &range.start..&range.end, &mut |key, value| {
            between(key);
            assert!(found.insert((TABLE, key.to_vec()), Some(value.to_vec())).is_none(), "{key:?} came twice");
            Ok(Flow::Continue)
        })?;
        Ok(found)
    }

    /// Changes one record, removes one and adds one, before and after the reader's position.
    fn change(store: &Store, number: u16) -> Result<(), StoreError> {
        let other = (number * 7) % (2 * RECORDS);
        store.write(|tx| {
            tx.put(TABLE, (other & !1).to_be_bytes().to_vec(), b"now".to_vec())?;
            tx.put(TABLE, (other | 1).to_be_bytes().to_vec(), b"new".to_vec())?;
            tx.remove(TABLE, (2 * RECORDS - 2 - (other & !1)).to_be_bytes().to_vec());
            Ok(())
        })
    }

    #[test]
    fn a_long_read_sees_one_moment_and_does_not_block_writers() {
        for order in [ScanOrder::Ascending, ScanOrder::Descending] {
            let (_folder, store) = store();
            let before = store.read(|tx| all(tx, order, |_| ())).unwrap_or_default();
            let (mut seen, mut held, mut failed) = (0, 0, 0);

            let moment = engine(&store).moment();
            let read = all(&moment, order, |_| {
                seen += 1;
                held += usize::from(engine(&store).is_held());
                failed += usize::from(seen % 50 == 0 && change(&store, seen).is_err());
            });

            assert_eq!((seen, held, failed), (RECORDS, 0, 0));
            assert!(read.is_ok_and(|read| read == before));
            assert!(store.read(|tx| all(tx, order, |_| ())).is_ok_and(|now| now != before));
        }
    }

    #[test]
    fn old_values_are_kept_only_during_long_reads() {
        let (_folder, store) = store();
        let moment = engine(&store).moment();
        let past = Arc::downgrade(&moment.past);
        drop(moment);

        assert!(change(&store, 3).is_ok());

        assert!(past.upgrade().is_none());
        assert!(lock(&engine(&store).moments.0).is_empty());
    }

    #[test]
    fn a_long_read_with_too_many_changes_ends_with_an_error() {
        let (_folder, store) = store();
        let moment = engine(&store).moment();
        let many: Writes = (0..=u32::try_from(CHANGED_MAX).unwrap_or(u32::MAX))
            .map(|number| ((TABLE, number.to_be_bytes().to_vec()), None))
            .collect();

        assert!(engine(&store).moments.keep(&engine(&store).engine, &many).is_ok());

        let read = moment.get(TABLE, &[0, 0]);
        assert!(matches!(read, Err(StoreError::Outpaced)), "{read:?}");
    }
}
