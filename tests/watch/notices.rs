//! Employees are notified of changes of their own assignments only.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tandem::{
    domain::notification::{Channel, Purpose},
    jobs::notices,
    store::tables::{employees, outbox},
};

use super::at_the_same_time;
use crate::support::{App, pairs_data};

const ON: [(&str, &str); 4] = [
    ("staff_notices", "true"),
    ("mail_server", "\"127.0.0.1\""),
    ("mail_security", "\"none\""),
    ("mail_sender", "\"tandem@example.com\""),
];

/// Every employee has a mail address; earlier changes are reported already.
fn app(settings: &[(&str, &str)]) -> App {
    let app = App::with(settings, Some(pairs_data()));
    app.store
        .blocking()
        .write(|tx| {
            for employee in employees::all(tx)? {
                let email = Some(format!("e{}@example.com", employee.id).parse().unwrap());
                employees::put(tx, &tandem::domain::employee::Employee { email, ..employee })?;
            }
            Ok::<_, tandem::store::StoreError>(())
        })
        .unwrap();
    notices::run_once(&app.context, app.context.clock.now()).unwrap();
    app
}

fn in_minutes(app: &App, minutes: i64) -> DateTime<Utc> {
    app.context.clock.now() + TimeDelta::minutes(minutes)
}

/// The notices a number of minutes later, with their receivers.
fn sent(app: &App, minutes: i64) -> Vec<(String, Vec<String>)> {
    notices::run_once(&app.context, in_minutes(app, minutes)).unwrap();
    let letters = app.read(|tx| outbox::all(tx)).into_iter().map(|outbox_message| {
        assert_eq!(outbox_message.notification.purpose, Purpose::Notice);
        let Channel::Mail(to) = outbox_message.channel else { panic!("not by mail") };
        (to, outbox_message.notification.items.into_iter().map(|item| item.text).collect())
    });
    letters.collect()
}

fn reschedule(app: &App, schedule: u64, date: &str) -> u64 {
    let body = json!({"schedule_id": schedule, "new_date": date});
    app.call("/api/reschedule_event", body).ok();
    app.audit().last().unwrap().sequence
}

#[test]
fn runs_at_the_same_time_write_each_notice_once() {
    let app = app(&ON);
    let (context, later) = (&app.context, in_minutes(&app, 60));
    for at in 1..=10 {
        reschedule(&app, 2001, if at % 2 == 0 { "2025-10-20" } else { "2025-10-21" });

        let written = at_the_same_time(|| notices::run_once(context, later).unwrap());

        assert_eq!(written, app.read(|tx| outbox::all(tx)).len() / at);
    }
}

#[test]
fn an_employee_gets_old_and_new_assignment_five_minutes_after_the_last_change() {
    let app = app(&ON);
    reschedule(&app, 2001, "2025-10-20");

    assert_eq!(sent(&app, 4), []);

    let sent = sent(&app, 5);
    let moved = "moved: Wed, Oct 15, 2025 at 10:00 AM → Mon, Oct 20, 2025 at 10:00 AM";
    assert_eq!(sent.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["e101@example.com", "e102@example.com"]);
    assert!(sent[0].1[0].contains("Super Pretzel (CORE 606001)") && sent[0].1[0].contains(moved), "{sent:?}");
    notices::run_once(&app.context, in_minutes(&app, 60)).unwrap();
    assert_eq!(app.read(|tx| outbox::all(tx)).len(), 2, "sent once");
}

#[test]
fn an_undone_change_sends_no_notice() {
    let app = app(&ON);
    let entry = reschedule(&app, 2001, "2025-10-20");
    app.call(&format!("/api/undo/{entry}"), json!({})).ok();

    assert_eq!(sent(&app, 60), []);
}

#[test]
fn both_employees_of_a_reassigned_event_get_a_notice() {
    let app = app(&ON);
    let body = json!({"schedule_id": 2001, "new_employee_id": 103, "override_reason": "a test"});
    app.call("/api/change_employee", body).ok();

    let sent = sent(&app, 5);

    assert_eq!(sent.len(), 2);
    assert!(sent[0].0 == "e101@example.com" && sent[0].1[0].contains("no longer yours"), "{sent:?}");
    assert!(sent[1].0 == "e103@example.com" && sent[1].1[0].contains("new: Wed, Oct 15"), "{sent:?}");
}

#[test]
fn notices_are_off_by_default_and_ignore_earlier_changes() {
    let app = app(&ON[1..]);
    reschedule(&app, 2001, "2025-10-20");
    assert_eq!(sent(&app, 60), []);

    let app = app.reconfigured(&ON);

    assert_eq!(sent(&app, 120), []);
    reschedule(&app, 2001, "2025-10-21");
    assert_eq!(sent(&app, 180).len(), 2);
}
