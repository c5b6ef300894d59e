//! Tests that plant wrong and missing entries and repair them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use tempfile::TempDir;

use crate::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, Source, State, Step},
        change::bulk::EVENTS_MAX,
        employee::{Employee, JobTitle, holiday::Holiday},
        event::{Due, Event, EventType, Location, Schedule, counts::NO_DATE},
        ids::{EventId, EventNumber, IdempotencyKey, Revision, ScheduleId},
        notification::Channel,
        rules::{Finding, stored::Acceptance},
    },
    store::{
        Options,
        maintenance::{check, repair::*},
        tables::{
            feeds, findings, holidays, idempotency, imports,
            issues::{acceptances, listed_visits, missing_visits},
            meta, outbox,
            record::{fixtures::bare, inout_fixtures, watch_fixtures},
            runs,
        },
        transaction::{ReadTx, Tx},
    },
};

/// Events in most samples: the odd ones scheduled, the even ones due; two per day.
const FEW: u64 = 41;
/// One event more than fits on a page.
const MORE_THAN_A_PAGE: u64 = PAGE_RECORDS as u64 + 1;

fn now() -> DateTime<Utc> {
    "2025-10-15T13:00:00Z".parse().unwrap()
}

fn event(id: u64) -> Event {
    let date = NaiveDate::from_ymd_opt(2025, 10, 1).unwrap() + chrono::Days::new(id / 4);
    let schedule =
        Schedule { id: ScheduleId(id), employee: "101".parse().unwrap(), start: date.and_hms_opt(9, 45, 0).unwrap() };
    Event {
        id: EventId(id),
        revision: Revision(1),
        name: format!("Event {id}"),
        event_type: if id.is_multiple_of(3) { EventType::Core } else { EventType::Juicer },
        number: Some(EventNumber(u32::try_from(id).unwrap())),
        location: Location { number: "12".to_owned(), name: "Store 12".to_owned() },
        due: Some(Due { date, time: None }),
        minutes: 120,
        schedule: (id % 2 == 1).then_some(schedule),
        ..bare()
    }
}

/// A store with records in every table.
fn sample(events: u64) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("data"), &Options::default()).unwrap();
    let origin = Origin::new("test", Source::CommandLine, "test", now());
    let written = store.write(|tx| {
        let employee = Employee::new("101".parse().unwrap(), "Ann".into(), JobTitle::ALL[0]);
        employees::put(tx, &employee)?;
        holidays::put(tx, &Holiday { date: now().date_naive(), name: "Foundation day".into() })?;
        for id in 1..=events {
            events::replace(tx, None, Some(&event(id)))?;
        }
        for id in 1..=3 {
            let state = State { revision: Revision(1), schedule: None };
            let step = Step { event: EventId(id), before: state.clone(), after: state };
            let entry = Entry { steps: vec![step], ..Entry::new(&origin, Action::Schedule, Outcome::Done) };
            let entry = audit::append(tx, entry)?;
            let key: IdempotencyKey = format!("key-{id}").parse().unwrap();
            idempotency::remember(tx, "ana", &key, [7; 32], entry.sequence, now())?;
        }
        findings::reconcile(tx, &watch_fixtures::report(), true, now())?;
        runs::append(tx, watch_fixtures::run())?;
        outbox::add(tx, Channel::Slack, watch_fixtures::notification(), now())?;
        let import = imports::begin(tx, inout_fixtures::import(0))?;
        imports::remember(tx, import.id, None, &event(1))?;
        let maya = Employee::new("E1".parse().unwrap(), "MAYA".to_owned(), JobTitle::EventSpecialist);
        imports::remember_person(tx, import.id, None, &maya)?;
        feeds::make(tx, "secret", None, &origin)?;
        let finding =
            Finding { rule: "title", message: String::new(), clash: None, facts: String::new(), refuses: true };
        let acceptance = Acceptance { by: "ana".into(), reason: "agreed".into(), at: now() };
        acceptances::accept(tx, &event(1), std::slice::from_ref(&finding), &acceptance)?;
        missing_visits::put(tx, &event(2), import.id)?;
        listed_visits::put(tx, EventId(2), import.id, false)?;
        Ok::<_, StoreError>(())
    });
    written.unwrap();
    (folder, store)
}

/// Tables without an index.
const UNINDEXED: [Table; 8] = [
    Table::Users,
    Table::Sessions,
    Table::Tokens,
    Table::Links,
    Table::Proposals,
    Table::Merges,
    Table::Rotations,
    Table::Visits,
];

type Bytes = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

fn bytes(store: &Store) -> Bytes {
    let mut all = Bytes::new();
    for table in Table::ALL {
        let read = store.read(|tx| {
            tx.scan(table, &everything().start..&everything().end, &mut |key, value| {
                if !meta::is_of_one_life(key) {
                    all.insert((table, key.to_vec()), value.to_vec());
                }
                Ok(Flow::Continue)
            })
        });
        read.unwrap_or_else(|error: StoreError| panic!("{error}"));
    }
    all
}

fn derived() -> impl Iterator<Item = Table> {
    Table::ALL.into_iter().filter(|table| table.source().is_some())
}

fn plant(store: &Store, plant: impl FnMut(&mut Tx<'_>) -> Result<(), StoreError>) {
    store.write(plant).unwrap();
}

/// Plants something, and expects that a repair restores every byte and changes only these tables.
#[track_caller]
fn assert_repaired(tables: &[Table], planting: impl Fn(&mut Tx<'_>, &Bytes) -> Result<(), StoreError>) {
    assert_repaired_among(FEW, tables, planting);
}

#[track_caller]
fn assert_repaired_among(
    events: u64,
    tables: &[Table],
    planting: impl Fn(&mut Tx<'_>, &Bytes) -> Result<(), StoreError>,
) {
    let (_folder, store) = sample(events);
    let whole = bytes(&store);
    plant(&store, |tx| planting(tx, &whole));
    assert!(bytes(&store) != whole, "nothing was planted");

    let repaired = run(&store).unwrap();

    assert!(bytes(&store) == whole, "not as it was: {repaired:?}");
    assert_eq!(repaired.iter().map(|one| one.table).collect::<Vec<_>>(), tables);
    assert_eq!(run(&store).unwrap(), []);
    assert_eq!(store.read(|tx| check::run(tx)).unwrap().storage_problems, Vec::<String>::new());
}

#[test]
fn a_change_of_several_records_is_listed_under_each_of_its_events() {
    let (_folder, store) = sample(FEW);
    let origin = Origin::new("test", Source::CommandLine, "test", now());
    let events = 1..=2 * EVENTS_MAX as u64 + 1;
    let state = State { revision: Revision(1), schedule: None };
    let step = |id| Step { event: EventId(id), before: state.clone(), after: state.clone() };
    plant(&store, |tx| {
        let entry = Entry::new(&origin, Action::Import, Outcome::Done);
        audit::append(tx, Entry { steps: events.clone().map(step).collect(), ..entry }).map(drop)
    });
    let before = bytes(&store);
    let listed = before.keys().filter(|(table, _)| *table == Table::EventAudit).count();
    assert!(listed > 2 * EVENTS_MAX, "{listed}");

    assert_eq!(run(&store).unwrap(), []);

    assert!(bytes(&store) == before);
    assert_eq!(store.read(|tx| check::run(tx)).unwrap().storage_problems, Vec::<String>::new());
    for (table, key) in before.keys().filter(|(table, _)| *table == Table::EventAudit) {
        plant(&store, |tx| {
            tx.remove(*table, key.clone());
            Ok(())
        });
    }
    run(&store).unwrap();
    assert!(bytes(&store) == before, "written again");
}

#[test]
fn an_undamaged_store_needs_no_repair() {
    let (_folder, store) = sample(FEW);
    let before = bytes(&store);
    let mut kept = Table::ALL.into_iter().filter(|table| !UNINDEXED.contains(table));
    assert!(kept.all(|table| before.keys().any(|(found, _)| *found == table)), "a table is empty");

    assert_eq!(run(&store).unwrap(), []);

    assert!(bytes(&store) == before);
}

#[test]
fn a_missing_entry_of_any_table_is_restored() {
    for table in derived() {
        assert_repaired(&[table], |tx, whole| {
            let (_, key) = whole.keys().find(|(found, _)| *found == table).unwrap();
            tx.remove(table, key.clone());
            Ok(())
        });
    }
}

#[test]
fn everything_derived_from_records_can_be_rebuilt() {
    assert_repaired_among(MORE_THAN_A_PAGE, &derived().collect::<Vec<_>>(), |tx, whole| {
        for (table, key) in whole.keys().filter(|(table, _)| table.source().is_some()) {
            tx.remove(*table, key.clone());
        }
        Ok(())
    });
}

#[test]
fn an_entry_without_a_record_is_removed_from_every_table() {
    for table in derived() {
        for stray in [vec![1, 2, 3], [vec![0; 16], vec![255; 8]].concat(), 1_u64.to_be_bytes().to_vec()] {
            assert_repaired(&[table], |tx, _| tx.put(table, [stray.clone(), vec![9]].concat(), stray.clone()));
        }
    }
}

#[test]
fn an_entry_with_a_wrong_value_is_corrected() {
    for table in derived() {
        assert_repaired(&[table], |tx, whole| {
            let (_, key) = whole.keys().find(|(found, _)| *found == table).unwrap();
            tx.put(table, key.clone(), 77_u64.to_be_bytes().to_vec())
        });
    }
}

#[test]
fn wrong_counters_are_corrected() {
    assert_repaired(&[Table::DayCounts], |tx, whole| {
        let days: Vec<_> = whole.iter().filter(|((table, _), _)| *table == Table::DayCounts).take(2).collect();
        tx.put(Table::DayCounts, days[0].0.1.clone(), days[1].1.iter().map(|byte| byte ^ 1).collect())
    });
}

#[test]
fn an_unreadable_record_is_reported_and_nothing_is_written() {
    let damage = [
        (Table::Events, Key::new().u64(15).done(), "table events holds a record that cannot be read, at key 15"),
        (Table::Audit, Key::new().u64(2).done(), "table audit holds a record that cannot be read, at key 2"),
        (
            Table::Replies,
            Key::new().text("key-1").done(),
            "table replies holds a record that cannot be read, at key key-1",
        ),
        (
            Table::Employees,
            Key::new().text("101").done(),
            "table employees holds a record that cannot be read, at key 101",
        ),
    ];
    for (table, key, sentence) in damage {
        let (_folder, store) = sample(FEW);
        let (_, day) = bytes(&store).into_keys().find(|(one, _)| *one == Table::DayCounts).unwrap();
        plant(&store, |tx| {
            tx.remove(Table::DayCounts, day.clone());
            tx.put(table, key.clone(), vec![1, 250, 250])
        });
        let before = bytes(&store);

        assert_eq!(run(&store).unwrap_err().to_string(), sentence);

        assert!(bytes(&store) == before);
    }
}

#[test]
fn a_broken_audit_chain_is_left_to_the_check() {
    let (_folder, store) = sample(FEW);
    plant(&store, |tx| {
        tx.remove(Table::Audit, Key::new().u64(2).done());
        Ok(())
    });

    let repaired = run(&store).unwrap();

    assert_eq!(repaired, [Repaired { table: Table::EventAudit, written: 0, removed: 1 }]);
    let report = store.read(|tx| check::run(tx)).unwrap();
    assert_eq!(report.storage_problems, ["audit entry 2 is missing"]);
}

#[test]
fn opening_a_store_of_format_1_indexes_events_without_due_dates_and_counts_all() {
    let (folder, store) = sample(FEW);
    plant(&store, |tx| events::replace(tx, None, Some(&Event { due: None, schedule: None, ..event(99) })));
    let (whole, unscheduled) = (bytes(&store), store.unscheduled());
    plant(&store, |tx| {
        tx.remove(Table::Due, Key::new().date(NO_DATE).u64(99).done());
        tx.remove(Table::DayCounts, Key::new().date(NO_DATE).done());
        meta::set_format(tx, 1)
    });
    drop(store);

    let store = Store::open(&folder.path().join("data"), &Options::default()).unwrap();

    assert_eq!(bytes(&store), whole);
    assert_eq!((store.unscheduled(), unscheduled), (FEW.div_ceil(2), FEW.div_ceil(2)));
}

#[test]
fn opening_a_store_of_format_4_counts_by_the_last_day() {
    let (folder, store) = sample(FEW);
    let (last, after) = (date_of("2025-10-20"), date_of("2025-10-21"));
    let due = Due { date: after, time: NaiveTime::from_hms_opt(0, 1, 0) };
    plant(&store, |tx| events::replace(tx, None, Some(&Event { due: Some(due), schedule: None, ..event(99) })));
    let whole = bytes(&store);
    plant(&store, |tx| {
        // As format 4 had it: under the day of the due time.
        tx.remove(Table::Due, Key::new().date(last).u64(99).done());
        tx.put(Table::Due, Key::new().date(after).u64(99).done(), Vec::new())?;
        tx.remove(Table::DayCounts, Key::new().date(last).done());
        tx.put(Table::DayCounts, Key::new().date(after).done(), vec![1, 0, 0, 0, 0, 0, 0, 1])?;
        meta::set_format(tx, 4)
    });
    drop(store);

    let store = Store::open(&folder.path().join("data"), &Options::default()).unwrap();

    assert_eq!(bytes(&store), whole);
}

#[test]
fn opening_a_store_of_format_9_lists_stores_without_their_apostrophes() {
    let (folder, store) = sample(FEW);
    let location = Location { number: String::new(), name: "''A".to_owned() };
    let core = Event { location, ..event(99) };
    plant(&store, |tx| events::replace(tx, None, Some(&core)));
    let whole = bytes(&store);
    let of_store = |(table, ..): &(Table, Vec<u8>, Vec<u8>)| matches!(table, Table::Pairs | Table::StoreDay);
    plant(&store, |tx| {
        for (table, key, value) in events::entries(&core).into_iter().filter(of_store) {
            tx.put(table, [b"'", key.as_slice()].concat(), value)?;
            tx.remove(table, key);
        }
        meta::set_format(tx, 9)
    });
    drop(store);

    let store = Store::open(&folder.path().join("data"), &Options::default()).unwrap();

    assert_eq!(bytes(&store), whole);
}

fn date_of(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
