//! Day counters.

use std::{collections::BTreeMap, ops::Range};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        calendar::Month,
        event::{
            Event,
            counts::{DayCounts, NO_DATE, Slot},
            pairing::Pair,
        },
    },
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            events,
            keys::{Key, first_date},
            pairs,
            record::{self, decode_since, encode, records},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Version 1 of a day's counters: scheduled by type in badge order, and unscheduled due.
#[derive(Serialize, Deserialize)]
struct CountsV1([u32; 6], u32);

/// Version 2 adds the COREs without their Supervisor.
#[derive(Serialize, Deserialize)]
struct CountsV2([u32; 6], u32, u32);

records!(DayCounts: CountsV1 = 1, CountsV2 = 2);

impl From<CountsV1> for CountsV2 {
    fn from(CountsV1(scheduled, unscheduled_due): CountsV1) -> Self {
        Self(scheduled, unscheduled_due, 0)
    }
}

/// The range of keys of the days from `first` to `last`, for every table whose keys begin with a date.
pub(crate) fn range(first: NaiveDate, last: NaiveDate) -> Range<Vec<u8>> {
    Key::new().date(first).done()..Key::new().date(last).prefix().end
}

/// One day's counters with one read.
pub fn counts(tx: &dyn ReadTx, date: NaiveDate) -> Result<DayCounts, StoreError> {
    Ok(record::get(tx, Table::DayCounts, &Key::new().date(date).done(), read)?.unwrap_or_default())
}

fn read(bytes: &[u8], key: &[u8]) -> Result<DayCounts, StoreError> {
    let CountsV2(scheduled, unscheduled_due, without_supervisor) = decode_since::<CountsV1, _>(bytes, key)?;
    Ok(DayCounts { scheduled, unscheduled_due, without_supervisor })
}

/// Number of unscheduled events, with one read.
pub fn unscheduled(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    Ok(counts(tx, NO_DATE)?.unscheduled_due.into())
}

/// A month's counters, first day to last, with one read.
pub fn month(tx: &dyn ReadTx, month: Month) -> Result<Vec<(NaiveDate, DayCounts)>, StoreError> {
    let keys: Vec<_> = month.days().map(|date| Key::new().date(date).done()).collect();
    let records = month.days().zip(keys.iter().zip(tx.get_many(Table::DayCounts, &keys)?));
    records
        .map(|(date, (key, bytes))| Ok((date, bytes.map_or(Ok(DayCounts::default()), |bytes| read(&bytes, key))?)))
        .collect()
}

/// A day and its counters.
pub(crate) fn from_bytes(key: &[u8], bytes: &[u8]) -> Result<(NaiveDate, DayCounts), StoreError> {
    let date = first_date(key).ok_or_else(|| corrupt(Table::DayCounts, key))?;
    Ok((date, read(bytes, key)?))
}

/// A day's counters, computed from its events; those of [`NO_DATE`] from the days and the events without a due date.
pub(crate) fn recounted(tx: &dyn ReadTx, date: NaiveDate) -> Result<DayCounts, StoreError> {
    let mut counts = DayCounts::default();
    if date == NO_DATE {
        let (all, never) = (everything(), range(NO_DATE, NO_DATE));
        tx.scan(Table::DayCounts, &all.start..&all.end, &mut |key, bytes| {
            let (date, day) = from_bytes(key, bytes)?;
            if date != NO_DATE {
                counts.add(&day);
            }
            Ok(Flow::Continue)
        })?;
        tx.scan(Table::Due, &never.start..&never.end, &mut |_, _| {
            counts.unscheduled_due += 1;
            Ok(Flow::Continue)
        })?;
        return Ok(counts);
    }
    // Without a limit: the counters are compared with this.
    let mut events = events::scheduled_first(tx, (date, date), usize::MAX)?;
    events.extend(events::due_first(tx, (date, date), usize::MAX)?);
    let slots = events.iter().flat_map(DayCounts::slots).chain(pair_slots(tx, &events)?);
    for (_, slot) in slots.filter(|(day, _)| *day == date) {
        *counts.slot_mut(slot) += 1;
    }
    Ok(counts)
}

/// Key and record of a day's counters.
pub(crate) fn entry(date: NaiveDate, counts: &DayCounts) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let key = Key::new().date(date).done();
    let bytes = encode(&CountsV2(counts.scheduled, counts.unscheduled_due, counts.without_supervisor), &key)?;
    Ok((key, bytes))
}

/// The counters of the pairs that events belong to, each pair once.
pub(crate) fn pair_slots(tx: &dyn ReadTx, events: &[Event]) -> Result<Vec<(NaiveDate, Slot)>, StoreError> {
    let pairs = pairs::of(tx, events)?;
    Ok(pairs.iter().flat_map(|pair| DayCounts::pair_slots(&Pair::among(pair))).collect())
}

/// Takes events and pairs out of their old counters and puts them into their new ones.
pub(crate) fn update_counters(
    tx: &mut Tx<'_>,
    old: &[(NaiveDate, Slot)],
    new: &[(NaiveDate, Slot)],
) -> Result<(), StoreError> {
    let mut changes: BTreeMap<NaiveDate, BTreeMap<Slot, i32>> = BTreeMap::new();
    for (slots, by) in [(old, -1), (new, 1)] {
        for (date, slot) in slots {
            *changes.entry(*date).or_default().entry(*slot).or_default() += by;
        }
    }
    for (date, slots) in changes {
        if slots.values().all(|by| *by == 0) {
            continue;
        }
        let key = Key::new().date(date).done();
        let mut counts = counts(tx, date)?;
        for (slot, by) in slots {
            let counter = counts.slot_mut(slot);
            *counter = counter.checked_add_signed(by).ok_or_else(|| corrupt(Table::DayCounts, &key))?;
        }
        if counts == DayCounts::default() {
            tx.remove(Table::DayCounts, key);
        } else {
            let (key, bytes) = entry(date, &counts)?;
            tx.put(Table::DayCounts, key, bytes)?;
        }
    }
    Ok(())
}
