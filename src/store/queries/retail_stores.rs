//! Retail stores and their events.
//!
//! A store exists because an event names it. Its key is [`Location::key`].

use chrono::NaiveDate;

use crate::{
    domain::{
        event::{Event, Location},
        ids::EventId,
    },
    store::{
        error::StoreError,
        tables::{
            catalog::Table,
            events,
            keys::{Key, everything, first_text, last_u64},
            record::corrupt,
        },
        transaction::{Flow, ReadTx},
    },
};

/// The index key of an event; none if its source has no stores. Events without a date come first.
pub(crate) fn key(event: &Event) -> Option<Vec<u8>> {
    let store = Some(event.location.key()).filter(|store| !store.is_empty())?;
    let date = event.date().or(event.due.map(|due| due.date));
    let day = Key::new().text(store);
    let day = if let Some(date) = date { day.date(date) } else { day.u32(0) };
    Some(day.u64(event.id.0).done())
}

/// The events at a store from `first` to `last`, by day; unstaffed ones on their due date. At most `max`.
pub fn events_between(
    tx: &dyn ReadTx,
    store: &str,
    (first, last): (NaiveDate, NaiveDate),
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    let key = |date| Key::new().text(store).date(date);
    events::indexed(tx, Table::StoreDay, &(key(first).done()..key(last).prefix().end), max)
}

/// A store by its key, as its first event names it.
pub fn get(tx: &dyn ReadTx, store: &str) -> Result<Option<Location>, StoreError> {
    let range = Key::new().text(store).prefix();
    let first = events::indexed(tx, Table::StoreDay, &range, 1)?;
    Ok(first.into_iter().next().map(|event| event.location))
}

/// Every store, by key, with one scan step and one record per store. At most `max`; true if there are more.
pub fn all(tx: &dyn ReadTx, max: usize) -> Result<(Vec<Location>, bool), StoreError> {
    let (mut stores, mut range) = (Vec::new(), everything());
    while let Some((store, event)) = first_of(tx, &range)? {
        if stores.len() == max {
            return Ok((stores, true));
        }
        stores.push(events::get_indexed(tx, event)?.location);
        range.start = Key::new().text(&store).prefix().end;
    }
    Ok((stores, false))
}

fn first_of(tx: &dyn ReadTx, range: &std::ops::Range<Vec<u8>>) -> Result<Option<(String, EventId)>, StoreError> {
    let mut found = None;
    tx.scan(Table::StoreDay, &range.start..&range.end, &mut |key, _| {
        let entry = first_text(key).map(|(store, _)| store).zip(last_u64(key).map(EventId));
        found = Some(entry.ok_or_else(|| corrupt(Table::StoreDay, key))?);
        Ok(Flow::Stop)
    })?;
    Ok(found)
}
