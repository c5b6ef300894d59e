//! TC-033 and following: both events of a pair change, or neither.

use serde_json::json;

use crate::support::{App, logs, on};

#[test]
fn tc_033_reschedule_core_supervisor_follows() {
    let app = App::with_acceptance_data();
    let audited = app.audit().len();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], true);
    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "101")));
    assert_eq!(app.assignment(1002), Some(on("2025-10-20 12:00", "102")));
    let day = app.read_call("/api/calendar/day/2025-10-15").body.to_string();
    assert!(!day.contains("606001-"), "the 15th holds neither: {day}");
    let log = logs::of_request(&answer.request_id, "INFO");
    assert!(log.iter().any(|line| line["pair"].as_str().is_some_and(|pair| pair.contains("1002"))), "{log:?}");
    assert_eq!(app.audit().len(), audited + 1);
    app.assert_whole();
}

#[test]
fn tc_034_reschedule_core_without_supervisor_moves_it_and_warns() {
    let app = App::with_acceptance_data();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2003, "new_date": "2025-10-20"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], false);
    assert!(answer.warnings().contains(&"no-supervisor"));
    assert_eq!(app.assignment(1003), Some(on("2025-10-20 11:00", "101")));
    assert_eq!(logs::warnings(&answer.request_id), ["no-supervisor"]);
    app.assert_whole();
}

#[test]
fn tc_035_reschedule_core_leaves_an_unstaffed_supervisor_unstaffed() {
    let app = App::with_acceptance_data();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2004, "new_date": "2025-10-20"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], false);
    assert!(answer.warnings().contains(&"supervisor-unstaffed"));
    assert_eq!(app.assignment(1006), Some(on("2025-10-20 09:00", "101")));
    assert_eq!(app.assignment(1007), None);
    app.assert_whole();
}

#[test]
fn tc_037_reschedule_core_to_another_employee_keeps_the_supervisors_employee() {
    let app = App::with_acceptance_data();
    let body = json!({"schedule_id": 2001, "new_date": "2025-10-20", "new_employee_id": 103});

    app.call("/api/reschedule_event", body).ok();

    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "103")));
    assert_eq!(app.assignment(1002), Some(on("2025-10-20 12:00", "102")));
    assert_eq!(app.held("103", "2025-10-20"), [1001]);
    assert_eq!(app.held("101", "2025-10-20"), [0; 0]);
    app.assert_whole();
}

/// The data gives Juicer events to an Event Specialist, so a rule about people speaks; none about pairs does.
#[test]
fn tc_038_reschedule_juicer_or_freeosk_pairs_with_nothing() {
    let rows: [(u64, u64, &str, &str, &[&str]); 2] =
        [(2008, 1011, "2025-10-14 08:00", "101", &["title"]), (2010, 1013, "2025-10-14 10:00", "104", &[])];
    for (schedule, event, start, employee, rules) in rows {
        let app = App::with_acceptance_data();

        let answer = app.call("/api/reschedule_event", json!({"schedule_id": schedule, "new_date": "2025-10-14"})).ok();

        assert_eq!(answer.body["supervisor_rescheduled"], false);
        assert_eq!(answer.warnings(), rules);
        assert_eq!(logs::warnings(&answer.request_id), [""; 0]);
        assert_eq!(app.assignment(event), Some(on(start, employee)));
        assert_eq!(app.audit().last().unwrap().steps.len(), 1);
    }
}

#[test]
fn tc_039_reschedule_core_without_number_moves_it_and_warns() {
    let app = App::with_acceptance_data();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2007, "new_date": "2025-10-20"})).ok();

    assert_eq!(app.assignment(1010), Some(on("2025-10-20 15:00", "101")));
    assert_eq!(app.audit().last().unwrap().steps.len(), 1);
    let log = logs::of_request(&answer.request_id, "WARN");
    assert!(log[0]["message"].as_str().unwrap().contains("no event number"), "{log:?}");
}

#[test]
fn tc_040_reschedule_core_in_lower_case_takes_its_supervisor_along() {
    let app = App::with_acceptance_data();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2005, "new_date": "2025-10-20"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], true);
    assert_eq!(app.assignment(1008), Some(on("2025-10-20 14:00", "101")));
    assert_eq!(app.assignment(1009), Some(on("2025-10-20 16:00", "102")));
    app.assert_whole();
}

#[test]
fn tc_041_unschedule_core_unschedules_its_supervisor() {
    let app = App::with_acceptance_data();

    let answer = app.call("/api/unschedule_event", json!({"schedule_id": 2001})).ok();

    assert_eq!(answer.body["supervisor_unscheduled"], true);
    assert_eq!((app.assignment(1001), app.assignment(1002)), (None, None));
    for gone in [2001, 2002] {
        app.call("/api/unschedule_event", json!({"schedule_id": gone})).refused(404, "unknown_schedule");
    }
    app.assert_whole();
}

#[test]
fn tc_042_unschedule_core_without_supervisor_warns() {
    let app = App::with_acceptance_data();

    let answer = app.call("/api/unschedule_event", json!({"schedule_id": 2003})).ok();

    assert_eq!(answer.body["supervisor_unscheduled"], false);
    assert_eq!(app.assignment(1003), None);
    assert_eq!(logs::warnings(&answer.request_id), ["no-supervisor"]);
    app.assert_whole();
}

#[test]
fn tc_044_unschedule_juicer_or_freeosk_pairs_with_nothing() {
    for (schedule, event) in [(2008, 1011), (2010, 1013)] {
        let app = App::with_acceptance_data();

        let answer = app.call("/api/unschedule_event", json!({"schedule_id": schedule})).ok();

        assert_eq!(answer.body["supervisor_unscheduled"], false);
        assert_eq!(answer.warnings(), [""; 0]);
        assert_eq!(logs::warnings(&answer.request_id), [""; 0]);
        assert_eq!(app.assignment(event), None);
        assert_eq!(app.audit().last().unwrap().steps.len(), 1);
    }
}

#[test]
fn tc_045_schedule_core_schedules_its_supervisor_with_a_club_supervisor() {
    let app = App::with_acceptance_data();
    let body = json!({"event_id": 1004, "employee_id": 103, "start_datetime": "2025-10-16T10:30:00"});

    let answer = app.call("/api/schedule_event", body).ok();

    assert_eq!(answer.body["supervisor_scheduled"], true);
    assert_eq!(app.assignment(1004), Some(on("2025-10-16 10:30", "103")));
    assert_eq!(app.assignment(1005), Some(on("2025-10-16 12:30", "105")));
    app.assert_whole();
}

#[test]
fn pairing_switched_off_moves_the_core_alone() {
    let app = App::with(&[("supervisor_pairing", "false")], Some(crate::support::acceptance_data()));

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], false);
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "102")));
    app.get("/calendar/day/2025-10-15").says("Pairing is off");
}
