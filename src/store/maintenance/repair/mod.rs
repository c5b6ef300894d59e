//! Rebuilds index entries and counters from the records, which it never changes.
//!
//! Invariant: nothing is written before every record has been read, and nothing once another server has changed the store
//! since. Work is done in pages, so that memory does not grow with the store; an interrupted repair can be run again.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    domain::event::counts::DayCounts,
    store::{
        Store,
        catalog::{Table, everything},
        error::StoreError,
        tables::{
            audit, days, employees, events, holidays, idempotency, issues,
            keys::{Key, last_u64},
            meta, name_index, pairs,
        },
        transaction::{Fix, Flow, ReadTx, Snapshot},
    },
};

/// Records read between two writes. The engine frees memory only after a transaction, so long transactions need much
/// of it.
const PAGE_RECORDS: usize = 250;

/// Tries of a rebuild, and of one page of issues, while other servers change the store.
const TRIES_MAX: u32 = 3;
const PAGE_TRIES_MAX: u32 = 20;

/// A rebuild that is complete.
pub(crate) struct Rebuilt {
    pub repaired: Vec<Repaired>,
    /// Changes in the store when it was complete.
    pub changes: u64,
}

/// Repairs of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaired {
    pub table: Table,
    /// Entries that were missing or wrong.
    pub written: usize,
    /// Entries that no record requires.
    pub removed: usize,
}

/// Repairs every table that is derived from records. Returns the tables that had errors.
///
/// # Errors
/// [`StoreError::Corrupt`] names a record that cannot be read; nothing was written then. [`StoreError::Outpaced`] if other
/// servers change the store meanwhile, each time that this is tried; what was repaired by then is right.
pub fn run(store: &Store) -> Result<Vec<Repaired>, StoreError> {
    again_if_outpaced(|| run_once(store)).map(|done| done.repaired)
}

/// Same for what is derived from events alone.
pub(crate) fn run_events(store: &Store) -> Result<Rebuilt, StoreError> {
    rebuild(store, &[Table::Events])
}

/// Same as [`run`], once.
pub(crate) fn run_once(store: &Store) -> Result<Rebuilt, StoreError> {
    rebuild(store, &[Table::Events, Table::Audit, Table::Replies])
}

/// Runs work on the whole store, and again if it was outpaced by the changes of others.
pub(crate) fn again_if_outpaced<T>(mut work: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut tries = 1;
    loop {
        match work() {
            Err(StoreError::Outpaced) if tries < TRIES_MAX => tries += 1,
            done => return done,
        }
    }
}

fn rebuild(store: &Store, sources: &[Table]) -> Result<Rebuilt, StoreError> {
    let read = store.read(|tx| Ok::<_, StoreError>((read_everything(tx, sources)?, meta::changes(tx)?)));
    let (mut counters, changes) = read?;
    let mut work = Work { store, repaired: BTreeMap::new(), changes: Some(changes) };
    for table in sources.iter().copied() {
        work.in_pages(table, |tx, key, bytes, fixes| {
            for (table, key, value) in entries(table, key, bytes)? {
                if tx.get(table, &key)?.as_ref() != Some(&value) {
                    fixes.push((table, key, Some(value)));
                }
            }
            Ok(())
        })?;
    }
    let derived = Table::ALL
        .into_iter()
        .filter(|table| table.source().is_some_and(|source| sources.contains(&source)))
        .filter(|table| !matches!(table, Table::DayCounts | Table::Words | Table::Issues));
    let mut listing = audit::Listing::default();
    for table in derived {
        work.in_pages(table, |tx, key, value, fixes| {
            let is_required = match table {
                Table::EventAudit => listing.is_right(tx, key)? && value.is_empty(),
                _ => is_required(tx, table, key, value)?,
            };
            if !is_required {
                fixes.push((table, key.to_vec(), None));
            }
            Ok(())
        })?;
    }
    work.fill_words()?;
    work.in_pages(Table::Words, |tx, key, bytes, fixes| {
        let right = name_index::right(tx, key, bytes)?;
        if right.as_deref() != Some(bytes) {
            fixes.push((Table::Words, key.to_vec(), right));
        }
        Ok(())
    })?;
    // After the index of pairs, which it reads.
    store.read(|tx| count_pairs(tx, &mut counters))?;
    work.repair_counters(&counters)?;
    work.repair_issues()?;
    store.count_issues()?;
    let repaired = work.repaired.into_values().collect();
    Ok(Rebuilt { repaired, changes: work.changes.unwrap_or(changes) })
}

/// Computes all issues, and writes those that differ. Others may change the store meanwhile: an issue follows from the
/// records of one moment, and a change updates it.
pub(crate) fn issues(store: &Store) -> Result<(), StoreError> {
    Work { store, repaired: BTreeMap::new(), changes: None }.repair_issues()?;
    store.count_issues()
}

/// Fails if the store is not as it was after so many changes.
pub(crate) fn unchanged(tx: &dyn ReadTx, changes: u64) -> Result<(), StoreError> {
    if meta::changes(tx)? == changes { Ok(()) } else { Err(StoreError::Outpaced) }
}

/// Reads every record, and computes the counters.
fn read_everything(tx: &Snapshot<'_>, sources: &[Table]) -> Result<BTreeMap<NaiveDate, DayCounts>, StoreError> {
    let mut counters: BTreeMap<NaiveDate, DayCounts> = BTreeMap::new();
    events::each(tx, |event| {
        for (date, slot) in DayCounts::slots(&event) {
            *counters.entry(date).or_default().slot_mut(slot) += 1;
        }
        Ok(Flow::Continue)
    })?;
    employees::all(tx)?;
    holidays::all(tx)?;
    for table in sources.iter().copied().filter(|table| *table != Table::Events) {
        let all = everything();
        tx.scan(table, &all.start..&all.end, &mut |key, bytes| entries(table, key, bytes).map(|_| Flow::Continue))?;
    }
    Ok(counters)
}

/// Counts the COREs that are without their Supervisor.
fn count_pairs(tx: &Snapshot<'_>, counters: &mut BTreeMap<NaiveDate, DayCounts>) -> Result<(), StoreError> {
    pairs::each(tx, |pair| {
        for (date, slot) in DayCounts::pair_slots(pair) {
            *counters.entry(date).or_default().slot_mut(slot) += 1;
        }
    })
}

/// The index entries derived from a record.
fn entries(table: Table, key: &[u8], bytes: &[u8]) -> Result<Vec<events::Entry>, StoreError> {
    match table {
        Table::Events => Ok(events::entries(&events::from_bytes(bytes, key)?)),
        Table::Audit => {
            let entry = audit::from_bytes(bytes, key)?;
            let key = |event| (Table::EventAudit, audit::index_key(event, entry.sequence), Vec::new());
            Ok(entry.steps.iter().map(|step| key(step.event)).collect())
        }
        Table::Replies => idempotency::entry(key, bytes).map(|(key, value)| vec![(Table::ReplyTimes, key, value)]),
        _ => Ok(Vec::new()),
    }
}

/// Tells if the record that an index entry points to requires that entry.
fn is_required(tx: &dyn ReadTx, table: Table, key: &[u8], value: &[u8]) -> Result<bool, StoreError> {
    let points_to = match table {
        Table::ReplyTimes => Some(value.to_vec()),
        Table::Schedules => last_u64(value).map(|id| Key::new().u64(id).done()),
        _ => last_u64(key).map(|id| Key::new().u64(id).done()),
    };
    let (Some(source), Some(points_to)) = (table.source(), points_to) else { return Ok(false) };
    let Some(bytes) = tx.get(source, &points_to)? else { return Ok(false) };
    let required = entries(source, &points_to, &bytes)?;
    Ok(required.iter().any(|entry| (entry.0, entry.1.as_slice(), entry.2.as_slice()) == (table, key, value)))
}

/// A rebuild in progress.
struct Work<'a> {
    store: &'a Store,
    repaired: BTreeMap<Table, Repaired>,
    /// Changes in the store that was read, and our own since: with any other, what was read before is out of date. None
    /// if each page is right by itself.
    changes: Option<u64>,
}

/// What was found on a page: its repairs, the changes in the store that was read, and where the next page starts.
struct Page {
    fixes: Vec<Fix>,
    changes: u64,
    next: Option<Vec<u8>>,
}

impl Work<'_> {
    fn repair_issues(&mut self) -> Result<(), StoreError> {
        self.in_pages(Table::Events, |tx, key, bytes, fixes| {
            for (key, value) in issues::required(tx, &events::from_bytes(bytes, key)?)? {
                if tx.get(Table::Issues, &key)?.as_ref() != Some(&value) {
                    fixes.push((Table::Issues, key, Some(value)));
                }
            }
            Ok(())
        })?;
        self.in_pages(Table::Issues, |tx, key, bytes, fixes| {
            let right = issues::right(tx, key)?;
            if right.as_deref() != Some(bytes) {
                fixes.push((Table::Issues, key.to_vec(), right));
            }
            Ok(())
        })
    }

    /// Writes the name index of every event, block by block.
    fn fill_words(&mut self) -> Result<(), StoreError> {
        let mut blocks = name_index::Blocks::default();
        self.in_pages(Table::Events, |tx, key, bytes, fixes| {
            let done = blocks.add(&events::from_bytes(bytes, key)?);
            done.map_or(Ok(()), |block| name_index::missing(tx, block, fixes))
        })?;
        let mut fixes = Vec::new();
        let changes = self.store.read(|tx| {
            blocks.take().map_or(Ok(()), |block| name_index::missing(tx, block, &mut fixes))?;
            meta::changes(tx)
        })?;
        self.apply(fixes, changes)
    }

    fn repair_counters(&mut self, counters: &BTreeMap<NaiveDate, DayCounts>) -> Result<(), StoreError> {
        let mut right = BTreeMap::new();
        for (date, counts) in counters {
            let (key, bytes) = days::entry(*date, counts)?;
            right.insert(key, bytes);
        }
        self.in_pages(Table::DayCounts, |_, key, bytes, fixes| {
            match right.remove(key) {
                Some(counts) if counts == bytes => {}
                counts => fixes.push((Table::DayCounts, key.to_vec(), counts)),
            }
            Ok(())
        })?;
        let missing: Vec<Fix> = right.into_iter().map(|(key, bytes)| (Table::DayCounts, key, Some(bytes))).collect();
        let changes = self.store.read(|tx| meta::changes(tx))?;
        self.apply(missing, changes)
    }

    /// Visits every entry of a table, and writes repairs between pages.
    fn in_pages(
        &mut self,
        table: Table,
        mut look: impl FnMut(&dyn ReadTx, &[u8], &[u8], &mut Vec<Fix>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (mut start, mut tries) = (Some(Vec::new()), 1);
        while let Some(from) = start.take() {
            let page = self.page(table, &from, &mut look)?;
            match self.apply(page.fixes, page.changes) {
                Err(StoreError::Outpaced) if self.changes.is_none() && tries < PAGE_TRIES_MAX => {
                    (start, tries) = (Some(from), tries + 1);
                }
                Err(error) => return Err(error),
                Ok(()) => (start, tries) = (page.next, 1),
            }
        }
        Ok(())
    }

    fn page(
        &self,
        table: Table,
        from: &[u8],
        mut look: impl FnMut(&dyn ReadTx, &[u8], &[u8], &mut Vec<Fix>) -> Result<(), StoreError>,
    ) -> Result<Page, StoreError> {
        let (mut fixes, mut visited, mut next) = (Vec::new(), 0, None);
        self.store.read(|tx| {
            let changes = meta::changes(tx)?;
            tx.scan(table, from..&everything().end, &mut |key, value| {
                look(tx, key, value, &mut fixes)?;
                visited += 1;
                if visited < PAGE_RECORDS {
                    return Ok(Flow::Continue);
                }
                next = Some([key, &[0]].concat());
                Ok(Flow::Stop)
            })?;
            Ok(Page { fixes, changes, next })
        })
    }

    /// Writes repairs of what was read, if nothing else has changed the store since.
    fn apply(&mut self, fixes: Vec<Fix>, changes: u64) -> Result<(), StoreError> {
        if self.changes.is_some_and(|expected| expected != changes) {
            return Err(StoreError::Outpaced);
        }
        if fixes.is_empty() {
            return Ok(());
        }
        self.store.write(|tx| {
            unchanged(tx, changes)?;
            for (table, key, value) in &fixes {
                match value {
                    Some(value) => tx.put(*table, key.clone(), value.clone())?,
                    None => tx.remove(*table, key.clone()),
                }
            }
            Ok::<_, StoreError>(())
        })?;
        self.changes = self.changes.map(|expected| expected + 1);
        for (table, _, value) in fixes {
            let count = self.repaired.entry(table).or_insert(Repaired { table, written: 0, removed: 0 });
            *(if value.is_some() { &mut count.written } else { &mut count.removed }) += 1;
        }
        Ok(())
    }
}
