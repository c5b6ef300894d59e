//! Employees, their time off and week, and the company's holidays, with scripts and without.

mod employees;
mod holidays;
mod list;
mod time_off;
mod week;

use tandem::{
    domain::{employee::Employee, ids::EmployeeId},
    store::tables::employees as stored,
};

use crate::support::{App, Page};

/// What is stored of a person.
fn employee(app: &App, id: &str) -> Employee {
    let id: EmployeeId = id.parse().unwrap();
    app.read(|view| stored::get(view, &id)).unwrap()
}

/// The fields of a person who works all week.
const ADA: [(&str, &str); 4] =
    [("number", "E7"), ("name", "Ada Bell"), ("job_title", "Lead Event Specialist"), ("email", "ada@example.com")];

const ALL_WEEK: [(&str, &str); 7] = [
    ("days[mon].works", "true"),
    ("days[tue].works", "true"),
    ("days[wed].works", "true"),
    ("days[thu].works", "true"),
    ("days[fri].works", "true"),
    ("days[sat].works", "true"),
    ("days[sun].works", "true"),
];

/// Sends a form of a person with the revision it would carry.
fn send(app: &App, id: &str, part: &str, fields: &[(&str, &str)]) -> Page {
    let revision = employee(app, id).revision.to_string();
    app.post(&format!("/employees/{id}{part}"), &[&[("revision", revision.as_str())], fields].concat())
}
