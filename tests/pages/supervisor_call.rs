//! `POST /api/reschedule_supervisor`: a Supervisor alone.

use serde_json::json;

use crate::support::{App, on};

#[test]
fn a_supervisor_moves_alone_within_its_date() {
    let app = App::with_acceptance_data();
    let answer =
        app.call("/api/reschedule_supervisor", json!({"schedule_id": 2002, "new_date": "2025-10-15T14:00"})).ok();
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 14:00", "102")));
    assert_eq!(app.assignment(1001), Some(on("2025-10-15 10:00", "101")));
    app.call(&format!("/api/undo/{}", answer.body["undo_id"]), json!({})).ok();
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "102")));
}

#[test]
fn a_supervisor_leaves_the_date_of_its_core_only_with_a_confirmation() {
    let app = App::with_acceptance_data();
    let body = json!({"schedule_id": 2002, "new_date": "2025-10-16"});
    app.call("/api/reschedule_supervisor", body).refused(422, "confirm_other_date");
    let body = json!({"schedule_id": 2002, "new_date": "2025-10-16", "confirm_other_date": true});
    app.call("/api/reschedule_supervisor", body).ok();
    assert_eq!(app.assignment(1002), Some(on("2025-10-16 12:00", "102")));
}

#[test]
fn a_schedule_of_another_event_is_refused() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    let body = json!({"schedule_id": 2001, "new_date": "2025-10-16"});
    app.call("/api/reschedule_supervisor", body).refused(409, "not_a_supervisor");
    let unknown = json!({"schedule_id": 9, "new_date": "2025-10-16"});
    app.call("/api/reschedule_supervisor", unknown).refused(404, "unknown_schedule");
    let stale = json!({"schedule_id": 2002, "new_date": "2025-10-15T14:00", "revision": 9});
    app.call("/api/reschedule_supervisor", stale).refused(409, "stale_revision");
    assert_eq!(app.bytes(), before);
}
