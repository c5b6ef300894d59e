//! Retail stores and their events.
//!
//! A store exists because an event names it. Its key is [`Location::key`].

use chrono::NaiveDate;

use crate::{
    domain::{
        alike::number_key,
        event::{Event, Location},
        ids::EventId,
    },
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            index,
            keys::{Key, first_text, last_u64},
        },
        transaction::{Flow, ReadTx},
    },
};

/// The index key of an event; none if its source has no stores. Events without a date come first.
pub(crate) fn key(event: &Event) -> Option<Vec<u8>> {
    let store = Some(event.location.key()).filter(|store| !store.is_empty())?;
    let date = event.day();
    let day = Key::new().text(&store);
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
    let store = number_key(store);
    let key = |date| Key::new().text(&store).date(date);
    index::events(tx, Table::StoreDay, &(key(first).done()..key(last).prefix().end), max)
}

/// The events of a store, by day. At most `max`.
pub fn events_of(tx: &dyn ReadTx, store: &str, max: usize) -> Result<Vec<Event>, StoreError> {
    index::events(tx, Table::StoreDay, &Key::new().text(&number_key(store)).prefix(), max)
}

/// A store by its number or name, however it is written; as its first event names it.
pub fn get(tx: &dyn ReadTx, store: &str) -> Result<Option<Location>, StoreError> {
    Ok(events_of(tx, store, 1)?.pop().map(|event| event.location))
}

/// Every store, by key, with one scan step and one record per store. At most `max`; true if there are more.
pub fn all(tx: &dyn ReadTx, max: usize) -> Result<(Vec<Location>, bool), StoreError> {
    let (mut first_events, mut range, mut more) = (Vec::new(), everything(), false);
    while let Some((store, event)) = first_of(tx, &range)? {
        if first_events.len() == max {
            more = true;
            break;
        }
        first_events.push(event);
        range.start = Key::new().text(&store).prefix().end;
    }
    let stores = index::get(tx, &first_events)?.into_iter().map(|event| event.location);
    Ok((stores.collect(), more))
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
