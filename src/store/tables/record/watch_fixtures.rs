//! Records of findings, runs and messages as version 1 wrote them, byte by byte.
//!
//! Invariant: a line of hex never changes. A new version adds its own lines and still reads these.

use crate::{
    domain::{
        ids::EventId,
        integrity::{
            Check, StoreReport,
            finding_state::{Checked, FindingKey, OpenFinding, Run, Start, Trigger},
        },
        notification::{Channel, Delivery, Item, Notification, OutboxMessage, Purpose},
    },
    store::{
        Table, Tx,
        tables::{
            findings,
            keys::Key,
            outbox,
            record::fixtures::{Tested, assert_record, missing, moment},
            runs,
        },
    },
};

const FINDING: &str = "0100fbea0301fbe9030641706172742efdf47ae9cf33030000010701fdf47ae9cf33030000";
const RUN: &str = "\
    0101000654616e64656dfdf47ae9cf3303000001fca69116000c9c2f0000000000000000fb2c01020124060102030401\
    0861207265636f7264";
const LETTER_WAITING: &str = "\
    0101fdf47ae9cf3303000000010a54616e64656d3a20c3a906496e74726f2e01034f6e65010a687474703a2f2f742f31\
    0103416c6c000300fdf47ae9cf3303000001046c617465";
const LETTER_STOPPED: &str = "\
    0101fdf47ae9cf33030000010d61406578616d706c652e636f6d010a54616e64656d3a20c3a906496e74726f2e01034f\
    6e65010a687474703a2f2f742f310103416c6c000102fdf47ae9cf330300000e6e6f207375636820706572736f6e";

pub(in crate::store) fn run() -> Run {
    let start = Start { trigger: Trigger::Daily, who: "Tandem".to_owned(), at: moment(), date: None };
    Run {
        sequence: 1,
        start: Start { date: Some(moment().date_naive()), ..start },
        elapsed_ms: 12,
        checked: Checked { events: 156, pairs: 47, audit_entries: 300, ..Checked::default() },
        found: vec![(Check::SupervisorUnstaffed, 36), (Check::Unclassified, 1)],
        storage_problems: 2,
        fresh: 3,
        gone: 4,
        failed: Some("a record".to_owned()),
    }
}

pub(in crate::store) fn notification() -> Notification {
    Notification {
        purpose: Purpose::AllClear,
        title: "Tandem: é".to_owned(),
        intro: "Intro.".to_owned(),
        items: vec![Item { text: "One".to_owned(), link: Some("http://t/1".to_owned()) }],
        closing: Some(Item { text: "All".to_owned(), link: None }),
    }
}

/// A report with one storage problem.
pub(in crate::store) fn report() -> StoreReport {
    StoreReport { storage_problems: vec!["pairs has an entry".to_owned()], ..StoreReport::default() }
}

#[test]
fn a_finding_is_read_as_it_was_written() -> Tested {
    let finding = OpenFinding {
        subject: FindingKey::Event(Check::DateMismatch, EventId(1002)),
        partner: Some(EventId(1001)),
        message: "Apart.".to_owned(),
        first_seen: moment(),
        cause: Some(7),
        alerted: Some(moment()),
    };
    let write = |tx: &mut Tx<'_>, finding: &OpenFinding| findings::mark_alerted(tx, [finding], moment());
    let read = |tx: &Tx<'_>| findings::all(tx)?.pop().ok_or_else(missing);
    let key = [&[0], Key::new().u64(1002).done().as_slice()].concat();
    assert_record((Table::Findings, key, FINDING), &finding, write, read)
}

#[test]
fn a_run_is_read_as_it_was_written() -> Tested {
    let write = |tx: &mut Tx<'_>, run: &Run| runs::append(tx, run.clone()).map(drop);
    let read = |tx: &Tx<'_>| runs::get(tx, 1)?.ok_or_else(missing);
    assert_record((Table::IntegrityRuns, Key::new().u64(1).done(), RUN), &run(), write, read)
}

fn assert_letter(delivery: Delivery, channel: Channel, tries: u32, fixture: &str) -> Tested {
    let outbox_message =
        OutboxMessage { sequence: 1, made: moment(), channel, notification: notification(), tries, delivery };
    let read = |tx: &Tx<'_>| outbox::get(tx, 1)?.ok_or_else(missing);
    assert_record((Table::Outbox, Key::new().u64(1).done(), fixture), &outbox_message, outbox::put, read)
}

#[test]
fn a_waiting_message_is_read_as_it_was_written() -> Tested {
    let delivery = Delivery::Waiting { next: moment(), trouble: Some("late".to_owned()) };
    assert_letter(delivery, Channel::Slack, 3, LETTER_WAITING)
}

#[test]
fn a_stopped_message_is_read_as_it_was_written() -> Tested {
    let delivery = Delivery::Stopped { at: moment(), why: "no such person".to_owned() };
    assert_letter(delivery, Channel::Mail("a@example.com".to_owned()), 1, LETTER_STOPPED)
}

/// The stored number of a check must not change when a check is added.
#[test]
fn the_numbers_of_checks_are_fixed() {
    let slugs: Vec<_> = Check::ALL.into_iter().map(Check::slug).collect();
    let places =
        ["date-mismatch", "supervisor-unstaffed", "core-unstaffed", "ambiguous-number", "no-supervisor", "no-core"];
    assert_eq!(slugs[..6], places);
    assert_eq!(slugs[6..9], ["unclassified", "alike-employees", "alike-stores"]);
    let rules = ["inactive", "title", "time-off", "holiday", "overlap", "one-core-a-day", "weekday", "window"];
    assert_eq!(slugs[9..17], rules);
    assert_eq!(slugs[17..], ["missing-visit"]);
}
