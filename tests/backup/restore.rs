//! Restores return the data as it was.

use std::{
    fs,
    io::BufReader,
    path::{Path, PathBuf},
};

use tandem::{
    domain::{audit::Action, ids::EventId, schedule::Options as Week},
    services::proposals,
    store::{
        BACKUPS_DIR, Options, Store, Table,
        maintenance::{
            backup::{Draft, restore, to_temporary},
            check,
        },
        tables::{audit, events},
    },
};

use super::{PRIMARY, Place, busy_app, bytes, stored, unpack};
use crate::support::{App, NOW, origin};

#[test]
fn every_record_is_restored_byte_for_byte_and_every_index_is_rebuilt() {
    let (app, place) = (busy_app(), Place::new());
    let store = app.store.blocking();
    let file = to_temporary(store, NOW.parse().unwrap()).unwrap();

    let restored = restore::build(BufReader::new(file), &place.data_dir(), &Options::default()).unwrap();

    assert_eq!(restored.contents.count(Table::Events), 177);
    assert_eq!(restored.contents.count(Table::Replies), 1);
    assert!(restored.contents.count(Table::Audit) > 2);
    assert_eq!(restored.report.storage_problems, Vec::<String>::new());
    assert!(stored(&place.data_dir(), &Table::ALL) == bytes(store, &Table::ALL), "a record differs");
}

#[test]
fn a_restored_store_has_no_proposals() {
    let (app, place) = (App::with_acceptance_data(), Place::new());
    let store = app.store.blocking();
    let options = Week::between("2025-10-15".parse().unwrap(), "2025-10-21".parse().unwrap());
    let saved = proposals::make(store, options, &app.context.config, &origin()).unwrap();
    let file = to_temporary(store, NOW.parse().unwrap()).unwrap();

    restore::build(BufReader::new(file), &place.data_dir(), &Options::default()).unwrap();

    let restored = Store::open(&place.data_dir(), &Options::default()).unwrap();
    let find = |store: &Store| store.read(|tx| proposals::find(tx, saved.id, NOW.parse().unwrap()).map(|_| ()));
    assert!(find(store).is_ok());
    let refused = find(&restored).unwrap_err();
    assert!(format!("{refused:?}").contains("Unknown"), "{refused:?}");
}

#[test]
fn a_restored_store_stays_consistent_when_events_are_added() {
    let place = Place::with_backup(300);
    place.run(&["restore", "b.gz", "--replace"], 0);
    place.run(&["generate", "--month", "2025-11", "--count", "10", "--seed", "9"], 0);

    let store = Store::open(&place.data_dir(), &Options::default()).unwrap();

    let report = store.read(|tx| check::run(tx)).unwrap();
    assert_eq!(report.storage_problems, Vec::<String>::new());
    assert!(store.read(|tx| events::get(tx, EventId(1))).is_ok());
}

#[test]
fn the_last_audit_entry_of_a_restored_store_records_the_restore() {
    let place = Place::with_backup(20);
    let entries = |store: &Store| store.read(|tx| audit::last(tx)).unwrap();
    let before = entries(&Store::open(&place.data_dir(), &Options::default()).unwrap());

    place.run(&["restore", "b.gz", "--replace"], 0);
    place.run(&["restore", "b.gz", "--replace"], 0);

    let store = Store::open(&place.data_dir(), &Options::default()).unwrap();
    let last = store.read(|tx| audit::get(tx, entries(&store))).unwrap().unwrap();
    // The entry about the backup is not in the backup, and the one about the first restore was replaced.
    assert_eq!((last.sequence, last.action), (before, Action::Restore));
    assert_eq!(last.about.map(|about| about.id).as_deref(), Some("backup"));
}

#[test]
fn a_restored_folder_reports_a_truncated_store() {
    let place = Place::with_backup(300);
    place.run(&["restore", "b.gz", "--replace"], 0);
    let older = fs::read(place.data_dir().join("store/db")).unwrap();
    place.run(&["generate", "--month", "2025-11", "--count", "10", "--seed", "9"], 0);
    fs::remove_dir_all(place.data_dir().join("store")).unwrap();
    fs::create_dir(place.data_dir().join("store")).unwrap();
    fs::write(place.data_dir().join("store/db"), older).unwrap();

    place.run(&["check"], 2).complains("changes");
}

#[test]
fn a_backup_is_restored_into_a_new_folder() {
    let place = Place::with_backup(300);
    let before = stored(&place.data_dir(), &PRIMARY);
    fs::rename(place.data_dir(), place.path("gone")).unwrap();

    place.run(&["restore", "b.gz"], 0).says("restored 300 events");

    assert!(stored(&place.data_dir(), &PRIMARY) == before);
    assert_eq!(place.names(), ["b.gz", "data", "gone"]);
    place.run(&["check"], 0);
}

#[test]
fn a_restore_into_an_empty_folder_keeps_the_folder() {
    let place = Place::with_backup(300);
    let before = stored(&place.data_dir(), &PRIMARY);
    fs::rename(place.data_dir(), place.path("gone")).unwrap();
    fs::create_dir(place.data_dir()).unwrap();
    fs::create_dir(place.data_dir().join(BACKUPS_DIR)).unwrap();

    place.run(&["restore", "b.gz"], 0);

    assert!(stored(&place.data_dir(), &PRIMARY) == before);
    assert!(place.data_dir().join(BACKUPS_DIR).is_dir());
    place.run(&["check"], 0);
}

#[test]
fn an_existing_store_is_not_replaced() {
    let place = Place::with_backup(20);
    let before = stored(&place.data_dir(), &Table::ALL);

    place.run(&["restore", "b.gz"], 2).complains("data holds a store already").complains("--replace");

    assert!(stored(&place.data_dir(), &Table::ALL) == before);
    assert_eq!(place.names(), ["b.gz", "data"]);
}

#[test]
fn replace_moves_the_old_store_inside_the_data_folder() {
    let place = Place::with_backup(20);
    let backed_up = stored(&place.data_dir(), &PRIMARY);
    place.run(&["generate", "--month", "2025-11", "--count", "30", "--seed", "2"], 0);
    let before = stored(&place.data_dir(), &Table::ALL);
    fs::create_dir(place.data_dir().join(BACKUPS_DIR)).unwrap();
    fs::write(place.data_dir().join(BACKUPS_DIR).join("tandem-2025-10-01.jsonl.gz"), "one").unwrap();

    let ran = place.run(&["restore", "b.gz", "--replace"], 0);

    let kept = replaced_in(&place.data_dir()).pop().unwrap();
    ran.says(kept.to_str().unwrap());
    assert!(stored(&place.data_dir(), &PRIMARY) == backed_up);
    assert!(stored(&kept, &Table::ALL) == before);
    assert!(place.data_dir().join(BACKUPS_DIR).join("tandem-2025-10-01.jsonl.gz").is_file());
    assert_eq!(place.names(), ["b.gz", "data"]);
    place.run(&["generate", "--month", "2025-11", "--count", "5", "--seed", "3"], 0);
    place.run_on(&format!("data/{}", kept.file_name().unwrap().to_str().unwrap()), &["check"], 0).says("checked 50");
}

/// The folders of replaced stores.
fn replaced_in(data_dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(data_dir).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("before-restore-2")).collect()
}

#[cfg(unix)]
mod owners {
    use std::os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    };

    use super::*;

    /// A user without rights; the test itself runs as root.
    const UNPRIVILEGED_USER: u32 = 65_534;

    fn is_root(place: &Place) -> bool {
        fs::metadata(place.path(".")).unwrap().uid() == 0
    }

    fn all_below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                all_below(&entry.path(), found);
            }
            found.push(entry.path());
        }
    }

    fn give(folder: &Path, owner: u32) {
        let mut all = vec![folder.to_owned()];
        all_below(folder, &mut all);
        for path in &all {
            chown(path, Some(owner), Some(owner)).unwrap();
        }
    }

    #[test]
    fn every_command_needs_write_access_to_the_data_folder_only() {
        let place = Place::with_backup(20);
        place.run(&["generate", "--month", "2025-11", "--count", "30", "--seed", "2"], 0);
        let as_user = is_root(&place);
        if as_user {
            give(&place.data_dir(), UNPRIVILEGED_USER);
        }
        // The parent folder can be passed through, but not read or written.
        fs::set_permissions(place.path("."), fs::Permissions::from_mode(0o111)).unwrap();
        fs::set_permissions(place.path("b.gz"), fs::Permissions::from_mode(0o644)).unwrap();

        for arguments in [
            ["restore", "b.gz", "--replace"].as_slice(),
            &["check"],
            &["check", "--repair-storage"],
            &["backup", "data/c.gz"],
            &["restore", "data/c.gz", "--replace"],
        ] {
            let mut command = place.command("data", arguments);
            if as_user {
                command.uid(UNPRIVILEGED_USER).gid(UNPRIVILEGED_USER);
            }
            let ran = command.output().unwrap();
            assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        }

        fs::set_permissions(place.path("."), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(replaced_in(&place.data_dir()).len(), 2);
        assert_eq!(place.names(), ["b.gz", "data"]);
    }

    #[test]
    fn a_store_on_a_disk_that_cannot_be_written_is_checked_as_a_copy() {
        let place = Place::with_backup(20);
        let mut all = vec![place.path("."), place.data_dir()];
        all_below(&place.data_dir(), &mut all);
        for path in &all {
            let mode = if path.is_dir() { 0o555 } else { 0o444 };
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut command = place.command("data", &["check"]);
        if is_root(&place) {
            command.uid(UNPRIVILEGED_USER).gid(UNPRIVILEGED_USER);
        }

        let ran = command.output().unwrap();

        let mode = |path: &PathBuf| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        all.iter().for_each(mode);
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("checked 20 events"), "{ran:?}");
        assert!(String::from_utf8_lossy(&ran.stderr).contains("a copy of it is checked"), "{ran:?}");
    }

    #[test]
    fn root_leaves_no_own_file_in_the_folder_of_another_user() {
        let place = Place::with_backup(20);
        if !is_root(&place) {
            return;
        }
        give(&place.data_dir(), UNPRIVILEGED_USER);

        for arguments in [
            ["check"].as_slice(),
            &["check", "--repair-storage"],
            &["generate", "--month", "2025-12", "--count", "5", "--seed", "3"],
            &["restore", "b.gz", "--replace"],
            &["export", "events"],
        ] {
            place.run(arguments, 0);
            let mut all = Vec::new();
            all_below(&place.data_dir(), &mut all);
            all.retain(|path| fs::metadata(path).unwrap().uid() != UNPRIVILEGED_USER);
            assert_eq!(all, Vec::<PathBuf>::new(), "after {arguments:?}");
        }
    }
}

#[test]
fn a_store_is_found_again_after_an_interrupted_replacement() {
    let place = Place::with_backup(20);
    fs::rename(place.data_dir().join("store"), place.data_dir().join("store.coming")).unwrap();

    place.run(&["check"], 0).says("checked 20 events");
}

#[test]
fn leftovers_of_an_interrupted_restore_are_removed_by_the_next_one() {
    let place = Place::with_backup(20);
    fs::create_dir_all(place.data_dir().join(".tandem-scratch-abc/data/store")).unwrap();

    place.run(&["restore", "b.gz", "--replace"], 0);

    assert!(!place.data_dir().join(".tandem-scratch-abc").exists());
}

#[test]
fn a_damaged_store_can_be_replaced() {
    let place = Place::with_backup(20);
    fs::write(place.data_dir().join("store/db"), "garbage").unwrap();

    place.run(&["restore", "b.gz", "--replace"], 0);

    place.run(&["check"], 0).says("checked 20 events");
}

#[test]
fn a_folder_in_use_is_refused_with_the_process_that_has_it() {
    let place = Place::with_backup(20);
    let held = Store::open(&place.data_dir(), &Options::default()).unwrap();
    let mine = format!("is in use by another tandem (process {})", std::process::id());

    for arguments in [["restore", "b.gz", "--replace"].as_slice(), &["restore", "b.gz"], &["backup", "c.gz"]] {
        place.run(arguments, 2).complains(&mine);
    }

    drop(held);
    assert_eq!(place.names(), ["b.gz", "data"]);
}

#[test]
fn a_folder_with_other_files_is_refused_and_unchanged() {
    let place = Place::with_backup(20);
    fs::rename(place.data_dir(), place.path("gone")).unwrap();
    fs::create_dir(place.data_dir()).unwrap();
    fs::write(place.data_dir().join("thesis.odt"), "years of work").unwrap();

    for arguments in [["restore", "b.gz", "--replace"].as_slice(), &["restore", "b.gz"]] {
        place.run(arguments, 2).complains("is not a tandem data folder: it holds thesis.odt");
    }

    assert_eq!(fs::read_dir(place.data_dir()).unwrap().count(), 1);
}

#[test]
fn a_backup_never_overwrites_a_file() {
    let place = Place::with_backup(20);
    let before = fs::read(place.path("b.gz")).unwrap();

    place.run(&["backup", "b.gz"], 2).complains("b.gz exists already");

    assert_eq!(fs::read(place.path("b.gz")).unwrap(), before);
    assert_eq!(place.names(), ["b.gz", "data"]);
}

#[test]
fn a_folder_without_a_store_cannot_be_backed_up() {
    let place = Place::new();

    place.run(&["backup", "b.gz"], 2).complains("there is no store in data");

    assert_eq!(place.names(), Vec::<String>::new());
}

#[test]
fn two_backups_of_one_snapshot_differ_only_in_their_time() {
    let (app, place) = (busy_app(), Place::new());
    let make = |name: &str, at: &str| {
        let mut draft = Draft::beside(&place.path(name), &place.path(".")).unwrap();
        draft.write(app.store.blocking(), at.parse().unwrap()).unwrap();
        draft.place().unwrap();
        fs::read(place.path(name)).unwrap()
    };

    assert_eq!(make("a", NOW), make("b", NOW));
    let (one, other) = (unpack(&make("c", NOW)), unpack(&make("d", "2025-10-16T13:00:00Z")));
    assert_eq!(one[1..one.len() - 1], other[1..other.len() - 1]);
}
