//! People with the same name are shown with their ids on every page.

use chrono::{NaiveDate, Weekday};
use serde_json::json;
use tandem::{
    domain::{
        employee::{
            Employee,
            availability::{DayPart, Hours, TimeOff},
        },
        ids::EmployeeId,
    },
    store::tables::employees,
};

use crate::support::App;

const NAME: &str = "Jane Doe";

/// Pages about the two, and others that name them.
const PAGES: [&str; 46] = [
    "/employees",
    "/employees?q=jane&show=all",
    "/employees/102/week/2025-10-15",
    "/employees/105/week/2025-10-15/print",
    "/employees/102",
    "/employees/102/deactivate",
    "/employees/102/time-off?first=2025-10-16&last=2025-10-16",
    "/search?q=jane",
    "/search?q=doritos",
    "/activity",
    "/activity?employee=jane",
    "/calendar/2025/10?employee=102",
    "/calendar/2025/10/filter",
    "/calendar/day/2025-10-15",
    "/calendar/day/2025-10-15/print",
    "/calendar/day/2025-10-16",
    "/events/1001/supervisor?from=2025-10-15",
    "/events/1002/reschedule?from=2025-10-15",
    "/events/1019/reschedule?from=2025-10-16",
    "/events/1020/employee?from=2025-10-16",
    "/events/1014/unschedule?from=2025-10-15",
    "/events/1004/schedule?from=2025-10-16",
    "/events/1001/trade?from=2025-10-15",
    "/days/2025-10-15/reassign",
    "/unscheduled",
    "/unscheduled/schedule?event=1004",
    "/unscheduled/supervisors",
    "/integrity",
    "/integrity/time-off",
    "/integrity/accept/time-off/1014",
    "/integrity/repair",
    "/feeds",
    "/auto-schedule",
    "/auto-schedule/rotation",
    "/auto-schedule/rotation/copy?week=2025-10-15",
    "/days/2025-10-15/reassign?employee=105",
    "/days/2025-10-15/reassign?employee=102&last=2025-10-17",
    "/roster/2025-10-15",
    "/roster/2025-10-15?employee=105",
    "/calendar/day/2025-10-15/timeline",
    "/events/1020/fits?first=2025-10-13&last=2025-10-16",
    "/reports?from=2025-10-01&to=2025-10-31",
    "/reports?from=2025-10-01&to=2025-10-31&employee=102",
    "/reports/print?from=2025-10-01&to=2025-10-31",
    "/activity/since?from=2025-10-01",
    "/activity/since",
];

/// Jane Doe (102), and 105 of the same name, who is off on a day with work.
fn two_of_one_name() -> App {
    let app = App::with_acceptance_data();
    edit(&app, "105", |one| {
        "JANE DOE".clone_into(&mut one.name);
        one.time_off.push(off("2025-10-15"));
    });
    app.call("/api/change_employee", json!({"schedule_id": 2015, "new_employee_id": "105"})).ok();
    app
}

fn edit(app: &App, id: &str, change: impl Fn(&mut Employee)) {
    let id: EmployeeId = id.parse().unwrap();
    let edit = app.store.blocking().write(|tx| {
        let mut employee = employees::get(tx, &id)?.expect("imported");
        change(&mut employee);
        employees::put(tx, &employee)
    });
    edit.unwrap();
}

fn off(day: &str) -> TimeOff {
    let day: NaiveDate = day.parse().unwrap();
    TimeOff { first: day, last: day, part: DayPart::WholeDay, note: None }
}

#[test]
fn every_page_shows_the_ids_of_people_with_one_name() {
    let app = two_of_one_name();
    let named: usize = PAGES.into_iter().map(|address| told_apart(address, &app.get(address).status(200).body)).sum();
    assert!(named > PAGES.len(), "the pages name them");
}

#[test]
fn reasons_of_a_proposal_tell_two_people_of_one_name_apart() {
    let app = two_of_one_name();
    let form = app.get("/auto-schedule").form("/auto-schedule").with("from", "2025-10-15").with("to", "2025-10-28");
    let address = form.send(&app).status(303).location.unwrap();

    assert!(told_apart(&address, &app.get(&address).status(200).body) > 0);
    let call = app.call("/api/proposals", json!({"from": "2025-10-15", "to": "2025-10-28"})).body;
    let reasons = ["rows", "unplaced"].into_iter().flat_map(|list| call[list].as_array().unwrap());
    let reasons: Vec<_> = reasons.filter_map(|one| one["why"].as_str().or(one["message"].as_str())).collect();
    assert!(told_apart("reasons", &reasons.join("\n")) > 0, "{reasons:?}");
}

#[test]
fn warnings_and_refusals_of_a_change_tell_two_people_of_one_name_apart() {
    let app = two_of_one_name();
    for id in ["102", "105"] {
        edit(&app, id, |one| {
            one.availability = one.availability.with(Weekday::Fri, Hours::Off);
            one.time_off.push(off("2025-10-18"));
        });
    }
    let move_to = |date: &str| app.call("/api/reschedule_event", json!({"schedule_id": 2012, "new_date": date})).body;
    let (moved, refused) = (move_to("2025-10-17"), move_to("2025-10-18"));
    assert!(told_apart("warnings", &moved["warnings"].to_string()) > 0, "{moved}");
    assert!(told_apart("refusals", &refused["refusals"].to_string()) > 0, "{refused}");

    app.call("/api/change_employee", json!({"schedule_id": 2001, "new_employee_id": "102"})).ok();
    app.call(
        "/api/reschedule_event",
        json!({"schedule_id": 2014, "new_date": "2025-10-18", "override_reason": "a test"}),
    )
    .ok();
    let trade = app.call("/api/trade", json!({"schedule_id": 2001, "other_schedule_id": 2014})).body;
    assert!(told_apart("trade", &trade["refusals"].to_string()) > 0, "{trade}");
}

/// How often a text names one of the two.
///
/// # Panics
/// If it does so without the number.
#[track_caller]
fn told_apart(place: &str, text: &str) -> usize {
    let text = text.replace(&format!("value=\"{NAME}\""), "");
    let (lower_case, name) = (text.to_lowercase(), NAME.to_lowercase());
    let mut named = 0;
    for (at, _) in lower_case.match_indices(&name) {
        let after = &text[at + NAME.len()..];
        let said: String = text[at..].chars().take(60).collect();
        assert!(after.starts_with(" (102)") || after.starts_with(" (105)"), "{place}: {said}");
        named += 1;
    }
    named
}

#[test]
fn a_name_with_its_number_finds_one_of_the_two() {
    let app = two_of_one_name();
    let steps = |employee: &str| app.get(&format!("/activity?employee={employee}")).body.matches("entry-head").count();
    assert_eq!((steps("Jane+Doe"), steps("Jane+Doe+(105)"), steps("Jane+Doe+(101)")), (1, 1, 0));
    app.get("/search?q=Jane+Doe+(105)").says("Employees (1)");
}

#[test]
fn exports_and_calls_keep_the_original_name() {
    let app = two_of_one_name();
    assert_eq!(app.read_call("/api/events/1020").body["employee_name"], "JANE DOE");
    let file = app.get("/api/export/employees.csv").status(200).body;
    assert!(file.contains("105,JANE DOE,") && !file.contains("(105)"), "{file}");
}
