//! Pairs that an import splits.

use tandem::import::{self, Incoming, Plan, visits};

use crate::support::{App, checks, sources::data};

const HEADINGS: &str = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,\
                        Estimated Time,Rep Name,Employee ID,Schedule Date/Time";

/// One visit at store 4177; `held` is empty or on a date of October 2025.
fn row(name: &str, id: u64, held: &str) -> String {
    let held = if held.is_empty() { String::new() } else { format!(",NORA QUILL,E20001,{held}") };
    format!("{name},{id},4177,Fern Market,10/06/2025 12:00:00 AM,10/31/2025 12:01:00 AM,360{held}")
}

fn core(held: &str) -> String {
    row("613001-CORE-Oats", 1, held)
}

fn supervisor(held: &str) -> String {
    row("613001-Supervisor-Oats", 2, held)
}

fn file(rows: &[String]) -> Incoming {
    let text = format!("{HEADINGS}\n{}\n", rows.join("\n"));
    visits::read(Incoming::default(), &[("visits.csv".to_owned(), text.into_bytes())]).unwrap()
}

fn planned(app: &App, rows: &[String]) -> Plan {
    app.read(|view| checks::checked_plan(view, file(rows)))
}

/// The check and the event of each split pair.
fn split(plan: &Plan) -> Vec<(String, u64)> {
    plan.found.splits.iter().map(|note| (note.rule.clone(), note.event.unwrap().0)).collect()
}

fn one(check: &str, event: u64) -> Vec<(String, u64)> {
    vec![(check.to_owned(), event)]
}

const TUESDAY: &str = "10/14/2025 10:00:00 AM";
const WEDNESDAY: &str = "10/15/2025 12:00:00 PM";

#[test]
fn each_cause_of_a_split_pair_is_reported() {
    let app = App::empty();
    for (rows, expected) in [
        ([core(TUESDAY), supervisor("")], one("supervisor-unstaffed", 2)),
        ([core(""), supervisor(WEDNESDAY)], one("core-unstaffed", 1)),
        ([core(TUESDAY), supervisor(WEDNESDAY)], one("date-mismatch", 2)),
        ([core(TUESDAY), supervisor("10/14/2025 12:00:00 PM")], vec![]),
        ([core(""), supervisor("")], vec![]),
    ] {
        assert_eq!(split(&planned(&app, &rows)), expected, "{rows:?}");
    }
}

#[test]
fn a_pair_that_was_already_split_is_not_reported() {
    let app = App::empty();
    app.import(file(&[core(TUESDAY), supervisor("")]));
    assert_eq!(split(&planned(&app, &[core(TUESDAY), supervisor("")])), vec![]);
    let more = row("613001-CORE-Oats and more", 1, TUESDAY);
    assert_eq!(split(&planned(&app, &[more])), vec![], "only its name changes");
}

#[test]
fn moving_one_event_splits_its_stored_pair() {
    let app = App::empty();
    app.import(file(&[core(TUESDAY), supervisor("10/14/2025 12:00:00 PM")]));
    let moved = core("10/16/2025 10:00:00 AM");
    assert_eq!(split(&planned(&app, &[moved])), one("date-mismatch", 2));
    let renumbered = row("613002-CORE-Oats", 1, TUESDAY);
    assert_eq!(split(&planned(&app, &[renumbered])), one("no-core", 2), "its CORE is gone");
}

#[test]
fn an_event_that_joins_a_pair_by_its_new_number_splits_it() {
    let app = App::empty();
    app.import(file(&[core(TUESDAY), row("613009-Supervisor-Oats", 2, WEDNESDAY)]));
    assert_eq!(split(&planned(&app, &[supervisor(WEDNESDAY)])), one("date-mismatch", 2));
}

#[test]
fn releasing_one_missing_event_splits_its_pair() {
    let app = App::empty();
    let other = row("613009-CORE-Plums", 3, TUESDAY);
    app.import(file(&[core(TUESDAY), supervisor("10/14/2025 12:00:00 PM"), other.clone()]));
    let mut plan = app.read(|view| import::plan(view, file(&[supervisor("10/14/2025 12:00:00 PM"), other.clone()])));
    plan.release_missing();

    app.read(|view| plan.check(view, 30));

    assert_eq!(split(&plan), one("core-unstaffed", 1));
}

#[test]
fn the_real_exports_split_36_pairs() {
    let files = ["visits/calendar-schedule.csv", "visits/workbank.csv"].map(data);
    let app = App::empty();
    let plan = app.read(|view| checks::checked_plan(view, visits::read(Incoming::default(), &files).unwrap()));
    let pairs = split(&plan);
    assert_eq!(pairs.len(), 36);
    assert!(pairs.iter().all(|(check, _)| check == "supervisor-unstaffed"));
}
