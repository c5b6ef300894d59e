//! The retailer's export of visits: assigned ones, unassigned ones, or both, in any number of files.
//!
//! Rule of this file: a visit is its Project Reference Number. It is the event's id and the schedule's id, and stands
//! once in a run.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use chrono::NaiveDateTime;

use crate::{
    domain::{
        employee::{Employee, JobTitle},
        event::{Event, EventType, Schedule, names},
        format,
        ids::{EmployeeId, EventId, ScheduleId},
    },
    import::{
        FileError, Incoming, IncomingEmployee, IncomingEvent, Note, PersonFact, Place, Rejected, Release,
        cells::{self, Cell, EventColumns},
        doubts::ScheduleColumns,
        table::{Column, Row, Table, Tables, WrittenBy, optional, required},
    },
};

const NAME: &str = "Project Name";
const REFERENCE: &str = "Project Reference Number";
const STORE_NUMBER: &str = "Store Number";
const STORE_NAME: &str = "Store Name";
const START: &str = "Start Date/Time";
const DUE: &str = "Due Date/Time";
const MINUTES: &str = "Estimated Time";
const REP_NAME: &str = "Rep Name";
const EMPLOYEE_ID: &str = "Employee ID";
const SCHEDULED: &str = "Schedule Date/Time";
const STATUS: &str = "Status";

/// A column of the retailer that Tandem has no use for.
const UNUSED: &str = "Location MVID";
/// Words of the status column for a visit that no one does.
const CANCELLED: [&str; 2] = ["cancelled", "canceled"];
const UNASSIGNED: [&str; 3] = ["unassigned", "unstaffed", "unscheduled"];

/// The cells that assign a visit: all three or none, as columns and as cells.
const ASSIGNMENT: [&str; 3] = [REP_NAME, EMPLOYEE_ID, SCHEDULED];

/// An empty cell says nothing, and neither do empty cells of an assignment: the files of visits without an employee and of
/// visits with one come apart, at different times.
const EVENT: EventColumns = EventColumns {
    store_number: STORE_NUMBER,
    store_name: STORE_NAME,
    first_day: START,
    due: DUE,
    minutes: MINUTES,
    length: cells::minutes,
};

pub(super) const COLUMNS: [Column; 11] = [
    required(NAME),
    required(REFERENCE),
    required(STORE_NUMBER),
    required(STORE_NAME),
    required(START),
    required(DUE),
    optional(MINUTES),
    optional(REP_NAME),
    optional(EMPLOYEE_ID),
    optional(SCHEDULED),
    optional(STATUS),
];

const SCHEDULE: ScheduleColumns =
    ScheduleColumns { id: REFERENCE, event: REFERENCE, employee: EMPLOYEE_ID, start: SCHEDULED, latest_counts: false };

/// Reads the named files in their order, in addition to what was read so far.
pub fn read(incoming: Incoming, files: &[(String, Vec<u8>)]) -> Result<Incoming, FileError> {
    let mut reader = Reader { incoming, ..Reader::default() };
    for (file, bytes) in files {
        let Tables { tables, notes } = Table::all(file, bytes, &[&COLUMNS], WrittenBy::Others)?;
        reader.incoming.notes.extend(notes);
        for (_, table) in &tables {
            reader.take_all(table);
        }
    }
    Ok(reader.finish())
}

/// Who works a visit, as its row says.
struct Assigned {
    id: EmployeeId,
    name: String,
    start: NaiveDateTime,
}

/// A person found in the rows so far.
#[derive(Default)]
struct Person {
    types: BTreeSet<EventType>,
    /// Each name in the order of the rows, with its first row and how many rows have it.
    names: Vec<(String, Place, usize)>,
}

#[derive(Default)]
struct Reader {
    incoming: Incoming,
    people: BTreeMap<EmployeeId, Person>,
    /// Where in `incoming.events` a visit stands.
    seen: HashMap<EventId, usize>,
}

impl Reader {
    fn take_all(&mut self, table: &Table<'_>) {
        let missing: Vec<_> = ASSIGNMENT.into_iter().filter(|heading| !table.has(heading)).collect();
        if !missing.is_empty() && missing.len() < ASSIGNMENT.len() {
            let message =
                format!("lacks {}, so it assigns no one: assignments stay as they are", missing.join(" and "));
            self.incoming.notes.push(Note { place: table.place(), message });
        }
        let (mut unread, before) = (BTreeSet::new(), self.incoming.events.len());
        for row in table.rows() {
            self.incoming.named.add(&row, REFERENCE);
            let taken = row.as_ref().map(|row| self.take(row, missing.is_empty()));
            if !matches!(taken, Ok(Ok(()))) {
                self.incoming.doubts.add(&row, &SCHEDULE, |id| self.seen.contains_key(&id));
            }
            let rejected = taken.map_or(None, Cell::err);
            self.incoming.rejected.extend(rejected);
            match row {
                Ok(row) => {
                    let filled = table.unread(&row).filter(|(heading, text)| !text.is_empty() && *heading != UNUSED);
                    unread.extend(filled.map(|(heading, _)| heading));
                }
                Err(left) => self.incoming.leave(left),
            }
        }
        self.incoming.named.add_list(self.incoming.events[before..].iter().map(|one| &one.event));
        if !unread.is_empty() {
            let headings: Vec<_> = unread.into_iter().map(cells::quote).collect();
            let message = format!("further columns, which are not read: {}", format::list(&headings));
            self.incoming.notes.push(Note { place: table.place(), message });
        }
    }

    fn take(&mut self, row: &Row<'_>, has_assignments: bool) -> Cell<()> {
        self.incoming.notes.extend(row.doubt());
        let assigned = if has_assignments { assigned(row)? } else { None };
        let (assigned, release) = self.by_status(row, assigned);
        let event = event(row, assigned.as_ref())?;
        if let Some(first) = self.seen.get(&event.id).and_then(|index| self.incoming.events.get(*index)) {
            let message = same_again(row, first, &event)?;
            self.note(row, message);
            return Ok(());
        }
        if let Some(assigned) = assigned {
            self.meet(row, assigned, event.event_type);
        }
        self.seen.insert(event.id, self.incoming.events.len());
        let open = EVENT.open(row);
        self.incoming.events.push(IncomingEvent { event, place: row.place(), open, release });
        Ok(())
    }

    /// The assignment of a visit once its status is read: a cancelled visit has none, and an unassigned one only if its
    /// row gives one.
    fn by_status(&mut self, row: &Row<'_>, assigned: Option<Assigned>) -> (Option<Assigned>, Release) {
        let status = row.get(STATUS);
        let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(status));
        if is_one_of(&CANCELLED) {
            self.note(row, format!("is {status}: Tandem keeps the event, without an employee"));
            return (None, Release::Said);
        }
        match assigned {
            None if is_one_of(&UNASSIGNED) => (None, Release::Said),
            Some(assigned) if is_one_of(&UNASSIGNED) => {
                self.note(row, format!("is {status}, and yet given to employee {}, who counts", assigned.id));
                (Some(assigned), Release::Unsaid)
            }
            assigned => (assigned, Release::Unsaid),
        }
    }

    fn meet(&mut self, row: &Row<'_>, assigned: Assigned, event_type: EventType) {
        let Assigned { id, name, .. } = assigned;
        let person = self.people.entry(id).or_default();
        person.types.insert(event_type);
        match person.names.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, _, rows)) => *rows += 1,
            None => person.names.push((name, row.place(), 1)),
        }
    }

    fn note(&mut self, row: &Row<'_>, message: String) {
        self.incoming.notes.push(Note { place: row.place(), message });
    }

    fn finish(self) -> Incoming {
        let mut incoming = self.incoming;
        for (id, Person { types, mut names }) in self.people {
            // Sorting is stable: of names that are as frequent, the first.
            names.sort_by_key(|(_, _, rows)| Reverse(*rows));
            let mut names = names.into_iter();
            let Some((name, ..)) = names.next() else { continue };
            let mut other_names = Vec::new();
            for (other, place, _) in names {
                let message = format!(
                    "employee {id} is called {} here and {} elsewhere: the name that Tandem has stays, else the latter is \
                     taken",
                    cells::quote(&other),
                    cells::quote(&name)
                );
                incoming.notes.push(Note { place, message });
                other_names.push(other);
            }
            let employee = Employee::new(id, name, JobTitle::inferred_from(&Vec::from_iter(types)));
            let open = PersonFact::week().chain([PersonFact::Title, PersonFact::Active, PersonFact::Email]);
            incoming.employees.push(IncomingEmployee { employee, other_names, open: open.collect() });
        }
        incoming
    }
}

/// What to tell about a visit that stands here again, or why it cannot.
fn same_again(row: &Row<'_>, first: &IncomingEvent, event: &Event) -> Result<String, Rejected> {
    if first.event == *event {
        return Ok(format!("visit {} says the same as {}; it is taken once", event.id, first.place));
    }
    let reason = format!(
        "visit {} stands in {} already and says something else there; that row is kept, a visit may stand once",
        event.id, first.place
    );
    Err(row.reject(Some(REFERENCE), reason))
}

fn assigned(row: &Row<'_>) -> Cell<Option<Assigned>> {
    let empty: Vec<_> = ASSIGNMENT.into_iter().filter(|heading| cells::names_no_one(row, heading)).collect();
    match empty.as_slice() {
        [] => {}
        [_, _, _] => return Ok(None),
        [first, ..] => {
            let reason = format!(
                "names no one while others of {} are filled: a visit is assigned with all three or with none",
                ASSIGNMENT.join(", ")
            );
            return Err(row.reject(Some(first), reason));
        }
    }
    let name = cells::person(row, REP_NAME)?;
    let id = cells::id(row, EMPLOYEE_ID)?;
    Ok(Some(Assigned { id, name, start: cells::moment(row, SCHEDULED)? }))
}

fn event(row: &Row<'_>, assigned: Option<&Assigned>) -> Cell<Event> {
    let id: EventId = cells::id(row, REFERENCE)?;
    let name = cells::name(row, NAME)?;
    let reading = names::read(&name, None);
    cells::filled(row, STORE_NUMBER)?;
    let event = EVENT.event(row, id, name, reading)?;
    let schedule = assigned.map(|Assigned { id: employee, start, .. }| Schedule {
        id: ScheduleId(id.0),
        employee: employee.clone(),
        start: *start,
    });
    Ok(Event { schedule, ..event })
}
