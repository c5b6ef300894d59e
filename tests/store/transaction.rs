//! A transaction reads its own writes, changes all or nothing, and is never seen half done.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use proptest::prelude::*;
use tandem::{
    domain::{audit::Entry, event::Event},
    services::change,
    store::{
        FailPoints, Flow, ReadTx, ScanOrder, Snapshot, Store, StoreError, Table,
        maintenance::check,
        tables::{audit, events},
    },
};

use super::{Data, add, all, move_pair, pair, read};
use crate::domain::{With, date, event};

/// Every record and index entry.
fn bytes(store: &Store) -> BTreeMap<(Table, Vec<u8>), Vec<u8>> {
    let mut all = BTreeMap::new();
    for table in Table::ALL {
        read(store, |tx| {
            tx.scan(table, &[]..&[255; 64], &mut |key, value| {
                all.insert((table, key.to_vec()), value.to_vec());
                Ok(Flow::Continue)
            })
        });
    }
    all
}

/// One of a few events in one of a few states; None removes it.
fn writes() -> impl Strategy<Value = Vec<(u64, Option<Event>)>> {
    let condition = prop_oneof![(13..17_u32, 8..12_u32).prop_map(Some), Just(None),];
    let write =
        (1..7_u64, proptest::option::weighted(0.7, condition), "[a-c]{1,3}").prop_map(|(id, condition, name)| {
            let event = |condition: Option<(u32, u32)>| {
                let event = event(id, &format!("606001-CORE-{name}"));
                match condition {
                    Some((day, hour)) => event.held_by(&name, &format!("2025-10-{day} {hour:02}:00")),
                    None => event.due("2025-10-15", None),
                }
            };
            (id, condition.map(event))
        });
    proptest::collection::vec(write, 0..12)
}

/// Writes, and after each write reads everything written so far.
fn write_and_read(
    store: &Store,
    before: &BTreeMap<u64, Event>,
    writes: &[(u64, Option<Event>)],
    commit: bool,
) -> Result<BTreeMap<u64, Event>, StoreError> {
    store.write(|tx| {
        let mut model = before.clone();
        for (id, after) in writes {
            events::replace(tx, model.get(id), after.as_ref())?;
            match after {
                Some(after) => model.insert(*id, after.clone()),
                None => model.remove(id),
            };
            assert_reads(tx, &model)?;
        }
        if commit { Ok(model) } else { Err(StoreError::CutOff("the closure gave up".into())) }
    })
}

/// The keys of a table, each before its value, in either order.
fn records(tx: &dyn ReadTx, table: Table, order: ScanOrder) -> Result<Vec<[Vec<u8>; 2]>, StoreError> {
    let mut all = Vec::new();
    tx.scan_in(order, table, &[]..&[255; 64], &mut |key, value| {
        all.push([key.to_vec(), value.to_vec()]);
        Ok(Flow::Continue)
    })?;
    Ok(all)
}

fn assert_reads(tx: &dyn ReadTx, model: &BTreeMap<u64, Event>) -> Result<(), StoreError> {
    let mut each = Vec::new();
    events::each(tx, |event| {
        each.push(event);
        Ok(Flow::Continue)
    })?;
    assert_eq!(each, model.values().cloned().collect::<Vec<_>>());
    for id in 1..7 {
        assert_eq!(events::get(tx, tandem::domain::ids::EventId(id))?.as_ref(), model.get(&id));
    }
    let mut scheduled: Vec<_> = model.values().filter(|event| event.schedule.is_some()).cloned().collect();
    scheduled.sort_by_key(|event| (event.start(), event.id));
    let (first, last) = (date("2025-10-01"), date("2025-10-31"));
    assert_eq!(events::scheduled_first(tx, (first, last), usize::MAX)?, scheduled);
    let due: Vec<_> = model.values().filter(|event| event.schedule.is_none()).cloned().collect();
    assert_eq!(events::due_first(tx, (first, last), usize::MAX)?, due);
    for table in Table::ALL {
        let (mut there, back) = (records(tx, table, ScanOrder::Ascending)?, records(tx, table, ScanOrder::Descending)?);
        there.reverse();
        assert_eq!(there, back, "{table:?}");
    }
    let mut problems = check::run(tx)?.storage_problems;
    // Issues are updated when the transaction has ended.
    problems.retain(|problem| !problem.ends_with("in issues") && !problem.starts_with("issues has"));
    assert_eq!(problems, Vec::<String>::new());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_transaction_reads_its_own_writes(committed in writes(), given_up in writes(), then in writes()) {
        let store = super::fresh();

        let model = write_and_read(&store, &BTreeMap::new(), &committed, true).unwrap();
        let before = bytes(&store);
        write_and_read(&store, &model, &given_up, false).unwrap_err();
        prop_assert_eq!(bytes(&store), before);
        let model = write_and_read(&store, &model, &then, true).unwrap();

        read(&store, |tx| assert_reads(tx, &model));
    }
}

#[test]
fn a_scan_stops_at_own_writes_and_at_stored_records() {
    let store = super::fresh();
    add(&store, &[event(2, "Inventory"), event(4, "Inventory")]).unwrap();

    let seen = store.write(|tx| {
        events::replace(tx, None, Some(&event(1, "Inventory")))?;
        events::replace(tx, None, Some(&event(3, "Inventory")))?;
        (1..=4)
            .map(|stop_at| {
                let mut seen = Vec::new();
                events::each(tx, |event| {
                    seen.push(event.id.0);
                    Ok(if event.id.0 == stop_at { Flow::Stop } else { Flow::Continue })
                })?;
                Ok(seen)
            })
            .collect::<Result<Vec<_>, StoreError>>()
    });

    assert_eq!(seen.unwrap(), [vec![1], vec![1, 2], vec![1, 2, 3], vec![1, 2, 3, 4]]);
}

#[test]
fn a_record_above_the_limit_rolls_back_its_transaction() {
    let store = super::fresh();
    add(&store, &pair(606_001)).unwrap();
    let before = bytes(&store);

    let refused = add(&store, &[event(1, "Inventory"), event(2, &"x".repeat(300_000))]);

    assert!(matches!(refused, Err(StoreError::TooLarge { table: Table::Events, .. })), "{refused:?}");
    assert_eq!(bytes(&store), before);
    add(&store, &[event(1, "Inventory")]).unwrap();
}

#[test]
fn only_the_last_run_of_a_write_is_applied() {
    let data = Data { fail_points: FailPoints::default().repeating_writes(), ..Data::new() };
    let store = data.open();
    let mut runs = 0;

    store
        .write(|tx| {
            runs += 1;
            events::replace(tx, None, Some(&event(runs, "Inventory")))
        })
        .unwrap();

    assert_eq!(runs, 2);
    assert_eq!(all(&store), [event(2, "Inventory")]);
}

#[test]
fn a_failure_of_any_write_of_a_move_changes_nothing() {
    let data = Data::new();
    let store = data.open();
    let [core, supervisor] = pair(606_001);
    add(&store, &[core.clone(), supervisor.clone()]).unwrap();

    let mut strikes = 0;
    loop {
        data.fail_points.arm(strikes, StoreError::Corrupt { table: Table::Events, key: "armed".into() });
        let moved = move_pair(&store, core.id, "2025-10-20");
        if moved.is_ok() {
            break;
        }
        strikes += 1;
        assert_eq!(all(&store), [core.clone(), supervisor.clone()], "after a fault at write {strikes}");
        let last = read(&store, |tx| audit::get(tx, strikes.into()));
        assert!(last.is_some_and(|entry: Entry| entry.steps.is_empty()), "the failure is in the audit");
    }

    assert!(strikes > 10, "a pair, its index entries, its counters and its audit entry, not only {strikes} writes");
    assert!(all(&store).iter().all(|event| event.date() == Some(date("2025-10-20"))));
}

#[test]
fn readers_never_see_half_a_pair_while_a_writer_moves_it_500_times() {
    let store = super::fresh();
    let [core, supervisor] = pair(606_001);
    add(&store, &[core.clone(), supervisor.clone()]).unwrap();
    let look = |tx: &Snapshot<'_>| {
        let both = [events::get(tx, core.id)?, events::get(tx, supervisor.id)?];
        let dates = both.map(|event| event.and_then(|event| event.date()));
        let day = dates[0].unwrap();
        Ok((dates, events::scheduled_first(tx, (day, day), usize::MAX)?.len()))
    };

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let (dates, that_day) = read(&store, look);
                    assert_eq!((dates[0], that_day), (dates[1], 2));
                }
            });
        }
        for turn in 0..500 {
            let made: Result<_, change::ChangeError> =
                move_pair(&store, core.id, if turn % 2 == 0 { "2025-10-20" } else { "2025-10-15" });
            assert_eq!(made.unwrap().followers(), 1);
        }
        done.store(true, Ordering::Relaxed);
    });
}
