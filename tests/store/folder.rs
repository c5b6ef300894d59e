//! The data folder: ownership, locking, and damage.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tandem::store::{OpenError, StoreError, maintenance::check};

use super::{Data, add, all, pair};
use crate::domain::event;

/// Offsets of the database file at which a byte is flipped.
const PLACES: usize = 24;

/// A folder that was used and closed.
fn used() -> Data {
    let data = Data::new();
    add(&data.open(), &pair(606_001)).unwrap();
    data
}

#[test]
fn a_folder_in_use_is_refused_with_the_process_that_holds_it() {
    let data = Data::new();
    let store = data.open();

    let second = data.try_open();

    let this = std::process::id().to_string();
    assert!(matches!(&second, Err(OpenError::Locked { pid, .. }) if *pid == this), "{second:?}");
    drop(store);
    data.open();
}

#[test]
fn a_folder_with_other_files_is_refused_and_unchanged() {
    let data = Data::new();
    fs::create_dir(data.path()).unwrap();
    fs::write(data.path().join("thesis.txt"), "years of work").unwrap();

    let refused = data.try_open();

    assert!(matches!(&refused, Err(OpenError::NotOurs { found, .. }) if found == "thesis.txt"), "{refused:?}");
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
}

#[test]
fn a_file_is_not_taken_for_a_folder() {
    let data = Data::new();
    fs::write(data.path(), "a file").unwrap();

    let refused = data.try_open();

    assert!(matches!(refused, Err(OpenError::NotAFolder { .. })), "{refused:?}");
}

#[test]
fn a_file_added_to_a_data_folder_does_no_harm() {
    let data = used();
    fs::write(data.path().join("notes.txt"), "a note").unwrap();

    assert_eq!(all(&data.open()), pair(606_001));
}

#[test]
fn a_used_folder_without_its_store_is_not_a_new_folder() {
    let data = used();
    fs::remove_dir_all(data.path().join("store")).unwrap();

    let refused = data.try_open();

    assert!(matches!(refused, Err(OpenError::Emptied { .. })), "{refused:?}");
}

#[test]
fn a_used_folder_without_its_database_file_is_not_a_new_folder() {
    let data = used();
    fs::remove_file(data.path().join("store/db")).unwrap();

    let refused = data.try_open();

    assert!(matches!(refused, Err(OpenError::Emptied { .. } | OpenError::Store(_))), "{refused:?}");
}

#[test]
fn a_folder_moved_removed_or_replaced_in_use_takes_no_more_changes() {
    for what in ["moved", "removed", "replaced", "its store removed", "its store replaced"] {
        let data = used();
        let (store, aside) = (data.open(), data.path().with_extension("aside"));
        let inside = data.path().join("store");
        match what {
            "removed" => fs::remove_dir_all(data.path()).unwrap(),
            "its store removed" => fs::remove_dir_all(&inside).unwrap(),
            "its store replaced" => {
                fs::rename(&inside, &aside).unwrap();
                fs::create_dir(&inside).unwrap();
                fs::copy(aside.join("db"), inside.join("db")).unwrap();
            }
            _ => fs::rename(data.path(), &aside).unwrap(),
        }
        if what == "replaced" {
            fs::create_dir_all(&inside).unwrap();
            for file in ["tandem.lock", "tandem.changes", "tandem.store", "store/db", "store/conf"] {
                fs::copy(aside.join(file), data.path().join(file)).unwrap();
            }
        }

        let refused = add(&store, &[event(9, "Inventory")]);

        assert!(matches!(refused, Err(StoreError::Moved(_))), "{what}: {refused:?}");
        assert!(matches!(store.check_writable(), Err(StoreError::Moved(_))), "{what}");
        assert_eq!(all(&store), pair(606_001), "{what}: reading goes on");
        if what == "moved" {
            fs::rename(&aside, data.path()).unwrap();
            add(&store, &[event(9, "Inventory")]).unwrap();
        }
    }
}

#[test]
fn garbage_instead_of_the_database_file_is_refused() {
    for garbage in [b"garbage".to_vec(), vec![0; 600_000], vec![255; 600_000], vec![7; 100_000]] {
        let data = used();
        fs::write(data.path().join("store/db"), &garbage).unwrap();
        let refused = data.try_open();
        assert!(
            matches!(refused, Err(OpenError::Emptied { .. } | OpenError::Store(StoreError::Damaged(_)))),
            "{} bytes: {refused:?}",
            garbage.len()
        );
    }
}

#[test]
fn a_store_without_a_lock_file_is_refused() {
    let data = Data::new();
    fs::create_dir_all(data.path().join("store")).unwrap();
    fs::write(data.path().join("store/db"), vec![7; 600_000]).unwrap();

    let refused = data.try_open();

    assert!(matches!(&refused, Err(OpenError::NotOurs { found, .. }) if found == "store"), "{refused:?}");
    assert_eq!(fs::read(data.path().join("store/db")).unwrap(), vec![7; 600_000]);
}

#[test]
fn an_interrupted_first_start_is_completed() {
    let data = used();
    fs::remove_file(data.path().join("tandem.store")).unwrap();

    assert_eq!(all(&data.open()), pair(606_001));

    fs::write(data.path().join("notes.txt"), "a note").unwrap();
    assert_eq!(all(&data.open()), pair(606_001), "the folder is ours by its mark");
}

/// The files of a used folder, restored before each damage.
struct Files(Vec<(PathBuf, Vec<u8>)>);

impl Files {
    fn of(folder: &Path) -> Self {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        Self(files.map(|path| (path.clone(), fs::read(path).unwrap())).collect())
    }

    fn restore(&self, folder: &Path) {
        fs::remove_dir_all(folder).unwrap();
        fs::create_dir(folder).unwrap();
        self.0.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    }
}

/// Flips a byte at many offsets, one at a time. Returns how often the damage was reported; otherwise nothing may be
/// missing.
fn times_reported(batches: u64) -> usize {
    let data = Data::new();
    let store = data.open();
    for batch in 0..batches {
        let pairs: Vec<_> = (0..40).flat_map(|one| pair(600_000 + 40 * batch + one)).collect();
        add(&store, &pairs).unwrap();
    }
    let events = all(&store);
    drop(store);
    let (folder, file) = (data.path().join("store"), data.path().join("store/db"));
    let (files, whole) = (Files::of(&folder), fs::read(&file).unwrap());
    let is_reported = |place: &usize| {
        files.restore(&folder);
        let mut damaged = whole.clone();
        damaged[whole.len() * place / PLACES + 50] ^= 0x40;
        fs::write(&file, damaged).unwrap();
        match data.try_open() {
            Ok(store) => store.read(|tx| check::run(tx)).map_or_else(
                |error| matches!(error, StoreError::Damaged(_)),
                |report| {
                    let found = !report.storage_problems.is_empty();
                    assert!(found || all(&store) == events, "place {place} forgot something");
                    found
                },
            ),
            Err(OpenError::Store(StoreError::Damaged(_)) | OpenError::Outdated { .. } | OpenError::Emptied { .. }) => {
                true
            }
            Err(other) => panic!("{other:?}"),
        }
    };
    let reported = (0..PLACES).filter(is_reported).count();
    files.restore(&folder);
    assert_eq!(all(&data.open()), events, "works again when the file is whole again");
    reported
}

#[test]
fn a_flipped_byte_is_reported_or_harmless_and_never_loses_a_change() {
    for batches in [2, 10, 60] {
        let reported = times_reported(batches);
        assert!(reported > PLACES / 8, "{batches} batches: {reported} of {PLACES}");
    }
}

#[test]
fn an_older_store_is_refused_until_it_is_accepted() {
    let data = used();
    let older = Files::of(&data.path().join("store"));
    add(&data.open(), &[event(1, "Inventory")]).unwrap();
    older.restore(&data.path().join("store"));

    let refused = data.try_open();

    assert!(matches!(refused, Err(OpenError::Outdated { found: 4, wanted: 5, .. })), "{refused:?}");
    fs::remove_file(data.path().join("tandem.changes")).unwrap();
    assert_eq!(all(&data.open()), pair(606_001));
}
