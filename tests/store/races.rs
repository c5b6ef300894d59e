//! TX-06 with threads: concurrent changes form one history, which the audit records.

use std::{collections::BTreeMap, thread};

use chrono::Days;
use fastrand::Rng;
use tandem::{
    domain::{
        audit::{Entry, Outcome, State},
        calendar::Moment,
        change::{Command, Request, undo::How},
        event::Event,
        ids::{EventId, Revision, ScheduleId},
        integrity::Check,
    },
    services::{
        change::{self, ChangeError},
        decision_context::Target,
    },
    store::{
        Flow, Store,
        maintenance::check,
        tables::{audit, employees},
    },
};

use super::{Data, add, all, pair, read};
use crate::{
    domain::{TWO_HOURS_LATER, With, at, date, employee, person},
    support,
};

const THREADS: u64 = 8;
const CHANGES_EACH: u32 = 60;
const PAIRS: u64 = 3;

fn scheduled_pairs() -> Vec<Event> {
    let pairs = (0..PAIRS).flat_map(|number| pair(606_001 + number));
    pairs.map(|event| event.held_by("lea", "2025-10-15 10:00")).collect()
}

/// A thread's random change of one of a few pairs, or undo of a recent change.
fn change_something(store: &Store, rng: &mut Rng, events: &[Event]) {
    let event = &events[rng.usize(..events.len())];
    let seen = rng.bool().then(|| Revision(rng.u32(..40)));
    let start = at("2025-10-15 10:00") + Days::new(rng.u64(..9));
    let command = match rng.u8(..10) {
        0 => Command::Unschedule,
        1 | 2 => Command::Schedule { employee: employee("lea"), start },
        3 => Command::Trade { with: ScheduleId(events[rng.usize(..events.len())].id.0), seen: None },
        4 => Command::ChangeEmployee { employee: employee(if rng.bool() { "lou" } else { "lea" }) },
        _ => Command::Reschedule { to: Moment::Day(start.date()), employee: None },
    };
    let last = read(store, |tx| audit::last(tx));
    let result = if rng.u8(..5) == 0 {
        let how = if rng.bool() { How::Undo { window_minutes: 5 } } else { How::Revert { overridden: true } };
        change::undo(store, last.max(1), how, None, None, &TWO_HOURS_LATER, &support::origin())
    } else {
        let request = Request { seen, override_reason: Some("a race".into()), ..Request::plain(command) };
        change::make(store, Target::Event(event.id), &request, &TWO_HOURS_LATER, &support::origin())
    };
    assert!(!matches!(result, Err(ChangeError::Store(_))), "{result:?}");
}

#[test]
fn tx_06_concurrent_changes_replay_as_one_history_without_a_split_pair() {
    let data = Data::new();
    let store = data.open();
    let events = scheduled_pairs();
    add(&store, &events).unwrap();
    let people = ["lea", "lou"].map(|id| person(id, tandem::domain::employee::JobTitle::LeadEventSpecialist));
    store.write(|tx| people.iter().try_for_each(|one| employees::put(tx, one))).unwrap();
    let before = all(&store);

    thread::scope(|scope| {
        for seed in 0..THREADS {
            let (store, events) = (&store, &events);
            scope.spawn(move || {
                let mut rng = Rng::with_seed(seed);
                (0..CHANGES_EACH).for_each(|_| change_something(store, &mut rng, events));
            });
        }
    });

    let mut entries: Vec<Entry> = Vec::new();
    read(&store, |tx| {
        audit::each(tx, |entry| {
            entries.push(entry);
            Ok(Flow::Continue)
        })
    });
    let made = entries.iter().filter(|entry| entry.outcome == Outcome::Done).count();
    assert!(made > 50, "{made} changes were made");
    let state = |event: Event| (event.id, State { revision: event.revision, schedule: event.schedule });
    let mut replayed: BTreeMap<EventId, State> = before.into_iter().map(state).collect();
    for step in entries.into_iter().flat_map(|entry| entry.steps) {
        assert_eq!(replayed.insert(step.event, step.after), Some(step.before), "{}", step.event);
    }
    assert_eq!(replayed, all(&store).into_iter().map(state).collect());
    let report = read(&store, |tx| check::run(tx));
    assert_eq!(report.storage_problems, Vec::<String>::new());
    let split = report.pairs.findings.iter().find(|found| found.check == Check::DateMismatch);
    assert!(split.is_none(), "{split:?}");
    assert!(all(&store).iter().all(|event| event.date().is_none_or(|day| day >= date("2025-10-15"))));
}
