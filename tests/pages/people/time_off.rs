//! Time off: assigned events are listed before it is added.

use super::{employee, send};
use crate::support::App;

const OFF: [(&str, &str); 3] = [("first", "2025-10-15"), ("last", "2025-10-17"), ("note", "Dentist")];

#[test]
fn time_off_lists_assigned_events_first_and_then_refuses_assignments() {
    let app = App::with_acceptance_data();

    let ask = app.get("/employees/101/time-off?first=2025-10-15&last=2025-10-17").status(200);
    let link = ask.link("/calendar/day/2025-10-15#event-1001");
    assert!(link.contains("<bdi>Super Pretzel</bdi>"), "{link}");
    let ask = ask.says("John Smith has");
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
fn another_time_is_suggested_as_a_link_that_fills_the_form() {
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
fn time_off_is_removed_once() {
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
fn invalid_days_are_reported_and_kept() {
    let app = App::with_acceptance_data();
    send(&app, "101", "/time-off", &OFF).status(303);
    let before = app.bytes();
    let long = "x".repeat(100);
    for (first, last, field, sentence) in [
        ("", "", "first", "Choose the first day."),
        ("soon", "", "first", "\"soon\" is not a date"),
        ("2025-10-20", "2025-10-19", "last", "The last day must not be before the first."),
        ("2025-10-20", "2027-10-19", "last", "Time off lasts at most 366 days"),
    ] {
        for page in [
            app.get(&format!("/employees/101/time-off?first={first}&last={last}")),
            send(&app, "101", "/time-off", &[("first", first), ("last", last)]),
        ] {
            let page = page.status(422).says(sentence);
            assert!(page.element(field).contains("aria-invalid=\"true\""), "{field}");
        }
    }
    let noted = send(&app, "101", "/time-off", &[("first", "2025-10-20"), ("note", &long)]).status(422);
    let noted = noted.says("A note has at most 80 characters; this has 100.").element("note");
    assert!(noted.contains("aria-invalid=\"true\"") && noted.contains(&long), "{noted}");
    let days = [("first", "2025-10-17"), ("last", "2025-10-18"), ("note", "Beach")];
    let refused = send(&app, "101", "/time-off", &days).status(422).says("is off from");
    assert!(refused.element("note").contains("Beach"), "what was typed is kept");
    assert_eq!(app.bytes(), before);
}

#[test]
fn an_afternoon_off_refuses_the_afternoon_only_and_can_be_extended() {
    let app = App::with_acceptance_data();
    let half = [("first", "2025-10-16"), ("last", "2025-10-16"), ("part", "afternoon"), ("note", "Dentist")];
    app.get("/employees/103/time-off?first=2025-10-16&part=afternoon").says("on Thu, Oct 16, 2025 (afternoon)");
    let page =
        app.follow(send(&app, "103", "/time-off", &half)).says("Time off on Thu, Oct 16, 2025 (afternoon) was added.");
    let call = |start: &str| {
        app.call(
            "/api/schedule_event",
            serde_json::json!({"event_id": 1004, "employee_id": "103", "start_datetime": start}),
        )
    };
    assert!(call("2025-10-16T13:00:00").refused(422, "refused").body.to_string().contains("time-off"));
    let people = app.read_call("/api/employees").body.to_string();
    assert!(people.contains(r#""part":"afternoon""#), "{people}");

    page.link("/employees/103?was=2025-10-16.2025-10-16.afternoon#time-off");
    let form = app.get("/employees/103?was=2025-10-16.2025-10-16.afternoon").form("/employees/103/time-off");
    let values = ["first", "last", "part", "was"].map(|name| form.value(name).to_owned());
    assert_eq!(values, ["2025-10-16", "2025-10-16", "afternoon", "2025-10-16.2025-10-16.afternoon"]);
    let ask =
        "/employees/103/time-off?first=2025-10-16&last=2025-10-17&part=afternoon&was=2025-10-16.2025-10-16.afternoon";
    let asked = app.get(ask).status(200).says("from Thu, Oct 16, 2025 to Fri, Oct 17, 2025 (afternoons)");
    assert!(asked.element("note").contains("Dentist"), "the note stays unless it is edited");
    let changed = asked.form("/employees/103/time-off").send(&app);
    app.follow(changed).says("The time off is now from Thu, Oct 16, 2025 to Fri, Oct 17, 2025 (afternoons).");
    assert_eq!(employee(&app, "103").time_off.len(), 1);
    call("2025-10-17T13:00:00").refused(422, "refused");
    call("2025-10-17T04:00:00").ok();

    app.get("/employees/103/time-off?first=2025-10-16&part=noon").status(422).says("A part of a day is");
}

/// Addresses are kept in histories and in the logs of proxies.
#[test]
fn a_note_is_never_part_of_an_address() {
    let app = App::with_acceptance_data();
    let page = app.get("/employees/101").status(200);
    assert!(!page.body.contains("name=\"note\""), "the form whose values become an address has no note");

    let asked = app.get("/employees/101/time-off?first=2025-12-01&note=Dentist").status(200);

    assert!(!asked.body.contains("Dentist"), "an address sets no note");
    let sent = asked.form("/employees/101/time-off").with("note", "Surgery").send(&app);
    assert!(!format!("{:?}", sent.location).contains("Surgery"));
    app.follow(sent).says("Surgery");
}

/// Employee 101 works on October 15 from 10 PM to 4:30 AM, and on the 16th from 10 AM to 4:30 PM.
fn with_a_night() -> App {
    let app = App::with_acceptance_data();
    let night = serde_json::json!({"schedule_id": 2001, "new_date": "2025-10-15T22:00", "override_reason": "Night"});
    app.call("/api/reschedule_event", night).ok();
    app
}

#[test]
fn work_past_midnight_counts_on_both_days_and_half_days_only_in_their_half() {
    let app = with_a_night();
    let listed = |part: &str| {
        let page = app.get(&format!("/employees/101/time-off?first=2025-10-16&last=2025-10-16&part={part}"));
        let text = page.status(200).text();
        ["Super Pretzel", "Doritos"].map(|name| text.contains(name))
    };
    assert_eq!(listed("whole-day"), [true, true]);
    assert_eq!(listed("morning"), [true, true]);
    assert_eq!(listed("afternoon"), [false, true]);

    app.get("/days/2025-10-16/reassign?employee=101").says("Super Pretzel").says("Doritos");
    send(&app, "101", "/time-off", &[("first", "2025-10-16"), ("part", "morning")]).status(303);
    for page in ["/calendar/day/2025-10-16", "/employees/101/week/2025-10-16"] {
        let page = app.get(page);
        let (_, night) = page.body.split_once("overnight").expect("work past midnight");
        let (_, night) = night.split_once("Until 4:30 AM").expect("its row");
        let row = &night[..night.find("Doritos").unwrap_or(night.len())];
        assert!(row.contains("John Smith is off on Thu, Oct 16, 2025 (morning)."), "{row}");
    }
    let whole = app.get("/employees/101/week/2025-10-16");
    assert!(!whole.text().contains("606001-CORE"), "readable names");
}
