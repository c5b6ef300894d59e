//! TC-050, TC-051, TX-03: pairs that are incomplete, ambiguous, or share only a number.

use serde_json::json;
use tandem::{domain::integrity::Check, store::tables::events};

use crate::support::{App, legacy, logs};

fn delete(app: &App, id: u64) {
    let before = app.event(id);
    app.store.blocking().write(|tx| events::replace(tx, Some(&before), None)).unwrap();
}

#[test]
fn tc_050_reschedule_core_whose_supervisor_was_deleted_moves_it_and_warns() {
    let app = App::with_acceptance_data();
    delete(&app, 1002);

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], false);
    assert_eq!(app.assignment(1001), Some(("2025-10-20 10:00".into(), "101".into())));
    assert_eq!(logs::warnings(&answer.request_id), ["no-supervisor"]);
    app.assert_whole();
}

/// Two COREs and one Supervisor of one number, held on the 15th.
fn two_cores(names: [&str; 3]) -> App {
    let types = ["CORE", "CORE", "Supervisor"];
    let events: Vec<_> = (1..)
        .zip(names.iter().zip(types))
        .map(|(id, (name, one))| format!("{id},{name},{one},1,2025-10-31,"))
        .collect();
    let events: Vec<_> = events.iter().map(String::as_str).collect();
    let schedule = ["11,1,101,2025-10-15 09:00:00", "12,2,103,2025-10-15 10:00:00", "13,3,102,2025-10-15 11:00:00"];
    App::with(&[], Some(legacy(&events, &schedule)))
}

/// Moves both COREs, and expects the Supervisor to go with the one that leads and stay with the other.
fn assert_led_by(app: &App, leader: u64, other: u64) {
    let supervisor = app.assignment(3);

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": other + 10, "new_date": "2025-10-21"})).ok();
    assert_eq!(answer.body["supervisor_rescheduled"], false);
    assert_eq!(logs::warnings(&answer.request_id), ["ambiguous-number"]);
    assert_eq!(app.assignment(3), supervisor);

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": leader + 10, "new_date": "2025-10-22"})).ok();
    assert_eq!(answer.body["supervisor_rescheduled"], true);
    assert_eq!(logs::warnings(&answer.request_id), ["ambiguous-number"]);
    assert!(app.assignment(3).unwrap().0.starts_with("2025-10-22"));
    assert_eq!(app.audit().last().unwrap().steps.len(), 2, "the Supervisor moves once");
    app.assert_whole();
}

#[test]
fn tc_051_of_two_cores_the_supervisor_follows_the_lower_id() {
    let app = two_cores(["606001-CORE-Apples", "606001-CORE-Pears", "606001-Supervisor-Fruit"]);

    assert_led_by(&app, 1, 2);
}

#[test]
fn tc_051_of_two_cores_in_export_spelling_the_supervisor_follows_its_program() {
    let app = two_cores([
        "606001-LKD-Apples (250822530001)  - V2-CORE",
        "606001-LKD-Pears (250822530002)  - V2-CORE",
        "606001-LKD-Pears (250822530002)  - V2-Supervisor",
    ]);

    assert_led_by(&app, 2, 1);
}

#[test]
fn tc_051_the_check_lists_both_cores_as_ambiguous() {
    let app = two_cores(["606001-CORE-Apples", "606001-CORE-Pears", "606001-Supervisor-Fruit"]);

    let report = app.check();

    let ambiguous = report.pairs.findings.iter().filter(|found| found.check == Check::AmbiguousNumber);
    assert_eq!(ambiguous.map(|found| found.event.0).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn tx_03_the_same_number_at_two_stores_is_two_pairs() {
    let events = [
        "1,606001-CORE-Pretzel,CORE,1,2025-10-31,4101",
        "2,606001-Supervisor-Pretzel,Supervisor,0.08,2025-10-31,4101",
        "3,606001-CORE-Pretzel,CORE,1,2025-10-31,4102",
        "4,606001-Supervisor-Pretzel,Supervisor,0.08,2025-10-31,4102",
    ];
    let schedule = [
        "11,1,101,2025-10-15 10:00:00",
        "12,2,102,2025-10-15 12:00:00",
        "13,3,103,2025-10-15 10:00:00",
        "14,4,104,2025-10-15 12:00:00",
    ];
    let app = App::with(&[], Some(legacy(&events, &schedule)));

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 11, "new_date": "2025-10-20"})).ok();
    assert_eq!(answer.warnings(), [""; 0]);
    assert_eq!(app.assignment(2), Some(("2025-10-20 12:00".into(), "102".into())));
    assert_eq!(app.assignment(3), Some(("2025-10-15 10:00".into(), "103".into())));
    assert_eq!(app.assignment(4), Some(("2025-10-15 12:00".into(), "104".into())));

    app.call("/api/unschedule_event", json!({"schedule_id": 13})).ok();
    assert_eq!((app.assignment(3), app.assignment(4)), (None, None));
    assert!(app.assignment(1).is_some() && app.assignment(2).is_some());
    app.assert_whole();
}
