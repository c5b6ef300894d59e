//! Integrity checks of pairs, and their counts.

use std::collections::BTreeMap;

use tandem::domain::{
    event::{Event, pairing::Pair},
    integrity::{Report, number_in_pair},
};

use super::{With, event};

/// The report about these events, in the steps of a check of the store.
fn check<'a>(events: impl IntoIterator<Item = &'a Event>) -> Report {
    let mut report = Report::default();
    let mut groups: BTreeMap<_, Vec<&Event>> = BTreeMap::new();
    for event in events {
        report.count(event);
        if let Some(number) = number_in_pair(event) {
            groups.entry((event.location.key(), number)).or_default().push(event);
        }
    }
    for group in groups.into_values() {
        report.check_group(&Pair::among(group));
    }
    report.sort();
    report
}

fn core(id: u64) -> Event {
    event(id, "606001-CORE-Pretzel")
}

fn supervisor(id: u64) -> Event {
    event(id, "606001-Supervisor-Pretzel")
}

fn found(report: &Report) -> Vec<(&'static str, u64)> {
    report.findings.iter().map(|finding| (finding.check.slug(), finding.event.0)).collect()
}

/// Pairs: all, both scheduled, one of them scheduled, neither.
fn pairs(report: &Report) -> [usize; 4] {
    [report.pairs, report.pairs_scheduled, report.pairs_half, report.pairs_unstaffed]
}

#[test]
fn a_pair_on_one_day_is_clean() {
    let report =
        check(&[core(1).held_by("emma", "2025-10-15 10:00"), supervisor(2).held_by("lea", "2025-10-15 14:00")]);
    assert_eq!((found(&report), pairs(&report)), (vec![], [1, 1, 0, 0]));
}

#[test]
fn a_pair_on_two_days_is_found() {
    let report =
        check(&[core(1).held_by("emma", "2025-10-15 10:00"), supervisor(2).held_by("lea", "2025-10-16 12:00")]);
    assert_eq!((found(&report), pairs(&report)), (vec![("date-mismatch", 2)], [1, 1, 0, 0]));
    assert_eq!(
        report.findings[0].message,
        "Pretzel (Supervisor 606001) is on Thu, Oct 16, 2025, its CORE on Wed, Oct 15, 2025."
    );
}

#[test]
fn an_unstaffed_supervisor_of_a_scheduled_core_is_found() {
    let report = check(&[core(1).held_by("emma", "2025-10-15 10:00"), supervisor(2)]);
    assert_eq!((found(&report), pairs(&report)), (vec![("supervisor-unstaffed", 2)], [1, 0, 1, 0]));
}

#[test]
fn an_unstaffed_core_of_a_scheduled_supervisor_is_found() {
    let report = check(&[core(1), supervisor(2).held_by("lea", "2025-10-15 12:00")]);
    assert_eq!((found(&report), pairs(&report)), (vec![("core-unstaffed", 1)], [1, 0, 1, 0]));
}

#[test]
fn an_unstaffed_pair_is_counted_and_clean() {
    let report = check(&[core(1), supervisor(2)]);
    assert_eq!((found(&report), pairs(&report)), (vec![], [1, 0, 0, 1]));
}

#[test]
fn every_core_of_an_ambiguous_number_is_found() {
    let report = check(&[core(1), core(2), supervisor(3)]);
    assert_eq!(found(&report), [("ambiguous-number", 1), ("ambiguous-number", 2), ("no-supervisor", 2)]);
    assert_eq!((report.pairs, report.cores_alone), (1, 1));
}

#[test]
fn a_core_without_a_supervisor_is_information_only() {
    let report = check(&[core(1), event(2, "ABC123-CORE-Gum")]);
    assert_eq!(found(&report), [("no-supervisor", 1), ("no-supervisor", 2)]);
    assert_eq!((report.cores_alone, report.problems().count()), (2, 0));
}

#[test]
fn supervisors_without_a_core_are_information_only() {
    let report = check(&[supervisor(1), supervisor(2), event(3, "Supervisor of nothing")]);
    assert_eq!(found(&report), [("no-core", 1), ("no-core", 2), ("no-core", 3)]);
    assert_eq!((report.supervisors_alone, report.problems().count()), (3, 0));
}

#[test]
fn each_supervisor_of_a_core_is_checked() {
    let report = check(&[
        core(1).held_by("emma", "2025-10-15 10:00"),
        supervisor(2),
        supervisor(3).held_by("lea", "2025-10-16 12:00"),
    ]);
    assert_eq!((found(&report), report.pairs), (vec![("date-mismatch", 3), ("supervisor-unstaffed", 2)], 2));
}

#[test]
fn the_same_number_at_two_stores_makes_two_pairs() {
    let report = check(&[
        core(1).held_by("emma", "2025-10-15 10:00"),
        supervisor(2).held_by("lea", "2025-10-15 12:00"),
        core(3).at_store("4102").held_by("jo", "2025-10-16 10:00"),
        supervisor(4).at_store("4102").held_by("cleo", "2025-10-16 12:00"),
    ]);
    assert_eq!((found(&report), pairs(&report)), (vec![], [2, 2, 0, 0]));
}

#[test]
fn everything_checked_is_counted() {
    let report =
        check(&[core(1), event(2, "Juicer Production"), event(3, "612098-VP-Water"), event(4, "Freeosk Setup")]);
    assert_eq!((report.events, report.unclassified), (4, 1));
    assert_eq!(check(&[]), Report::default());
}
