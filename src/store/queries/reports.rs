//! Reads what reports count. With a long read, others change the store meanwhile.

use std::collections::BTreeMap;

use crate::{
    domain::{
        audit::Entry,
        ids::EventId,
        report::{self, Counter, Kind, Wanted},
    },
    store::{
        catalog::Table,
        error::StoreError,
        queries::audit_list,
        tables::{days, employees, events, index},
        transaction::{Flow, ReadTx},
    },
};

/// Most events that are read for a report: those of a year of the largest team.
pub const EVENTS_READ_MAX: usize = 200_000;
/// Most audit entries that are read for a report.
pub const ENTRIES_READ_MAX: usize = 100_000;

/// Reports, and whether they count everything in their range.
#[derive(Debug)]
pub struct Reports {
    pub tables: Vec<report::Table>,
    pub complete: bool,
}

/// The reports of these kinds. Each event and each entry is read once.
pub fn read(tx: &dyn ReadTx, wanted: &Wanted, kinds: &[Kind]) -> Result<Reports, StoreError> {
    let people = employees::all(tx)?;
    let (mut counter, mut complete) = (Counter::new(wanted, &people), true);
    if kinds.iter().any(|kind| *kind != Kind::Changes) {
        complete &= count_events(tx, wanted, &mut counter)?;
    }
    if kinds.contains(&Kind::Changes) {
        complete &= count_entries(tx, wanted, &mut counter)?;
    }
    Ok(Reports { tables: kinds.iter().map(|kind| counter.table(*kind)).collect(), complete })
}

fn count_events(tx: &dyn ReadTx, wanted: &Wanted, counter: &mut Counter<'_>) -> Result<bool, StoreError> {
    let mut left = EVENTS_READ_MAX;
    let mut count = |event| {
        if left == 0 {
            return Ok(Flow::Stop);
        }
        left -= 1;
        counter.event(&event);
        Ok(Flow::Continue)
    };
    let (first, last) = wanted.scheduled();
    index::each(tx, Table::ByDay, days::range(first, last), |_, event| count(event))?;
    events::each_unstaffed(tx, wanted.range, None, &mut count)?;
    Ok(left > 0)
}

fn count_entries(tx: &dyn ReadTx, wanted: &Wanted, counter: &mut Counter<'_>) -> Result<bool, StoreError> {
    let (mut left, mut known) = (ENTRIES_READ_MAX, BTreeMap::new());
    audit_list::each_between(tx, wanted.range, wanted.zone, |entry| {
        if left == 0 {
            return Ok(Flow::Stop);
        }
        left -= 1;
        counter.entry(&entry, is_at_store(tx, wanted, &entry, &mut known)?);
        Ok(Flow::Continue)
    })?;
    Ok(left > 0)
}

/// Tells if an entry changed an event of the store that is asked for. `known` has the answers for events that were read.
fn is_at_store(
    tx: &dyn ReadTx,
    wanted: &Wanted,
    entry: &Entry,
    known: &mut BTreeMap<EventId, bool>,
) -> Result<bool, StoreError> {
    if wanted.store.is_none() {
        return Ok(true);
    }
    for step in &entry.steps {
        let is_there = match known.get(&step.event) {
            Some(is_there) => *is_there,
            None => events::get(tx, step.event)?.is_some_and(|event| wanted.is_at_store(&event)),
        };
        known.insert(step.event, is_there);
        if is_there {
            return Ok(true);
        }
    }
    Ok(false)
}
