//! Work that reaches into the next day is shown there.

use serde_json::json;
use tandem::import::{Incoming, visits};

use crate::support::{App, sources::data};

/// Event 1001 begins on October 15 at 10 PM and takes 6 hours and a half.
fn night() -> App {
    let app = App::with_acceptance_data();
    let body = json!({"schedule_id": 2001, "new_date": "2025-10-15T22:00:00", "override_reason": "A night inventory"});
    app.call("/api/reschedule_event", body).ok();
    app
}

#[test]
fn the_next_day_shows_work_past_midnight() {
    let app = night();
    let day = app.get("/calendar/day/2025-10-16").status(200);
    let work = day.text_of("overnight");
    assert!(work.contains("Until 4:30 AM Super Pretzel John Smith · since Wed, Oct 15, 10:00 PM"), "{work}");
    day.link("/calendar/day/2025-10-15#event-1001");
    assert!(app.get("/calendar/day/2025-10-16/print").text_of("overnight").contains("Until 4:30 AM"));
    assert_eq!(app.get("/calendar/day/2025-10-15").text_of("overnight"), "");
    assert_eq!(app.get("/calendar/day/2025-10-17").text_of("overnight"), "");
    assert_eq!(app.get("/calendar/day/2025-10-16?type=juicer").text_of("overnight"), "");
    let called = app.read_call("/api/calendar/day/2025-10-16").body;
    assert_eq!(called["overnight"][1]["event_id"], 1001, "{called}");
}

#[test]
fn the_week_of_an_employee_shows_work_past_midnight_also_across_weeks() {
    let app = night();
    app.get("/employees/101/week/2025-10-16").says("Until 4:30 AM: Super Pretzel");
    let body = json!({"schedule_id": 2001, "new_date": "2025-10-18T22:00:00", "override_reason": "A night inventory"});
    app.call("/api/reschedule_event", body).ok();
    app.get("/employees/101/week/2025-10-19").says("Until 4:30 AM: Super Pretzel").says("0 events");
}

#[test]
fn the_next_day_shows_imported_work_past_midnight() {
    let incoming = visits::read(Incoming::default(), &[data("spreadsheets/33-year-end.csv")]).unwrap();
    let app = App::with(&[], Some(incoming));

    let next = app.get("/calendar/day/2026-12-01").status(200);

    next.says("Until 6:00 AM Night Stock").says("since Mon, Nov 30, 10:00 PM");
}

#[test]
fn the_roster_shows_work_past_midnight_on_the_next_day_also_across_weeks() {
    let app = night();
    let row = |page: &str| app.get(page).status(200).text_of("person-101");
    let told = "Until 4:30 AM: Super Pretzel";
    assert_eq!(row("/roster/2025-10-15").matches(told).count(), 1);
    let page = app.get("/roster/2025-10-15");
    let next = page.element("person-101").split("<td").nth(5).unwrap().to_owned();
    assert!(next.contains("Super Pretzel"), "on Thursday: {next}");
    assert!(app.get("/roster/2025-10-15/print").text_of("person-101").contains(told));
    assert!(!row("/roster/2025-10-22").contains(told));

    let body = json!({"schedule_id": 2001, "new_date": "2025-10-18T22:00:00", "override_reason": "A night inventory"});
    app.call("/api/reschedule_event", body).ok();
    assert!(!row("/roster/2025-10-15").contains(told));
    let sunday = app.get("/roster/2025-10-19").status(200);
    let first = sunday.element("person-101").split("<td").nth(1).unwrap().to_owned();
    assert!(first.contains("Super Pretzel"), "{first}");
    sunday.link("/calendar/day/2025-10-18#event-1001");
}
