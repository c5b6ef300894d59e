//! What `tandem export` wrote, as CSV or JSON lines: events, schedule, employees and rotation, in any order.
//!
//! Rule of this file: into an empty store everything comes back as it was, revisions included. The audit is not
//! imported: a history that could be brought in would prove nothing.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    domain::{
        calendar,
        employee::{
            Employee, ImportedProfile,
            availability::{Availability, NOTE_CHARS_MAX, TIME_OFF_DAYS_MAX, TIME_OFF_MAX, TimeOff, WEEKDAYS},
        },
        event::{Event, Schedule, names},
        ids::{EventId, Revision},
        schedule::{RotationEntry, When},
    },
    import::{
        Assignments, EventFact, FileError, Incoming, IncomingEmployee, IncomingEvent, PersonFact, Release,
        cells::{self, Cell, EventColumns},
        claim::{self, Claim},
        legacy::{self, CONDITION, PERSON_FACTS, Reader, SCHEDULE_COLUMNS},
        rotation,
        table::{Column, Row, Table, Tables, Texts, WrittenBy, base_name, optional, required},
    },
};

const PROJECT_NAME: &str = "project_name";
const EVENT_TYPE: &str = "event_type";
const STORE_NUMBER: &str = "store_number";
const STORE_NAME: &str = "store_name";
const FIRST_DAY: &str = "first_day";
const DUE: &str = "due_datetime";
const MINUTES: &str = "estimated_minutes";
const REVISION: &str = "revision";
/// What the source before gave: all three or none.
const IMPORTED: [&str; 3] = ["imported_schedule_id", "imported_employee_id", "imported_start"];

const EVENT: EventColumns = EventColumns {
    store_number: STORE_NUMBER,
    store_name: STORE_NAME,
    first_day: FIRST_DAY,
    due: DUE,
    minutes: MINUTES,
    length: cells::minutes,
};

const EVENT_COLUMNS: [Column; 13] = [
    required("event_id"),
    required(PROJECT_NAME),
    required(EVENT_TYPE),
    required(MINUTES),
    optional(STORE_NUMBER),
    optional(STORE_NAME),
    optional(FIRST_DAY),
    optional(DUE),
    optional(REVISION),
    optional(CONDITION),
    optional(IMPORTED[0]),
    optional(IMPORTED[1]),
    optional(IMPORTED[2]),
];
const TIME_OFF: &str = "time_off";
const WEEKLY_HOURS: &str = "weekly_hours_max";
/// Values that the last import gave a person; none for a person added by hand.
const GIVEN: [&str; 3] = ["imported_name", "imported_job_title", "imported_email"];
pub(super) const WEEKDAY_HEADINGS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Those of the old application, and what only we know.
const EMPLOYEE_COLUMNS: [Column; 18] = {
    let [id, name, title, active, email] = legacy::EMPLOYEE_COLUMNS;
    let [mon, tue, wed, thu, fri, sat, sun] = WEEKDAY_HEADINGS;
    [
        id,
        name,
        title,
        active,
        optional(REVISION),
        email,
        optional(TIME_OFF),
        optional(mon),
        optional(tue),
        optional(wed),
        optional(thu),
        optional(fri),
        optional(sat),
        optional(sun),
        optional(GIVEN[0]),
        optional(GIVEN[1]),
        optional(GIVEN[2]),
        optional(WEEKLY_HOURS),
    ]
};
const ROTATION_COLUMNS: [Column; 7] = [
    required("role"),
    required("weekday"),
    required("date"),
    required("employee_id"),
    optional("store"),
    optional("employee_name"),
    optional("reason"),
];
/// What only the audit has, as CSV and as JSON lines.
const AUDIT_COLUMNS: [[Column; 3]; 2] = [
    [required("change"), required("action"), required("outcome")],
    [required("sequence"), required("action"), required("outcome")],
];

/// The tables that are read, in the order in which they need each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Employees,
    Events,
    Schedule,
    Rotation,
}

/// The columns of each table; none of the audit's two is read.
const TABLES: [(Option<Kind>, &[Column]); 6] = [
    (Some(Kind::Events), &EVENT_COLUMNS),
    (Some(Kind::Schedule), &SCHEDULE_COLUMNS),
    (Some(Kind::Employees), &EMPLOYEE_COLUMNS),
    (Some(Kind::Rotation), &ROTATION_COLUMNS),
    (None, &AUDIT_COLUMNS[0]),
    (None, &AUDIT_COLUMNS[1]),
];

/// Reads the files, each given as its name and bytes, in addition to what was read so far. Which table one holds is told
/// by its headings.
pub fn read(incoming: Incoming, files: &[(String, Vec<u8>)]) -> Result<Incoming, FileError> {
    let (mut tables, mut reader) = (Vec::new(), Reader::of(incoming));
    for (file, bytes) in files {
        let found = recognised(file, bytes)?;
        tables.extend(found.tables.into_iter().filter_map(|(index, table)| Some((TABLES[index].0?, table))));
        reader.incoming.notes.extend(found.notes);
    }
    tables.sort_by_key(|(kind, _)| *kind);
    for (kind, table) in &tables {
        match kind {
            Kind::Employees => reader.each(table, take_employee),
            Kind::Events => reader.each_event(table, "event_id", take_event),
            Kind::Schedule => reader.each_schedule(table),
            Kind::Rotation => reader.each(table, take_rotation),
        }
    }
    let incoming = reader.finish();
    Ok(Incoming { assignments: Assignments::OfExport, ..incoming })
}

/// Whether a file is one of ours, the audit included.
pub fn is_one(texts: &Texts<'_>) -> bool {
    TABLES.iter().any(|(_, columns)| texts.have_ours(columns))
}

fn recognised<'f>(file: &str, bytes: &'f [u8]) -> Result<Tables<'f>, FileError> {
    let found = Table::all(file, bytes, &TABLES.map(|(_, columns)| columns), WrittenBy::OursAsCsv)?;
    if found.tables.iter().any(|(index, _)| TABLES[*index].0.is_none()) {
        return Err(FileError::Audit { file: base_name(file).to_owned() });
    }
    Ok(found)
}

fn take_employee(reader: &mut Reader, row: &Row<'_>) -> Cell<()> {
    let known = reader.new_employee(row)?;
    let mut availability = Availability::ALWAYS;
    let mut open = cells::open(row, &PERSON_FACTS);
    let ours =
        [(TIME_OFF, PersonFact::TimeOff), (GIVEN[1], PersonFact::ImportedProfile), (REVISION, PersonFact::Revision)];
    open.extend(cells::open(row, &ours));
    for (index, (weekday, heading)) in WEEKDAYS.into_iter().zip(WEEKDAY_HEADINGS).enumerate() {
        if row.get(heading).is_empty() {
            open.push(PersonFact::Weekday(index));
        } else {
            availability = availability.with(weekday, cells::parsed(row, heading)?);
        }
    }
    let (revision, time_off, imported) = (revision(row)?, time_off(row)?, given(row)?);
    let weekly_hours_max = match row.get(WEEKLY_HOURS) {
        "" => {
            open.push(PersonFact::WeeklyHours);
            None
        }
        _ => Some(cells::parsed(row, WEEKLY_HOURS)?),
    };
    let employee = Employee { revision, availability, weekly_hours_max, time_off, imported, ..known };
    reader.push_employee(IncomingEmployee { employee, other_names: Vec::new(), open }, row.place());
    Ok(())
}

fn take_rotation(reader: &mut Reader, row: &Row<'_>) -> Cell<()> {
    let role = rotation::role(row, "role")?;
    let when = match cells::when(row, "date")? {
        Some(when) => When::On(when.date),
        None => When::Weekly(rotation::weekday(row, "weekday")?),
    };
    let (store, reason) = (cells::store_number(row, "store")?, rotation::reason(row, "reason")?);
    let person = if row.get("employee_id").is_empty() { None } else { Some(cells::id(row, "employee_id")?) };
    if person.is_none() && (reason.is_empty() || matches!(when, When::Weekly(_))) {
        return Err(row.reject(Some("employee_id"), "is empty; only an exception with a reason may name no one"));
    }
    let entry = RotationEntry { store: (!store.is_empty()).then_some(store), role, when, person, reason };
    reader.incoming.rotation.push((row.place(), entry));
    Ok(())
}

fn given(row: &Row<'_>) -> Cell<Option<ImportedProfile>> {
    let [name, title, email] = GIVEN;
    if row.get(title).is_empty() {
        return Ok(None);
    }
    let email = if row.get(email).is_empty() { None } else { Some(cells::parsed(row, email)?) };
    Ok(Some(ImportedProfile { name: cells::person(row, name)?, title: cells::title(row, title)?, email }))
}

/// As `tandem export` writes it: a JSON list.
#[derive(Deserialize)]
struct Off {
    first: NaiveDate,
    last: NaiveDate,
    /// Absent for whole days.
    #[serde(default)]
    part: String,
    note: Option<String>,
}

fn time_off(row: &Row<'_>) -> Cell<Vec<TimeOff>> {
    let text = row.get(TIME_OFF);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |reason: String| row.reject(Some(TIME_OFF), reason);
    let list: Vec<Off> = serde_json::from_str(text).map_err(|error| {
        wrong(format!("is no list like [{{\"first\":\"2025-10-20\",\"last\":\"2025-10-24\",\"note\":null}}]: {error}"))
    })?;
    if list.len() > TIME_OFF_MAX {
        return Err(wrong(format!("has {} ranges; at most {TIME_OFF_MAX} are kept", list.len())));
    }
    let read = |Off { first, last, part, note }: Off| {
        let part = part.parse().ok()?;
        let fits = calendar::is_within(first)
            && calendar::is_within(last)
            && (0..TIME_OFF_DAYS_MAX).contains(&(last - first).num_days())
            && note.as_ref().is_none_or(|note| note.chars().count() <= NOTE_CHARS_MAX);
        fits.then_some(TimeOff { first, last, part, note })
    };
    let mut read = list.into_iter().map(read).collect::<Option<Vec<_>>>().ok_or_else(|| {
        wrong(format!(
            "has a range that does not fit: the last day is not before the first, at most {TIME_OFF_DAYS_MAX} days, \
             notes of at most {NOTE_CHARS_MAX} characters"
        ))
    })?;
    read.sort();
    Ok(read)
}

fn take_event(reader: &mut Reader, row: &Row<'_>) -> Cell<()> {
    let id = reader.new_event(row, "event_id")?;
    let event = event(row, id)?;
    let mut open = EVENT.open(row);
    open.extend(cells::open(row, &[(REVISION, EventFact::Revision)]));
    let claim = Claim::of(claim::condition(row), None);
    reader.push_event(IncomingEvent { event, place: row.place(), open, release: Release::Unsaid }, claim);
    Ok(())
}

fn event(row: &Row<'_>, id: EventId) -> Cell<Event> {
    let name = cells::name(row, PROJECT_NAME)?;
    let Some(given) = names::type_in_column(cells::filled(row, EVENT_TYPE)?) else {
        return Err(row.reject(
            Some(EVENT_TYPE),
            "is no type; allowed are core, juicer, supervisor, freeosk, digitals and other",
        ));
    };
    let reading = names::read(&name, Some(given));
    let revision = revision(row)?;
    let event = EVENT.event(row, id, name, reading)?;
    Ok(Event { revision, imported: imported(row)?, ..event })
}

fn revision(row: &Row<'_>) -> Cell<Revision> {
    Ok(cells::whole(row, REVISION)?.map(Revision).unwrap_or_default())
}

fn imported(row: &Row<'_>) -> Cell<Option<Schedule>> {
    if IMPORTED.iter().all(|heading| row.get(heading).is_empty()) {
        return Ok(None);
    }
    let [id, employee, start] = IMPORTED;
    Ok(Some(Schedule {
        id: cells::id(row, id)?,
        employee: cells::id(row, employee)?,
        start: cells::moment(row, start)?,
    }))
}
