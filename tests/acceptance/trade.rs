//! A trade: two COREs swap their employees; nothing else moves.

use serde_json::json;

use crate::support::{Answer, App, legacy};

/// Two pairs on one day, of 101 and of 103; each of them is busy that evening, and a third CORE is open.
fn two_pairs() -> App {
    let events = [
        "1,606001-CORE-Pretzel,CORE,2,2025-10-15,",
        "2,606001-Supervisor-Pretzel,Supervisor,0.08,2025-10-15,",
        "3,606002-CORE-Gum,CORE,2,2025-10-16,",
        "4,606003-CORE-Late,CORE,2,2025-10-15,",
        "5,Inventory,Other,2,2025-10-16,",
        "6,606004-CORE-Open,CORE,2,2025-10-16,",
    ];
    let schedule = [
        "11,1,101,2025-10-15 10:00:00",
        "12,2,102,2025-10-15 12:00:00",
        "13,3,103,2025-10-16 10:00:00",
        "14,4,103,2025-10-15 11:00:00",
        "15,5,101,2025-10-16 11:00:00",
    ];
    App::with(&[], Some(legacy(&events, &schedule)))
}

/// The same, with everyone available.
fn free() -> App {
    let app = two_pairs();
    for schedule in [14, 15] {
        app.call("/api/unschedule_event", json!({"schedule_id": schedule})).ok();
    }
    app
}

fn trade(app: &App, schedule: u64, other: u64) -> Answer {
    app.call("/api/trade", json!({"schedule_id": schedule, "other_schedule_id": other}))
}

/// Who holds the two COREs.
fn holders(app: &App) -> (String, String) {
    (app.assignment(1).unwrap().1, app.assignment(3).unwrap().1)
}

fn swapped() -> (String, String) {
    ("103".into(), "101".into())
}

fn as_before() -> (String, String) {
    ("101".into(), "103".into())
}

#[test]
fn a_trade_swaps_the_employees_and_keeps_times_and_supervisors() {
    let app = free();
    let (supervisor, audited) = (app.event(2), app.audit().len());

    trade(&app, 11, 13).ok();

    assert_eq!(holders(&app), swapped());
    assert_eq!(app.assignment(1).unwrap().0, "2025-10-15 10:00");
    assert_eq!(app.assignment(3).unwrap().0, "2025-10-16 10:00");
    assert_eq!(app.event(2), supervisor);
    assert_eq!(app.held("103", "2025-10-15"), [1]);
    let entries = app.audit();
    assert_eq!((entries.len(), entries[audited].steps.len()), (audited + 1, 2));
    app.assert_whole();
}

#[test]
fn a_refused_trade_lists_the_conflicts_of_both_employees() {
    let app = two_pairs();
    let before = app.bytes();

    let answer = trade(&app, 11, 13).refused(422, "refused");

    let refusals = answer.body["refusals"].as_array().unwrap();
    let clashes: Vec<_> = refusals.iter().map(|one| (one["rule"].as_str(), one["event_id"].as_u64())).collect();
    assert_eq!(clashes, [(Some("overlap"), Some(4)), (Some("overlap"), Some(5))]);
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_trade_with_a_reason_overrides_the_rules() {
    let app = two_pairs();

    let body = json!({"schedule_id": 11, "other_schedule_id": 13, "override_reason": "They agreed."});
    let answer = app.call("/api/trade", body).ok();

    assert_eq!(holders(&app), swapped());
    assert!(answer.warnings().contains(&"overlap"));
    assert_eq!(app.audit().pop().unwrap().reason.as_deref(), Some("They agreed."));
}

#[test]
fn an_employee_with_two_cores_on_one_day_can_trade_one() {
    let events = ["1,606001-CORE-Pretzel,CORE,2,2025-10-15,", "2,606002-CORE-Gum,CORE,2,2025-10-15,"];
    let schedule = ["11,1,101,2025-10-15 10:00:00", "12,2,103,2025-10-15 10:30:00"];
    let app = App::with(&[], Some(legacy(&events, &schedule)));

    let answer = trade(&app, 11, 12).ok();

    assert_eq!(answer.warnings(), [] as [&str; 0], "neither clashes with what is given away");
    assert_eq!((app.held("101", "2025-10-15"), app.held("103", "2025-10-15")), (vec![2], vec![1]));
}

#[test]
fn a_trade_between_events_of_one_person_changes_nothing() {
    let app = App::with_acceptance_data();
    let (before, audited) = (app.bytes(), app.audit().len());

    for other in [2003, 2001] {
        let answer = trade(&app, 2001, other).ok();
        assert_eq!(answer.body["message"], "Nothing to change: everything is already so");
        assert!(answer.body["undo_id"].is_null());
    }

    assert_eq!((app.bytes(), app.audit().len()), (before, audited));
}

#[test]
fn only_scheduled_cores_are_traded() {
    let app = two_pairs();
    let before = app.bytes();

    for (schedule, other) in [(11, 12), (12, 11), (11, 15), (15, 11)] {
        trade(&app, schedule, other).refused(409, "not_tradable");
    }
    for (schedule, other) in [(11, 4711), (4711, 11), (11, 16)] {
        trade(&app, schedule, other).refused(404, "unknown_schedule");
    }
    app.call("/api/trade", json!({"schedule_id": 11})).refused(400, "malformed");
    let stale = json!({"schedule_id": 11, "other_schedule_id": 13, "revision": 7});
    app.call("/api/trade", stale).refused(409, "stale_revision");
    assert_eq!(app.bytes(), before);
}

#[test]
fn an_undone_trade_restores_both_employees() {
    let app = free();
    let id = trade(&app, 11, 13).ok().body["undo_id"].as_u64().unwrap();

    app.call(&format!("/api/undo/{id}"), json!({})).ok();

    assert_eq!(holders(&app), as_before());
    app.assert_whole();
}

#[test]
fn a_trade_is_not_undone_after_the_other_event_changed() {
    let app = free();
    let id = trade(&app, 11, 13).ok().body["undo_id"].as_u64().unwrap();
    app.call("/api/reschedule_event", json!({"schedule_id": 13, "new_date": "2025-10-17"})).ok();

    let answer = app.call(&format!("/api/undo/{id}"), json!({})).refused(409, "changed_since");

    assert_eq!(answer.body["event_id"], 3);
    assert_eq!(holders(&app), swapped());
}
