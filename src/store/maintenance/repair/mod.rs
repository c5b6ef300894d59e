//! Rebuilds index entries and counters from the records, which it never changes.
//!
//! Invariant: nothing is written before every record has been read. Work is done in pages, so that memory does not
//! grow with the store; an interrupted repair can be run again.

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
            name_index, pairs,
        },
        transaction::{Fix, Flow, ReadTx, Snapshot},
    },
};

/// Records read between two writes. The engine frees memory only after a transaction, so long transactions need much
/// of it.
const PAGE_RECORDS: usize = 250;

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
/// [`StoreError::Corrupt`] names a record that cannot be read; nothing was written then.
pub fn run(store: &Store) -> Result<Vec<Repaired>, StoreError> {
    rebuild(store, &[Table::Events, Table::Audit, Table::Replies])
}

/// Same for what is derived from events alone.
///
/// # Errors
/// As [`run`].
pub fn run_events(store: &Store) -> Result<Vec<Repaired>, StoreError> {
    rebuild(store, &[Table::Events])
}

fn rebuild(store: &Store, sources: &[Table]) -> Result<Vec<Repaired>, StoreError> {
    let mut counters = store.read(|tx| read_everything(tx, sources))?;
    let mut repaired = BTreeMap::new();
    for table in sources.iter().copied() {
        in_pages(store, table, &mut repaired, |tx, key, bytes, fixes| {
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
        in_pages(store, table, &mut repaired, |tx, key, value, fixes| {
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
    fill_words(store, &mut repaired)?;
    in_pages(store, Table::Words, &mut repaired, |tx, key, bytes, fixes| {
        let right = name_index::right(tx, key, bytes)?;
        if right.as_deref() != Some(bytes) {
            fixes.push((Table::Words, key.to_vec(), right));
        }
        Ok(())
    })?;
    // After the index of pairs, which it reads.
    store.read(|tx| count_pairs(tx, &mut counters))?;
    repair_counters(store, &counters, &mut repaired)?;
    repair_issues(store, &mut repaired)?;
    Ok(repaired.into_values().collect())
}

/// Computes all issues, and writes those that differ.
pub(crate) fn issues(store: &Store) -> Result<(), StoreError> {
    repair_issues(store, &mut BTreeMap::new())
}

fn repair_issues(store: &Store, repaired: &mut BTreeMap<Table, Repaired>) -> Result<(), StoreError> {
    in_pages(store, Table::Events, repaired, |tx, key, bytes, fixes| {
        for (key, value) in issues::required(tx, &events::from_bytes(bytes, key)?)? {
            if tx.get(Table::Issues, &key)?.as_ref() != Some(&value) {
                fixes.push((Table::Issues, key, Some(value)));
            }
        }
        Ok(())
    })?;
    in_pages(store, Table::Issues, repaired, |tx, key, bytes, fixes| {
        let right = issues::right(tx, key)?;
        if right.as_deref() != Some(bytes) {
            fixes.push((Table::Issues, key.to_vec(), right));
        }
        Ok(())
    })?;
    store.count_issues()
}

/// Writes the name index of every event, block by block.
fn fill_words(store: &Store, repaired: &mut BTreeMap<Table, Repaired>) -> Result<(), StoreError> {
    let mut blocks = name_index::Blocks::default();
    in_pages(store, Table::Events, repaired, |tx, key, bytes, fixes| {
        let done = blocks.add(&events::from_bytes(bytes, key)?);
        done.map_or(Ok(()), |block| name_index::missing(tx, block, fixes))
    })?;
    let mut fixes = Vec::new();
    if let Some(block) = blocks.take() {
        store.read(|tx| name_index::missing(tx, block, &mut fixes))?;
    }
    apply(store, fixes, repaired)
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

fn repair_counters(
    store: &Store,
    counters: &BTreeMap<NaiveDate, DayCounts>,
    repaired: &mut BTreeMap<Table, Repaired>,
) -> Result<(), StoreError> {
    let mut right = BTreeMap::new();
    for (date, counts) in counters {
        let (key, bytes) = days::entry(*date, counts)?;
        right.insert(key, bytes);
    }
    in_pages(store, Table::DayCounts, repaired, |_, key, bytes, fixes| {
        match right.remove(key) {
            Some(counts) if counts == bytes => {}
            counts => fixes.push((Table::DayCounts, key.to_vec(), counts)),
        }
        Ok(())
    })?;
    let missing: Vec<Fix> = right.into_iter().map(|(key, bytes)| (Table::DayCounts, key, Some(bytes))).collect();
    apply(store, missing, repaired)
}

/// Visits every entry of a table, and writes repairs between pages.
fn in_pages(
    store: &Store,
    table: Table,
    repaired: &mut BTreeMap<Table, Repaired>,
    mut look: impl FnMut(&dyn ReadTx, &[u8], &[u8], &mut Vec<Fix>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let all = everything();
    let mut start = Some(all.start);
    while let Some(from) = start.take() {
        let (mut fixes, mut visited) = (Vec::new(), 0);
        store.read(|tx| {
            tx.scan(table, &from..&all.end, &mut |key, value| {
                look(tx, key, value, &mut fixes)?;
                visited += 1;
                if visited < PAGE_RECORDS {
                    return Ok(Flow::Continue);
                }
                start = Some([key, &[0]].concat());
                Ok(Flow::Stop)
            })
        })?;
        apply(store, fixes, repaired)?;
    }
    Ok(())
}

fn apply(store: &Store, fixes: Vec<Fix>, repaired: &mut BTreeMap<Table, Repaired>) -> Result<(), StoreError> {
    store.write(|tx| {
        for (table, key, value) in &fixes {
            match value {
                Some(value) => tx.put(*table, key.clone(), value.clone())?,
                None => tx.remove(*table, key.clone()),
            }
        }
        Ok::<_, StoreError>(())
    })?;
    for (table, _, value) in fixes {
        let count = repaired.entry(table).or_insert(Repaired { table, written: 0, removed: 0 });
        *(if value.is_some() { &mut count.written } else { &mut count.removed }) += 1;
    }
    Ok(())
}
