//! Durability of changes, and failures of the disk.

use std::{sync::Barrier, thread};

use tandem::{
    services::change::ChangeError,
    store::{StoreError, maintenance::check},
};

use super::{Data, add, all, move_pair, pair, read};
use crate::domain::{date, event};

const WRITERS: u64 = 50;
const CHANGES_EACH: u64 = 4;

#[test]
fn fifty_writers_share_their_syncs() {
    let store = super::fresh();
    let before = store.counters().syncs;
    let together = Barrier::new(usize::try_from(WRITERS).unwrap());

    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (store, together) = (&store, &together);
            scope.spawn(move || {
                together.wait();
                for change in 0..CHANGES_EACH {
                    add(store, &[event(1 + writer * CHANGES_EACH + change, "Inventory")]).unwrap();
                }
            });
        }
    });

    let (changes, syncs) = (WRITERS * CHANGES_EACH, store.counters().syncs - before);
    assert_eq!(all(&store).len() as u64, changes);
    assert!(syncs < changes, "{changes} changes took {syncs} syncs");
}

#[test]
fn each_change_of_a_lone_writer_is_synced() {
    let store = super::fresh();
    add(&store, &pair(606_001)).unwrap();
    let core = pair(606_001)[0].id;

    for day in ["2025-10-20", "2025-10-21", "2025-10-22"] {
        let before = store.counters().syncs;
        move_pair(&store, core, day).unwrap();
        assert_eq!(store.counters().syncs, before + 1, "{day}");
    }
}

#[test]
fn reading_and_changing_nothing_syncs_nothing() {
    let store = super::fresh();
    add(&store, &pair(606_001)).unwrap();
    let (syncs, version) = (store.counters().syncs, store.version());

    let unchanged = move_pair(&store, pair(606_001)[0].id, "2025-10-15").unwrap();
    store.write(|_| Ok::<(), StoreError>(())).unwrap();

    assert_eq!((unchanged.entry, all(&store).len()), (None, 2));
    assert_eq!((store.counters().syncs, store.version()), (syncs, version));
}

#[test]
fn a_full_disk_stops_writing_until_a_restart_and_loses_nothing() {
    let data = Data::new();
    let store = data.open();
    add(&store, &pair(606_001)).unwrap();
    let core = pair(606_001)[0].id;
    move_pair(&store, core, "2025-10-20").unwrap();

    data.fail_points.arm(3, StoreError::Full);
    let full = move_pair(&store, core, "2025-10-21");
    let later = move_pair(&store, core, "2025-10-22");

    assert!(matches!(full, Err(ChangeError::Store(StoreError::Full))), "{full:?}");
    assert!(matches!(&later, Err(ChangeError::Store(StoreError::ReadOnly(why))) if why.contains("full")), "{later:?}");
    assert!(all(&store).iter().all(|event| event.date() == Some(date("2025-10-20"))), "reading still works");
    drop(store);
    let store = data.open();
    assert!(all(&store).iter().all(|event| event.date() == Some(date("2025-10-20"))));
    move_pair(&store, core, "2025-10-22").unwrap();
    assert!(read(&store, |tx| check::run(tx)).is_clean());
}

#[test]
fn acknowledged_changes_are_there_after_reopening() {
    let data = Data::new();
    let store = data.open();
    let events: Vec<_> = (1..=300).map(|id| event(id, "Inventory")).collect();
    for batch in events.chunks(7) {
        add(&store, batch).unwrap();
    }

    drop(store);

    let store = data.open();
    assert_eq!(all(&store), events);
}
