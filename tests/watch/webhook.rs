//! The webhook: every change, signed, to a local receiver.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tandem::{
    jobs::{
        changes,
        outbox::{Report, run_once},
    },
    notify::Notifier,
    store::tables::outbox,
};

use super::receivers::{Http, Received, webhook_with_heads};
use super::{at_the_same_time, pairs_app};
use crate::support::{App, pairs_data};

const SECRET: &str = "a secret of twenty signs";
/// Less than a receiver hangs, more than a busy machine needs.
const TIMEOUT: Duration = Duration::from_secs(2);

struct Sent {
    app: App,
    bodies: Received,
    heads: Received,
}

impl Sent {
    /// The job has started; earlier changes are not sent.
    fn to(script: &[Http]) -> Self {
        let (address, bodies, heads) = webhook_with_heads(script);
        let (address, secret) = (format!("\"{address}\""), format!("\"{SECRET}\""));
        let app = App::with(&[("webhook_url", &address), ("webhook_secret", &secret)], Some(pairs_data()));
        assert_eq!(changes::run_once(&app.context, app.context.clock.now()).unwrap(), 0);
        Self { app, bodies, heads }
    }

    fn look_at(&self, now: DateTime<Utc>) -> Report {
        changes::run_once(&self.app.context, now).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let notifier = Notifier::new(self.app.context.config.alerts.clone()).with_timeout(TIMEOUT);
        runtime.block_on(run_once(&self.app.context, &notifier, now)).unwrap()
    }

    fn look(&self) -> Report {
        self.look_at(self.app.context.clock.now())
    }

    fn reschedule(&self, date: &str) {
        self.app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": date})).ok();
    }
}

fn header<'h>(head: &'h str, name: &str) -> &'h str {
    let line = head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}: {head}"));
    line.trim()
}

/// HMAC-SHA256 after RFC 2104, for a key shorter than a block.
fn hmac(text: &str) -> String {
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(SECRET.bytes()).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::digest([padded(0x36).as_slice(), text.as_bytes()].concat());
    let outer = Sha256::digest([padded(0x5c).as_slice(), &inner].concat());
    hex::encode(outer)
}

#[test]
fn a_change_is_sent_once_signed_and_as_audited() {
    let sent = Sent::to(&[Http::Answer(204, "")]);
    sent.reschedule("2025-10-20");

    assert_eq!(sent.look().delivered, 1);
    assert_eq!(sent.look(), Report::default());

    let bodies = sent.bodies.all();
    assert_eq!(bodies.len(), 1);
    let body: Value = serde_json::from_str(&bodies[0]).unwrap();
    let audit = sent.app.read_call("/api/audit?limit=1").body;
    assert_eq!(body, json!({"type": "change", "change": audit["entries"][0]}));
    let head = &sent.heads.all()[0];
    let now = sent.app.context.clock.now().timestamp();
    let expected = format!("t={now},v1={}", hmac(&format!("{now}.{}", bodies[0])));
    assert_eq!(header(head, "tandem-signature:"), expected);
    assert_eq!(header(head, "content-type:"), "application/json");
    assert_eq!(header(head, "tandem-delivery:"), "1");
}

#[test]
fn changes_are_sent_in_order_without_refused_ones() {
    let sent = Sent::to(&[Http::Answer(200, "ok")]);
    for day in ["2025-10-20", "2025-10-21", "2025-10-22"] {
        sent.reschedule(day);
    }
    sent.app
        .call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-23", "revision": 0}))
        .refused(409, "stale_revision");

    assert_eq!(sent.look().delivered, 3);

    let sequences: Vec<u64> = sent
        .bodies
        .all()
        .iter()
        .map(|body| serde_json::from_str::<Value>(body).unwrap()["change"]["sequence"].as_u64().unwrap())
        .collect();
    assert!(sequences.is_sorted() && sequences.len() == 3, "{sequences:?}");
}

#[test]
fn a_failing_receiver_is_retried_with_the_same_number() {
    let sent = Sent::to(&[Http::Answer(503, "busy"), Http::Drop, Http::Answer(200, "ok")]);
    sent.reschedule("2025-10-20");
    let now = sent.app.context.clock.now();

    assert_eq!(sent.look_at(now).retried, 1);
    assert_eq!(sent.look_at(now + TimeDelta::seconds(29)), Report::default());
    assert_eq!(sent.look_at(now + TimeDelta::seconds(30)).retried, 1);
    assert_eq!(sent.look_at(now + TimeDelta::seconds(120)).delivered, 1);

    let heads = sent.heads.all();
    assert_eq!(heads.len(), 3);
    assert!(heads.iter().all(|head| header(head, "tandem-delivery:") == "1"));
    assert_ne!(header(&heads[0], "tandem-signature:"), header(&heads[2], "tandem-signature:"));
}

#[test]
fn a_rejected_message_is_dropped_alone_and_shown_on_the_page() {
    let sent = Sent::to(&[Http::Answer(410, "gone"), Http::Answer(200, "ok")]);
    sent.reschedule("2025-10-20");
    sent.reschedule("2025-10-21");

    let report = sent.look();

    assert_eq!((report.stopped, report.delivered), (1, 1));
    let page = sent.app.get("/integrity").says("The webhook answered 410: gone").says("not retrying");
    page.does_not_say("verysecret");
}

#[test]
fn at_most_a_hundred_messages_wait_and_none_is_lost() {
    let sent = Sent::to(&[Http::Answer(503, "busy")]);
    for at in 0..105 {
        sent.reschedule(if at % 2 == 0 { "2025-10-20" } else { "2025-10-21" });
    }
    let now = sent.app.context.clock.now();

    assert_eq!(changes::run_once(&sent.app.context, now).unwrap(), 100);
    assert_eq!(changes::run_once(&sent.app.context, now).unwrap(), 0);

    let later = now + TimeDelta::hours(25);
    assert_eq!(sent.look_at(later).stopped, 100);
    assert_eq!(changes::run_once(&sent.app.context, later).unwrap(), 5);
}

#[test]
fn runs_at_the_same_time_write_each_message_once() {
    let sent = Sent::to(&[]);
    let (context, now) = (&sent.app.context, sent.app.context.clock.now());
    for at in 1..=10 {
        sent.reschedule(if at % 2 == 0 { "2025-10-20" } else { "2025-10-21" });

        assert_eq!(at_the_same_time(|| changes::run_once(context, now).unwrap()), 1);

        assert_eq!(sent.app.read(|tx| outbox::all(tx)).len(), at);
    }
}

#[test]
fn a_button_sends_a_test_message() {
    let sent = Sent::to(&[Http::Answer(200, "ok")]);

    sent.app.get("/integrity").says("Webhook");
    sent.app.post("/integrity/test/webhook", &[]).status(303);
    assert_eq!(sent.look().delivered, 1);

    let body: Value = serde_json::from_str(&sent.bodies.all()[0]).unwrap();
    assert_eq!(body["type"], "test");
}

#[test]
fn without_an_address_nothing_is_queued_and_the_page_names_missing_settings() {
    let app = pairs_app();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    assert_eq!(changes::run_once(&app.context, app.context.clock.now()).unwrap(), 0);
    assert!(app.read(|tx| outbox::all(tx)).is_empty());
    let app = App::with(&[("webhook_url", "\"https://receiver.example/x\"")], None);
    app.get("/integrity").says("webhook_secret is not");
}
