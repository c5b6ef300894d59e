//! The old application's three tables: employees, events, schedule.
//!
//! Rule of this file: ids are kept, and the schedule table alone says who works what. Where an event's own columns say
//! otherwise, the report tells it. Only an event that its own columns call unstaffed, and that no row of the schedule table
//! names, is released.

use std::collections::HashMap;

use crate::{
    domain::{
        email::Email,
        employee::Employee,
        event::{Schedule, names},
        format,
        ids::{EmployeeId, EventId, ScheduleId},
    },
    import::{
        EventFact, FileError, Incoming, IncomingEmployee, IncomingEvent, Note, PersonFact, Place, Rejected, Release,
        cells::{self, Cell, EventColumns},
        claim::{Claim, contradiction},
        doubts::ScheduleColumns,
        missing::Named,
        repeated::Seen,
        table::{Column, Left, Row, Table, Tables, WrittenBy, optional, required},
    },
};

const EMPLOYEE_ID: &str = "employee_id";
const EMPLOYEE_NAME: &str = "name";
const JOB_TITLE: &str = "job_title";
const IS_ACTIVE: &str = "is_active";
const EMAIL: &str = "email";
const EVENT_ID: &str = "event_id";
const PROJECT_NAME: &str = "project_name";
const EVENT_TYPE: &str = "event_type";
pub(super) const CONDITION: &str = "condition";
pub(super) const IS_SCHEDULED: &str = "is_scheduled";
const HOURS: &str = "estimated_hours";
pub(super) const START: &str = "start_datetime";
const DUE: &str = "due_datetime";
const STORE_NUMBER: &str = "store_number";
const STORE_NAME: &str = "store_name";
const FIRST_DAY: &str = "start_date";
const SCHEDULE_ID: &str = "schedule_id";

pub(super) const EMPLOYEE_COLUMNS: [Column; 5] =
    [required(EMPLOYEE_ID), required(EMPLOYEE_NAME), required(JOB_TITLE), optional(IS_ACTIVE), optional(EMAIL)];

pub(super) const EVENT_COLUMNS: [Column; 11] = [
    required(EVENT_ID),
    required(PROJECT_NAME),
    required(EVENT_TYPE),
    required(HOURS),
    required(DUE),
    optional(CONDITION),
    optional(IS_SCHEDULED),
    optional(START),
    optional(STORE_NUMBER),
    optional(STORE_NAME),
    optional(FIRST_DAY),
];

const EVENT: EventColumns = EventColumns {
    store_number: STORE_NUMBER,
    store_name: STORE_NAME,
    first_day: FIRST_DAY,
    due: DUE,
    minutes: HOURS,
    length: cells::hours,
};

/// Cells of a person that may be empty.
pub(super) const PERSON_FACTS: [(&str, PersonFact); 2] = [(IS_ACTIVE, PersonFact::Active), (EMAIL, PersonFact::Email)];

pub(super) const SCHEDULE_COLUMNS: [Column; 4] =
    [required(SCHEDULE_ID), required(EVENT_ID), required(EMPLOYEE_ID), required(START)];

const TABLES: [&[Column]; 3] = [&EMPLOYEE_COLUMNS, &EVENT_COLUMNS, &SCHEDULE_COLUMNS];

/// Reads the three tables, each given as its file's name and bytes, in addition to what was read so far.
pub fn read(
    incoming: Incoming,
    employees: &(String, Vec<u8>),
    events: &(String, Vec<u8>),
    schedule: &(String, Vec<u8>),
) -> Result<Incoming, FileError> {
    let mut reader = Reader::of(incoming);
    let [employees, events, schedule] =
        [tables(&mut reader, employees, 0)?, tables(&mut reader, events, 1)?, tables(&mut reader, schedule, 2)?];
    for table in &employees {
        reader.each(table, Reader::take_employee);
    }
    for table in &events {
        reader.each_event(table, EVENT_ID, Reader::take_event);
    }
    for table in &schedule {
        reader.each_schedule(table);
    }
    Ok(reader.finish())
}

/// The tables of a file that have one of the sets of [`TABLES`]. A workbook may hold the others too.
fn tables<'f>(
    reader: &mut Reader,
    (file, bytes): &'f (String, Vec<u8>),
    wanted: usize,
) -> Result<Vec<Table<'f>>, FileError> {
    let found = Table::all(file, bytes, &TABLES, WrittenBy::Others).ok();
    let fits = |found: &Tables<'_>| found.tables.iter().any(|(index, _)| *index == wanted);
    let Some(Tables { tables, notes }) = found.filter(fits) else {
        return Table::open(file, bytes, TABLES[wanted]).map(|table| vec![table]);
    };
    let new: Vec<_> = notes.into_iter().filter(|note| !reader.incoming.notes.contains(note)).collect();
    reader.incoming.notes.extend(new);
    Ok(tables.into_iter().filter(|(index, _)| *index == wanted).map(|(_, table)| table).collect())
}

const SCHEDULE: ScheduleColumns =
    ScheduleColumns { id: SCHEDULE_ID, event: EVENT_ID, employee: EMPLOYEE_ID, start: START, latest_counts: false };

/// Tables that name each other by id. Employees and events come before the schedule.
#[derive(Default)]
pub(super) struct Reader {
    pub incoming: Incoming,
    employees: HashMap<EmployeeId, Place>,
    /// Where in `incoming.events`, and in `claims`, an event stands.
    events: HashMap<EventId, usize>,
    claims: Vec<Claim>,
    /// The first row of each event and person, be it accepted or not: "event 501", "employee 301".
    begun: HashMap<String, Place>,
    schedules: HashMap<ScheduleId, Place>,
    /// The schedule row that holds an event.
    holders: HashMap<EventId, Place>,
    /// The events that rows of the schedule table name; None without that table.
    named: Option<Named>,
    /// The events of rejected rows of the table of events.
    doubtful: Named,
}

impl Reader {
    pub fn of(incoming: Incoming) -> Self {
        Self { incoming, ..Self::default() }
    }

    pub fn each(&mut self, table: &Table<'_>, take: impl Fn(&mut Self, &Row<'_>) -> Cell<()>) {
        self.each_or(table, take, |_, _| {});
    }

    /// The rows of a table of events.
    pub fn each_event(
        &mut self,
        table: &Table<'_>,
        heading: &'static str,
        take: impl Fn(&mut Self, &Row<'_>) -> Cell<()>,
    ) {
        self.each_or(table, take, |reader, row| reader.doubt_event(row, heading));
    }

    /// `left` is told of each row that is not taken.
    fn each_or(
        &mut self,
        table: &Table<'_>,
        take: impl Fn(&mut Self, &Row<'_>) -> Cell<()>,
        left: impl Fn(&mut Self, &Result<Row<'_>, Left<'_>>),
    ) {
        let mut seen = Seen::default();
        for row in table.rows() {
            let row = row.and_then(|row| seen.check(&row).map(|()| row));
            let taken = row.as_ref().map(|row| {
                self.incoming.notes.extend(row.doubt());
                take(self, row)
            });
            if !matches!(taken, Ok(Ok(()))) {
                left(self, &row);
            }
            let rejected = taken.map_or(None, Cell::err);
            self.incoming.rejected.extend(rejected);
            if let Err(skipped) = row {
                self.incoming.leave(skipped);
            }
        }
    }

    /// Keeps which event a rejected row of the table of events is about, unless a row before says what it is.
    pub fn doubt_event(&mut self, row: &Result<Row<'_>, Left<'_>>, heading: &'static str) {
        let known = |row: &Row<'_>| cells::id(row, heading).is_ok_and(|id| self.events.contains_key(&id));
        if !row.as_ref().is_ok_and(known) {
            self.doubtful.add(row, heading);
        }
    }

    pub fn each_schedule(&mut self, table: &Table<'_>) {
        self.begin_schedule(table, &SCHEDULE);
        let take = |reader: &mut Self, row: &Row<'_>| reader.take_schedule(row, &SCHEDULE);
        self.each_or(table, take, |reader, row| reader.doubt_schedule(row, &SCHEDULE));
    }

    /// There is a table of schedules, if an empty one.
    pub fn begin_schedule(&mut self, table: &Table<'_>, columns: &ScheduleColumns) {
        self.named.get_or_insert_default().add_all(table, columns.event);
    }

    fn take_employee(&mut self, row: &Row<'_>) -> Cell<()> {
        let employee = self.new_employee(row)?;
        let open = cells::open(row, &PERSON_FACTS).into_iter().chain(PersonFact::week()).collect();
        self.push_employee(IncomingEmployee { employee, other_names: Vec::new(), open }, row.place());
        Ok(())
    }

    /// A person of the old application that no earlier row names.
    pub fn new_employee(&mut self, row: &Row<'_>) -> Cell<Employee> {
        let id = self.new_employee_id(row, EMPLOYEE_ID)?;
        let employee = Employee::new(id, cells::person(row, EMPLOYEE_NAME)?, cells::title(row, JOB_TITLE)?);
        Ok(Employee { active: cells::is_active(row, IS_ACTIVE)?, email: self.email(row), ..employee })
    }

    /// A person's e-mail address. A wrong one is noted and says nothing: it is no reason to leave the person out.
    pub fn email(&mut self, row: &Row<'_>) -> Option<Email> {
        let given: Cell<Email> = (!row.get(EMAIL).is_empty()).then(|| cells::parsed(row, EMAIL))?;
        given.map_err(|rejected| self.note(rejected.place, format!("{EMAIL} {}", rejected.reason))).ok()
    }

    /// The id of a row's person, which no row before has.
    pub fn new_employee_id(&mut self, row: &Row<'_>, heading: &str) -> Cell<EmployeeId> {
        let id: EmployeeId = cells::id(row, heading)?;
        if let Some(first) = self.employees.get(&id) {
            return Err(twice(row, heading, &format!("employee {id}"), first));
        }
        self.begun.entry(format!("employee {id}")).or_insert_with(|| row.place());
        Ok(id)
    }

    pub fn push_employee(&mut self, mut employee: IncomingEmployee, place: Place) {
        if employee.employee.email.is_none() && !employee.open.contains(&PersonFact::Email) {
            employee.open.push(PersonFact::Email);
        }
        self.employees.insert(employee.employee.id.clone(), place);
        self.incoming.employees.push(employee);
    }

    fn take_event(&mut self, row: &Row<'_>) -> Cell<()> {
        let id = self.new_event(row, EVENT_ID)?;
        let (name, given) = (cells::name(row, PROJECT_NAME)?, names::type_in_column(row.get(EVENT_TYPE)));
        let reading = names::read(&name, given);
        let event = EVENT.event(row, id, name, reading)?;
        let mut open = EVENT.open(row);
        if given.is_none() {
            open.push(EventFact::Type);
            if !row.get(EVENT_TYPE).is_empty() {
                let given = cells::quote(row.get(EVENT_TYPE));
                let message = format!("{EVENT_TYPE} {given} is none of ours; the name says {}", event.event_type);
                self.note(row.place(), message);
            }
        }
        let (claim, notes) = Claim::in_row(row);
        self.incoming.notes.extend(notes);
        self.push_event(IncomingEvent { event, place: row.place(), open, release: Release::Unsaid }, claim);
        Ok(())
    }

    /// The id of a row's event, which no row before has.
    pub fn new_event(&mut self, row: &Row<'_>, heading: &str) -> Cell<EventId> {
        let id: EventId = cells::id(row, heading)?;
        if let Some(first) = self.events.get(&id).and_then(|index| self.incoming.events.get(*index)) {
            return Err(twice(row, heading, &format!("event {id}"), &first.place));
        }
        self.begun.entry(format!("event {id}")).or_insert_with(|| row.place());
        Ok(id)
    }

    pub fn push_event(&mut self, event: IncomingEvent, claim: Claim) {
        self.events.insert(event.event.id, self.incoming.events.len());
        self.incoming.events.push(event);
        self.claims.push(claim);
    }

    /// Keeps which event a rejected row of the table of schedules is about, unless a row before decides.
    pub fn doubt_schedule(&mut self, row: &Result<Row<'_>, Left<'_>>, columns: &ScheduleColumns) {
        self.incoming.doubts.add(row, columns, |id| self.holders.contains_key(&id));
    }

    pub fn take_schedule(&mut self, row: &Row<'_>, columns: &ScheduleColumns) -> Cell<()> {
        let id: ScheduleId = cells::id(row, columns.id)?;
        if let Some(first) = self.schedules.get(&id) {
            return Err(twice(row, columns.id, &format!("schedule {id}"), first));
        }
        let event: EventId = cells::id(row, columns.event)?;
        let holder = self.holders.get(&event);
        if let Some(first) = holder.filter(|_| !columns.latest_counts) {
            return Err(twice(row, columns.event, &format!("the schedule of event {event}"), first));
        }
        let employee: EmployeeId = cells::id(row, columns.employee)?;
        let known = self.employees.contains_key(&employee);
        if !known {
            return Err(row.reject(Some(columns.employee), self.unknown(&format!("employee {employee}"), "employees")));
        }
        let unknown = self.unknown(&format!("event {event}"), "events");
        let place = self.events.get(&event).and_then(|index| self.incoming.events.get_mut(*index));
        let Some(scheduled) = place else { return Err(row.reject(Some(columns.event), unknown)) };
        let start = cells::moment(row, columns.start)?;
        self.schedules.insert(id, row.place());
        let other = scheduled.event.start().zip(holder.cloned());
        let counts = other.as_ref().is_none_or(|(before, _)| start >= *before);
        if counts {
            scheduled.event.schedule = Some(Schedule { id, employee, start });
            self.holders.insert(event, row.place());
        }
        if let Some((before, first)) = other {
            let (latest, left, instead) =
                if counts { (start, first, row.place()) } else { (before, row.place(), first) };
            let message = format!(
                "event {event} has several schedules; the latest, {} on {}, counts",
                instead,
                format::moment(latest)
            );
            self.note(left, message);
        }
        Ok(())
    }

    /// Why "event 501" of a row cannot be used.
    pub fn unknown(&self, what: &str, table: &str) -> String {
        match self.begun.get(what) {
            Some(place) => format!("{what} was not read, because {place} was rejected"),
            None if (table == "employees" && self.employees.is_empty())
                || (table == "events" && self.events.is_empty()) =>
            {
                format!("{what} is not among the {table} that were read: choose the table of {table} as well")
            }
            None => format!("{what} is not among the {table} that were read; only those can be used"),
        }
    }

    fn note(&mut self, place: Place, message: String) {
        self.incoming.notes.push(Note { place, message });
    }

    pub fn finish(mut self) -> Incoming {
        for (incoming, claim) in self.incoming.events.iter_mut().zip(&self.claims) {
            let id = incoming.event.id;
            let lacks = |named: &Named| named.lacks(id) && self.doubtful.lacks(id);
            incoming.release = match (claim.releases(), self.named.as_ref().is_some_and(lacks)) {
                (true, true) => Release::Said,
                (true, false) => Release::Doubtful,
                (false, _) => Release::Unsaid,
            };
            if self.named.is_some()
                && let Some(message) = contradiction(incoming, claim)
            {
                self.incoming.notes.push(Note { place: incoming.place.clone(), message });
            }
        }
        self.incoming
    }
}

pub(super) fn twice(row: &Row<'_>, heading: &str, what: &str, first: &Place) -> Rejected {
    row.reject(Some(heading), format!("{what} stands in {first} already; that row is kept, each may stand once"))
}
