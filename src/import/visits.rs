//! The retailer's export of visits: assigned ones, unassigned ones, or both, in any number of files.
//!
//! Rule of this file: a visit is its Project Reference Number. It is the event's id and the schedule's id, and stands
//! once in a run.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;

use crate::{
    domain::{
        employee::{Employee, JobTitle},
        event::{Due, Event, EventType, Location, Schedule, names},
        ids::{EmployeeId, EventId, Revision, ScheduleId},
    },
    import::{
        EventFact, FileError, Incoming, IncomingEmployee, IncomingEvent, Note, PersonFact, Rejected,
        cells::{self, Cell},
        table::{Column, Left, Row, Table, optional, required},
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

/// The cells that assign a visit: all three or none, as columns and as cells.
const ASSIGNMENT: [&str; 3] = [REP_NAME, EMPLOYEE_ID, SCHEDULED];

/// Cells that may be empty. An empty one says nothing, and neither do empty cells of an assignment: the files of visits
/// without an employee and of visits with one come apart, at different times.
const FACTS: [(&str, EventFact); 4] = [
    (STORE_NAME, EventFact::StoreName),
    (START, EventFact::FirstDay),
    (DUE, EventFact::Due),
    (MINUTES, EventFact::Minutes),
];

const COLUMNS: [Column; 10] = [
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
];

/// Reads the named files in their order.
///
/// # Errors
/// The first file that cannot be read at all. Rows that cannot be read are in [`Incoming::rejected`].
pub fn read(files: &[(String, Vec<u8>)]) -> Result<Incoming, FileError> {
    read_into(Incoming::default(), files)
}

/// As [`read`], into what was read so far.
///
/// # Errors
/// As [`read`].
pub fn read_into(incoming: Incoming, files: &[(String, Vec<u8>)]) -> Result<Incoming, FileError> {
    let mut reader = Reader { incoming, ..Reader::default() };
    for (file, bytes) in files {
        let table = Table::open(file, bytes, &COLUMNS)?;
        let missing: Vec<_> = ASSIGNMENT.into_iter().filter(|heading| !table.has(heading)).collect();
        if !missing.is_empty() && missing.len() < ASSIGNMENT.len() {
            return Err(table.lacks(&missing));
        }
        for row in table.rows() {
            let row = match row {
                Ok(row) => row,
                Err(left) => {
                    reader.incoming.named.is_open |= matches!(left, Left::Rejected(_));
                    reader.incoming.leave(left);
                    continue;
                }
            };
            let id: Cell<EventId> = cells::id(&row, REFERENCE);
            reader.incoming.named.is_open |= id.is_err();
            reader.incoming.named.events.extend(id);
            if let Err(rejected) = reader.take(&row) {
                reader.incoming.rejected.push(rejected);
            }
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
struct Person {
    name: String,
    types: BTreeSet<EventType>,
    /// Names that were left out, so that each is told once and not with every row.
    other_names: BTreeSet<String>,
}

#[derive(Default)]
struct Reader {
    incoming: Incoming,
    people: BTreeMap<EmployeeId, Person>,
    /// Where in `incoming.events` a visit stands.
    seen: HashMap<EventId, usize>,
}

impl Reader {
    fn take(&mut self, row: &Row<'_>) -> Cell<()> {
        self.incoming.notes.extend(row.doubt());
        let assigned = assigned(row)?;
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
        let open = cells::open(row, &FACTS);
        self.incoming.events.push(IncomingEvent { event, place: row.place(), open, released: false });
        Ok(())
    }

    fn meet(&mut self, row: &Row<'_>, assigned: Assigned, event_type: EventType) {
        let Assigned { id, name, .. } = assigned;
        let person = self.people.entry(id.clone()).or_insert_with(|| Person {
            name: name.clone(),
            types: BTreeSet::new(),
            other_names: BTreeSet::new(),
        });
        person.types.insert(event_type);
        if person.name != name && person.other_names.insert(name.clone()) {
            let message = format!(
                "employee {id} is called {} here and {} above; the first name is kept",
                cells::quote(&name),
                cells::quote(&person.name)
            );
            self.note(row, message);
        }
    }

    fn note(&mut self, row: &Row<'_>, message: String) {
        self.incoming.notes.push(Note { place: row.place(), message });
    }

    fn finish(self) -> Incoming {
        let employee = |(id, person): (EmployeeId, Person)| {
            let types: Vec<_> = person.types.into_iter().collect();
            let employee = Employee::new(id, person.name, JobTitle::inferred_from(&types));
            IncomingEmployee { employee, open: vec![PersonFact::Title, PersonFact::Email] }
        };
        let mut incoming = self.incoming;
        incoming.named.add_weeks(incoming.events.iter().filter_map(|one| one.event.date()));
        incoming.employees = self.people.into_iter().map(employee).collect();
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
    let empty: Vec<_> = ASSIGNMENT.into_iter().filter(|heading| row.get(heading).is_empty()).collect();
    match empty.as_slice() {
        [] => {}
        [_, _, _] => return Ok(None),
        [first, ..] => {
            let reason = format!(
                "is empty while others of {} are filled: a visit is assigned with all three or with none",
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
    let location = Location { number: cells::store_number(row, STORE_NUMBER)?, name: cells::text(row, STORE_NAME)? };
    let first_day = cells::when(row, START)?.map(|when| when.date);
    let due = cells::when(row, DUE)?.map(|due| Due { date: due.date, time: due.time });
    let minutes = cells::minutes(row, MINUTES)?.unwrap_or(reading.event_type.default_minutes());
    let schedule = assigned.map(|assigned| Schedule {
        id: ScheduleId(id.0),
        employee: assigned.id.clone(),
        start: assigned.start,
    });
    Ok(Event {
        id,
        revision: Revision::default(),
        name,
        event_type: reading.event_type,
        number: reading.number,
        program: reading.program,
        location,
        first_day,
        due,
        minutes,
        schedule,
        imported: None,
    })
}
