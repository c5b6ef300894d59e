//! Events: their records, and the index entries derived from them.
//!
//! Invariant: every event is written by [`replace_all`], so that records, indexes and counters agree.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        event::{
            Due, Event, EventType, Location, Schedule,
            counts::{DayCounts, NO_DATE, Slot},
            pairing::Pair,
        },
        ids::{EmployeeId, EventId, EventNumber, ProgramId, Revision, ScheduleId},
    },
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            days, index,
            keys::{Key, first_date, last_u64},
            name_index, pairs,
            record::{self, decode, encode, records},
            retail_stores,
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

pub fn get(tx: &dyn ReadTx, id: EventId) -> Result<Option<Event>, StoreError> {
    record::get(tx, Table::Events, &Key::new().u64(id.0).done(), from_bytes)
}

/// Events by their ids, in the order of the ids.
pub fn get_many(tx: &dyn ReadTx, ids: &[EventId]) -> Result<Vec<Option<Event>>, StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| Key::new().u64(id.0).done()).collect();
    let records = keys.iter().zip(tx.get_many(Table::Events, &keys)?);
    records.map(|(key, bytes)| bytes.map(|bytes| from_bytes(&bytes, key)).transpose()).collect()
}

pub fn of_schedule(tx: &dyn ReadTx, id: ScheduleId) -> Result<Option<EventId>, StoreError> {
    let key = Key::new().u64(id.0).done();
    let Some(bytes) = tx.get(Table::Schedules, &key)? else { return Ok(None) };
    last_u64(&bytes).map(|event| Some(EventId(event))).ok_or_else(|| corrupt(Table::Schedules, &key))
}

/// Visits every event, by id.
pub fn each(tx: &dyn ReadTx, visit: impl FnMut(Event) -> Result<Flow, StoreError>) -> Result<(), StoreError> {
    each_after(tx, None, visit)
}

/// Tells a store without any event.
pub fn are_none(tx: &dyn ReadTx) -> Result<bool, StoreError> {
    record::is_empty(tx, Table::Events)
}

/// Same as [`each`], for the events after `after`.
pub fn each_after(
    tx: &dyn ReadTx,
    after: Option<EventId>,
    mut visit: impl FnMut(Event) -> Result<Flow, StoreError>,
) -> Result<(), StoreError> {
    let start = after.map_or_else(Vec::new, |id| Key::new().u64(id.0.saturating_add(1)).done());
    let end = everything().end;
    tx.scan(Table::Events, &start..&end, &mut |key, bytes| visit(from_bytes(bytes, key)?))
}

/// Most events of one day that are read for its page: scheduled ones, and as many due ones.
pub const DAY_EVENTS_MAX: usize = 5_000;
/// Most events of one employee and day that are read; far more than anyone can work.
pub(crate) const HELD_A_DAY_MAX: usize = 500;
/// Most events with one number at one store that are read. A pair has two, rarely some more.
pub(crate) const SAME_NUMBER_MAX: usize = 500;

/// The COREs and Supervisors with a number at a store, by id.
pub fn same_number(tx: &dyn ReadTx, location: &Location, number: EventNumber) -> Result<Vec<Event>, StoreError> {
    let prefix = Key::new().text(&location.key()).u32(number.0).prefix();
    index::events(tx, Table::Pairs, &prefix, SAME_NUMBER_MAX)
}

/// For each event, the COREs and Supervisors with its number at its store, by id; none for an event without a number.
pub fn same_numbers(tx: &dyn ReadTx, events: &[Event]) -> Result<Vec<Vec<Event>>, StoreError> {
    let prefix = |event: &Event| Some(Key::new().text(&event.location.key()).u32(event.number?.0).prefix());
    let ranges: Vec<_> = events.iter().map(|event| prefix(event).unwrap_or_default()).collect();
    index::events_in(tx, Table::Pairs, &ranges, SAME_NUMBER_MAX)
}

/// The first `max` events scheduled from `first` to `last`, by start.
pub fn scheduled_first(
    tx: &dyn ReadTx,
    (first, last): (NaiveDate, NaiveDate),
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    index::events(tx, Table::ByDay, &days::range(first, last), max)
}

/// The first events scheduled on a day, by start; at most [`DAY_EVENTS_MAX`].
pub fn scheduled_on(tx: &dyn ReadTx, date: NaiveDate) -> Result<Vec<Event>, StoreError> {
    scheduled_first(tx, (date, date), DAY_EVENTS_MAX)
}

/// The events of a day, scheduled ones by start and then those due; true if these are all.
pub fn on(tx: &dyn ReadTx, date: NaiveDate) -> Result<(Vec<Event>, bool), StoreError> {
    let mut events = scheduled_first(tx, (date, date), DAY_EVENTS_MAX + 1)?;
    let mut due = due_first(tx, (date, date), DAY_EVENTS_MAX + 1)?;
    let complete = events.len().max(due.len()) <= DAY_EVENTS_MAX;
    events.truncate(DAY_EVENTS_MAX);
    due.truncate(DAY_EVENTS_MAX);
    events.append(&mut due);
    Ok((events, complete))
}

/// The first day from `first` to `last` on which an event is scheduled or due.
pub fn first_day(tx: &dyn ReadTx, first: NaiveDate, last: NaiveDate) -> Result<Option<NaiveDate>, StoreError> {
    let mut found: Option<NaiveDate> = None;
    for table in [Table::ByDay, Table::Due] {
        let keys = tx.first_keys(table, &[days::range(first, last)], 1)?;
        for key in keys.iter().flatten() {
            let date = first_date(key).ok_or_else(|| corrupt(table, key))?;
            found = Some(found.map_or(date, |other| other.min(date)));
        }
    }
    Ok(found)
}

/// The first `max` unstaffed events due from `first` to `last`, by due date.
pub fn due_first(tx: &dyn ReadTx, (first, last): (NaiveDate, NaiveDate), max: usize) -> Result<Vec<Event>, StoreError> {
    index::events(tx, Table::Due, &days::range(first, last), max)
}

/// Position of an unstaffed event in the order of due dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// [`NO_DATE`] for events without a due date.
    pub due: NaiveDate,
    pub event: EventId,
}

impl Place {
    pub fn of(event: &Event) -> Self {
        Self { due: event.last_day().unwrap_or(NO_DATE), event: event.id }
    }

    fn key(self) -> Vec<u8> {
        Key::new().date(self.due).u64(self.event.0).done()
    }
}

/// Visits the unstaffed events due from `first` to `last` by due date, beginning after `after`. Events without a due
/// date come last; they are included if `last` is [`NO_DATE`].
pub fn each_unstaffed(
    tx: &dyn ReadTx,
    (first, last): (NaiveDate, NaiveDate),
    after: Option<Place>,
    mut visit: impl FnMut(Event) -> Result<Flow, StoreError>,
) -> Result<(), StoreError> {
    let days = days::range(first, last);
    let behind = after.map(|place| [place.key(), vec![0]].concat());
    let start = behind.filter(|behind| *behind > days.start).unwrap_or(days.start);
    index::each(tx, Table::Due, start..days.end, |_, event| visit(event))
}

/// The events of an employee from `first` to `last`, by date; at most [`HELD_A_DAY_MAX`] per day.
pub fn held_between(
    tx: &dyn ReadTx,
    employee: &EmployeeId,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Event>, StoreError> {
    let days = usize::try_from((last - first).num_days() + 1).unwrap_or(1);
    held_first(tx, employee, (first, last), days.saturating_mul(HELD_A_DAY_MAX))
}

/// Where the index lists the events of an employee from `first` to `last`.
pub(crate) fn held_range(employee: &EmployeeId, first: NaiveDate, last: NaiveDate) -> Range<Vec<u8>> {
    let key = |date| Key::new().text(&employee.key()).date(date);
    key(first).done()..key(last).prefix().end
}

/// The first `max` of them.
pub fn held_first(
    tx: &dyn ReadTx,
    employee: &EmployeeId,
    (first, last): (NaiveDate, NaiveDate),
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    index::events(tx, Table::EmployeeDay, &held_range(employee, first, last), max)
}

/// The first `max` events of an employee, by date.
pub fn held_by(tx: &dyn ReadTx, employee: &EmployeeId, max: usize) -> Result<Vec<Event>, StoreError> {
    index::events(tx, Table::EmployeeDay, &Key::new().text(&employee.key()).prefix(), max)
}

/// Writes, changes or deletes an event with the derived index entries and counters.
///
/// `before` is the record as the transaction read it.
pub fn replace(tx: &mut Tx<'_>, before: Option<&Event>, after: Option<&Event>) -> Result<(), StoreError> {
    replace_all(tx, &[(before, after)])
}

/// Same for several events. One may take over the schedule id that another gives up.
pub(crate) fn replace_all(tx: &mut Tx<'_>, records: &[(Option<&Event>, Option<&Event>)]) -> Result<(), StoreError> {
    let of = |event: Option<&Event>| event.map(entries).unwrap_or_default();
    let (before, after): (Vec<_>, Vec<_>) = records.iter().copied().unzip();
    let touched = || before.iter().chain(&after).copied().flatten();
    let old_pairs = pairs::of(tx, touched())?;
    tx.touch(|noted| {
        noted.pairs(&old_pairs);
        records.iter().copied().for_each(|(before, after)| noted.event(before, after));
    });
    for (before, after) in records {
        let new = of(*after);
        for (table, key, _) in of(*before).into_iter().filter(|entry| !new.contains(entry)) {
            tx.remove(table, key);
        }
    }
    for (before, after) in records {
        let old = of(*before);
        for (table, key, value) in of(*after).into_iter().filter(|entry| !old.contains(entry)) {
            tx.put(table, key, value)?;
        }
        name_index::replace(tx, *before, *after)?;
        write_record(tx, *before, *after)?;
    }
    let new_pairs = pairs::of(tx, touched())?;
    days::update_counters(tx, &slots(&before, &old_pairs), &slots(&after, &new_pairs))?;
    // The days whose pages change: a card names day and employee of the other event of its pair, too.
    for date in touched().chain(new_pairs.iter().flatten()).filter_map(Event::day) {
        tx.shows_on(date);
    }
    Ok(())
}

fn slots(events: &[Option<&Event>], pairs: &[Vec<Event>]) -> Vec<(NaiveDate, Slot)> {
    let own = events.iter().copied().flatten().flat_map(DayCounts::slots);
    own.chain(pairs.iter().flat_map(|pair| DayCounts::pair_slots(&Pair::among(pair)))).collect()
}

fn write_record(tx: &mut Tx<'_>, before: Option<&Event>, after: Option<&Event>) -> Result<(), StoreError> {
    match (before, after) {
        (_, Some(event)) => {
            let key = Key::new().u64(event.id.0).done();
            let bytes = to_bytes(event, &key)?;
            tx.put(Table::Events, key, bytes)
        }
        (Some(event), None) => {
            tx.remove(Table::Events, Key::new().u64(event.id.0).done());
            Ok(())
        }
        (None, None) => Ok(()),
    }
}

/// Key of a CORE or a Supervisor in the index by store and number.
fn pair_key(event: &Event) -> Option<Vec<u8>> {
    pair_prefix(event).map(|prefix| prefix.u64(event.id.0).done())
}

/// The prefix of the keys of a pair in that index.
pub(crate) fn pair_prefix(event: &Event) -> Option<Key> {
    let number = event.number.filter(|_| matches!(event.event_type, EventType::Core | EventType::Supervisor))?;
    Some(Key::new().text(&event.location.key()).u32(number.0))
}

/// An index entry: its table, key and value.
pub(crate) type Entry = (Table, Vec<u8>, Vec<u8>);

/// The index entries derived from an event.
pub(crate) fn entries(event: &Event) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(5);
    let id = event.id.0;
    if let Some(now) = &event.schedule {
        let day = Key::new().text(&now.employee.key()).date(now.start.date());
        entries.push((Table::Schedules, Key::new().u64(now.id.0).done(), id.to_be_bytes().to_vec()));
        entries.push((Table::ByDay, Key::new().moment(now.start).u64(id).done(), Vec::new()));
        entries.push((Table::EmployeeDay, day.u64(id).done(), Vec::new()));
    } else {
        let place = Place::of(event);
        entries.push((Table::Due, place.key(), Vec::new()));
    }
    entries.extend(pair_key(event).map(|key| (Table::Pairs, key, Vec::new())));
    entries.extend(retail_stores::key(event).map(|key| (Table::StoreDay, key, Vec::new())));
    entries
}

/// Version 1 of an event's layout. Dates are days since 0001-01-01, times seconds of the day.
#[derive(Serialize, Deserialize)]
pub(crate) struct EventV1 {
    pub id: u64,
    revision: u32,
    name: String,
    event_type: u8,
    number: Option<u32>,
    program: Option<u64>,
    store_number: String,
    store_name: String,
    first_day: Option<i32>,
    due: Option<(i32, Option<u32>)>,
    minutes: u32,
    schedule: Option<ScheduleV1>,
    imported: Option<ScheduleV1>,
}

/// Version 1 of an assignment: its id, the employee, and the start in seconds since 1970 as a local clock shows it.
#[derive(Serialize, Deserialize)]
pub(crate) struct ScheduleV1 {
    id: u64,
    employee: String,
    start: i64,
}

records!(Events: EventV1 = 1 at |event| Key::new().u64(event.id).done());

impl ScheduleV1 {
    pub fn of(schedule: &Schedule) -> Self {
        let start = schedule.start.and_utc().timestamp();
        Self { id: schedule.id.0, employee: schedule.employee.to_string(), start }
    }

    /// None if the record is damaged.
    pub fn read(self) -> Option<Schedule> {
        let start = DateTime::from_timestamp(self.start, 0)?.naive_utc();
        Some(Schedule { id: ScheduleId(self.id), employee: self.employee.try_into().ok()?, start })
    }
}

impl EventV1 {
    pub fn of(event: &Event) -> Self {
        use chrono::Datelike;
        Self {
            id: event.id.0,
            revision: event.revision.0,
            name: event.name.clone(),
            event_type: event.event_type as u8,
            number: event.number.map(|number| number.0),
            program: event.program.map(|program| program.0),
            store_number: event.location.number.clone(),
            store_name: event.location.name.clone(),
            first_day: event.first_day.map(|day| day.num_days_from_ce()),
            due: event
                .due
                .map(|due| (due.date.num_days_from_ce(), due.time.map(|time| time.num_seconds_from_midnight()))),
            minutes: event.minutes,
            schedule: event.schedule.as_ref().map(ScheduleV1::of),
            imported: event.imported.as_ref().map(ScheduleV1::of),
        }
    }
}

fn to_bytes(event: &Event, key: &[u8]) -> Result<Vec<u8>, StoreError> {
    encode(&EventV1::of(event), key)
}

pub(crate) fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Event, StoreError> {
    let record: EventV1 = decode(bytes, key)?;
    read(record).ok_or_else(|| corrupt(Table::Events, key))
}

pub(crate) fn read(record: EventV1) -> Option<Event> {
    let date = NaiveDate::from_num_days_from_ce_opt;
    let time = |seconds| NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).ok_or(());
    let due =
        |(day, seconds): (i32, Option<u32>)| Some(Due { date: date(day)?, time: seconds.map(time).transpose().ok()? });
    Some(Event {
        id: EventId(record.id),
        revision: Revision(record.revision),
        name: record.name,
        event_type: *EventType::ALL.get(usize::from(record.event_type))?,
        number: record.number.map(EventNumber),
        program: record.program.map(ProgramId),
        location: Location { number: record.store_number, name: record.store_name },
        first_day: record.first_day.map(|day| date(day).ok_or(())).transpose().ok()?,
        due: record.due.map(|stored| due(stored).ok_or(())).transpose().ok()?,
        minutes: record.minutes,
        schedule: record.schedule.map(|now| now.read().ok_or(())).transpose().ok()?,
        imported: record.imported.map(|then| then.read().ok_or(())).transpose().ok()?,
    })
}
