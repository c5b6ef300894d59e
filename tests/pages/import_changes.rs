//! Changes of an import, listed with old and new values in preview, page, report and Activity; and undone.

use serde_json::json;
use tandem::store::tables::{employees, rotations};

use super::imports::{fingerprint, imported, previewed};
use crate::support::{App, Page};

type File = (String, Vec<u8>);

pub const HEADINGS: &str = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,\
                        Estimated Time,Rep Name,Employee ID,Schedule Date/Time";

pub fn row(id: u64, kind: &str, rep: &str, at: &str) -> String {
    format!("613001-{kind}-Oats,{id},4177,Fern Market,10/06/2025 12:00:00 AM,10/31/2025 12:01:00 AM,60,{rep},10/{at}")
}

pub fn file(rows: &[String]) -> [File; 1] {
    [("visits.csv".to_owned(), format!("{HEADINGS}\n{}\n", rows.join("\n")).into_bytes())]
}

pub fn core() -> String {
    row(1, "CORE", "NORA QUILL,E20001", "14/2025 10:00:00 AM")
}

pub fn supervisor() -> String {
    row(2, "Supervisor", "IVY BROOK,E20002", "14/2025 12:00:00 PM")
}

pub fn with_pair() -> App {
    let app = App::empty();
    imported(&app, &file(&[core(), supervisor()]));
    app
}

fn name(app: &App, id: &str) -> String {
    app.read(|view| employees::get(view, &id.parse().unwrap())).unwrap().name
}

fn confirmed(app: &App, address: &str, preview: &Page, release: &str) -> String {
    let fields = [("fingerprint", &*fingerprint(preview)), ("release_missing", release)];
    app.post(address, &fields).status(303).location.unwrap()
}

#[test]
fn page_report_and_activity_of_an_import_list_its_changes() {
    let app = with_pair();
    let moved = row(1, "CORE", "IVY BROOK,E20002", "16/2025 9:00:00 AM");
    let (import, page) = imported(&app, &file(&[moved, row(3, "CORE", "NORA COLE,E20001", "17/2025 9:00:00 AM")]));

    let change = "scheduled Tue, Oct 14, 2025 at 10:00 AM, NORA QUILL (E20001) → Thu, Oct 16, 2025 at 9:00 AM, IVY BROOK \
                  (E20002)";
    let missing = "613001-Supervisor-Oats (2), held by IVY BROOK (E20002) on Tue, Oct 14, 2025 at 12:00 PM";
    let renamed = "NORA QUILL (E20001): name NORA QUILL → NORA COLE";
    page.says("Changed events (1)").says(change).says("Not in the files any more (1)").says(missing).says(renamed);
    let report = app.get(&format!("{import}/report.csv")).status(200).body;
    for line in ["\nchanged,", "\nmissing,", "\nperson,", "\nnew,", change, missing, renamed] {
        assert!(report.contains(line), "{line}\n{report}");
    }
    let activity = app.get("/activity?event=1").status(200).does_not_say("No change matches");
    let entries: Vec<_> = app.audit().into_iter().filter(|entry| !entry.notes.is_empty()).collect();
    let sequence = entries.last().unwrap().sequence;
    activity.link(&format!("/activity/{sequence}"));
    app.get(&format!("/activity/{sequence}")).says(change).says(renamed).link("/events/1");
    app.get("/activity?employee=E20001").link(&format!("/activity/{sequence}"));
    app.get("/activity?event=99").says("No change matches");
}

#[test]
fn the_preview_lists_pairs_split_by_releasing_missing_visits() {
    let app = with_pair();
    let (address, preview) = previewed(&app, &file(&[core()]));
    let preview = preview
        .says("Pairs that releasing them splits (1)")
        .says("613001-Supervisor-Oats")
        .does_not_say("Import 0 events");

    let import = confirmed(&app, &address, &preview, "true");

    app.get(&import).says("1 pair came split").says("Released events (1)");
}

#[test]
fn a_pair_split_by_a_new_number_store_or_type_is_listed() {
    for (from, to) in [("613001", "613999"), ("4177", "4188"), ("-CORE-", "-Event-")] {
        let app = with_pair();
        let (_, preview) = previewed(&app, &file(&[core().replace(from, to), supervisor()]));
        preview.says("Pairs that it splits (1)").says("no-core: Oats (Supervisor 613001) has no CORE event");
        let (_, page) = imported(&app, &file(&[core().replace(from, to), supervisor()]));
        page.says("Pairs that it took apart (1)").does_not_say("came split");
    }
}

#[test]
fn undoing_an_import_restores_changed_employees() {
    let app = with_pair();
    let renamed = core().replace("NORA QUILL", "NORA COLE");
    let (import, page) = imported(&app, &file(&[renamed, supervisor()]));
    assert_eq!(name(&app, "E20001"), "NORA COLE");
    page.says("0 changed").link(&format!("{import}/undo"));
    let question = app.get(&format!("{import}/undo")).status(200).says("1 person that it changed will be as before");

    question.form(&format!("{import}/undo")).send(&app).status(303);

    assert_eq!(name(&app, "E20001"), "NORA QUILL");
    let facts: Vec<_> = app.audit().into_iter().flat_map(|entry| entry.facts).map(|fact| fact.after).collect();
    assert!(facts.contains(&"NORA COLE (E20001): name NORA COLE → NORA QUILL".to_owned()), "{facts:?}");
    app.assert_whole();
}

#[test]
fn an_employee_changed_since_is_kept_and_counted() {
    let app = with_pair();
    let renamed = core().replace("NORA QUILL", "NORA COLE").replace("10:00:00", "11:00:00");
    let (import, _) = imported(&app, &file(&[renamed, supervisor()]));
    let stored = app.read(|view| employees::get(view, &"E20001".parse().unwrap())).unwrap();
    let now = tandem::domain::employee::Employee { revision: stored.revision.next(), active: false, ..stored };
    app.store.blocking().write(|tx| employees::put(tx, &now)).unwrap();

    app.post(&format!("{import}/undo"), &[]).status(303);

    assert_eq!(name(&app, "E20001"), "NORA COLE");
    app.get(&import).says("1 of the events and people changed meanwhile");
    assert!(app.audit().iter().flat_map(|entry| &entry.facts).any(|fact| fact.before == "NORA QUILL (E20001)"));
}

#[test]
fn an_employee_in_the_rotation_is_kept_when_their_import_is_undone() {
    use tandem::domain::schedule::{Role, RotationEntry, When};
    let app = App::empty();
    let (import, _) = imported(&app, &file(&[core(), supervisor()]));
    let person = "E20002".parse().ok();
    let when = When::Weekly(chrono::Weekday::Mon);
    let entry = RotationEntry { store: None, role: Role::PrimaryLead, when, person, reason: String::new() };
    app.store.blocking().write(|tx| rotations::put(tx, &entry)).unwrap();
    let question = app.get(&format!("{import}/undo")).status(200).says("Also remove 1 person");

    question.form(&format!("{import}/undo")).with("remove_people", "true").send(&app).status(303);

    let left = app.read(|view| employees::all(view));
    assert_eq!(left.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["E20002"]);
}

#[test]
fn an_undone_import_lists_no_pairs() {
    let app = App::empty();
    let half = supervisor().replace(",IVY BROOK,E20002,10/14/2025 12:00:00 PM", "");
    let (import, page) = imported(&app, &file(&[core(), half]));
    page.says("Pairs that it split (1)");
    app.post(&format!("{import}/undo"), &[]).status(303);
    app.get(&import).does_not_say("Pairs that it split");
}

#[test]
fn an_import_whose_pair_was_repaired_since_is_not_undone() {
    let app = with_pair();
    let moved = row(1, "CORE", "NORA QUILL,E20001", "16/2025 10:00:00 AM");
    let (import, _) = imported(&app, &file(&[moved, supervisor()]));
    let body = json!({"schedule_id": 2, "new_date": "2025-10-16", "override_reason": "with its CORE"});
    app.call("/api/reschedule_event", body).ok();
    let before = app.bytes();

    let refused = app.post(&format!("{import}/undo"), &[]).status(409);

    refused.says("These events changed since, so nothing was undone").says("(2)");
    assert_eq!(app.bytes(), before);
    app.assert_whole();
}
