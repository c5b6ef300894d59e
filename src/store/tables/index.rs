//! The events that the entries of an index point to. Every such entry ends with the id of its event.

use std::ops::Range;

use crate::{
    domain::{event::Event, ids::EventId},
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{events, keys::last_u64},
        transaction::{Flow, ReadTx, first_keys_by_scan},
    },
};

/// Records read together while an index is visited.
const PAGE_RECORDS: usize = 64;

/// The events of the first entries of a range, at most `max`.
pub(crate) fn events(
    tx: &dyn ReadTx,
    table: Table,
    range: &Range<Vec<u8>>,
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    events_of(tx, table, &first_keys_by_scan(tx, table, range, max)?)
}

/// The events of the first entries of several ranges, at most `max` of each range.
pub(crate) fn events_in(
    tx: &dyn ReadTx,
    table: Table,
    ranges: &[Range<Vec<u8>>],
    max: usize,
) -> Result<Vec<Vec<Event>>, StoreError> {
    let keys = tx.first_keys(table, ranges, max)?;
    let mut events = events_of(tx, table, keys.iter().flatten())?.into_iter();
    Ok(keys.iter().map(|keys| events.by_ref().take(keys.len()).collect()).collect())
}

/// Visits the entries of a range in order, each with its event, until told to stop.
pub(crate) fn each(
    tx: &dyn ReadTx,
    table: Table,
    mut range: Range<Vec<u8>>,
    mut visit: impl FnMut(&[u8], Event) -> Result<Flow, StoreError>,
) -> Result<(), StoreError> {
    loop {
        let keys = first_keys_by_scan(tx, table, &range, PAGE_RECORDS)?;
        for (key, event) in keys.iter().zip(events_of(tx, table, &keys)?) {
            if visit(key, event)? == Flow::Stop {
                return Ok(());
            }
        }
        match keys.last() {
            Some(last) if keys.len() == PAGE_RECORDS => range.start = [last.as_slice(), &[0]].concat(),
            Some(_) | None => return Ok(()),
        }
    }
}

fn events_of<'a>(
    tx: &dyn ReadTx,
    table: Table,
    keys: impl IntoIterator<Item = &'a Vec<u8>>,
) -> Result<Vec<Event>, StoreError> {
    let id = |key: &Vec<u8>| last_u64(key).map(EventId).ok_or_else(|| corrupt(table, key));
    get(tx, &keys.into_iter().map(id).collect::<Result<Vec<_>, _>>()?)
}

/// Events that an index names. A missing record is an error of the store.
pub(crate) fn get(tx: &dyn ReadTx, ids: &[EventId]) -> Result<Vec<Event>, StoreError> {
    let found = events::get_many(tx, ids)?.into_iter().zip(ids);
    found.map(|(event, id)| event.ok_or_else(|| corrupt(Table::Events, &id.0.to_be_bytes()))).collect()
}
