//! Company holidays.

use crate::support::App;

const CHRISTMAS: [(&str, &str); 2] = [("date", "2025-12-25"), ("name", "Christmas Day")];

#[test]
fn a_holiday_is_added_and_a_rule_refuses_to_assign_on_it() {
    let app = App::with_acceptance_data();

    let page = app.follow(app.post("/holidays", &[("date", "2025-10-16"), ("name", "Founders' Day")]));

    page.says("Thu, Oct 16, 2025 is now a holiday: Founders' Day.");
    let called = serde_json::json!({"event_id": 1004, "employee_id": "103", "start_datetime": "2025-10-16T10:30:00"});
    let answer = app.call("/api/schedule_event", called).refused(422, "refused");
    assert_eq!(answer.body["refusals"][0]["rule"], "holiday");
    let moved = serde_json::json!({"schedule_id": 2001, "new_date": "2025-10-16"});
    let answer = app.call("/api/reschedule_event", moved).refused(422, "refused");
    assert_eq!(answer.body["refusals"][0]["rule"], "holiday");
    app.get("/activity").says("Add holiday holiday 2025-10-16");
}

#[test]
fn a_holiday_is_removed_once() {
    let app = App::empty();
    app.post("/holidays", &CHRISTMAS).status(303);

    app.follow(app.post("/holidays/2025-12-25/remove", &[])).says("Thu, Dec 25, 2025 is no longer a holiday.");
    app.post("/holidays/2025-12-25/remove", &[]).status(409).says("is no holiday any more");
}

#[test]
fn the_same_form_twice_is_one_holiday_and_another_form_for_its_day_is_refused() {
    let app = App::empty();
    let fields = [&CHRISTMAS[..], &[("key", "k1")]].concat();
    app.post("/holidays", &fields).status(303);
    app.post("/holidays", &fields).status(303);
    app.post("/holidays", &[("date", "2025-12-26"), ("name", "Boxing Day"), ("key", "k1")]).status(303);

    let again = app.post("/holidays", &[("date", "2025-12-25"), ("name", "Xmas")]).status(422);

    again.says("Thu, Dec 25, 2025 is a holiday already: Christmas Day.");
    assert!(app.get("/holidays").body.matches("Christmas Day").count() >= 1);
}

#[test]
fn an_invalid_holiday_is_reported_and_its_input_kept() {
    let app = App::empty();
    let before = app.bytes();
    let long = "x".repeat(81);
    for (date, name, field, sentence) in [
        ("", "Christmas", "date", "Choose a date."),
        ("2025-12-32", "Christmas", "date", "\"2025-12-32\" is not a date"),
        ("2025-12-25", " ", "name", "Enter a name"),
        ("2025-12-25", long.as_str(), "name", "A name has at most 80 characters; this has 81."),
    ] {
        let page = app.post("/holidays", &[("date", date), ("name", name)]).status(422).says(sentence);
        assert!(page.element(field).contains("aria-invalid=\"true\"") && page.element(field).contains("autofocus"));
    }
    app.post("/holidays/2025-02-30/remove", &[]).status(404);
    assert_eq!(app.bytes(), before);
}

#[test]
fn past_holidays_are_collapsed() {
    let app = App::empty();
    app.post("/holidays", &[("date", "2025-01-01"), ("name", "New Year")]).status(303);
    app.post("/holidays", &CHRISTMAS).status(303);
    app.get("/holidays").says("Upcoming Thursday, December 25, 2025").says("Past (1)");
}
