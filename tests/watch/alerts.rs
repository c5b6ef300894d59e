//! Alerts of integrity checks.

use tandem::{
    domain::notification::{Channel, Notification, Purpose},
    store::{StoreError, tables::outbox},
};

use super::{check, pairs_app, plant, problems};
use crate::support::App;

const DAY_SECONDS: i64 = 24 * 60 * 60;
const SLACK: (&str, &str) = ("slack_webhook_url", "\"https://hooks.example.com/services/T/B/secret\"");
const URL: (&str, &str) = ("public_url", "\"https://tandem.example.com/\"");

fn with_slack() -> App {
    App::with(&[SLACK, URL], Some(crate::support::pairs_data()))
}

fn letters(app: &App) -> Vec<(Channel, Notification)> {
    app.read(|tx| outbox::all(tx))
        .into_iter()
        .map(|outbox_message| (outbox_message.channel, outbox_message.notification))
        .collect()
}

fn titles(app: &App) -> Vec<String> {
    letters(app).into_iter().map(|(_, notification)| notification.title).collect()
}

#[test]
fn new_problems_are_reported_once_with_links() {
    let app = with_slack();
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));

    check(&app);
    check(&app);

    let letters = letters(&app);
    assert_eq!(letters.len(), 1);
    let (channel, notification) = &letters[0];
    assert_eq!((channel, notification.purpose), (&Channel::Slack, Purpose::Alert));
    assert_eq!(notification.title, "Tandem: 2 new problems");
    let links: Vec<_> = notification.items.iter().filter_map(|item| item.link.as_deref()).collect();
    assert_eq!(
        links,
        [
            "https://tandem.example.com/integrity/date-mismatch/1002",
            "https://tandem.example.com/integrity/supervisor-unstaffed/1007"
        ]
    );
    assert!(
        notification.items[0].text.contains("since Wed, Oct 15, 2025 at 9:00 AM"),
        "{}",
        notification.items[0].text
    );
}

#[test]
fn a_problem_is_reported_from_new_to_all_clear() {
    let app = with_slack();
    check(&app);
    let app = app.later(DAY_SECONDS);
    check(&app);
    check(&app);
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));
    let app = app.later(DAY_SECONDS);
    check(&app);
    plant(&app, 1002, Some(("2025-10-15 12:00", "105")));
    check(&app);
    plant(&app, 1006, None);
    check(&app);
    let app = app.later(DAY_SECONDS);
    check(&app);

    let expected = [
        "Tandem: 1 new problem",
        "Tandem: 1 problem still open",
        "Tandem: 1 new problem, 1 still open",
        "Tandem: all clear",
    ];
    assert_eq!(titles(&app), expected);
}

#[test]
fn a_finding_and_its_notification_are_written_together_or_not_at_all() {
    let app = with_slack();
    let mut cut = 0;
    while letters(&app).is_empty() {
        assert_eq!(problems(&app), [""; 0], "a finding without its notification, cut at write {cut}");
        app.fail_points.arm(cut, StoreError::CutOff("a test".to_owned()));
        let start = super::start(tandem::domain::integrity::finding_state::Trigger::Page, app.context.clock.now());
        let _ = tandem::jobs::integrity::run_once(&app.context, &start).unwrap();
        cut += 1;
    }

    assert!(cut > 3, "{cut} writes");
    assert_eq!(problems(&app), ["supervisor-unstaffed 1007"]);
}

#[test]
fn every_recipient_gets_a_separate_message() {
    let mail = [
        ("mail_server", "\"127.0.0.1\""),
        ("mail_security", "\"none\""),
        ("mail_sender", "\"tandem@example.com\""),
        ("alert_emails", "[\"ana@example.com\", \"ben@example.com\"]"),
        SLACK,
    ];
    let app = App::with(&mail, Some(crate::support::pairs_data()));

    check(&app);

    let channels: Vec<_> = letters(&app).into_iter().map(|(channel, _)| channel).collect();
    let mail = |name: &str| Channel::Mail(name.to_owned());
    assert_eq!(channels, [Channel::Slack, mail("ana@example.com"), mail("ben@example.com")]);
}

#[test]
fn many_problems_are_counted_and_the_first_twenty_named() {
    let app = App::with(&[SLACK], Some(crate::support::visits_data()));

    check(&app);

    let letters = letters(&app);
    let (_, notification) = &letters[0];
    assert_eq!((notification.title.as_str(), notification.items.len()), ("Tandem: 36 new problems", 20));
    assert!(notification.closing.as_ref().unwrap().text.starts_with("and 16 more"));
}

#[test]
fn without_a_channel_no_message_is_queued() {
    let app = pairs_app();

    check(&app);

    assert_eq!(letters(&app), []);
}

#[test]
fn unreported_problems_are_reported_once_there_is_a_channel() {
    let app = pairs_app();
    check(&app);

    let app = app.reconfigured(&[SLACK, URL]);
    check(&app);

    assert_eq!(titles(&app), ["Tandem: 1 new problem"]);
}
