//! An undo of one event of a pair never splits the pair.

use serde_json::{Value, json};

use crate::support::{Answer, App, acceptance_data, legacy, on};

#[track_caller]
fn change(app: &App, address: &str, body: Value) -> u64 {
    app.call(address, body).ok().body["undo_id"].as_u64().unwrap()
}

fn undo(app: &App, id: u64) -> Answer {
    app.call(&format!("/api/undo/{id}"), json!({}))
}

/// Expects an undo to be refused because of an event, by call and by page, and nothing to be changed.
#[track_caller]
fn assert_parts(app: &App, id: u64, event: u64) {
    let before = app.bytes();
    let answer = undo(app, id).refused(409, "changed_since");
    assert_eq!(answer.body["event_id"], event);
    app.post(&format!("/activity/{id}/undo"), &[]).status(409).says("Nothing was undone.");
    app.post(&format!("/activity/{id}/revert"), &[("override_reason", "so be it")]).status(409);
    assert_eq!(app.bytes(), before);
    app.assert_whole();
}

/// A pair that is not scheduled, on a day when no one is free to take the Supervisor: short work lies beside nothing.
fn no_one_free() -> App {
    let events = [
        "1,606001-CORE-Pretzel,CORE,6,2025-10-16,",
        "2,606001-Supervisor-Pretzel,Supervisor,0.08,2025-10-16,",
        "3,Inventory 3,Other,8,2025-10-16,",
        "4,Inventory 4,Other,8,2025-10-16,",
        "5,Inventory 5,Other,8,2025-10-16,",
        "6,Inventory 6,Other,8,2025-10-16,",
    ];
    let schedule = [
        "13,3,102,2025-10-16 08:00:00",
        "14,4,103,2025-10-16 08:00:00",
        "15,5,104,2025-10-16 08:00:00",
        "16,6,105,2025-10-16 08:00:00",
    ];
    App::with(&[("short_work_minutes", "0")], Some(legacy(&events, &schedule)))
}

/// Schedules an event, over whatever rule.
#[track_caller]
fn schedule(app: &App, event: u64, employee: u64, start: &str) -> u64 {
    let body = json!({"event_id": event, "employee_id": employee, "start_datetime": start, "override_reason": "test"});
    change(app, "/api/schedule_event", body)
}

#[test]
fn a_move_is_not_undone_once_its_supervisor_was_scheduled_on_the_new_date() {
    let app = App::with_acceptance_data();
    let id = change(&app, "/api/reschedule_event", json!({"schedule_id": 2004, "new_date": "2025-10-20"}));
    schedule(&app, 1007, 105, "2025-10-20T11:00");

    assert_parts(&app, id, 1007);
}

#[test]
fn a_schedule_is_not_undone_once_its_supervisor_was_scheduled_separately() {
    let app = no_one_free();
    let id = schedule(&app, 1, 101, "2025-10-16T10:00");
    assert_eq!(app.assignment(2), None);
    schedule(&app, 2, 105, "2025-10-16T12:00");

    assert_parts(&app, id, 2);
}

#[test]
fn the_release_of_a_supervisor_is_not_undone_once_its_core_was_released() {
    let app = App::with_acceptance_data();
    let id = change(&app, "/api/unschedule_event", json!({"schedule_id": 2002}));
    change(&app, "/api/unschedule_event", json!({"schedule_id": 2001}));

    assert_parts(&app, id, 1001);
}

#[test]
fn a_schedule_whose_supervisor_was_scheduled_before_can_be_undone() {
    let app = no_one_free();
    schedule(&app, 2, 105, "2025-10-16T12:00");
    let id = schedule(&app, 1, 101, "2025-10-16T10:00");

    undo(&app, id).ok();

    assert_eq!((app.assignment(1), app.assignment(2)), (None, Some(on("2025-10-16 12:00", "105"))));
}

#[test]
fn the_schedule_of_a_supervisor_by_itself_is_undone_by_itself() {
    let app = no_one_free();
    schedule(&app, 1, 101, "2025-10-16T10:00");
    let id = schedule(&app, 2, 105, "2025-10-16T12:00");

    undo(&app, id).ok();

    assert_eq!((app.assignment(1), app.assignment(2)), (Some(on("2025-10-16 10:00", "101")), None));
}

#[test]
fn an_undo_rejoins_a_pair_split_on_purpose() {
    let app = App::with_acceptance_data();
    let body = json!({"schedule_id": 2002, "new_date": "2025-10-20", "confirm_other_date": true});
    let id = change(&app, "/api/reschedule_event", body);

    undo(&app, id).ok();

    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "102")));
    app.assert_whole();
}

#[test]
fn without_pairing_each_half_is_undone_by_itself() {
    let app = App::with(&[("supervisor_pairing", "false")], Some(acceptance_data()));
    let id = change(&app, "/api/reschedule_event", json!({"schedule_id": 2002, "new_date": "2025-10-20"}));
    change(&app, "/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"}));

    undo(&app, id).ok();

    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "102")));
}
