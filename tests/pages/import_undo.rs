//! Undoing an import: the confirmation, and the people it added.

use serde_json::json;
use tandem::{domain::audit::Action, store::tables::employees};

use super::imports::{csv, imported, row, visits};
use crate::support::{App, sources::data};

fn people(app: &App) -> Vec<String> {
    app.read(|view| employees::all(view)).into_iter().map(|one| one.id.to_string()).collect()
}

#[test]
fn undoing_an_import_shows_its_effects_and_asks_first() {
    let app = App::empty();
    imported(&app, &csv(&[row("606001-CORE-Pretzel", 1)]));
    let (import, page) = imported(&app, &csv(&[row("606001-CORE-Dip", 1), row("606002-CORE-Oats", 2)]));
    let before = app.bytes();

    page.link(&format!("{import}/undo"));
    let question = app.get(&format!("{import}/undo")).status(200);

    let question = question
        .says("Undo import 2?")
        .says("1 event that it added will be removed.")
        .says("1 event that it changed or released will be as before.")
        .says("People stay.");
    assert_eq!(app.bytes(), before, "a question changes nothing");
    question.form(&format!("{import}/undo")).send(&app).status(303);
    assert_eq!((app.event(1).name.as_str(), app.check().pairs.events), ("606001-CORE-Pretzel", 1));
}

#[test]
fn people_are_kept_unless_selected() {
    let app = App::empty();
    let (import, _) = imported(&app, &visits());
    let question =
        app.get(&format!("{import}/undo")).status(200).says("Also remove 12 people").says("AVERY STONE (E10001)");

    question.form(&format!("{import}/undo")).send(&app).status(303);

    assert_eq!((people(&app).len(), app.check().pairs.events), (12, 0));
}

#[test]
fn people_without_other_events_are_removed_with_their_import_and_audited() {
    let app = App::empty();
    let (import, _) = imported(&app, &visits());
    let question = app.get(&format!("{import}/undo")).status(200).form(&format!("{import}/undo"));
    let entries = app.audit().len();

    question.with("remove_people", "true").send(&app).status(303);

    assert_eq!((people(&app), app.check().pairs.events), (vec![], 0));
    let audit = app.audit().split_off(entries);
    assert!(audit.iter().all(|entry| entry.action == Action::Undo));
    let named: Vec<_> = audit.iter().flat_map(|entry| &entry.facts).map(|fact| fact.before.as_str()).collect();
    assert_eq!(named.len(), 12);
    assert!(named.iter().any(|name| name.starts_with("AVERY STONE (E10001), ")), "{named:?}");
    app.assert_whole();
    let (_, again) = imported(&app, &visits());
    again.says("156 new");
    assert_eq!(people(&app).len(), 12, "the same files bring them again");
}

/// A store with work of other people, and the second file's import, which brought NORA QUILL with this id and IVY BROOK.
fn with_two_new_people(nora: &str) -> (App, String) {
    let app = App::empty();
    imported(&app, &csv(&[row("606009-CORE-Corn", 9)]));
    let (name, bytes) = data("spreadsheets/00-base.csv");
    let file = String::from_utf8(bytes).unwrap().replace("E20001", nora);
    let (import, _) = imported(&app, &[(name, file.into_bytes())]);
    (app, import)
}

#[test]
fn an_employee_with_other_events_is_kept_however_their_id_is_written() {
    for nora in ["E20001", "e20001", "0020001"] {
        let (app, import) = with_two_new_people(nora);
        let call = json!({
            "event_id": 9, "employee_id": nora, "start_datetime": "2025-10-16T10:00:00", "override_reason": "agreed",
        });
        app.call("/api/schedule_event", call).ok();

        let question = app.get(&format!("{import}/undo")).status(200);

        let question = question.says("Also remove 1 person").says("IVY BROOK (E20002)").does_not_say("NORA QUILL");
        question.form(&format!("{import}/undo")).with("remove_people", "true").send(&app).status(303);
        assert_eq!(people(&app), [nora]);
        assert!(app.assignment(9).is_some());
        app.assert_whole();
    }
}

#[test]
fn an_employee_with_time_off_edits_or_a_feed_is_kept() {
    let (app, import) = with_two_new_people("E20001");
    let off = app.get("/employees/E20001/time-off?first=2025-12-01&last=2025-12-02").status(200);
    off.form("/employees/E20001/time-off").send(&app).status(303);
    app.get("/feeds").status(200).form("/feeds").with("employee", "E20002").send(&app).status(200);

    let question = app.get(&format!("{import}/undo")).status(200).does_not_say("Also remove");

    let sent = question.form(&format!("{import}/undo")).with("remove_people", "true").send(&app);
    sent.status(303);
    assert_eq!(people(&app), ["E20001", "E20002"]);
}

#[test]
fn people_who_existed_before_are_kept() {
    let app = App::empty();
    let base = [data("spreadsheets/00-base.csv")];
    imported(&app, &base);
    let (name, bytes) = base[0].clone();
    let later = String::from_utf8(bytes).unwrap().replace("10/14/2025 10:00", "10/14/2025 10:30");
    let (import, _) = imported(&app, &[(name, later.into_bytes())]);

    let question = app.get(&format!("{import}/undo")).status(200).does_not_say("Also remove");

    question.form(&format!("{import}/undo")).with("remove_people", "true").send(&app).status(303);
    assert_eq!(people(&app), ["E20001", "E20002"]);
}

#[test]
fn an_import_after_its_window_has_no_undo_form() {
    let app = App::empty();
    let (import, _) = imported(&app, &csv(&[row("606001-CORE-Pretzel", 1)]));
    app.get("/import/99/undo").status(404);
    let app = app.later(5 * 60 + 1);
    app.get(&format!("{import}/undo")).status(409).says("an import can be undone for 5 minutes");
}

#[test]
fn an_import_with_changed_events_has_no_undo_form() {
    let (app, import) = with_two_new_people("E20001");
    let schedule = app.event(131_000_001).schedule.unwrap().id.0;
    let call = json!({"schedule_id": schedule, "new_date": "2025-10-16"});
    app.call("/api/reschedule_event", call).ok();
    app.get(&format!("{import}/undo")).status(409).says("These events changed since, so nothing was undone");
}
