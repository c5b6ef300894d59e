//! What people work in the weeks that the days of a proposal lie in.

use tandem::{
    domain::{
        employee::{Employee, JobTitle, availability::WeeklyHours},
        schedule::{Options, saved::Saved},
    },
    store::tables::employees,
};

use super::{between, try_propose};
use crate::support::{App, legacy};

/// John Smith (101) and Zed Young (106) are Event Specialists; the Leads are left out.
fn two_specialists<'a>(events: &'a [String], schedule: &'a [String]) -> App {
    let rows = |rows: &'a [String]| -> Vec<&'a str> { rows.iter().map(String::as_str).collect() };
    let app = App::with(&[], Some(legacy(&rows(events), &rows(schedule))));
    let zed = Employee::new("106".parse().unwrap(), "Zed Young".to_owned(), JobTitle::EventSpecialist);
    app.store.blocking().write(|tx| employees::put(tx, &zed)).unwrap();
    app
}

fn without_leads(from: &str, to: &str) -> Options {
    let mut options = between(from, to);
    options.exclude_employees.extend(["102", "103", "104"].map(|id| id.parse().unwrap()));
    options
}

fn core(id: u64, due: &str) -> String {
    format!("{id},606{id:03}-CORE-Chips,CORE,6.5,{due},7")
}

/// The number of rows of a person.
fn rows_of(saved: &Saved, employee: &str) -> usize {
    saved.proposal.rows.iter().filter(|row| row.employee.as_str() == employee).count()
}

/// John works from Sunday to Friday; a CORE is open on Saturday.
fn six_days_worked() -> App {
    let mut events: Vec<_> = (12..18).map(|day| core(day, &format!("2025-10-{day}"))).collect();
    let held: Vec<_> = (12..18).map(|day| format!("{day},{day},101,2025-10-{day} 10:00:00")).collect();
    events.push(core(18, "2025-10-18"));
    two_specialists(&events, &held)
}

#[test]
fn days_worked_before_the_window_count_in_its_first_week() {
    let app = six_days_worked();

    let saved = try_propose(&app, without_leads("2025-10-18", "2025-10-18")).unwrap();

    let row = &saved.proposal.rows[0];
    assert_eq!(row.employee.as_str(), "106", "John Smith would work all seven days: {}", row.why);
    assert!(row.why.contains("fewer hours in these days than Zed Young"), "{}", row.why);
    app.get(&format!("/auto-schedule/{}", saved.id)).status(200).says("Hours by person in these days");
}

#[test]
fn days_worked_after_the_window_count_in_its_last_week() {
    let mut events: Vec<_> = (13..19).map(|day| core(day, &format!("2025-10-{day}"))).collect();
    let held: Vec<_> = (13..19).map(|day| format!("{day},{day},101,2025-10-{day} 10:00:00")).collect();
    events.push(core(12, "2025-10-12"));
    let app = two_specialists(&events, &held);

    let saved = try_propose(&app, without_leads("2025-10-12", "2025-10-12")).unwrap();

    assert_eq!(rows_of(&saved, "106"), 1, "{:?}", saved.proposal.rows);
}

#[test]
fn a_seventh_day_that_no_one_else_can_work_is_proposed_and_named() {
    let app = six_days_worked();
    let mut options = without_leads("2025-10-18", "2025-10-18");
    options.exclude_employees.insert("106".parse().unwrap());

    let saved = try_propose(&app, options).unwrap();

    let row = &saved.proposal.rows[0];
    assert_eq!(row.employee.as_str(), "101");
    assert!(row.why.ends_with("John Smith then works 7 days of that week."), "{}", row.why);
}

#[test]
fn the_weekly_maximum_of_an_employee_is_kept_while_another_can_work() {
    let events: Vec<_> = (1..=4).map(|id| core(id, "2025-10-18")).collect();
    let app = two_specialists(&events, &[]);
    let mut john = app.read(|tx| employees::get(tx, &"101".parse().unwrap())).unwrap();
    john.weekly_hours_max = WeeklyHours::new(7);
    app.store.blocking().write(|tx| employees::put(tx, &john)).unwrap();
    let mut options = without_leads("2025-10-12", "2025-10-18");

    let saved = try_propose(&app, options.clone()).unwrap();

    assert_eq!((rows_of(&saved, "101"), rows_of(&saved, "106")), (1, 3));
    options.exclude_employees.insert("106".parse().unwrap());
    let alone = try_propose(&app, options).unwrap();
    assert_eq!(rows_of(&alone, "101"), 4);
    let wanted = "John Smith then has 26 h in that week, of 7 h at most.";
    assert!(alone.proposal.rows.iter().all(|row| row.why.ends_with(wanted)), "{:?}", alone.proposal.rows);
}
