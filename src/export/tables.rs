//! Events, schedule, employees and rotation as tables. `import/exports.rs` reads these headings.
//!
//! Invariant: a heading never changes its meaning; new headings are added at the end.

use serde_json::json;

use crate::{
    domain::{
        employee::{
            Employee,
            availability::{DayPart, TimeOff, WEEKDAYS},
        },
        event::{Event, Schedule},
        format,
        schedule::{RotationEntry, When},
    },
    export::table_writer::Cell,
};

pub const EVENTS: [&str; 15] = [
    "event_id",
    "project_name",
    "event_number",
    "program_id",
    "event_type",
    "condition",
    "store_number",
    "store_name",
    "first_day",
    "due_datetime",
    "estimated_minutes",
    "revision",
    "imported_schedule_id",
    "imported_employee_id",
    "imported_start",
];

pub const SCHEDULE: [&str; 6] =
    ["schedule_id", "event_id", "employee_id", "start_datetime", "employee_name", "project_name"];

pub const EMPLOYEES: [&str; 18] = [
    "employee_id",
    "name",
    "job_title",
    "is_active",
    "revision",
    "email",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "time_off",
    "imported_name",
    "imported_job_title",
    "imported_email",
    "weekly_hours_max",
];

pub const ROTATION: [&str; 7] = ["store", "role", "weekday", "date", "employee_id", "employee_name", "reason"];

/// `employee` is the entry's person. A weekly entry has a weekday, an exception a date.
pub fn rotation(entry: &RotationEntry, employee: Option<&Employee>) -> Vec<Cell> {
    let (weekday, date) = match entry.when {
        When::Weekly(weekday) => (Cell::text(format::weekday(weekday)), Cell::None),
        When::On(date) => (Cell::None, Cell::Text(date.to_string())),
    };
    vec![
        Cell::some(entry.store.as_ref(), |store| Cell::text(store)),
        Cell::text(entry.role.slug()),
        weekday,
        date,
        Cell::some(entry.person.as_ref(), |person| Cell::text(person.as_str())),
        Cell::some(employee, |employee| Cell::text(&employee.name)),
        Cell::text(&entry.reason),
    ]
}

pub fn event(event: &Event) -> Vec<Cell> {
    let [schedule, employee, start] = match &event.imported {
        Some(then) => {
            [Cell::Number(then.id.0), Cell::text(then.employee.as_str()), Cell::Text(format::iso_moment(then.start))]
        }
        None => [Cell::None, Cell::None, Cell::None],
    };
    vec![
        Cell::Number(event.id.0),
        Cell::text(&event.name),
        Cell::some(event.number, |number| Cell::Text(number.to_string())),
        Cell::some(event.program, |program| Cell::Text(program.0.to_string())),
        Cell::Text(event.event_type.slug().to_owned()),
        Cell::Text(event.condition().label().to_owned()),
        Cell::text(&event.location.number),
        Cell::text(&event.location.name),
        Cell::some(event.first_day, |day| Cell::Text(day.to_string())),
        Cell::some(event.due, |due| Cell::Text(due.iso())),
        Cell::Number(u64::from(event.minutes)),
        Cell::Number(u64::from(event.revision.0)),
        schedule,
        employee,
        start,
    ]
}

pub fn schedule(event: &Event, now: &Schedule, employee: Option<&Employee>) -> Vec<Cell> {
    vec![
        Cell::Number(now.id.0),
        Cell::Number(event.id.0),
        Cell::text(now.employee.as_str()),
        Cell::Text(format::iso_moment(now.start)),
        Cell::some(employee, |employee| Cell::text(&employee.name)),
        Cell::text(&event.name),
    ]
}

pub fn employee(employee: &Employee) -> Vec<Cell> {
    let time_off = |off: &TimeOff| match off.part {
        DayPart::WholeDay => json!({ "first": off.first, "last": off.last, "note": off.note }),
        part => json!({ "first": off.first, "last": off.last, "part": part.slug(), "note": off.note }),
    };
    let mut cells = vec![
        Cell::text(employee.id.as_str()),
        Cell::text(&employee.name),
        Cell::Text(employee.title.label().to_owned()),
        Cell::Flag(employee.active),
        Cell::Number(u64::from(employee.revision.0)),
        Cell::some(employee.email.as_ref(), |email| Cell::text(email.as_str())),
    ];
    cells.extend(WEEKDAYS.map(|weekday| Cell::Text(employee.availability.on(weekday).to_string())));
    cells.push(Cell::List(employee.time_off.iter().map(time_off).collect()));
    let given = employee.imported.as_ref();
    cells.push(Cell::some(given, |given| Cell::text(&given.name)));
    cells.push(Cell::some(given, |given| Cell::Text(given.title.label().to_owned())));
    cells.push(Cell::some(given.and_then(|given| given.email.as_ref()), |email| Cell::text(email.as_str())));
    cells.push(Cell::some(employee.weekly_hours_max, |most| Cell::Number(most.hours().into())));
    cells
}
