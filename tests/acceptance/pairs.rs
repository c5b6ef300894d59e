//! TC-033 and on: a pair changes as one or not at all.

use serde_json::json;

use crate::support::{App, logs};

#[test]
fn tc_033_reschedule_core_supervisor_follows() {
    let app = App::with_acceptance_data();
    let audited = app.audit().len();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();

    assert_eq!(answer.body["supervisor_rescheduled"], true);
    assert_eq!(app.assignment(1001), Some(("2025-10-20 10:00".into(), "101".into())));
    assert_eq!(app.assignment(1002), Some(("2025-10-20 12:00".into(), "102".into())));
    let day = app.read_call("/api/calendar/day/2025-10-15").body.to_string();
    assert!(!day.contains("606001-"), "the 15th holds neither: {day}");
    let log = logs::of_request(&answer.request_id, "INFO");
    assert!(log.iter().any(|line| line["pair"].as_str().is_some_and(|pair| pair.contains("1002"))), "{log:?}");
    assert_eq!(app.audit().len(), audited + 1);
    app.assert_whole();
}
