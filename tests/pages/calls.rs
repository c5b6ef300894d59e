//! Malformed API requests: each error names the field and the problem.

use serde_json::{Value, json};

use crate::support::{Answer, App};

/// Sends a body that must be refused as malformed, with a sentence that holds `sentence`, and without any effect.
#[track_caller]
fn assert_malformed(app: &App, address: &str, body: Value, sentence: &str) {
    let (sent, before) = (body.to_string(), app.bytes());
    let answer = app.call(address, body).refused(400, "malformed");
    assert!(error(&answer).contains(sentence), "{sent}: {}", answer.body);
    assert_eq!(app.bytes(), before);
}

fn error(answer: &Answer) -> &str {
    answer.body["error"].as_str().unwrap()
}

#[test]
fn a_missing_field_is_reported() {
    let app = App::with_acceptance_data();

    let missing = [
        ("/api/reschedule_event", json!({}), "schedule_id"),
        ("/api/reschedule_event", json!({"schedule_id": 2001}), "new_date"),
        ("/api/reschedule_event", json!({"schedule_id": null, "new_date": "2025-10-20"}), "schedule_id"),
        ("/api/unschedule_event", json!({}), "schedule_id"),
        ("/api/schedule_event", json!({"event_id": 1004, "employee_id": 103}), "start_datetime"),
        ("/api/schedule_event", json!({"event_id": 1004, "start_datetime": "2025-10-16T10:30"}), "employee_id"),
        ("/api/change_employee", json!({"schedule_id": 2001}), "new_employee_id"),
    ];
    for (address, body, field) in missing {
        assert_malformed(&app, address, body, &format!("Field \"{field}\" is missing."));
    }
}

#[test]
fn an_invalid_field_is_reported() {
    let app = App::with_acceptance_data();
    let ids = [json!("x"), json!(0), json!(-1), json!(1.5), json!(""), json!([2001]), json!(true), json!(1_u64 << 60)];
    let dates =
        ["2025-02-30", "2025-10-20T25:00", "2025-10-20T10:00+99:00", "tomorrow", "", "20.10.2025", "2201-01-01"];

    for id in ids {
        assert_malformed(&app, "/api/unschedule_event", json!({"schedule_id": id}), "Field \"schedule_id\":");
    }
    for date in dates {
        let body = json!({"schedule_id": 2001, "new_date": date});
        assert_malformed(&app, "/api/reschedule_event", body, "Field \"new_date\":");
    }
    for employee in ["", "a b", "<b>", &"1".repeat(41)] {
        let body = json!({"schedule_id": 2001, "new_employee_id": employee});
        assert_malformed(&app, "/api/change_employee", body, "Field \"new_employee_id\":");
    }
    for revision in [json!("0"), json!(-1), json!(0.5), json!(1_u64 << 40)] {
        let body = json!({"schedule_id": 2001, "revision": revision});
        assert_malformed(&app, "/api/unschedule_event", body, "Field \"revision\":");
    }
    let body = json!({"schedule_id": 2002, "new_date": "2025-10-20", "confirm_other_date": "yes"});
    assert_malformed(&app, "/api/reschedule_event", body, "Field \"confirm_other_date\":");
    let body = json!({"event_id": 1004, "employee_id": 103, "start_datetime": "2025-10-16"});
    assert_malformed(&app, "/api/schedule_event", body, "a start needs a time of day");
}

#[test]
fn an_unknown_field_is_reported() {
    let app = App::with_acceptance_data();

    let body = json!({"schedule_id": 2001, "new_date": "2025-10-20", "new_employe_id": 103});
    assert_malformed(&app, "/api/reschedule_event", body, "Unknown field \"new_employe_id\"; this call takes:");
    let body = json!({"schedule_id": 2001, "override_reason": "x"});
    assert_malformed(&app, "/api/unschedule_event", body, "Unknown field \"override_reason\"");
    let body = json!({"schedule_id": 2001, "`misspelled`": null});
    assert_malformed(
        &app,
        "/api/unschedule_event",
        body,
        "Unknown field \"`misspelled`\"; this call takes: schedule_id, revision.",
    );
}

#[test]
fn a_body_that_is_not_a_json_object_is_refused() {
    let app = App::with_acceptance_data();

    let deep = "[".repeat(10_000);
    for body in ["", "{", "schedule_id=2001", "{\"schedule_id\": 2001,}", "\u{feff}{}", deep.as_str()] {
        let answer = app.call_raw("/api/unschedule_event", body).refused(400, "malformed");
        assert!(error(&answer).contains("not JSON"), "{}", answer.body);
    }
    for body in ["[]", "2001", "null", "\"2001\""] {
        let answer = app.call_raw("/api/unschedule_event", body).refused(400, "malformed");
        assert!(error(&answer).contains("must be a JSON object"), "{}", answer.body);
    }
}

#[test]
fn another_content_type_is_refused() {
    let app = App::with_acceptance_data();
    let body = r#"{"schedule_id": 2001}"#;

    for content_type in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "?"] {
        app.call_as(content_type, "/api/unschedule_event", body).refused(415, "not_json");
    }
    app.call_as("application/json; charset=utf-8", "/api/unschedule_event", body).ok();
}

#[test]
fn a_body_above_64_kib_is_refused() {
    let app = App::with_acceptance_data();
    let body = r#"{"schedule_id": 2001}"#;
    let padded = |bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));

    app.call_raw("/api/unschedule_event", &padded(64 * 1024 + 1)).refused(413, "too_large");
    app.call_raw("/api/unschedule_event", &padded(64 * 1024)).ok();
}

#[test]
fn unknown_ids_and_ids_of_another_kind_answer_404() {
    let app = App::with_acceptance_data();
    let before = app.bytes();

    app.call("/api/unschedule_event", json!({"schedule_id": 4711})).refused(404, "unknown_schedule");
    app.call("/api/unschedule_event", json!({"schedule_id": 1001})).refused(404, "unknown_schedule");
    let schedule = |event: u64, employee: u64| json!({"event_id": event, "employee_id": employee, "start_datetime": "2025-10-16T10:30"});
    app.call("/api/schedule_event", schedule(2001, 103)).refused(404, "unknown_event");
    app.call("/api/schedule_event", schedule(1004, 1001)).refused(404, "unknown_employee");
    app.call("/api/change_employee", json!({"schedule_id": 2001, "new_employee_id": "unknown"}))
        .refused(404, "unknown_employee");
    assert_eq!(app.bytes(), before);
}

#[test]
fn an_unknown_address_answers_in_json() {
    let app = App::with_acceptance_data();

    for address in ["/api", "/api/nothing", "/api/calendar/2025/13", "/api/calendar/day/x"] {
        app.read_call(address).refused(404, "not_found");
    }
}

#[test]
fn a_time_with_an_offset_is_read_in_the_configured_zone() {
    let app = App::with_acceptance_data();

    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20T15:30:00Z"})).ok();

    assert_eq!(app.assignment(1001).unwrap().0, "2025-10-20 11:30");
}
