//! TC-047, TX-01: figures of imports, which move nothing.

use serde_json::json;
use tandem::{
    domain::{event::Event, integrity::Check},
    import::Incoming,
};

use crate::support::{App, acceptance_data, visits_data};

/// The same source, with one event of it changed.
fn with(mut incoming: Incoming, id: u64, change: impl FnOnce(&mut Event)) -> Incoming {
    let found = incoming.events.iter_mut().find(|incoming| incoming.event.id.0 == id).unwrap();
    change(&mut found.event);
    incoming
}

#[test]
fn tc_047_an_import_counts_cores_and_pairs() {
    let app = App::empty();

    let summary = app.import(acceptance_data());

    assert_eq!((summary.new, summary.cores, summary.scheduled), (21, 8, 16));
    let pairs = app.check().pairs;
    assert_eq!((pairs.pairs, pairs.pairs_scheduled, pairs.pairs_half, pairs.pairs_unstaffed), (5, 3, 1, 1));
}

#[test]
fn tc_047_an_imported_core_moves_nothing_and_the_check_reports_it() {
    let app = App::with_acceptance_data();

    let summary = app.import(with(acceptance_data(), 1001, |core| {
        core.schedule.as_mut().unwrap().start = "2025-10-21T10:00:00".parse().unwrap();
    }));

    assert_eq!((summary.new, summary.changed, summary.unchanged), (0, 1, 20));
    assert_eq!(app.assignment(1001), Some(("2025-10-21 10:00".into(), "101".into())));
    assert_eq!(app.assignment(1002), Some(("2025-10-15 12:00".into(), "102".into())));
    let found = app.check().pairs.findings.into_iter().find(|found| found.check == Check::DateMismatch);
    assert_eq!(found.unwrap().event.0, 1002);
}

#[test]
fn tx_01_the_retailers_files_give_these_figures() {
    let app = App::empty();

    let summary = app.import(visits_data());

    assert_eq!((summary.new, summary.scheduled, summary.employees_new), (156, 90, 12));
    assert!(summary.rejected.is_empty(), "{:?}", summary.rejected);
    let report = app.check();
    let pairs = &report.pairs;
    assert_eq!((pairs.pairs, pairs.pairs_scheduled, pairs.pairs_half, pairs.pairs_unstaffed), (47, 5, 36, 6));
    assert_eq!(pairs.supervisors_alone, 3);
    assert_eq!(pairs.by_check().get(&Check::SupervisorUnstaffed), Some(&36));
    assert_eq!(report.storage_problems, [""; 0]);
}

#[test]
fn tx_01_a_second_import_changes_nothing() {
    let app = App::with_visits();
    let (before, audited) = (app.bytes(), app.audit().len());

    let summary = app.import(visits_data());

    assert_eq!((summary.new, summary.changed, summary.unchanged), (0, 0, 156));
    assert_eq!((summary.employees_new, summary.employees_changed), (0, 0));
    assert_eq!((app.bytes(), app.audit().len()), (before, audited));
}

#[test]
fn tx_01_a_second_import_keeps_changes_of_schedulers() {
    let app = App::with_visits();
    app.call("/api/reschedule_event", json!({"schedule_id": 121_895_449, "new_date": "2025-09-28"})).ok();
    let before = app.bytes();

    let summary = app.import(visits_data());

    assert_eq!((summary.new, summary.changed, summary.unchanged), (0, 0, 156));
    assert_eq!(summary.notes.len(), 0, "{:?}", summary.notes);
    assert_eq!(app.bytes(), before);
}

#[test]
fn tx_01_changes_of_the_source_overwrite_with_a_note() {
    let app = App::with_visits();
    app.call("/api/reschedule_event", json!({"schedule_id": 121_895_449, "new_date": "2025-09-28"})).ok();

    let summary = app.import(with(visits_data(), 121_895_449, |core| {
        core.schedule.as_mut().unwrap().start = "2025-09-26T09:45:00".parse().unwrap();
    }));

    assert_eq!((summary.new, summary.changed, summary.unchanged), (0, 1, 155));
    assert_eq!(app.assignment(121_895_449).unwrap().0, "2025-09-26 09:45");
    let notes: Vec<_> = summary.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("612202-") && notes[0].contains("overwrites"), "{notes:?}");
}
