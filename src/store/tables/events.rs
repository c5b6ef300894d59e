//! Events: their records, and the index entries derived from them.
//!
//! Invariant: every event is written by [`replace_all`], so that records, indexes and counters agree.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        event::{Due, Event, EventType, Location, Schedule, counts::NO_DATE},
        ids::{EmployeeId, EventId, EventNumber, ProgramId, Revision, ScheduleId},
    },
    store::{
        error::StoreError,
        queries::retail_stores,
        tables::{
            catalog::Table,
            days,
            keys::{Key, everything, last_u64},
            name_index,
            record::{Record, corrupt, decode, encode},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// An event by its id.
pub fn get(tx: &dyn ReadTx, id: EventId) -> Result<Option<Event>, StoreError> {
    let key = Key::new().u64(id.0).done();
    tx.get(Table::Events, &key)?.map(|bytes| from_bytes(&bytes, &key)).transpose()
}

/// An event that an index points to. A missing record is an error of the store.
pub(crate) fn get_indexed(tx: &dyn ReadTx, id: EventId) -> Result<Event, StoreError> {
    get(tx, id)?.ok_or_else(|| corrupt(Table::Events, &id.0.to_be_bytes()))
}

/// The event of a schedule.
pub fn of_schedule(tx: &dyn ReadTx, id: ScheduleId) -> Result<Option<EventId>, StoreError> {
    let key = Key::new().u64(id.0).done();
    let Some(bytes) = tx.get(Table::Schedules, &key)? else { return Ok(None) };
    last_u64(&bytes).map(|event| Some(EventId(event))).ok_or_else(|| corrupt(Table::Schedules, &key))
}

/// Visits every event, by id.
pub fn each(tx: &dyn ReadTx, mut visit: impl FnMut(Event) -> Result<Flow, StoreError>) -> Result<(), StoreError> {
    let all = everything();
    tx.scan(Table::Events, &all.start..&all.end, &mut |key, bytes| visit(from_bytes(bytes, key)?))
}

/// Tells a store without any event.
pub fn are_none(tx: &dyn ReadTx) -> Result<bool, StoreError> {
    let (all, mut none) = (everything(), true);
    tx.scan(Table::Events, &all.start..&all.end, &mut |_, _| {
        none = false;
        Ok(Flow::Stop)
    })?;
    Ok(none)
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
const HELD_A_DAY_MAX: usize = 500;
/// Most events with one number at one store that are read. A pair has two, rarely some more.
const SAME_NUMBER_MAX: usize = 500;

/// The COREs and Supervisors with a number at a store, by id.
pub fn same_number(tx: &dyn ReadTx, location: &Location, number: EventNumber) -> Result<Vec<Event>, StoreError> {
    let prefix = Key::new().text(&location.number).u32(number.0).prefix();
    indexed(tx, Table::Pairs, &prefix, SAME_NUMBER_MAX)
}

/// The first `max` events scheduled from `first` to `last`, by start.
pub fn scheduled_first(
    tx: &dyn ReadTx,
    (first, last): (NaiveDate, NaiveDate),
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    indexed(tx, Table::ByDay, &days::range(first, last), max)
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

/// The first `max` unstaffed events due from `first` to `last`, by due date.
pub fn due_first(tx: &dyn ReadTx, (first, last): (NaiveDate, NaiveDate), max: usize) -> Result<Vec<Event>, StoreError> {
    indexed(tx, Table::Due, &days::range(first, last), max)
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
        Self { due: event.due.map_or(NO_DATE, |due| due.date), event: event.id }
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
    tx.scan(Table::Due, &start..&days.end, &mut |key, _| {
        let id = EventId(last_u64(key).ok_or_else(|| corrupt(Table::Due, key))?);
        visit(get_indexed(tx, id)?)
    })
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

/// The first `max` of them.
pub fn held_first(
    tx: &dyn ReadTx,
    employee: &EmployeeId,
    (first, last): (NaiveDate, NaiveDate),
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    let key = |date| Key::new().text(employee.as_str()).date(date);
    indexed(tx, Table::EmployeeDay, &(key(first).done()..key(last).prefix().end), max)
}

/// The events that the first entries of an index point to, at most `max`.
pub(crate) fn indexed(
    tx: &dyn ReadTx,
    table: Table,
    range: &Range<Vec<u8>>,
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut ids = Vec::new();
    tx.scan(table, &range.start..&range.end, &mut |key, _| {
        if ids.len() == max {
            return Ok(Flow::Stop);
        }
        ids.push(EventId(last_u64(key).ok_or_else(|| corrupt(table, key))?));
        Ok(Flow::Continue)
    })?;
    ids.into_iter().map(|id| get_indexed(tx, id)).collect()
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
        days::update_counters(tx, *before, *after)?;
        name_index::replace(tx, *before, *after)?;
        write_record(tx, *before, *after)?;
    }
    records.iter().try_for_each(|(before, after)| note_days(tx, *before, *after))
}

/// Records the days whose pages change: those of the event and of its pair, because a card names the other event's
/// day and employee.
fn note_days(tx: &mut Tx<'_>, before: Option<&Event>, after: Option<&Event>) -> Result<(), StoreError> {
    for event in [before, after].into_iter().flatten() {
        if tx.shows_anywhere() {
            return Ok(());
        }
        let pair = match (pair_key(event), event.number) {
            (Some(_), Some(number)) => same_number(tx, &event.location, number)?,
            _ => Vec::new(),
        };
        for date in pair.iter().chain([event]).filter_map(shown_on) {
            tx.shows_on(date);
        }
    }
    Ok(())
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

/// The day whose page contains the event's card.
fn shown_on(event: &Event) -> Option<NaiveDate> {
    event.date().or(event.due.map(|due| due.date))
}

/// Key of a CORE or a Supervisor in the index by store and number.
fn pair_key(event: &Event) -> Option<Vec<u8>> {
    let number = event.number.filter(|_| matches!(event.event_type, EventType::Core | EventType::Supervisor))?;
    Some(Key::new().text(&event.location.number).u32(number.0).u64(event.id.0).done())
}

/// An index entry: its table, key and value.
pub(crate) type Entry = (Table, Vec<u8>, Vec<u8>);

/// The index entries derived from an event.
pub(crate) fn entries(event: &Event) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(5);
    let id = event.id.0;
    if let Some(now) = &event.schedule {
        let day = Key::new().text(now.employee.as_str()).date(now.start.date());
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
    id: u64,
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

impl Record for EventV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::Events;
}

impl ScheduleV1 {
    pub fn of(schedule: &Schedule) -> Self {
        let start = schedule.start.and_utc().timestamp();
        Self { id: schedule.id.0, employee: schedule.employee.to_string(), start }
    }

    /// None if the record is damaged.
    pub fn read(self) -> Option<Schedule> {
        let start = DateTime::from_timestamp(self.start, 0)?.naive_utc();
        Some(Schedule { id: ScheduleId(self.id), employee: self.employee.parse().ok()?, start })
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

    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn key(&self) -> Vec<u8> {
        Key::new().u64(self.id).done()
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
    let due = match record.due {
        Some((day, Some(seconds))) => {
            Some(Due { date: date(day)?, time: Some(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?) })
        }
        Some((day, None)) => Some(Due { date: date(day)?, time: None }),
        None => None,
    };
    Some(Event {
        id: EventId(record.id),
        revision: Revision(record.revision),
        name: record.name,
        event_type: *EventType::ALL.get(usize::from(record.event_type))?,
        number: record.number.map(EventNumber),
        program: record.program.map(ProgramId),
        location: Location { number: record.store_number, name: record.store_name },
        first_day: record.first_day.map(|day| date(day).ok_or(())).transpose().ok()?,
        due,
        minutes: record.minutes,
        schedule: record.schedule.map(|now| now.read().ok_or(())).transpose().ok()?,
        imported: record.imported.map(|then| then.read().ok_or(())).transpose().ok()?,
    })
}
