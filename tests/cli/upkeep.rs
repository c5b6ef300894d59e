//! `tandem compact` and `tandem archive-audit`.

use std::fs;

use tandem::{
    domain::audit::{Action, Entry, Origin, Outcome},
    store::{Flow, Options, ReadTx, Store, StoreError, Table, tables::audit},
};

use super::Place;
use crate::support::origin;

/// Every record of every table, byte for byte.
fn records(place: &Place) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
    let store = Store::open(&place.data_dir(), &Options::default()).unwrap();
    let mut all = Vec::new();
    let read = store.read(|tx| {
        Table::ALL.into_iter().try_for_each(|table| {
            tx.scan(table, &[]..&[255; 64], &mut |key, value| {
                all.push((table, key.to_vec(), value.to_vec()));
                Ok(Flow::Continue)
            })
        })
    });
    read.unwrap_or_else(|error: StoreError| panic!("{error}"));
    all
}

/// The size of the database file.
fn bytes(place: &Place) -> u64 {
    fs::metadata(place.data_dir().join("store/db")).unwrap().len()
}

#[test]
fn a_compacted_store_is_smaller_and_has_every_record() {
    let place = Place::new();
    for seed in ["1", "2", "3"] {
        // The same numbers each time, so that records are overwritten.
        place.run(&["generate", "--count", "400", "--month", "2025-10", "--seed", seed]).ended(0);
    }
    let (before, large) = (records(&place), bytes(&place));

    place.run(&["compact"]).ended(0).says("every record was compared");

    let small = bytes(&place);
    assert!(small < large, "{small} bytes, before {large}");
    assert!(records(&place) == before, "a record differs");
    let names: Vec<_> = fs::read_dir(place.data_dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| ["store.new", "store.old"].iter().any(|left| *name == **left)), "{names:?}");
    place.run(&["generate", "--count", "10", "--month", "2026-01"]).ended(0);
    place.run(&["check"]).ended(0);
}

#[test]
fn a_store_in_use_is_not_compacted() {
    let place = Place::with_visits();
    let held = Store::open(&place.data_dir(), &Options::default()).unwrap();

    place.run(&["compact"]).ended(2).complains("is in use by another tandem");

    drop(held);
}

#[test]
fn without_a_store_none_is_created() {
    let place = Place::new();

    place.run(&["compact"]).ended(2).complains("there is no store in");

    assert!(!place.data_dir().exists());
}

/// A store with two entries of a year ago, and one of now.
fn with_old_entries() -> Place {
    let place = Place::new();
    let store = Store::open(&place.data_dir(), &Options::default()).unwrap();
    for at in ["2024-10-01T12:00:00Z", "2024-10-02T12:00:00Z"] {
        let origin = Origin { at: at.parse().unwrap(), ..origin() };
        let entry = Entry::new(&origin, Action::SignIn, Outcome::Done);
        store.write::<_, StoreError>(|tx| audit::append(tx, entry.clone()).map(drop)).unwrap();
    }
    drop(store);
    place.run(&["generate", "--count", "10", "--month", "2025-10"]).ended(0);
    place
}

#[test]
fn old_audit_entries_move_to_a_file_that_the_check_reads() {
    let place = with_old_entries();
    let file = place.folder.path().join("audit.gz").to_str().unwrap().to_owned();

    place.run(&["archive-audit", "--before", "2025-01-01", &file]).ended(0).says("moved entries 1 to 2 to");

    place.run(&["check"]).ended(0).says("audit entries 1 to 2 are archived");
    place.run(&["check", "--archive", &file]).ended(0).says("holds audit entries 1 to 2, unaltered");
    place.run(&["archive-audit", "--before", "2025-01-01", &file]).ended(2).complains("exists already");
    fs::write(&file, "something else").unwrap();
    place.run(&["check", "--archive", &file]).ended(1).says("this is not an archive of the audit");
}

#[test]
fn audit_entries_of_the_last_month_stay() {
    let place = with_old_entries();

    for day in ["2099-01-01", "yesterday"] {
        let ran = place.run(&["archive-audit", "--before", day, "audit.gz"]).ended(2);
        assert!(ran.err.contains("31 days") || ran.err.contains("YYYY-MM-DD"), "{}", ran.err);
    }
    place.run(&["archive-audit", "--before", "2024-01-01", "audit.gz"]).ended(0).says("nothing was written");
    assert!(!place.folder.path().join("audit.gz").exists());
}
