//! Visits that a later file does not list any more are issues until that is settled.

use serde_json::json;

use super::{
    import_changes::{file, row},
    imports::{imported, previewed},
};
use crate::support::App;

/// Settles what the import at an address left.
type Way = fn(App, &str) -> App;

const TITLE: &str = "Visits that are not in the files any more";

fn core() -> String {
    row(1, "CORE", "NORA QUILL,E20001", "21/2025 10:00:00 AM")
}

fn supervisor() -> String {
    row(2, "Supervisor", "IVY BROOK,E20002", "21/2025 12:00:00 PM")
}

fn with_pair() -> App {
    let app = App::empty();
    imported(&app, &file(&[core(), supervisor()]));
    app
}

/// A pair of which a second file lists the CORE alone.
fn without_supervisor() -> (App, String) {
    let app = with_pair();
    let (import, _) = imported(&app, &file(&[core()]));
    (app, import)
}

fn issues(app: &App) -> u64 {
    let counted = app.store.blocking().open_issues(app.context.today(), true);
    let shown = app.get("/integrity").text();
    let verdict = if counted == 0 { "No issues".to_owned() } else { format!("{counted} issue") };
    assert!(shown.contains(&verdict), "{counted} are counted, and the page says\n{shown}");
    counted
}

#[test]
fn a_missing_visit_is_an_issue_with_the_import_that_did_not_list_it_on_its_card_and_in_the_week_of_its_employee() {
    let (app, import) = without_supervisor();
    assert_eq!(issues(&app), 1);
    let page = app.get("/integrity").says(TITLE).says("Oats (Supervisor 613001) on Tue, Oct 21, 2025");
    page.says("The files of its week do not list it any more, since import 2.")
        .link("/integrity/accept/missing-visit/2");
    let entry = app.audit().into_iter().rfind(|entry| entry.notes.iter().any(|note| note.rule == "missing")).unwrap();
    app.get("/integrity").link(&format!("/activity/{}", entry.sequence));
    app.get("/calendar/day/2025-10-21").says("do not list it any more");
    app.get("/employees/E20002/week/2025-10-21").says("do not list it any more");
    app.get("/roster/2025-10-21").says("do not list it any more");
    assert_eq!(app.read_call("/api/calendar/day/2025-10-21").body.to_string().matches("missing-visit").count(), 1);
    app.get(&import).says("Not in the files any more (1)");
    app.assert_whole();
}

#[test]
fn it_is_settled_once_it_is_released_listed_again_accepted_over_or_the_import_is_undone() {
    let unscheduled = |app: App, _: &str| {
        app.call("/api/unschedule_event", json!({"schedule_id": 2})).ok();
        app
    };
    let listed = |app: App, _: &str| {
        let (_, preview) = previewed(&app, &file(&[core(), supervisor()]));
        preview.says("1 visit that an earlier import did not list: in the files again");
        imported(&app, &file(&[core(), supervisor()]));
        app
    };
    let spoiled = |app: App, _: &str| {
        imported(&app, &file(&[core(), supervisor().replace("21/2025 12", "99/2025 12")]));
        app
    };
    let accepted = |app: App, _: &str| {
        app.post("/integrity/accept/missing-visit/2", &[("override_reason", "Agreed by phone")]).status(303);
        app.get("/integrity").says("Agreed by phone");
        app
    };
    let over = |app: App, _: &str| app.later(60 * 24 * 3600);
    let undone = |app: App, import: &str| {
        app.post(&format!("{import}/undo"), &[]).status(303);
        app
    };
    let ways: [(&str, Way); 6] = [
        ("unscheduled", unscheduled),
        ("listed", listed),
        ("spoiled", spoiled),
        ("accepted", accepted),
        ("over", over),
        ("undone", undone),
    ];
    for (name, settle) in ways {
        let app = with_pair();
        let moved = core().replace("10:00:00", "11:00:00");
        let (import, _) = imported(&app, &file(&[moved]));
        assert_eq!(issues(&app), 1, "{name}");
        let app = settle(app, &import);
        app.get("/integrity").does_not_say(TITLE);
        assert_eq!(app.store.blocking().open_issues(app.context.today(), false), 0, "{name}");
        app.assert_whole();
    }
}

#[test]
fn a_visit_that_stays_missing_stays_accepted() {
    let (app, _) = without_supervisor();
    app.post("/integrity/accept/missing-visit/2", &[("override_reason", "Agreed by phone")]).status(303);

    imported(&app, &file(&[core()]));

    assert_eq!(issues(&app), 0);
}

#[test]
fn an_override_of_another_conflict_accepts_no_missing_visit() {
    let (app, _) = without_supervisor();
    let other = row(3, "Juicer", "IVY BROOK,E20002", "22/2025 12:00:00 PM");
    imported(&app, &file(&[core(), other]));
    let body = json!({"schedule_id": 2, "new_date": "2025-10-22", "override_reason": "She can do both"});
    app.call("/api/reschedule_supervisor", body);
    app.get("/integrity").says(TITLE);
}

/// An event in a week of its own: an import that brings it can be undone.
fn other(id: u64, day: u64) -> String {
    row(id, "Juicer", &format!("FERN COLE,E2000{id}"), &format!("{day:02}/2025 12:00:00 PM"))
}

fn listed_with(app: &App, other: String) -> String {
    imported(app, &file(&[core(), supervisor(), other])).0
}

fn undo(app: &App, import: &str) {
    app.post(&format!("{import}/undo"), &[]).status(303);
}

#[test]
fn a_visit_is_missing_again_once_every_import_that_lists_it_again_is_undone() {
    let (app, _) = without_supervisor();
    let (third, fourth) = (listed_with(&app, other(3, 7)), listed_with(&app, other(4, 14)));
    assert_eq!(issues(&app), 0);

    undo(&app, &third);
    assert_eq!(issues(&app), 0, "the other import lists it, too");
    undo(&app, &fourth);

    assert_eq!(issues(&app), 1);
    app.get("/integrity").says("The files of its week do not list it any more, since import 2.");
    app.assert_whole();
}

#[test]
fn a_visit_that_was_missing_twice_is_missing_since_what_the_imports_that_stay_say() {
    let since = |app: &App, import: u64| {
        assert_eq!(issues(app), 1);
        app.get("/integrity").says(&format!("do not list it any more, since import {import}."));
    };
    let (app, _) = without_supervisor();
    let third = listed_with(&app, other(3, 7));
    let (fourth, _) = imported(&app, &file(&[core(), other(5, 28)]));
    since(&app, 4);
    let fifth = listed_with(&app, other(4, 14));
    assert_eq!(issues(&app), 0);

    undo(&app, &fifth);
    since(&app, 4);
    undo(&app, &third);
    since(&app, 2);
    undo(&app, &fourth);
    since(&app, 2);
    app.assert_whole();
}

#[test]
fn an_import_that_can_no_longer_be_undone_decides_for_good() {
    let (app, _) = without_supervisor();
    listed_with(&app, other(3, 7));
    let app = app.later(60 * 60);
    let fourth = listed_with(&app, other(4, 14));

    undo(&app, &fourth);

    assert_eq!(issues(&app), 0);
    app.assert_whole();
}

#[test]
fn an_import_that_wrote_nothing_leaves_the_undo_of_those_before_as_it_is() {
    let (app, _) = without_supervisor();
    imported(&app, &file(&[other(3, 7)]));

    undo(&app, "/import/1");

    assert_eq!(app.check().pairs.events, 1);
    app.assert_whole();
}
