//! What an import does to an event is a change of it: for an undo, for a form that is out of date, and for calendars.

use serde_json::{Value, json};

use super::{
    feeds::{events, link, on},
    import_changes::{HEADINGS, file, row},
    imports::imported,
};
use crate::support::App;

const NORA: &str = "NORA QUILL,E20001";
const IVY: &str = "IVY BROOK,E20002";
const UNSCHEDULED: &str = ",";

fn core(rep: &str) -> String {
    row(1, "CORE", rep, "21/2025 10:00:00 AM")
}

fn supervisor(rep: &str, at: &str) -> String {
    row(2, "Supervisor", rep, &format!("21/2025 {at}"))
}

/// A visit without an employee: it has no time either.
fn open(row: &str) -> String {
    row.split_once(",,").unwrap().0.to_owned()
}

/// Two people who hold other work.
fn others() -> [String; 2] {
    [row(8, "Freeosk", NORA, "22/2025 10:00:00 AM"), row(9, "Freeosk", IVY, "22/2025 10:00:00 AM")]
}

fn with(rows: &[String]) -> App {
    let app = App::empty();
    imported(&app, &file(&[&others()[..], rows].concat()));
    app
}

fn scheduled(app: &App) -> Value {
    let body = json!({"event_id": 1, "employee_id": "E20001", "start_datetime": "2025-10-21T10:00:00"});
    app.call("/api/schedule_event", body).ok().body["undo_id"].clone()
}

fn undo(app: &App, entry: &Value) -> String {
    let answer = app.call(&format!("/api/undo/{entry}"), json!({})).refused(409, "changed_since");
    answer.body["error"].as_str().unwrap().to_owned()
}

#[test]
fn an_undo_refuses_once_an_import_has_changed_the_supervisor_and_names_the_import() {
    let app = with(&[open(&core(UNSCHEDULED)), open(&supervisor(UNSCHEDULED, ""))]);
    let entry = scheduled(&app);
    assert!(app.assignment(2).is_some(), "the Supervisor follows");

    imported(&app, &file(&[supervisor(IVY, "3:00:00 PM")]));

    let reason = undo(&app, &entry);
    assert!(reason.contains("Oats (Supervisor 613001) was changed by an import of "), "{reason}");
    assert!(app.assignment(1).is_some() && app.assignment(2).is_some());
    app.get("/calendar/day/2025-10-21").does_not_say("Undo");
}

#[test]
fn an_undo_refuses_once_an_import_has_brought_the_other_half_of_the_pair() {
    let app = with(&[open(&core(UNSCHEDULED))]);
    let entry = scheduled(&app);

    imported(&app, &file(&[supervisor(IVY, "12:00:00 PM")]));

    let reason = undo(&app, &entry);
    assert!(reason.contains("Oats (Supervisor 613001) was changed by an import of "), "{reason}");
}

#[test]
fn a_call_that_is_out_of_date_is_told_of_the_import() {
    let app = with(&[core(NORA)]);
    let seen = app.event(1).revision.0;
    app.call("/api/reschedule_event", json!({"schedule_id": 1, "new_date": "2025-10-23"})).ok();
    imported(&app, &file(&[core(IVY)]));

    let body = json!({"schedule_id": 1, "new_date": "2025-10-24", "revision": seen + 1});
    let answer = app.call("/api/reschedule_event", body).refused(409, "stale_revision");

    let reason = answer.body["error"].as_str().unwrap();
    assert!(reason.contains("was changed by an import of "), "{reason}");
}

#[test]
fn what_an_import_moves_or_releases_is_cancelled_in_the_calendar_of_who_had_it() {
    let app = with(&[core(NORA), supervisor(NORA, "12:00:00 PM")]);
    let nora = link(&app, "E20001");
    assert_eq!(on(&events(&app, &nora), 1).map(|one| one.1), Some("CONFIRMED"));

    let released = format!("{HEADINGS},Status\n{},Cancelled\n", open(&core(UNSCHEDULED)) + ",,,");
    imported(&app, &[("visits.csv".to_owned(), released.into_bytes())]);
    imported(&app, &file(&[supervisor(IVY, "12:00:00 PM")]));

    let now = events(&app, &nora);
    assert_eq!(app.assignment(1), None);
    assert_eq!(on(&now, 1), Some(("20251021T100000", "CANCELLED", 1)));
    assert_eq!(on(&now, 2), Some(("20251021T120000", "CANCELLED", 1)));
}

#[test]
fn an_import_is_not_undone_by_its_entry_and_its_undo_is_a_change_as_well() {
    let app = with(&[core(NORA)]);
    let (import, _) = imported(&app, &file(&[core(IVY)]));
    let entry = app.audit().into_iter().rfind(|entry| !entry.steps.is_empty()).unwrap();
    let ids: Vec<_> = entry.steps.iter().map(|step| step.event.0).collect();
    assert_eq!((ids, entry.changed_events()), (vec![1], false));
    app.call(&format!("/api/undo/{}", entry.sequence), json!({})).refused(409, "nothing_to_undo");
    app.get(&format!("/activity/{}", entry.sequence)).says("IVY BROOK").does_not_say("Revert");

    app.post(&format!("{import}/undo"), &[]).status(303);

    let undone = app.audit().into_iter().rfind(|entry| !entry.steps.is_empty()).unwrap();
    assert!(undone.sequence > entry.sequence && !undone.changed_events());
    app.call(&format!("/api/undo/{}", undone.sequence), json!({})).refused(409, "nothing_to_undo");
    app.assert_whole();
}

#[test]
fn an_import_of_more_events_than_a_record_of_the_audit_has_room_for_is_whole() {
    let visit = |id: u64, time: &str| {
        let (person, day) = (id % 50, 21 + id / 50);
        row(1000 + id, "Freeosk", &format!("NORA QUILL,E3{person:04}"), &format!("{day}/2025 {time}"))
    };
    let rows = |time: &str| (0..150).map(|id| visit(id, time)).collect::<Vec<_>>();
    let app = with(&[]);
    imported(&app, &file(&rows("10:00:00 AM")));

    let (import, _) = imported(&app, &file(&rows("11:00:00 AM")));

    let changed = app.audit().into_iter().flat_map(|entry| entry.steps).filter(|step| step.before.schedule.is_some());
    assert_eq!(changed.count(), 150);
    app.get(&import).says("150 changed").says("Changed events (150)");
    app.assert_whole();
}
