//! Time off: what is held then is listed before it is added.

use super::{employee, send};
use crate::support::App;

const OFF: [(&str, &str); 3] = [("first", "2025-10-15"), ("last", "2025-10-17"), ("note", "Dentist")];

#[test]
fn what_is_held_is_listed_first_then_the_days_are_off_and_a_rule_refuses() {
    let app = App::with_acceptance_data();

    let ask = app.get("/employees/101/time-off?first=2025-10-15&last=2025-10-17&note=Dentist").status(200);
    ask.link("/calendar/day/2025-10-15#event-1001");
    let ask = ask.says("John Smith has").says("Dentist");
    assert_eq!(employee(&app, "101").time_off, [], "asking changes nothing: {}", ask.status);
    let page = app.follow(send(&app, "101", "/time-off", &OFF));

    page.says("Time off from Wed, Oct 15, 2025 to Fri, Oct 17, 2025 was added.").says("Dentist");
    let revision = app.revision(1004);
    let fields = [("revision", revision.as_str()), ("date", "2025-10-16"), ("time", "10:30"), ("employee", "101")];
    let refused = app.post("/events/1004/schedule", &fields).status(422);
    assert!(refused.body.contains("data-rule=\"time-off\""));
    refused
        .says("John Smith is off from Wed, Oct 15, 2025 to Fri, Oct 17, 2025.")
        .says("Suggestions")
        .does_not_say("Dentist");
    let audited = app.audit();
    assert!(!format!("{audited:?}").contains("Dentist"), "notes stay private");
}

#[test]
fn another_time_is_offered_as_a_link_that_fills_the_form() {
    let app = App::with_acceptance_data();
    send(&app, "103", "/time-off", &[("first", "2025-10-14"), ("last", "2025-10-14")]).status(303);
    let revision = app.revision(1004);
    let fields = [("revision", revision.as_str()), ("date", "2025-10-14"), ("time", "10:30"), ("employee", "103")];

    let refused = app.post("/events/1004/schedule", &fields).status(422);

    let offered = "/events/1004/schedule?from=2025-10-15&amp;date=2025-10-16&amp;time=10%3A30&amp;employee=103";
    let link = refused.link(offered);
    assert!(link.ends_with("Thu, Oct 16, 10:30 AM"), "{link}");
    let form = app.get(&offered.replace("&amp;", "&")).status(200);
    assert!(form.element("date").contains("value=\"2025-10-16\""));
    let called = serde_json::json!({"event_id": 1004, "employee_id": "103", "start_datetime": "2025-10-14T10:30:00"});
    let answer = app.call("/api/schedule_event", called).refused(422, "refused");
    let last = answer.body["alternatives"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last, serde_json::json!({"start_datetime": "2025-10-16T10:30:00"}));
}

#[test]
fn it_is_removed_again_once() {
    let app = App::with_acceptance_data();
    send(&app, "101", "/time-off", &OFF).status(303);

    app.follow(send(&app, "101", "/time-off/remove", &OFF[..2])).says("was removed.");
    assert_eq!(employee(&app, "101").time_off, []);
    send(&app, "101", "/time-off/remove", &OFF[..2]).status(409).says("is not off");
}

#[test]
fn a_stale_form_is_refused_and_the_same_form_twice_is_one() {
    let app = App::with_acceptance_data();
    let fields = [&[("revision", "0"), ("key", "k1")], &OFF[..]].concat();

    app.post("/employees/101/time-off", &fields).status(303);
    app.post("/employees/101/time-off", &fields).status(303);
    assert_eq!(employee(&app, "101").time_off.len(), 1);

    let stale = [("revision", "0"), ("first", "2025-11-01"), ("last", "")];
    app.post("/employees/101/time-off", &stale).status(409).says("was changed since you saw it");
    assert_eq!(employee(&app, "101").time_off.len(), 1);
}

#[test]
fn days_that_cannot_be_off_are_named_and_kept() {
    let app = App::with_acceptance_data();
    send(&app, "101", "/time-off", &OFF).status(303);
    let before = app.bytes();
    let long = "x".repeat(100);
    for (first, last, note, field, sentence) in [
        ("", "", "", "first", "Choose the first day."),
        ("soon", "", "", "first", "\"soon\" is not a date"),
        ("2025-10-20", "2025-10-19", "", "last", "The last day must not be before the first."),
        ("2025-10-20", "2027-10-19", "", "last", "Time off lasts at most 366 days"),
        ("2025-10-20", "", long.as_str(), "note", "A note has at most 80 characters; this has 100."),
    ] {
        for page in [
            app.get(&format!("/employees/101/time-off?first={first}&last={last}&note={note}")),
            send(&app, "101", "/time-off", &[("first", first), ("last", last), ("note", note)]),
        ] {
            let page = page.status(422).says(sentence);
            assert!(page.element(field).contains("aria-invalid=\"true\""), "{field}");
        }
    }
    send(&app, "101", "/time-off", &[("first", "2025-10-17"), ("last", "2025-10-18")]).status(422).says("is off from");
    assert_eq!(app.bytes(), before);
}
