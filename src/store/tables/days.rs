//! Day counters, and the data of a day or a month for pages.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        calendar::Month,
        employee::Employee,
        event::{
            Event,
            counts::{DayCounts, NO_DATE},
            day::{Card, Day, PairLine, pair_line},
            filter::Filter,
        },
        ids::{EmployeeId, Revision},
    },
    store::queries::undo_window,
    store::{
        error::StoreError,
        queries::retail_stores,
        tables::{
            catalog::Table,
            employees, events,
            keys::{Key, everything, first_date},
            record::{Record, corrupt, decode, encode},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Version 1 of a day's counters: scheduled by type in badge order, and unscheduled due.
#[derive(Serialize, Deserialize)]
struct CountsV1([u32; 6], u32);

impl Record for CountsV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::DayCounts;
}

/// The range of keys of the days from `first` to `last`, for every table whose keys begin with a date.
pub(crate) fn range(first: NaiveDate, last: NaiveDate) -> Range<Vec<u8>> {
    Key::new().date(first).done()..Key::new().date(last).prefix().end
}

/// One day's counters with one read.
pub fn counts(tx: &dyn ReadTx, date: NaiveDate) -> Result<DayCounts, StoreError> {
    let key = Key::new().date(date).done();
    let Some(bytes) = tx.get(Table::DayCounts, &key)? else { return Ok(DayCounts::default()) };
    let CountsV1(scheduled, unscheduled_due) = decode(&bytes, &key)?;
    Ok(DayCounts { scheduled, unscheduled_due })
}

/// Number of unscheduled events, with one read.
pub fn unscheduled(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    Ok(counts(tx, NO_DATE)?.unscheduled_due.into())
}

/// A month's counters, first day to last, with one read per day.
pub fn month(tx: &dyn ReadTx, month: Month) -> Result<Vec<(NaiveDate, DayCounts)>, StoreError> {
    month.days().map(|date| Ok((date, counts(tx, date)?))).collect()
}

/// A day and its counters.
pub(crate) fn from_bytes(key: &[u8], bytes: &[u8]) -> Result<(NaiveDate, DayCounts), StoreError> {
    let date = first_date(key).ok_or_else(|| corrupt(Table::DayCounts, key))?;
    let CountsV1(scheduled, unscheduled_due) = decode(bytes, key)?;
    Ok((date, DayCounts { scheduled, unscheduled_due }))
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
    for (_, slot) in events.iter().flat_map(DayCounts::slots).filter(|(day, _)| *day == date) {
        *counts.slot_mut(slot) += 1;
    }
    Ok(counts)
}

/// Key and record of a day's counters.
pub(crate) fn entry(date: NaiveDate, counts: &DayCounts) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let key = Key::new().date(date).done();
    let bytes = encode(&CountsV1(counts.scheduled, counts.unscheduled_due), &key)?;
    Ok((key, bytes))
}

/// Moves an event from its old counters to its new ones.
pub(crate) fn update_counters(
    tx: &mut Tx<'_>,
    before: Option<&Event>,
    after: Option<&Event>,
) -> Result<(), StoreError> {
    let slots = |event: Option<&Event>| event.into_iter().flat_map(DayCounts::slots).collect::<Vec<_>>();
    let (old, new) = (slots(before), slots(after));
    let left = old.iter().filter(|slot| !new.contains(slot)).map(|slot| (slot, -1));
    let entered = new.iter().filter(|slot| !old.contains(slot)).map(|slot| (slot, 1));
    for ((date, slot), by) in left.chain(entered) {
        let key = Key::new().date(*date).done();
        let mut counts = counts(tx, *date)?;
        let counter = counts.slot_mut(*slot);
        *counter = counter.checked_add_signed(by).ok_or_else(|| corrupt(Table::DayCounts, &key))?;
        if counts == DayCounts::default() {
            tx.remove(Table::DayCounts, key);
        } else {
            let (key, bytes) = entry(*date, &counts)?;
            tx.put(Table::DayCounts, key, bytes)?;
        }
    }
    Ok(())
}

/// Optional parts of cards.
#[derive(Clone, Copy, Debug)]
pub struct Show {
    /// Name the other event of a pair.
    pub pairing: bool,
    /// Offer an undo within this window in minutes, as of this time.
    pub undo: Option<(u32, DateTime<Utc>)>,
}

/// A day with all data of its page.
pub fn day(tx: &dyn ReadTx, date: NaiveDate, show: Show) -> Result<Day, StoreError> {
    narrowed_day(tx, date, &Filter::default(), show)
}

/// Same with only the cards that match a filter. If a day has more events than are read, a filter by store or
/// employee finds the others.
pub fn narrowed_day(tx: &dyn ReadTx, date: NaiveDate, filter: &Filter, show: Show) -> Result<Day, StoreError> {
    let (mut events, complete) = events::on(tx, date)?;
    if !complete {
        let found = match (&filter.employee, &filter.store) {
            (Some(employee), _) => events::held_between(tx, employee, date, date)?,
            (None, Some(store)) => retail_stores::events_between(tx, store, (date, date), events::DAY_EVENTS_MAX)?,
            (None, None) => Vec::new(),
        };
        let known: BTreeSet<_> = events.iter().map(|event| event.id).collect();
        events.extend(found.into_iter().filter(|event| !known.contains(&event.id)));
    }
    let mut day = Day::new(date, cards(tx, events, show)?);
    day.complete = complete;
    Ok(day.narrowed(filter))
}

/// Cards of events: each with its employee and its pair.
pub fn cards(tx: &dyn ReadTx, events: Vec<Event>, show: Show) -> Result<Vec<Card>, StoreError> {
    let mut people = People { tx, known: BTreeMap::new() };
    let mut undos = undo_window::Known::new();
    events.into_iter().map(|event| card(tx, event, show, &mut people, &mut undos)).collect()
}

fn card(
    tx: &dyn ReadTx,
    event: Event,
    show: Show,
    people: &mut People<'_>,
    undos: &mut undo_window::Known,
) -> Result<Card, StoreError> {
    let employee = match &event.schedule {
        Some(now) => people.get(&now.employee)?.cloned(),
        None => None,
    };
    let undo = match show.undo {
        Some((minutes, now)) if event.revision > Revision::default() => {
            undo_window::open_for(tx, &event, minutes, now, undos)?
        }
        _ => None,
    };
    if !show.pairing {
        return Ok(Card { event, employee, pair: PairLine::Silent, undo });
    }
    let same_number = match event.number {
        Some(number) => events::same_number(tx, &event.location, number)?,
        None => Vec::new(),
    };
    for holder in same_number.iter().filter_map(|event| event.schedule.as_ref()) {
        people.get(&holder.employee)?;
    }
    let name_of = |id: &EmployeeId| {
        let known = people.known.get(id).and_then(Option::as_ref);
        known.map_or_else(|| id.to_string(), |employee| employee.name.clone())
    };
    let pair = pair_line(&event, &same_number, name_of);
    Ok(Card { event, employee, pair, undo })
}

/// Cache of employees.
struct People<'a> {
    tx: &'a dyn ReadTx,
    known: BTreeMap<EmployeeId, Option<Employee>>,
}

impl People<'_> {
    fn get(&mut self, id: &EmployeeId) -> Result<Option<&Employee>, StoreError> {
        if !self.known.contains_key(id) {
            let employee = employees::get(self.tx, id)?;
            self.known.insert(id.clone(), employee);
        }
        Ok(self.known.get(id).and_then(Option::as_ref))
    }
}
