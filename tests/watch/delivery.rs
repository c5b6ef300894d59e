//! Delivery of messages to local servers.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tandem::{
    domain::{
        audit::Action,
        notification::{Delivery, OutboxMessage},
    },
    jobs::outbox::{Report, run_once},
    notify::Notifier,
    store::{StoreError, tables::outbox},
};

use super::{
    check,
    receivers::{ENDLESS_BYTES_MAX, Http, Received, Smtp, mail_server, webhook},
};
use crate::support::{App, pairs_data};

/// Less than a receiver hangs, more than a busy machine needs.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest time until a receiver notices that the client stopped reading.
const LONGEST: Duration = Duration::from_secs(10);

/// Delivers what is due at a time.
fn deliver_at(app: &App, now: DateTime<Utc>) -> Result<Report, StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let notifier = Notifier::new(app.context.config.alerts.clone()).with_timeout(TIMEOUT);
    runtime.block_on(run_once(&app.context, &notifier, now))
}

fn deliver(app: &App) -> Report {
    deliver_at(app, app.context.clock.now()).unwrap()
}

fn outbox_messages(app: &App) -> Vec<OutboxMessage> {
    app.read(|tx| outbox::all(tx))
}

const DELIVERED: Report = Report { delivered: 1, retried: 0, stopped: 0 };
const RETRIED: Report = Report { delivered: 0, retried: 1, stopped: 0 };
const STOPPED: Report = Report { delivered: 0, retried: 0, stopped: 1 };

/// One problem, and its message for Slack.
fn alerted_to(script: &[Http]) -> (App, Received) {
    let (address, received) = webhook(script);
    let settings = [("slack_webhook_url", format!("\"{address}\"")), ("public_url", "\"https://t.example\"".into())];
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let app = App::with(&settings, Some(pairs_data()));
    check(&app);
    (app, received)
}

/// Seconds until the next attempt of the only message, and the last error.
fn next_try(app: &App) -> (i64, String) {
    match outbox_messages(app).remove(0).delivery {
        Delivery::Waiting { next, trouble: Some(trouble) } => ((next - app.context.clock.now()).num_seconds(), trouble),
        other => panic!("{other:?}"),
    }
}

#[test]
fn slack_gets_blocks_with_links_and_each_message_once() {
    let (app, received) = alerted_to(&[Http::Answer(200, "ok")]);

    assert_eq!(deliver(&app), DELIVERED);
    assert_eq!(deliver(&app), Report::default());

    let messages = received.all();
    assert_eq!(messages.len(), 1);
    let message: Value = serde_json::from_str(&messages[0]).unwrap();
    assert_eq!(message["text"], "Tandem: 1 new problem");
    assert_eq!(message["blocks"][0]["type"], "header");
    let list = message["blocks"][2]["text"]["text"].as_str().unwrap();
    assert!(list.starts_with("• <https://t.example/integrity/supervisor-unstaffed/1007|"), "{list}");
}

/// The first request hangs until its attempt gives up; by then the second one has delivered the message.
#[test]
fn a_late_failure_does_not_undo_the_delivery_of_another_attempt() {
    let (app, received) = alerted_to(&[Http::Hang, Http::Answer(200, "ok")]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let notifier = Notifier::new(app.context.config.alerts.clone()).with_timeout(TIMEOUT);
    let now = app.context.clock.now();

    let (one, other) = runtime.block_on(async {
        tokio::join!(run_once(&app.context, &notifier, now), run_once(&app.context, &notifier, now))
    });

    let mut reports = [one.unwrap(), other.unwrap()];
    reports.sort_by_key(|report| report.delivered);
    assert_eq!(reports, [RETRIED, DELIVERED]);
    assert_eq!(received.all().len(), 2);
    assert_eq!(outbox_messages(&app)[0].delivery, Delivery::Delivered { at: now });
}

#[test]
fn a_result_is_stored_only_where_the_message_is_as_it_was_read() {
    let (app, _) = alerted_to(&[Http::Drop]);
    let (now, store) = (app.context.clock.now(), app.store.blocking());
    let read = outbox_messages(&app).remove(0);
    let with = |tries, delivery| OutboxMessage { tries, delivery, ..read.clone() };
    let waiting = |why: &str| Delivery::Waiting { next: now, trouble: Some(why.to_owned()) };
    let update = |after: &OutboxMessage| store.write(|tx| outbox::update(tx, &read, after)).unwrap();

    assert!(update(&with(1, waiting("first"))));
    for late in [waiting("second"), Delivery::Stopped { at: now, why: "gone".to_owned() }] {
        assert!(!update(&with(1, late)));
        assert_eq!(outbox_messages(&app), [with(1, waiting("first"))]);
    }
    assert!(update(&with(1, Delivery::Delivered { at: now })), "it was sent: it must not be sent again");
    assert!(!update(&with(1, waiting("third"))));
    assert_eq!(outbox_messages(&app), [with(1, Delivery::Delivered { at: now })]);
}

#[test]
fn a_message_to_a_deleted_webhook_is_dropped_and_shown_on_the_page() {
    for (status, body) in [(404, "no_service"), (403, "invalid_token"), (400, "invalid_payload")] {
        let (app, received) = alerted_to(&[Http::Answer(status, body)]);

        assert_eq!(deliver(&app), STOPPED);
        assert_eq!(deliver_at(&app, app.context.clock.now() + TimeDelta::hours(5)).unwrap(), Report::default());

        assert_eq!(received.all().len(), 1);
        let page = app.get("/integrity").says(&format!("Slack answered {status}: {body}")).says("not retrying");
        page.does_not_say("verysecret");
    }
}

#[test]
fn only_the_beginning_of_an_endless_answer_is_read() {
    let (app, received) = alerted_to(&[Http::Endless(500)]);

    assert_eq!(deliver(&app), RETRIED);

    let start = Instant::now();
    while received.all().len() < 2 && start.elapsed() < LONGEST {
        sleep(Duration::from_millis(10));
    }
    let written: usize = received.all()[1].parse().unwrap();
    assert!(written < ENDLESS_BYTES_MAX / 4, "{written} bytes were taken");
    assert!(next_try(&app).1.starts_with("Slack answered 500: aaa"), "{}", next_try(&app).1);
}

#[test]
fn the_retry_time_of_slack_is_respected() {
    let (app, received) = alerted_to(&[Http::RetryAfter(120), Http::Answer(200, "ok")]);

    assert_eq!(deliver(&app), RETRIED);

    assert_eq!(next_try(&app).0, 120);
    let now = app.context.clock.now();
    assert_eq!(deliver_at(&app, now + TimeDelta::seconds(119)).unwrap(), Report::default());
    assert_eq!(deliver_at(&app, now + TimeDelta::seconds(120)).unwrap(), DELIVERED);
    assert_eq!(received.all().len(), 2);
}

#[test]
fn temporary_failures_are_retried_after_growing_pauses() {
    let (app, received) = alerted_to(&[
        Http::Answer(500, "oops"),
        Http::Hang,
        Http::Drop,
        Http::Answer(503, ""),
        Http::Answer(200, "ok"),
    ]);
    let (mut now, mut waits) = (app.context.clock.now(), Vec::new());

    for _ in 0..4 {
        assert_eq!(deliver_at(&app, now).unwrap(), RETRIED);
        let (until, trouble) = next_try(&app);
        assert!(!trouble.contains("verysecret"), "{trouble}");
        let next = app.context.clock.now() + TimeDelta::seconds(until);
        waits.push((next - now).num_seconds());
        now = next;
    }

    assert_eq!(waits, [30, 90, 270, 810]);
    assert_eq!(deliver_at(&app, now).unwrap(), DELIVERED);
    assert_eq!(received.all().len(), 5);
}

#[test]
fn messages_to_an_unreachable_receiver_are_dropped_after_a_day() {
    let app = App::with(&[("slack_webhook_url", "\"http://127.0.0.1:1/verysecret\"")], Some(pairs_data()));
    check(&app);
    let start = app.context.clock.now();
    let mut now = start;

    while let Delivery::Waiting { next, .. } = outbox_messages(&app)[0].delivery {
        now = next.max(now);
        deliver_at(&app, now).unwrap();
        assert!(now - start < TimeDelta::hours(30));
    }

    assert!(now - start > TimeDelta::hours(24), "{}", now - start);
    let tries = outbox_messages(&app)[0].tries;
    assert!((14..24).contains(&tries), "{tries}");
    app.get("/integrity").says("given up after 24 hours: Slack could not be reached").does_not_say("verysecret");
}

#[test]
fn a_message_that_cannot_be_marked_as_sent_is_sent_again() {
    let (app, received) = alerted_to(&[Http::Answer(200, "ok")]);
    app.fail_points.arm(0, StoreError::CutOff("a test".to_owned()));

    assert!(deliver_at(&app, app.context.clock.now()).is_err());
    let app = app.restarted();
    assert_eq!(deliver(&app), DELIVERED);

    assert_eq!(received.all().len(), 2);
    assert_eq!(received.all()[0], received.all()[1]);
}

/// One problem, and its message for each of two recipients.
fn mailed_to(script: &[Smtp]) -> (App, Received) {
    let (port, received) = mail_server(script);
    let port = port.to_string();
    let settings = [
        ("mail_server", "\"127.0.0.1\""),
        ("mail_port", port.as_str()),
        ("mail_security", "\"none\""),
        ("mail_sender", "\"Tandem <tandem@example.com>\""),
        ("alert_emails", "[\"ana@example.com\", \"ben@example.com\"]"),
        ("public_url", "\"https://t.example\""),
    ];
    let app = App::with(&settings, Some(pairs_data()));
    check(&app);
    (app, received)
}

#[test]
fn mail_is_sent_as_text_and_html_to_each_recipient() {
    let (app, received) = mailed_to(&[Smtp::Take]);

    assert_eq!(deliver(&app), Report { delivered: 2, ..Report::default() });

    let mails = received.all();
    assert_eq!(mails.len(), 2);
    assert!(mails[0].starts_with("RCPT TO:<ana@example.com>\n") && mails[1].starts_with("RCPT TO:<ben@example.com>\n"));
    for part in [
        "Subject: Tandem: 1 new problem",
        "From: Tandem <tandem@example.com>",
        "Message-ID: <tandem-1-1760533200000@example.com>",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "https://t.example/integrity/supervisor-unstaffed/1007",
        "<a href=",
    ] {
        assert!(mails[0].contains(part), "{part} is not in {}", mails[0]);
    }
}

#[test]
fn an_unknown_recipient_stops_only_their_own_message() {
    let (app, received) = mailed_to(&[Smtp::Say("RCPT", "550 no such person"), Smtp::Take]);

    assert_eq!(deliver(&app), Report { delivered: 1, retried: 0, stopped: 1 });

    assert_eq!(received.all().len(), 1);
    app.get("/integrity").says("to ana@example.com").says("no such person").says("not retrying");
}

#[test]
fn a_failing_mail_server_is_retried() {
    for step in [
        Smtp::Say("RCPT", "451 try later"),
        Smtp::Say("EHLO", "421 too busy"),
        Smtp::DropAt("DATA"),
        Smtp::DropAt("EHLO"),
        Smtp::HangAt("MAIL"),
    ] {
        let (app, received) = mailed_to(&[step, Smtp::Take]);

        assert_eq!(deliver(&app), RETRIED, "the other message waits for the next run");
        assert_eq!(next_try(&app).0, 30);

        let later = app.context.clock.now() + TimeDelta::seconds(30);
        assert_eq!(deliver_at(&app, later).unwrap().delivered, 2);
        assert_eq!(received.all().len(), 2);
    }
}

#[test]
fn a_mail_server_without_encryption_gets_nothing() {
    let (port, received) = mail_server(&[Smtp::Take]);
    let port = port.to_string();
    let settings = [
        ("mail_server", "\"127.0.0.1\""),
        ("mail_port", port.as_str()),
        ("mail_sender", "\"tandem@example.com\""),
        ("alert_emails", "[\"ana@example.com\"]"),
    ];
    let app = App::with(&settings, Some(pairs_data()));
    check(&app);

    assert_eq!(deliver(&app), RETRIED);

    assert_eq!(received.all(), [""; 0]);
}

#[test]
fn a_test_message_uses_the_chosen_channel() {
    let (app, received) = alerted_to(&[Http::Answer(200, "ok")]);
    deliver(&app);

    let page = app.follow(app.post("/integrity/test/slack", &[]));
    deliver(&app);

    assert!(page.text_of("messages").contains("1 test message sent"), "{}", page.text_of("messages"));
    let last = received.all().pop().unwrap();
    assert!(last.contains("Tandem: a test") && last.contains("local user (no sign-in) asked"), "{last}");
}

#[test]
fn test_messages_are_audited_and_a_sixth_within_ten_minutes_is_refused() {
    let (app, _received) = alerted_to(&[Http::Answer(200, "ok")]);
    let tests = |app: &App| app.audit().into_iter().filter(|entry| entry.action == Action::TestAlert).count();
    for _ in 0..5 {
        app.post("/integrity/test/slack", &[]).status(303);
    }
    let page = app.follow(app.post("/integrity/test/slack", &[]));
    assert!(page.text_of("messages").contains("there were 5 in the last 10 minutes"), "{}", page.text_of("messages"));
    assert_eq!(tests(&app), 5);

    let app = app.later(601);
    app.post("/integrity/test/slack", &[]).status(303);
    assert_eq!(tests(&app), 6);
}
