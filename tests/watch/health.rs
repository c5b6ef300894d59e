//! Liveness, readiness and metrics.

use chrono::TimeDelta;
use serde_json::json;
use tandem::{
    domain::notification::{Delivery, OutboxMessage},
    jobs::{backup, integrity},
    store::{StoreError, tables::outbox},
};

use super::{check, pairs_app};
use crate::support::{App, logs, pairs_data};

const HOUR_SECONDS: i64 = 60 * 60;

/// Names of failing readiness checks.
fn troubles(app: &App) -> Vec<String> {
    let answer = app.read_call("/health/ready");
    let troubles: Vec<_> = answer.body["troubles"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        (answer.status, answer.body["ready"] == true),
        if troubles.is_empty() { (200, true) } else { (503, false) }
    );
    troubles
}

#[test]
fn readiness_fails_when_the_integrity_check_is_late() {
    let app = App::with(&[("backup_at", "\"off\"")], Some(pairs_data()));
    let start = integrity::due(&app.context, app.context.clock.now()).unwrap();
    integrity::run_once(&app.context, &start).unwrap();
    assert_eq!(troubles(&app), [""; 0]);

    let app = app.later(25 * HOUR_SECONDS);
    assert_eq!(troubles(&app), [""; 0]);
    let app = app.later(1);
    assert_eq!(troubles(&app), ["integrity"]);

    check(&app);
    assert_eq!(troubles(&app), [""; 0]);
}

#[test]
fn a_disabled_check_is_never_late() {
    let settings = [("backup_at", "\"off\""), ("integrity_at", "\"off\"")];

    assert_eq!(troubles(&App::with(&settings, None).later(99 * HOUR_SECONDS)), [""; 0]);
}

#[test]
fn readiness_fails_when_a_message_waits_too_long() {
    let settings = [("slack_webhook_url", "\"http://127.0.0.1:1/x\""), ("backup_at", "\"off\"")];
    let app = App::with(&settings, Some(pairs_data()));
    check(&app);

    let app = app.later(HOUR_SECONDS);
    assert_eq!(troubles(&app), [""; 0]);
    let app = app.later(1);

    assert_eq!(troubles(&app), ["outbox"]);
    assert_eq!(app.read_call("/health/ready").body["outbox"], json!({"waiting": 1, "oldest_seconds": 3601}));
    let store_alone = app.read_call("/health/ready?only=store");
    assert_eq!(
        (store_alone.status, &store_alone.body["troubles"]),
        (200, &json!({})),
        "a proxy goes on with this server"
    );
}

#[test]
fn readiness_fails_without_a_backup() {
    let app = App::with(&[("integrity_at", "\"off\"")], None).later(49 * HOUR_SECONDS + 1);
    assert_eq!(troubles(&app), ["backup"]);

    backup::run_once(&app.context, app.context.clock.now());

    assert_eq!(troubles(&app), [""; 0]);
    assert_eq!(app.read_call("/health/ready").body["last_backup"]["ok"], true);
}

#[test]
fn readiness_fails_when_changes_cannot_be_saved() {
    let app = pairs_app();
    app.fail_points.arm(3, StoreError::Full);
    app.call("/api/unschedule_event", json!({"schedule_id": 2001}));

    assert_eq!(troubles(&app), ["store"]);
    assert!(metrics(&app).contains("tandem_store_writable 0\n"));
}

fn metrics(app: &App) -> String {
    app.get("/metrics").status(200).body
}

#[test]
fn metrics_count_requests_changes_refusals_and_queued_messages() {
    let settings = [("slack_webhook_url", "\"http://127.0.0.1:1/x\"")];
    let app = App::with(&settings, Some(pairs_data()));
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-21", "revision": 0}));
    app.get("/calendar/day/2025-10-15");
    app.get("/nowhere/secret");
    check(&app);
    backup::run_once(&app.context, app.context.clock.now());
    let app = app.later(60);

    let text = metrics(&app);

    for line in [
        "tandem_requests_total{method=\"POST\",route=\"/api/reschedule_event\",status=\"200\"} 1",
        "tandem_requests_total{method=\"GET\",route=\"/calendar/day/<date>\",status=\"200\"} 1",
        "tandem_requests_total{method=\"any\",route=\"none\",status=\"404\"} 1",
        "tandem_request_duration_seconds_count{method=\"GET\",route=\"/calendar/day/<date>\"} 1",
        "tandem_changes_total{action=\"reschedule\",outcome=\"done\"} 1",
        "tandem_changes_total{action=\"reschedule\",outcome=\"refused\"} 1",
        "tandem_refusals_total{rule=\"stale_revision\"} 1",
        "tandem_pairs_moved_total 1",
        "tandem_outbox_letters 1",
        "tandem_outbox_oldest_seconds 60",
        "tandem_integrity_age_seconds 60",
        "tandem_integrity_problems 1",
        "tandem_store_writable 1",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line} is not in:\n{text}");
    }
    // A backup's age is its file's, by the system clock.
    let measured = ["fdatasync_seconds_count", "commit_seconds_bucket", "store_bytes", "backup_age_seconds"];
    for name in measured.map(|name| format!("tandem_{name}")) {
        assert!(text.contains(&name), "{name}");
    }
    for name in ["John", "Super Pretzel", "secret"] {
        assert!(!text.contains(name), "{name}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn metrics_are_served_on_loopback_only() {
    let app = App::empty();

    app.get_from("/metrics", "127.0.0.1:9", &[]).status(200);
    app.get_from("/metrics", "[::1]:9", &[]).status(200);
    app.get_from("/metrics", "192.0.2.7:9", &[]).status(404);
    app.get_from("/metrics", "127.0.0.1:9", &[("X-Forwarded-For", "192.0.2.7")]).status(404);
}

#[test]
fn every_log_line_of_a_request_has_its_id() {
    let app = pairs_app();

    let answer = app.call("/api/reschedule_event", json!({"schedule_id": 2003, "new_date": "2025-10-20"})).ok();

    let messages = |level: &str| {
        let lines = logs::of_request(&answer.request_id, level);
        lines.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(messages("INFO")[1..], ["changed", "request"]);
    assert_eq!(messages("WARN").len(), 1);
}

#[test]
fn a_delivered_message_is_not_counted_as_waiting() {
    let app = App::with(&[("slack_webhook_url", "\"http://127.0.0.1:1/x\"")], Some(pairs_data()));
    check(&app);
    let before = app.read(|tx| outbox::all(tx)).remove(0);
    let delivery = Delivery::Delivered { at: app.context.clock.now() };
    let after = OutboxMessage { delivery, ..before.clone() };
    assert!(app.store.blocking().write(|tx| outbox::update(tx, &before, &after)).unwrap());

    let app = app.later(TimeDelta::hours(2).num_seconds());

    assert!(metrics(&app).contains("tandem_outbox_letters 0\n"));
    assert!(!metrics(&app).contains("tandem_outbox_oldest"));
}
