//! The old application's tables as its database exports them: `SELECT *` of each, one file a table.
//!
//! A table is recognized by its headings, never by its file name. Rows and columns without a place in Tandem are counted
//! in a note of their table.

mod holidays;
mod people;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::{
    domain::{
        employee::availability::TimeOff,
        event::names,
        format,
        ids::EmployeeId,
        schedule::{RotationEntry, When},
    },
    import::{
        EventFact, FileError, Incoming, IncomingEvent, Note, Place, Release,
        cells::{self, Cell, EventColumns},
        claim::{self, Claim},
        doubts::ScheduleColumns,
        legacy::Reader,
        repeated::Seen,
        rotation,
        table::{Column, Left, Row, Table, Tables, Texts, WrittenBy, base_name, optional, required},
    },
};

/// Most events that a note lists by reference number, in events.
const LISTED_MAX: usize = 20;

/// The tables, in the order in which they need each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Employees,
    Events,
    Schedules,
    Weekly,
    /// One day of one person.
    Dated,
    TimeOff,
    Holidays,
    Rotation,
    RotationException,
    /// Rows of this meaning have no place in Tandem.
    Unplaced(&'static str),
}

const EMPLOYEES: &[Column] =
    &[required("id"), required("name"), required("job_title"), optional("email"), optional("is_active")];
const EVENTS: &[Column] = &[
    required("project_ref_num"),
    required("project_name"),
    optional("id"),
    optional("event_type"),
    optional("store_number"),
    optional("store_name"),
    optional("start_datetime"),
    optional("due_datetime"),
    optional("estimated_time"),
    optional("is_scheduled"),
    optional("condition"),
];
const SCHEDULES: &[Column] =
    &[required("id"), required("event_ref_num"), required("employee_id"), required("schedule_datetime")];
const SCHEDULE: ScheduleColumns = ScheduleColumns {
    id: "id",
    event: "event_ref_num",
    employee: "employee_id",
    start: "schedule_datetime",
    latest_counts: true,
};
const WEEKLY: &[Column] = &[
    required("id"),
    required("employee_id"),
    required("monday"),
    required("tuesday"),
    required("wednesday"),
    required("thursday"),
    required("friday"),
    required("saturday"),
    required("sunday"),
];
const DATED: &[Column] =
    &[required("employee_id"), required("date"), required("is_available"), optional("reason"), optional("id")];
const TIME_OFF: &[Column] =
    &[required("employee_id"), required("start_date"), required("end_date"), optional("reason"), optional("id")];
const HOLIDAYS: &[Column] = &[
    required("name"),
    required("holiday_date"),
    optional("id"),
    optional("is_recurring"),
    optional("recurring_month"),
    optional("recurring_day"),
    optional("is_active"),
];

const ROTATION: &[Column] =
    &[required("employee_id"), required("rotation_type"), required("day_of_week"), optional("id")];
const ROTATION_EXCEPTION: &[Column] = &[
    required("employee_id"),
    required("rotation_type"),
    required("exception_date"),
    optional("reason"),
    optional("id"),
    optional("created_at"),
];

/// Columns of each table. An earlier entry wins where a file has the columns of two.
const TABLES: [(Kind, &[Column]); 11] = [
    (
        Kind::Unplaced("changed weekdays for a range of dates"),
        &[required("employee_id"), required("start_date"), required("end_date"), required("monday")],
    ),
    (Kind::Employees, EMPLOYEES),
    (Kind::Events, EVENTS),
    (Kind::Schedules, SCHEDULES),
    (Kind::Weekly, WEEKLY),
    (Kind::Dated, DATED),
    (Kind::TimeOff, TIME_OFF),
    (Kind::Holidays, HOLIDAYS),
    (Kind::Unplaced("attendance"), &[required("employee_id"), required("attendance_date"), required("status")]),
    (Kind::Rotation, ROTATION),
    (Kind::RotationException, ROTATION_EXCEPTION),
];

const EVENT: EventColumns = EventColumns {
    store_number: "store_number",
    store_name: "store_name",
    first_day: "start_datetime",
    due: "due_datetime",
    minutes: "estimated_time",
    length: cells::minutes,
};

fn recognized<'f>(file: &str, bytes: &'f [u8]) -> Result<Tables<'f>, FileError> {
    Table::all(file, bytes, &TABLES.map(|(_, columns)| columns), WrittenBy::Others)
}

/// Tells a table of the old application's database from other files.
pub fn is_one(texts: &Texts<'_>) -> bool {
    TABLES.iter().any(|(_, columns)| texts.have(columns))
}

/// Reads the tables, each given as its file's name and bytes, in any order. A file that is no such table is named in a
/// note, and so is each of the three main tables that is missing.
pub fn read(incoming: Incoming, files: &[(String, Vec<u8>)]) -> Result<Incoming, FileError> {
    let mut import = Import { reader: Reader::of(incoming), ..Import::default() };
    let mut tables = Vec::new();
    for (file, bytes) in files {
        match recognized(file, bytes) {
            Ok(found) => {
                tables.extend(found.tables.into_iter().map(|(index, table)| (TABLES[index].0, table)));
                import.reader.incoming.notes.extend(found.notes);
            }
            Err(FileError::MissingHeadings { .. } | FileError::Empty { .. }) => {
                import
                    .note(whole(base_name(file)), "is none of the old application's tables; it was skipped".to_owned());
            }
            Err(error) => return Err(error),
        }
    }
    tables.sort_by_key(|(kind, _)| *kind);
    for (kind, meaning, stays) in [
        (Kind::Employees, "employees", "people stay as they are"),
        (Kind::Events, "events", "events stay as they are"),
        (Kind::Schedules, "schedules", "assignments stay as they are"),
    ] {
        if !tables.iter().any(|(found, _)| *found == kind) {
            import.note(whole(meaning), format!("no file holds this table, so {stays}"));
        }
    }
    for (kind, table) in &tables {
        import.table(*kind, table);
    }
    Ok(import.finish())
}

fn whole(file: &str) -> Place {
    Place { file: file.to_owned(), line: 0 }
}

/// What was read so far.
#[derive(Default)]
struct Import {
    reader: Reader,
    /// Position of each person in `reader.incoming.employees`, and whether their weekdays were read.
    people: HashMap<EmployeeId, (usize, Option<Place>)>,
    time_off: BTreeMap<EmployeeId, Vec<TimeOff>>,
    /// Events by a condition that only the old application has.
    conditions: BTreeMap<String, Vec<String>>,
    holidays: BTreeMap<NaiveDate, String>,
    /// Holidays that repeat every year: month, day, name.
    yearly: Vec<(u32, u32, String)>,
}

impl Import {
    fn table(&mut self, kind: Kind, table: &Table<'_>) {
        let mut unread: BTreeMap<&str, u64> = BTreeMap::new();
        let mut rows: u64 = 0;
        if kind == Kind::Schedules {
            self.reader.begin_schedule(table, &SCHEDULE);
        }
        let mut seen = Seen::default();
        for row in table.rows() {
            let row = row.and_then(|row| seen.check(&row).map(|()| row));
            let taken = row.as_ref().map(|row| {
                self.reader.incoming.notes.extend(row.doubt());
                self.row(kind, row)
            });
            if !matches!(taken, Ok(Ok(()))) {
                self.doubt(kind, &row);
            }
            let rejected = taken.map_or(None, Cell::err);
            self.reader.incoming.rejected.extend(rejected);
            let row = match row {
                Ok(row) => row,
                Err(left) => {
                    self.reader.incoming.leave(left);
                    continue;
                }
            };
            rows += 1;
            for (heading, text) in table.unread(&row).filter(|(_, text)| cells::flag(text) != Some(false)) {
                if !text.is_empty() {
                    *unread.entry(heading).or_default() += 1;
                }
            }
        }
        let stays = "Tandem has no place for that yet, so it stays in the old application";
        if let Kind::Unplaced(meaning) = kind {
            if rows > 0 {
                self.note(table.place(), format!("{} of {meaning}: {stays}", format::count(rows, "row")));
            }
        } else if !unread.is_empty() {
            let columns: Vec<_> =
                unread.iter().map(|(heading, rows)| format!("{heading} ({})", format::count(*rows, "row"))).collect();
            self.note(table.place(), format!("further columns: {}; {stays}", format::list(&columns)));
        }
    }

    /// Keeps which event a row is about that is not taken.
    fn doubt(&mut self, kind: Kind, row: &Result<Row<'_>, Left<'_>>) {
        match kind {
            Kind::Events => self.reader.doubt_event(row, "project_ref_num"),
            Kind::Schedules => self.reader.doubt_schedule(row, &SCHEDULE),
            _ => {}
        }
    }

    fn row(&mut self, kind: Kind, row: &Row<'_>) -> Cell<()> {
        match kind {
            Kind::Employees => self.employee(row),
            Kind::Events => self.event(row),
            Kind::Schedules => self.reader.take_schedule(row, &SCHEDULE),
            Kind::Weekly => self.weekly(row),
            Kind::Dated => self.dated(row),
            Kind::TimeOff => {
                let (first, last) = (people::date(row, "start_date")?, people::date(row, "end_date")?);
                self.off(row, first, last)
            }
            Kind::Holidays => self.holiday(row),
            Kind::Rotation => {
                let weekday = rotation::weekday(row, "day_of_week")?;
                self.rotation(row, When::Weekly(weekday), String::new())
            }
            Kind::RotationException => {
                let (date, reason) = (people::date(row, "exception_date")?, rotation::reason(row, "reason")?);
                self.rotation(row, When::On(date), reason)
            }
            Kind::Unplaced(_) => Ok(()),
        }
    }

    fn rotation(&mut self, row: &Row<'_>, when: When, reason: String) -> Cell<()> {
        let role = rotation::role(row, "rotation_type")?;
        let person = Some(cells::id(row, "employee_id")?);
        let entry = RotationEntry { store: None, role, when, person, reason };
        self.reader.incoming.rotation.push((row.place(), entry));
        Ok(())
    }

    fn note(&mut self, place: Place, message: String) {
        self.reader.incoming.notes.push(Note { place, message });
    }

    fn event(&mut self, row: &Row<'_>) -> Cell<()> {
        let id = self.reader.new_event(row, "project_ref_num")?;
        let name = cells::name(row, "project_name")?;
        let given = names::type_in_column(row.get("event_type"));
        let reading = names::read(&name, given);
        let mut open = EVENT.open(row);
        if given.is_none() {
            open.push(EventFact::Type);
            if !row.get("event_type").is_empty() {
                let text = cells::quote(row.get("event_type"));
                let message = format!("event_type {text} is unknown; the name says {}", reading.event_type);
                self.note(row.place(), message);
            }
        }
        let event = EVENT.event(row, id, name, reading)?;
        let (condition, text) = (claim::condition(row), row.get("condition"));
        if condition.is_none() && !text.is_empty() {
            self.conditions.entry(cells::quote(text)).or_default().push(id.to_string());
        }
        let flag = cells::flag(row.get("is_scheduled"));
        if flag.is_none() && !row.get("is_scheduled").is_empty() {
            let text = cells::quote(row.get("is_scheduled"));
            self.note(row.place(), format!("is_scheduled {text} is not t or f; only the schedules table counts"));
        }
        let incoming = IncomingEvent { event, place: row.place(), open, release: Release::Unsaid };
        self.reader.push_event(incoming, Claim::of(condition, flag));
        Ok(())
    }

    fn finish(mut self) -> Incoming {
        for (condition, events) in std::mem::take(&mut self.conditions) {
            let shown = &events[..events.len().min(LISTED_MAX)];
            let more = if events.len() > LISTED_MAX { ", …" } else { "" };
            let count = format::count(events.len() as u64, "event");
            let message = format!(
                "{count} with the condition {condition}, which Tandem does not have; scheduled or not follows from the \
                 schedules table: {}{more}",
                shown.join(", ")
            );
            self.note(whole("events"), message);
        }
        self.place_time_off();
        let holidays = self.all_holidays();
        Incoming { holidays, ..self.reader.finish() }
    }
}
