//! Readiness under faults.

use std::fs;

use serde_json::json;
use tandem::store::StoreError;

use crate::support::App;

#[test]
fn a_server_that_can_write_is_ready() {
    let app = App::with_acceptance_data();

    let answer = app.read_call("/health/ready");

    assert_eq!((answer.status, &answer.body["ready"]), (200, &json!(true)));
    assert_eq!((&answer.body["store"], &answer.body["troubles"]), (&json!("writable"), &json!({})));
}

#[test]
fn after_a_full_disk_readiness_fails_with_its_cause_and_pages_are_still_served() {
    let app = App::with_acceptance_data();
    app.fail_points.arm(3, StoreError::Full);
    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).refused(503, "unavailable");

    let answer = app.read_call("/health/ready");

    let why = "nothing can be written until a restart, because an earlier write failed: the disk is full";
    assert_eq!((answer.status, &answer.body["ready"]), (503, &json!(false)));
    assert_eq!((&answer.body["store"], &answer.body["troubles"]), (&json!(why), &json!({"store": why})));
    assert_eq!(app.read_call("/health/live").status, 200);
    for address in ["/calendar/2025/10", "/calendar/day/2025-10-15", "/events/1001/reschedule", "/activity"] {
        app.get(address).status(200);
    }
    app.read_call("/api/calendar/day/2025-10-15").body["date"].as_str().unwrap();
    let fields = [("revision", "0"), ("date", "2025-10-20")];
    app.post("/events/1001/reschedule", &fields).status(503).says("Reading still works");
    app.post("/activity/1/undo", &[]).status(503);
}

#[test]
fn a_server_without_its_data_folder_refuses_changes_until_it_is_back() {
    let app = App::with_acceptance_data();
    let (place, aside) = (app.context.config.data_dir.clone(), app.context.config.data_dir.with_extension("aside"));
    fs::rename(&place, &aside).unwrap();

    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).refused(503, "unavailable");
    let answer = app.read_call("/health/ready");

    let why = answer.body["troubles"]["store"].as_str().unwrap();
    assert!(answer.status == 503 && why.contains("was removed, moved or replaced while it was in use"), "{answer:?}");
    app.get("/calendar/2025/10").status(200);
    fs::rename(&aside, &place).unwrap();
    assert_eq!(app.read_call("/health/ready").status, 200);
    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).ok();
}

#[test]
fn a_server_with_a_deleted_data_folder_still_reports_readiness() {
    let app = App::with_acceptance_data();
    fs::remove_dir_all(&app.context.config.data_dir).unwrap();

    let answer = app.read_call("/health/ready");

    assert_eq!((answer.status, &answer.body["ready"]), (503, &json!(false)));
}

#[test]
fn after_a_restart_it_is_ready_again() {
    let app = App::with_acceptance_data();
    app.fail_points.arm(3, StoreError::Full);
    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).refused(503, "unavailable");

    let app = app.restarted();

    assert_eq!(app.read_call("/health/ready").status, 200);
    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).ok();
    app.assert_whole();
}

#[test]
fn a_panic_in_a_handler_does_not_stop_the_server() {
    let app = App::with_acceptance_data();
    let corrupt = StoreError::Corrupt { table: tandem::store::Table::Events, key: "armed".into() };
    app.fail_points.arm(3, corrupt);
    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).refused(500, "internal");

    assert_eq!(app.read_call("/health/ready").status, 200);
}
