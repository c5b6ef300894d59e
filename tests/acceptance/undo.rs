//! TX-04, TX-05: for five minutes a change and its pair can be undone.

use serde_json::{Value, json};
use tandem::{domain::audit::Action, store::Table};

use crate::support::{Answer, App, legacy, on};

/// The undo window, in seconds.
const WINDOW_SECONDS: i64 = 300;

/// Makes a change, and tells under which id it is taken back.
#[track_caller]
fn change(app: &App, address: &str, body: Value) -> u64 {
    app.call(address, body).ok().body["undo_id"].as_u64().unwrap()
}

/// TC-033: 1001 and 1002 go from the 15th to the 20th.
#[track_caller]
fn move_the_pair(app: &App) -> u64 {
    change(app, "/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"}))
}

fn undo(app: &App, id: u64) -> Answer {
    app.call(&format!("/api/undo/{id}"), json!({}))
}

#[track_caller]
fn assert_refused(app: &App, id: u64, status: u16, code: &str) -> Answer {
    let before = app.bytes();
    let answer = undo(app, id).refused(status, code);
    assert_eq!(app.bytes(), before);
    answer
}

#[test]
fn tx_04_after_a_restart_an_undo_restores_both_events_except_revisions() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    let id = move_the_pair(&app);

    let app = app.restarted();
    undo(&app, id).ok();

    assert_eq!(app.assignment(1001), Some(on("2025-10-15 10:00", "101")));
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "102")));
    let after = app.bytes();
    assert!(before.keys().eq(after.keys()));
    for ((table, key), then) in &before {
        let now = &after[&(*table, key.clone())];
        let differing = then.iter().zip(now).filter(|(then, now)| then != now).count();
        let of_the_pair = *table == Table::Events && [1001_u64, 1002].iter().any(|id| id.to_be_bytes() == key[..]);
        assert_eq!((now.len(), differing), (then.len(), usize::from(of_the_pair)), "{table:?} {key:?}");
    }
    assert_eq!((app.revision(1001), app.revision(1002)), ("2".into(), "2".into()));
    app.assert_whole();
}

#[test]
fn tx_04_an_undo_leaves_an_entry_that_names_the_undone_change() {
    let app = App::with_acceptance_data();
    let id = move_the_pair(&app);

    let answer = undo(&app, id).ok();

    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.undoes, entry.steps.len()), (Action::Undo, Some(id), 2));
    assert_eq!(answer.body["undo_id"], entry.sequence);
    assert_eq!(answer.body["start_datetime"], "2025-10-15T10:00:00");
}

#[test]
fn tx_04_a_second_undo_is_refused_also_after_a_restart() {
    let app = App::with_acceptance_data();
    let id = move_the_pair(&app);
    undo(&app, id).ok();

    assert_refused(&app, id, 409, "already_undone");
    let app = app.restarted();
    let answer = assert_refused(&app, id, 409, "already_undone");

    assert_eq!(answer.body["error"], "This was undone already by local user (no sign-in) on 2025-10-15 13:00 UTC.");
    app.assert_whole();
}

#[test]
fn tx_05_an_undo_after_a_change_of_the_supervisor_is_refused_and_names_it() {
    let app = App::with_acceptance_data();
    let id = move_the_pair(&app);
    let body = json!({"schedule_id": 2002, "new_employee_id": 105, "override_reason": "Jane is ill"});
    change(&app, "/api/change_employee", body);

    let answer = assert_refused(&app, id, 409, "changed_since");

    assert_eq!((&answer.body["event_id"], &answer.body["employee_id"]), (&json!(1002), &json!("105")));
    assert_eq!(answer.body["changed_by"], "local user (no sign-in)");
    assert_eq!(answer.body["change"], "change_employee");
    let sentence = answer.body["error"].as_str().unwrap();
    assert!(
        sentence.starts_with("Super Pretzel (Supervisor 606001) was changed by local user (no sign-in)"),
        "{sentence}"
    );
    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "101")), "its CORE stays as well");
    app.assert_whole();
}

#[test]
fn tx_05_an_undo_after_a_change_of_the_core_is_refused() {
    let app = App::with_acceptance_data();
    let id = move_the_pair(&app);
    change(&app, "/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-21"}));

    let answer = assert_refused(&app, id, 409, "changed_since");

    assert_eq!(answer.body["event_id"], 1001);
    assert_eq!(answer.body["start_datetime"], "2025-10-21T10:00:00");
}

#[test]
fn tx_05_an_undo_after_an_import_of_one_event_of_the_pair_is_refused() {
    let event = ["1,606001-CORE-Pretzel,CORE,1,2025-10-15,"];
    let schedule = |start: &str| [format!("11,1,101,{start}")];
    let source = |start: &str| legacy(&event, &schedule(start).each_ref().map(String::as_str));
    let app = App::with(&[], Some(source("2025-10-15 10:00:00")));
    let id = change(&app, "/api/reschedule_event", json!({"schedule_id": 11, "new_date": "2025-10-20"}));
    assert_eq!(app.import(source("2025-10-16 10:00:00")).changed, 1);

    assert_refused(&app, id, 409, "changed_since");
}

#[test]
fn an_undo_works_until_the_last_second_of_its_window_and_no_longer() {
    let app = App::with_acceptance_data();
    let (first, second) = (move_the_pair(&app), {
        let body = json!({"schedule_id": 2014, "new_date": "2025-10-21"});
        change(&app, "/api/reschedule_event", body)
    });

    let app = app.later(WINDOW_SECONDS);
    undo(&app, first).ok();
    let app = app.later(1);
    let answer = assert_refused(&app, second, 409, "undo_too_late");

    let sentence = "The 5 minutes for an undo have passed. It can still be reverted, as an ordinary change.";
    assert_eq!(answer.body["error"], sentence);
}

#[test]
fn the_undo_window_is_configurable() {
    let app = App::with(&[("undo_minutes", "60")], Some(crate::support::acceptance_data()));
    let id = move_the_pair(&app);

    let app = app.later(60 * 60 + 1);
    assert_refused(&app, id, 409, "undo_too_late");
    let app = app.later(-1);
    undo(&app, id).ok();
}

#[test]
fn an_undo_checks_no_rules() {
    let app = App::with_acceptance_data();
    let id = move_the_pair(&app);

    let answer = undo(&app, id).ok();

    assert_eq!(answer.warnings(), [] as [&str; 0], "although John Smith holds five more COREs on the 15th");
}

#[test]
fn an_undone_unschedule_gets_its_schedule_ids_back() {
    let app = App::with_acceptance_data();
    let before = app.event(1002).schedule;
    let id = change(&app, "/api/unschedule_event", json!({"schedule_id": 2001}));

    undo(&app, id).ok();

    assert_eq!(app.event(1002).schedule, before);
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    app.assert_whole();
}

#[test]
fn an_undo_can_itself_be_undone_and_then_undone_again() {
    let app = App::with_acceptance_data();
    let moved = move_the_pair(&app);
    let back = undo(&app, moved).ok().body["undo_id"].as_u64().unwrap();

    let again = undo(&app, back).ok().body["undo_id"].as_u64().unwrap();
    assert_eq!(app.assignment(1002), Some(on("2025-10-20 12:00", "102")));
    assert_refused(&app, moved, 409, "already_undone");
    assert_refused(&app, back, 409, "already_undone");

    undo(&app, again).ok();
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "102")));
    app.assert_whole();
}

#[test]
fn entries_that_are_not_changes_have_no_undo() {
    let app = App::with_acceptance_data();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-21", "revision": 9}))
        .refused(409, "stale_revision");

    let [import, refusal] = app.audit().try_into().unwrap();

    assert_refused(&app, import.sequence, 409, "nothing_to_undo");
    assert_refused(&app, refusal.sequence, 409, "nothing_to_undo");
}

#[test]
fn an_unknown_change_is_not_found() {
    let app = App::with_acceptance_data();

    for id in ["4711", "0", "18446744073709551615"] {
        app.call(&format!("/api/undo/{id}"), json!({})).refused(404, "unknown_entry");
        app.post(&format!("/activity/{id}/undo"), &[]).status(404).says("There is no change");
        app.post(&format!("/activity/{id}/revert"), &[]).status(404).says("There is no change");
        app.get(&format!("/activity/{id}")).status(404);
    }
    for id in ["x", "-1", "1.5", "18446744073709551616"] {
        app.call(&format!("/api/undo/{id}"), json!({})).refused(404, "not_found");
        app.post(&format!("/activity/{id}/undo"), &[]).status(404);
        app.get(&format!("/activity/{id}")).status(404);
    }
}

#[test]
fn an_undo_takes_no_fields() {
    let app = App::with_acceptance_data();
    let id = move_the_pair(&app);

    app.call(&format!("/api/undo/{id}"), json!({"schedule_id": 2001})).refused(400, "malformed");

    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "101")));
}
