//! Events, schedule, employees and rotation as tables. `import/exports.rs` reads these headings.
//!
//! Invariant: a heading never changes its meaning; new headings are added at the end.

use chrono::Weekday;
use serde_json::{Value, json};

use crate::{
    domain::{
        employee::{
            Employee,
            availability::{DayPart, TimeOff},
        },
        event::{Event, Schedule},
        format,
        schedule::{RotationEntry, When},
    },
    export::table_writer::{Cell, Columns},
};

pub const EVENTS: &Columns<Event> = &[
    ("event_id", |event| Cell::Number(event.id.0)),
    ("project_name", |event| Cell::text(&event.name)),
    ("event_number", |event| Cell::some(event.number, |number| Cell::Text(number.to_string()))),
    ("program_id", |event| Cell::some(event.program, |program| Cell::Text(program.0.to_string()))),
    ("event_type", |event| Cell::Text(event.event_type.slug().to_owned())),
    ("condition", |event| Cell::Text(event.condition().label().to_owned())),
    ("store_number", |event| Cell::text(&event.location.number)),
    ("store_name", |event| Cell::text(&event.location.name)),
    ("first_day", |event| Cell::some(event.first_day, |day| Cell::Text(day.to_string()))),
    ("due_datetime", |event| Cell::some(event.due, |due| Cell::Text(due.iso()))),
    ("estimated_minutes", |event| Cell::Number(u64::from(event.minutes))),
    ("revision", |event| Cell::Number(u64::from(event.revision.0))),
    ("imported_schedule_id", |event| schedule_id(event.imported.as_ref())),
    ("imported_employee_id", |event| employee_id(event.imported.as_ref())),
    ("imported_start", |event| start(event.imported.as_ref())),
];

/// A scheduled event, and its employee if they are known.
pub const SCHEDULE: &Columns<(Event, Option<Employee>)> = &[
    ("schedule_id", |(event, _)| schedule_id(event.schedule.as_ref())),
    ("event_id", |(event, _)| Cell::Number(event.id.0)),
    ("employee_id", |(event, _)| employee_id(event.schedule.as_ref())),
    ("start_datetime", |(event, _)| start(event.schedule.as_ref())),
    ("employee_name", |(_, employee)| name(employee.as_ref())),
    ("project_name", |(event, _)| Cell::text(&event.name)),
];

pub const EMPLOYEES: &Columns<Employee> = &[
    ("employee_id", |one| Cell::text(one.id.as_str())),
    ("name", |one| Cell::text(&one.name)),
    ("job_title", |one| Cell::Text(one.title.label().to_owned())),
    ("is_active", |one| Cell::Flag(one.active)),
    ("revision", |one| Cell::Number(u64::from(one.revision.0))),
    ("email", |one| Cell::some(one.email.as_ref(), |email| Cell::text(email.as_str()))),
    ("monday", |one| hours(one, Weekday::Mon)),
    ("tuesday", |one| hours(one, Weekday::Tue)),
    ("wednesday", |one| hours(one, Weekday::Wed)),
    ("thursday", |one| hours(one, Weekday::Thu)),
    ("friday", |one| hours(one, Weekday::Fri)),
    ("saturday", |one| hours(one, Weekday::Sat)),
    ("sunday", |one| hours(one, Weekday::Sun)),
    ("time_off", |one| Cell::List(one.time_off.iter().map(time_off).collect())),
    ("imported_name", |one| Cell::some(one.imported.as_ref(), |given| Cell::text(&given.name))),
    ("imported_job_title", |one| Cell::some(one.imported.as_ref(), |given| Cell::Text(given.title.label().to_owned()))),
    ("imported_email", |one| {
        let email = one.imported.as_ref().and_then(|given| given.email.as_ref());
        Cell::some(email, |email| Cell::text(email.as_str()))
    }),
    ("weekly_hours_max", |one| Cell::some(one.weekly_hours_max, |most| Cell::Number(most.hours().into()))),
];

/// An entry, and its person if they are known. A weekly entry has a weekday, an exception a date.
pub const ROTATION: &Columns<(RotationEntry, Option<Employee>)> = &[
    ("store", |(entry, _)| Cell::some(entry.store.as_ref(), |store| Cell::text(store))),
    ("role", |(entry, _)| Cell::text(entry.role.slug())),
    ("weekday", |(entry, _)| match entry.when {
        When::Weekly(weekday) => Cell::text(format::weekday(weekday)),
        When::On(_) => Cell::None,
    }),
    ("date", |(entry, _)| match entry.when {
        When::Weekly(_) => Cell::None,
        When::On(date) => Cell::Text(date.to_string()),
    }),
    ("employee_id", |(entry, _)| Cell::some(entry.person.as_ref(), |person| Cell::text(person.as_str()))),
    ("employee_name", |(_, employee)| name(employee.as_ref())),
    ("reason", |(entry, _)| Cell::text(&entry.reason)),
];

fn schedule_id(schedule: Option<&Schedule>) -> Cell {
    Cell::some(schedule, |schedule| Cell::Number(schedule.id.0))
}

fn employee_id(schedule: Option<&Schedule>) -> Cell {
    Cell::some(schedule, |schedule| Cell::text(schedule.employee.as_str()))
}

fn start(schedule: Option<&Schedule>) -> Cell {
    Cell::some(schedule, |schedule| Cell::Text(format::iso_moment(schedule.start)))
}

fn name(employee: Option<&Employee>) -> Cell {
    Cell::some(employee, |employee| Cell::text(&employee.name))
}

fn hours(employee: &Employee, weekday: Weekday) -> Cell {
    Cell::Text(employee.availability.on(weekday).to_string())
}

fn time_off(off: &TimeOff) -> Value {
    match off.part {
        DayPart::WholeDay => json!({ "first": off.first, "last": off.last, "note": off.note }),
        part => json!({ "first": off.first, "last": off.last, "part": part.slug(), "note": off.note }),
    }
}
