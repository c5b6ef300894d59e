//! Archives of the audit: the chain of hashes goes on through files and store.

use std::{fs, io::BufReader, path::PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use tandem::{
    domain::{
        audit::{Action, Entry, Origin, Outcome, State, Step},
        ids::{EventId, Revision},
    },
    store::{
        FailPoints, Options, Store, StoreError,
        maintenance::{
            audit_archive::{self, ArchiveError, Archived, follow},
            backup::{self, restore},
            check,
        },
        tables::{audit, meta},
    },
};
use tempfile::TempDir;

use crate::support::{NOW, origin};

/// One entry an hour, each about one event.
const ENTRIES: u64 = 600;
const EVENT: EventId = EventId(1001);

struct Place {
    folder: TempDir,
    options: Options,
}

impl Place {
    fn new() -> Self {
        Self::of("test")
    }

    /// With entries of the given user.
    fn of(who: &str) -> Self {
        let place = Self { folder: TempDir::new().unwrap(), options: Options::default() };
        let store = place.open();
        for batch in 0..ENTRIES / 100 {
            let append = |tx: &mut tandem::store::Tx<'_>| {
                (batch * 100..(batch + 1) * 100).try_for_each(|hour| audit::append(tx, entry(hour, who)).map(drop))
            };
            store.write::<_, StoreError>(append).unwrap();
        }
        place
    }

    fn open(&self) -> Store {
        Store::open(&self.folder.path().join("data"), &self.options).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The moment so many hours after the first entry.
fn at(hours: u64) -> DateTime<Utc> {
    NOW.parse::<DateTime<Utc>>().unwrap() - TimeDelta::days(365) + TimeDelta::hours(i64::try_from(hours).unwrap())
}

fn entry(hour: u64, who: &str) -> Entry {
    let state = State { revision: Revision(u32::try_from(hour).unwrap()), schedule: None };
    let origin = Origin { who: who.into(), at: at(hour), ..origin() };
    let step = Step { event: EVENT, before: state.clone(), after: state };
    Entry { steps: vec![step], ..Entry::new(&origin, Action::Unschedule, Outcome::Done) }
}

fn problems(store: &Store) -> Vec<String> {
    store.read(|tx| check::run(tx)).unwrap().storage_problems
}

/// The problems that following the archives finds.
fn broken(store: &Store, files: &[PathBuf]) -> Vec<String> {
    follow(store, files).unwrap().problems
}

#[test]
fn entries_before_a_day_move_to_a_file_and_the_chain_continues() {
    let place = Place::new();
    let (store, file) = (place.open(), place.file("a.gz"));

    let moved = audit_archive::run(&store, &file, at(400), &origin()).unwrap().unwrap();

    assert_eq!(moved, Archived { first: 1, last: 400, bytes: fs::metadata(&file).unwrap().len() });
    let read = |sequence| store.read(|tx| audit::get(tx, sequence)).unwrap();
    assert_eq!((read(1), read(400)), (None, None));
    assert_eq!(read(401).map(|entry| entry.at), Some(at(400)));
    assert_eq!(read(ENTRIES + 1).map(|entry| entry.action), Some(Action::ArchiveAudit));
    let of_event = store.read(|tx| audit::recent_of(tx, EVENT, 1000)).unwrap();
    assert_eq!(of_event.len() as u64, ENTRIES - 400);
    assert_eq!(problems(&store), Vec::<String>::new());
    let followed = follow(&store, std::slice::from_ref(&file)).unwrap();
    assert_eq!((followed.archives, followed.problems), (vec![(file, 1, 400)], vec![]));
}

#[test]
fn an_entry_that_a_wrong_clock_dated_in_the_future_leaves_with_those_around_it() {
    for count in [1, 2] {
        let place = Place { folder: TempDir::new().unwrap(), options: Options::default() };
        let store = place.open();
        let future = (0..count).map(|hour| entry(10 * 365 * 24 + hour, "a clock of another year"));
        let entries =
            (0..5).map(|hour| entry(hour, "test")).chain(future).chain((5..20).map(|hour| entry(hour, "test")));
        let entries: Vec<_> = entries.collect();
        let append = |tx: &mut tandem::store::Tx<'_>| {
            entries.iter().try_for_each(|entry| audit::append(tx, entry.clone()).map(drop))
        };
        store.write::<_, StoreError>(append).unwrap();
        let [first, second] = ["a.gz", "b.gz"].map(|name| place.file(name));

        let before_it = audit_archive::run(&store, &first, at(5), &origin()).unwrap().unwrap();
        let behind_it = audit_archive::run(&store, &second, at(15), &origin()).unwrap().unwrap();

        assert_eq!((before_it.last, behind_it.last), (5, 15 + count));
        assert_eq!(problems(&store), Vec::<String>::new());
        assert_eq!(broken(&store, &[first, second]), Vec::<String>::new());
    }
}

#[test]
fn a_missing_or_altered_archive_is_reported() {
    let place = Place::new();
    let store = place.open();
    let [first, second] = ["a.gz", "b.gz"].map(|name| place.file(name));
    audit_archive::run(&store, &first, at(100), &origin()).unwrap().unwrap();
    audit_archive::run(&store, &second, at(200), &origin()).unwrap().unwrap();

    assert_eq!(broken(&store, &[second.clone(), first.clone()]), Vec::<String>::new());
    assert_eq!(broken(&store, std::slice::from_ref(&second)), ["entries 1 to 100 are in no archive that was given"]);
    assert_eq!(broken(&store, std::slice::from_ref(&first)), ["entries 101 to 200 are in no archive that was given"]);
    let text = fs::read(&first).unwrap();
    fs::write(&first, &text[..text.len() - 20]).unwrap();
    let found = broken(&store, &[first, second]);
    assert!(found.iter().any(|problem| problem.contains("cut short")), "{found:?}");
}

#[test]
fn an_archive_of_another_store_is_reported() {
    let (place, other) = (Place::new(), Place::of("another user"));
    let (store, theirs) = (place.open(), other.file("a.gz"));
    audit_archive::run(&store, &place.file("a.gz"), at(100), &origin()).unwrap().unwrap();
    audit_archive::run(&other.open(), &theirs, at(100), &origin()).unwrap().unwrap();

    let found = broken(&store, &[theirs]);

    assert!(found.len() == 1 && found[0].contains("do not lead to those that follow"), "{found:?}");
}

#[test]
fn an_interrupted_archive_loses_no_entry() {
    let place = Place::new();
    let [first, second] = ["a.gz", "b.gz"].map(|name| place.file(name));
    let faults = FailPoints::default();
    let store =
        Store::open(&place.folder.path().join("data"), &Options { fail_points: faults.clone(), ..Options::default() });
    // The second transaction of the removal fails: the first removes 250 records, each with its index entry.
    faults.arm(600, StoreError::Full);
    let cut = audit_archive::run(&store.unwrap(), &first, at(400), &origin());
    assert!(matches!(cut, Err(ArchiveError::Store(StoreError::Full))), "{cut:?}");

    let store = place.open();
    assert_eq!(store.read(|tx| meta::audit_archived(tx)).unwrap().sequence, 250);
    assert_eq!(problems(&store), Vec::<String>::new());
    assert_eq!(broken(&store, std::slice::from_ref(&first)), Vec::<String>::new());
    let moved = audit_archive::run(&store, &second, at(400), &origin()).unwrap().unwrap();
    assert_eq!((moved.first, moved.last), (251, 400));
    assert_eq!(broken(&store, &[first, second]), Vec::<String>::new());
}

#[test]
fn entries_not_yet_sent_to_the_webhook_stay() {
    let place = Place::new();
    let store = place.open();
    store.write::<_, StoreError>(|tx| meta::set_changes_sent(tx, 30)).unwrap();

    let moved = audit_archive::run(&store, &place.file("a.gz"), at(400), &origin()).unwrap().unwrap();

    assert_eq!(moved.last, 30);
    let more = audit_archive::run(&store, &place.file("b.gz"), at(400), &origin()).unwrap();
    assert_eq!((more, place.file("b.gz").exists()), (None, false));
}

#[test]
fn a_backup_contains_the_end_of_the_archive() {
    let place = Place::new();
    let (store, file) = (place.open(), place.file("a.gz"));
    audit_archive::run(&store, &file, at(400), &origin()).unwrap().unwrap();
    let taken = backup::to_temporary(&store, at(0)).unwrap();
    let restored = place.folder.path().join("restored");

    restore::build(BufReader::new(taken), &restored, &Options::default()).unwrap();

    let store = Store::open(&restored, &Options::default()).unwrap();
    assert_eq!(broken(&store, &[file]), Vec::<String>::new());
}

#[test]
fn a_file_is_never_overwritten() {
    let place = Place::new();
    let (store, file) = (place.open(), place.file("a.gz"));
    fs::write(&file, "mine").unwrap();

    let refused = audit_archive::run(&store, &file, at(400), &origin());

    assert!(matches!(refused, Err(ArchiveError::Exists(_))), "{refused:?}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert!(store.read(|tx| audit::get(tx, 1)).unwrap().is_some());
}
