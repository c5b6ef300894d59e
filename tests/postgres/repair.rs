//! Repairs beside servers that run.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use tandem::{
    domain::event::Event,
    store::{
        Store, StoreError, Table,
        maintenance::{check, repair},
        tables::events as table,
    },
};

use crate::{
    cluster::{Cluster, open},
    failures::Ending,
    server::wait_until,
    shared::{fill, scheduled},
};

/// Takes an event off the calendar and puts it back, which moves the counters of its day.
fn flip(store: &Store, event: &Event) {
    let off = Event { schedule: None, ..event.clone() };
    store.write(|tx| table::replace(tx, Some(event), Some(&off))).unwrap();
    store.write(|tx| table::replace(tx, Some(&off), Some(event))).unwrap();
}

fn problems(store: &Store) -> Vec<String> {
    store.read(|tx| check::run(tx)).unwrap().storage_problems
}

/// Removes the counters of all days, as a fault would.
fn damage(cluster: &Cluster, schema: &str) {
    cluster.sql(&format!("DELETE FROM {schema}.kv WHERE t = {}", number(Table::DayCounts)));
}

/// The number of a table in the database.
fn number(table: Table) -> usize {
    Table::ALL.into_iter().position(|one| one == table).unwrap() + 1
}

#[test]
fn a_repair_is_refused_while_another_server_writes_and_is_right_afterwards() {
    let cluster = Cluster::shared();
    fill(&open(&cluster.url(), "repaired").store, 200);
    damage(&cluster, "repaired");
    let (one, other) = (open(&cluster.url(), "repaired"), open(&cluster.url(), "repaired"));
    let events = scheduled(&other.store);
    assert!(!problems(&one.store).is_empty());
    let (ended, begun) = (AtomicBool::new(false), AtomicBool::new(false));

    let repaired = thread::scope(|scope| {
        let _ending = Ending(&ended);
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                // Counters stay as they are: they are gone.
                other.store.write(|tx| table::replace(tx, Some(&events[0]), Some(&events[0]))).unwrap();
                begun.store(true, Ordering::Relaxed);
            }
        });
        wait_until("the other server writes", 20, || begun.load(Ordering::Relaxed));
        repair::run(&one.store)
    });

    assert!(matches!(repaired, Err(StoreError::Outpaced)), "{repaired:?}");
    repair::run(&one.store).unwrap();
    assert_eq!(problems(&one.store), [""; 0]);
    flip(&other.store, &events[1]);
    assert_eq!(problems(&other.store), [""; 0]);
}

#[test]
fn issues_are_computed_again_while_another_server_writes() {
    let cluster = Cluster::shared();
    let other = open(&cluster.url(), "computed");
    fill(&other.store, 300);
    let moved = scheduled(&other.store).remove(0);
    let (ended, begun) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let _ending = Ending(&ended);
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                flip(&other.store, &moved);
                begun.store(true, Ordering::Relaxed);
            }
        });
        wait_until("the other server writes", 20, || begun.load(Ordering::Relaxed));
        // A server with another setting computes them when it opens the store.
        crate::cluster::open_with(&cluster.url(), "computed", 45);
    });

    assert_eq!(problems(&other.store), [""; 0]);
}
