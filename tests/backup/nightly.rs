//! The nightly backup.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use tandem::{
    jobs::backup::{is_due, run_once},
    store::{BACKUPS_DIR, Options, maintenance::backup::restore},
};

use super::{PRIMARY, Place, bytes, stored};
use crate::support::{App, NOW, october, origin};

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn backups(app: &App) -> Vec<String> {
    let folder = app.context.config.data_dir.join(BACKUPS_DIR);
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_run_makes_a_backup_that_can_be_restored_and_reports_it() {
    let (app, place) = (App::with(&[], Some(october(100))), Place::new());
    assert!(is_due(&app.context, now()));

    run_once(&app.context, now());

    let report = app.context.backups.get().unwrap();
    let made = report.outcome.unwrap();
    assert_eq!((report.at, made.events), (now(), 100));
    assert_eq!(made.bytes, fs::metadata(&made.file).unwrap().len());
    assert_eq!(backups(&app), ["tandem-2025-10-15.jsonl.gz"]);
    assert!(!is_due(&app.context, now()));
    restore::into_place(&made.file, &place.data_dir(), false, &origin(), &Options::default()).unwrap();
    assert!(stored(&place.data_dir(), &PRIMARY) == bytes(app.store.blocking(), &PRIMARY));
}

#[test]
fn fourteen_backups_are_kept_and_other_files_stay() {
    let app = App::with(&[], Some(october(10)));
    run_once(&app.context, now());
    let folder = app.context.config.data_dir.join(BACKUPS_DIR);
    fs::write(folder.join("before-the-move.jsonl.gz"), "mine").unwrap();
    fs::write(folder.join("tandem-old.jsonl.gz"), "mine").unwrap();

    for days in 1..17 {
        run_once(&app.context, now() + TimeDelta::days(days)).outcome.unwrap();
    }

    let found = backups(&app);
    assert_eq!(found.len(), 2 + 14);
    assert_eq!(found[1], "tandem-2025-10-18.jsonl.gz");
    assert_eq!(found[14], "tandem-2025-10-31.jsonl.gz");
}

#[test]
fn a_clock_set_back_does_not_delete_the_new_backup() {
    let app = App::with(&[("backups_kept", "1")], Some(october(10)));
    run_once(&app.context, now());

    run_once(&app.context, now() - TimeDelta::days(30)).outcome.unwrap();

    assert_eq!(backups(&app), ["tandem-2025-09-15.jsonl.gz", "tandem-2025-10-15.jsonl.gz"]);
    assert!(!is_due(&app.context, now() - TimeDelta::days(30)));
}

#[test]
fn a_missed_run_is_due_and_one_before_its_hour_is_not() {
    let app = App::with(&[("backup_at", "\"12:00\"")], Some(october(10)));
    run_once(&app.context, now());
    assert_eq!(backups(&app), ["tandem-2025-10-14.jsonl.gz"]);

    assert!(!is_due(&app.context, now()));
    assert!(is_due(&app.context, now() + TimeDelta::hours(3)));
    assert!(is_due(&app.context, now() + TimeDelta::days(20)));
}

#[test]
fn a_failed_run_keeps_old_backups_reports_its_cause_and_is_repeated() {
    let app = App::with(&[("backups_kept", "1")], Some(october(10)));
    run_once(&app.context, now());
    let tomorrow = now() + TimeDelta::days(1);
    fs::create_dir(app.context.config.data_dir.join(BACKUPS_DIR).join("tandem-2025-10-16.jsonl.gz")).unwrap();

    let failed = run_once(&app.context, tomorrow);

    assert!(failed.outcome.unwrap_err().contains("tandem-2025-10-16.jsonl.gz exists already"));
    assert!(backups(&app).contains(&"tandem-2025-10-15.jsonl.gz".to_owned()));
    let next_day = tomorrow + TimeDelta::days(1);
    assert!(is_due(&app.context, next_day));
}

#[test]
fn leftovers_of_a_crash_are_removed() {
    let app = App::with(&[], Some(october(10)));
    let folder = app.context.config.data_dir.join(BACKUPS_DIR);
    fs::create_dir_all(folder.join(".tandem-scratch-1/data/store")).unwrap();
    fs::write(folder.join(".tandem-scratch-2"), "half").unwrap();

    run_once(&app.context, now());

    assert_eq!(backups(&app), ["tandem-2025-10-15.jsonl.gz"]);
}

#[test]
fn a_disabled_backup_is_never_due() {
    let app = App::with(&[("backup_at", "off")], Some(october(10)));

    assert!(!is_due(&app.context, now()));
}
