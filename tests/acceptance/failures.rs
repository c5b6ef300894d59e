//! TC-036, TC-043: when any single write of a change fails, nothing is changed.

use serde_json::{Value, json};
use tandem::{
    domain::{audit::Outcome, event::EventType},
    store::{Flow, StoreError, Table, tables::events},
};

use crate::support::{App, legacy, logs, october};

const OUR_FAULT: &str = "Something went wrong on our side. Nothing was changed.";

fn corrupt() -> StoreError {
    StoreError::Corrupt { table: Table::Events, key: "a secret key".into() }
}

/// Fails each single write of a call in turn, until there is none left to fail. Tells how many there were.
fn fail_each_write(app: &App, address: &str, body: &Value) -> u32 {
    let before = app.bytes();
    for nth in 0.. {
        app.fail_points.arm(nth, corrupt());
        let audited = app.audit().len();

        let answer = app.call(address, body.clone());

        if answer.status == 200 {
            assert!(app.fail_points.is_armed(), "write {nth} failed, and yet the call did not");
            return nth;
        }
        assert_eq!(answer.body["error"], OUR_FAULT);
        assert!(!answer.body.to_string().contains("secret"), "the cause is told: {}", answer.body);
        let log = logs::of_request(&answer.request_id, "ERROR");
        let request_id = answer.request_id.clone();
        answer.refused(500, "internal");
        assert_eq!(app.bytes(), before, "write {nth} left something behind");
        assert!(log.iter().any(|line| line["error"].as_str().is_some_and(|cause| cause.contains("secret"))), "{log:?}");
        let entries = app.audit();
        let entry = entries.last().unwrap();
        assert_eq!((entries.len(), entry.outcome), (audited + 1, Outcome::Failed));
        assert_eq!((entry.request_id.as_str(), entry.steps.len()), (request_id.as_str(), 0));
    }
    unreachable!("a transaction ends")
}

#[test]
fn tc_036_a_failed_write_of_a_reschedule_changes_nothing() {
    let app = App::with_acceptance_data();
    let body = json!({"schedule_id": 2001, "new_date": "2025-10-20"});

    let writes = fail_each_write(&app, "/api/reschedule_event", &body);

    assert!(writes >= 13, "two records, six index entries, two counters, the audit: not only {writes}");
    assert_eq!(app.assignment(1002), Some(("2025-10-20 12:00".into(), "102".into())));
    app.assert_whole();
}

#[test]
fn tc_036_a_failed_reschedule_is_shown_without_its_cause() {
    let app = App::with_acceptance_data();
    let (revision, before) = (app.revision(1001), app.bytes());
    app.fail_points.arm(5, corrupt());

    let page = app
        .post("/events/1001/reschedule", &[("revision", &revision), ("date", "2025-10-20"), ("time", "10:00")])
        .status(500);

    assert_eq!(app.bytes(), before);
    let request_id = page.request_id.clone();
    page.says(OUR_FAULT).says(&request_id).does_not_say("secret");
}

#[test]
fn tc_036_a_full_disk_stops_writing_until_a_restart_but_not_reading() {
    for nth in [0, 5, 10] {
        let app = App::with_acceptance_data();
        let before = app.bytes();
        let body = json!({"schedule_id": 2001, "new_date": "2025-10-20"});
        app.fail_points.arm(nth, StoreError::Full);

        app.call("/api/reschedule_event", body.clone()).refused(503, "unavailable");

        assert_eq!(app.bytes(), before);
        assert!(!app.fail_points.is_armed());
        app.call("/api/reschedule_event", body).refused(503, "unavailable");
        app.get("/calendar/2025/10").status(200);
        app.get("/calendar/day/2025-10-15").says("Super Pretzel");
        assert_eq!(app.bytes(), before);
    }
}

#[test]
fn after_a_failed_sync_every_waiting_writer_gets_an_error() {
    let app = App::with(&[], Some(october(500)));
    let bodies = app.read(|view| {
        let mut bodies = Vec::new();
        events::each(view, |event| {
            let own = event.schedule.filter(|_| event.event_type == EventType::Core && bodies.len() < 50);
            bodies.extend(own.map(|now| json!({"schedule_id": now.id.0, "new_date": "2025-10-30"})));
            Ok(Flow::Continue)
        })?;
        Ok(bodies)
    });
    app.fail_points.arm_sync(StoreError::Io(std::io::Error::other("a bad sector")));

    let answers = app.call_at_once("/api/reschedule_event", &bodies);

    let told: Vec<_> = answers.iter().filter(|(status, _)| *status != 503).collect();
    assert!(answers.len() == 50 && told.is_empty(), "{told:?}");
}

#[test]
fn tc_043_a_failed_write_of_an_unschedule_changes_nothing() {
    let app = App::with_acceptance_data();

    let writes = fail_each_write(&app, "/api/unschedule_event", &json!({"schedule_id": 2001}));

    assert!(writes >= 13, "two records, eight index entries, a counter, the audit: not only {writes}");
    assert_eq!((app.assignment(1001), app.assignment(1002)), (None, None));
    app.assert_whole();
}

#[test]
fn tc_043_both_supervisors_of_a_number_follow_their_core() {
    let pair = || {
        let events = [
            "1,606001-CORE-Pretzel,CORE,6.5,2025-10-15,",
            "2,606001-Supervisor-Pretzel,Supervisor,0.08,2025-10-15,",
            "3,606001-Supervisor-Pretzel again,Supervisor,0.08,2025-10-15,",
        ];
        let schedule = ["11,1,101,2025-10-15 10:00:00", "12,2,102,2025-10-15 12:00:00", "13,3,105,2025-10-15 12:30:00"];
        App::with(&[], Some(legacy(&events, &schedule)))
    };

    let app = pair();
    app.call("/api/reschedule_event", json!({"schedule_id": 11, "new_date": "2025-10-20"})).ok();
    assert_eq!(app.assignment(2), Some(("2025-10-20 12:00".into(), "102".into())));
    assert_eq!(app.assignment(3), Some(("2025-10-20 12:00".into(), "105".into())));
    app.assert_whole();

    let app = pair();
    app.call("/api/unschedule_event", json!({"schedule_id": 11})).ok();
    assert_eq!((app.assignment(2), app.assignment(3)), (None, None));
    app.assert_whole();
}
