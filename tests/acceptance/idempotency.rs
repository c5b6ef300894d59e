//! A request sent twice is done once and gets the same answer twice.

use serde_json::{Value, json};

use crate::support::{App, Page, on, page::attribute};

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn to_the_20th() -> Value {
    json!({"schedule_id": 2001, "new_date": "2025-10-20"})
}

/// The address and body of each kind of call that changes something, none in the way of another.
fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("/api/reschedule_event", to_the_20th()),
        ("/api/unschedule_event", json!({"schedule_id": 2005})),
        ("/api/schedule_event", json!({"event_id": 1004, "employee_id": 103, "start_datetime": "2025-10-16T10:30"})),
        ("/api/change_employee", json!({"schedule_id": 2014, "new_employee_id": 104})),
        ("/api/trade", json!({"schedule_id": 2014, "other_schedule_id": 2007, "override_reason": "They agreed."})),
        ("/api/undo/2", json!({})),
    ]
}

#[test]
fn a_repeated_call_gets_the_same_answer_and_is_done_once() {
    let app = App::with_acceptance_data();

    for (place, (address, body)) in calls().into_iter().enumerate() {
        let key = format!("key-{place}");
        let first = app.call_with_key(&key, address, body.clone()).ok();
        let (before, audited) = (app.bytes(), app.audit().len());

        let second = app.call_with_key(&key, address, body).ok();

        assert_eq!(second.body.to_string(), first.body.to_string(), "{address}");
        assert_eq!((app.bytes(), app.audit().len()), (before, audited), "{address}");
    }
    app.assert_whole();
}

#[test]
fn a_repeated_call_gets_the_same_answer_after_other_changes_and_a_restart() {
    let app = App::with_acceptance_data();
    let keyed = |app: &App, (place, (address, body)): (usize, (&str, Value))| {
        app.call_with_key(&format!("key-{place}"), address, body).ok().body.to_string()
    };
    let first: Vec<_> = calls().into_iter().enumerate().map(|call| keyed(&app, call)).collect();
    for schedule in [2001, 2014, 2007] {
        app.call(
            "/api/reschedule_event",
            json!({"schedule_id": schedule, "new_date": "2025-10-28", "override_reason": "agreed"}),
        )
        .ok();
    }
    app.call("/api/unschedule_event", json!({"schedule_id": 1004})).ok();
    let app = app.restarted();
    let before = app.bytes();

    let second: Vec<_> = calls().into_iter().enumerate().map(|call| keyed(&app, call)).collect();

    assert_eq!(second, first);
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_repeated_change_of_only_the_supervisor_gets_the_same_answer() {
    let app = App::with_acceptance_data();
    let away = json!({"schedule_id": 2002, "new_date": "2025-10-21", "confirm_other_date": true});
    app.call("/api/reschedule_event", away).ok();
    let back = json!({"schedule_id": 2001, "new_date": "2025-10-15"});
    let first = app.call_with_key("key", "/api/reschedule_event", back.clone()).ok();
    assert_eq!(app.audit().pop().unwrap().steps.len(), 1);
    app.call("/api/reschedule_event", to_the_20th()).ok();

    let second = app.call_with_key("key", "/api/reschedule_event", back).ok();

    assert_eq!(second.body.to_string(), first.body.to_string());
    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "101")));
}

#[test]
fn a_key_with_another_request_is_refused() {
    let app = App::with_acceptance_data();
    app.call_with_key("key", "/api/reschedule_event", to_the_20th()).ok();
    let before = app.bytes();

    let others = [
        ("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-21"})),
        ("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20", "revision": 0})),
        ("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20", "new_employee_id": 103})),
        ("/api/reschedule_event", json!({"schedule_id": 2014, "new_date": "2025-10-20"})),
        ("/api/unschedule_event", json!({"schedule_id": 2001})),
        ("/api/undo/2", json!({})),
    ];
    for (address, body) in others {
        let answer = app.call_with_key("key", address, body).refused(409, "key_reused");
        assert!(answer.body["error"].as_str().unwrap().contains("Use a new one for each change."));
    }

    assert_eq!(app.bytes(), before);
    app.call_with_key("key", "/api/reschedule_event", to_the_20th()).ok();
}

#[test]
fn a_malformed_key_is_refused_before_anything_else() {
    let app = App::with_acceptance_data();
    let (before, audited) = (app.bytes(), app.audit().len());

    for key in ["", &"k".repeat(129), "two words", " ", "tab\there", "schlüssel", "k\u{7f}"] {
        for (address, body) in calls() {
            let answer = app.call_with_key(key, address, body).refused(400, "malformed");
            assert!(answer.body["error"].as_str().unwrap().starts_with("Header Idempotency-Key: "), "{key:?}");
        }
    }

    assert_eq!((app.bytes(), app.audit().len()), (before, audited));
    app.call_with_key(&"k".repeat(128), "/api/reschedule_event", to_the_20th()).ok();
}

#[test]
fn a_refused_request_does_not_use_up_its_key() {
    let app = App::with_acceptance_data();
    let give = |reason: Value| json!({"schedule_id": 2014, "new_employee_id": 105, "override_reason": reason});
    app.call_with_key("key", "/api/change_employee", give(Value::Null)).refused(422, "refused");

    app.call_with_key("key", "/api/change_employee", give(json!("No one else can."))).ok();

    assert_eq!(app.assignment(1019).unwrap().1, "105");
    app.call_with_key("key", "/api/unschedule_event", json!({"schedule_id": 2001})).refused(409, "key_reused");
}

#[test]
fn a_failed_request_does_not_use_up_its_key() {
    let app = App::with_acceptance_data();
    let corrupt = tandem::store::StoreError::Corrupt { table: tandem::store::Table::Events, key: "armed".into() };
    app.fail_points.arm(3, corrupt);
    app.call_with_key("key", "/api/reschedule_event", to_the_20th()).refused(500, "internal");

    app.call_with_key("key", "/api/reschedule_event", to_the_20th()).ok();

    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "101")));
}

#[test]
fn a_key_expires_after_a_day() {
    let app = App::with_acceptance_data();
    let first = app.call_with_key("key", "/api/reschedule_event", to_the_20th()).ok();
    let other = || json!({"schedule_id": 2001, "new_date": "2025-10-21"});

    let app = app.later(DAY_SECONDS);
    let second = app.call_with_key("key", "/api/reschedule_event", to_the_20th()).ok();
    assert_eq!(second.body.to_string(), first.body.to_string());
    app.call_with_key("key", "/api/reschedule_event", other()).refused(409, "key_reused");
    let app = app.later(1);
    app.call_with_key("key", "/api/reschedule_event", other()).ok();
    assert_eq!(app.assignment(1001), Some(on("2025-10-21 10:00", "101")));

    let again = app.later(1).call_with_key("key", "/api/reschedule_event", other()).ok();
    assert_eq!(again.body["revision"], 2, "from then on it stands for the new change");
}

#[test]
fn of_eight_concurrent_requests_with_one_key_one_is_done_and_all_are_answered() {
    let app = App::with_acceptance_data();
    let audited = app.audit().len();

    let answers = app.call_at_once_with_key(Some("key"), "/api/reschedule_event", &vec![to_the_20th(); 8]);

    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, 200);
    assert_eq!((app.audit().len(), app.event(1001).revision.0), (audited + 1, 1));
    app.assert_whole();
}

/// The hidden key of the form on a page.
#[track_caller]
fn key_on(form: &Page) -> String {
    let (before, _) = form.body.split_once("name=\"key\"").unwrap();
    attribute(&form.body[before.rfind('<').unwrap()..], "value").unwrap()
}

#[test]
fn a_form_sent_twice_shows_the_same_message_twice() {
    let app = App::with_acceptance_data();
    let key = key_on(&app.get("/events/1001/reschedule?from=2025-10-15"));
    let revision = app.revision(1001);
    let fields = [("key", key.as_str()), ("revision", &revision), ("from", "2025-10-15"), ("date", "2025-10-20")];
    let audited = app.audit().len();

    for _ in 0..2 {
        let answer = app.post("/events/1001/reschedule", &fields);
        app.follow(answer).says("moved to Mon, Oct 20, 2025 at 10:00 AM, with its Supervisor");
    }
    let piece = app.post_from_dialog("/events/1001/reschedule", &fields).status(200);

    piece.says("moved to Mon, Oct 20, 2025 at 10:00 AM, with its Supervisor");
    assert_eq!((app.audit().len(), app.event(1001).revision.0), (audited + 1, 1));
}

#[test]
fn each_form_has_its_own_key_also_when_shown_again() {
    let app = App::with_acceptance_data();
    let first = key_on(&app.get("/events/1001/reschedule"));
    let second = key_on(&app.get("/events/1001/reschedule"));

    let again = key_on(&app.post("/events/1001/reschedule", &[("key", &first), ("date", "never")]).status(422));

    assert!(first != second && second != again && first != again, "{first} {second} {again}");
}

#[test]
fn an_undo_sent_twice_shows_the_same_message_twice() {
    let app = App::with_acceptance_data();
    let id = app.call("/api/reschedule_event", to_the_20th()).ok().body["undo_id"].to_string();
    let key = key_on(&app.get("/calendar/day/2025-10-20"));
    let fields = [("key", key.as_str()), ("from", "2025-10-20")];

    for _ in 0..2 {
        let answer = app.post(&format!("/activity/{id}/undo"), &fields);
        assert_eq!(answer.location.as_deref(), Some("/calendar/day/2025-10-20"));
        app.follow(answer).says("Undone: Super Pretzel (CORE 606001) is on Wed, Oct 15, 2025 at 10:00 AM again");
    }

    assert_eq!(app.event(1001).revision.0, 2);
    app.post(&format!("/activity/{id}/undo"), &[("key", "another")]).status(409).says("This was undone already");
}

/// Back, edit, send again: the key is that of the change that was made.
#[test]
fn a_form_sent_again_with_other_values_shows_what_was_saved_and_keeps_them() {
    let app = App::with_acceptance_data();
    let key = key_on(&app.get("/events/1001/reschedule?from=2025-10-15"));
    let revision = app.revision(1001);
    let to = |date| [("key", key.as_str()), ("revision", revision.as_str()), ("from", "2025-10-15"), ("date", date)];
    app.post("/events/1001/reschedule", &to("2025-10-20")).status(303);

    let again = app.post("/events/1001/reschedule", &to("2025-10-21")).status(409);

    let again = again.says("Mon, Oct 20, 2025 at 10:00 AM").does_not_say("idempotency");
    assert!(again.element("date").contains("2025-10-21") && key_on(&again) != key, "kept, with a fresh key");
    app.follow(again.form("/events/1001/reschedule").send(&app)).says("moved to Tue, Oct 21, 2025");

    let key = key_on(&app.get("/new-employee"));
    let add = |name, number| {
        let fields = [("key", key.as_str()), ("name", name), ("number", number), ("job_title", "Event Specialist")];
        app.post("/new-employee", &fields)
    };
    add("Pat One", "201").status(303);
    let again = add("Pat Two", "202").status(409).says("This form was sent before with other entries");
    let again = again.says("Add employee").does_not_say("idempotency");
    assert!(!again.element("number").contains("aria-invalid"), "nothing is wrong with the number");
    assert_eq!(again.form("/new-employee").value("name"), "Pat Two");
    again.form("/new-employee").send(&app).status(303);
    app.get("/employees").says("Pat One").says("Pat Two");

    let other = json!({"schedule_id": 2001, "new_date": "2025-10-22"});
    app.call_with_key("same", "/api/reschedule_event", other).ok();
    let other = json!({"schedule_id": 2001, "new_date": "2025-10-23"});
    let refused = app.call_with_key("same", "/api/reschedule_event", other).refused(409, "key_reused");
    assert!(refused.body["error"].as_str().unwrap().contains("idempotency key"), "{}", refused.body);
}
