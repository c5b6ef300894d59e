//! Changes after the undo window are reverted: an ordinary change, with rules and its own entry.

use serde_json::json;
use tandem::domain::audit::{Action, Outcome};

use crate::support::{App, Page, on};

/// One second more than the undo window.
const TOO_LATE_SECONDS: i64 = 301;

/// Moves the pair of a schedule to the 20th, and lets the window pass.
fn moved_long_ago(schedule: u64) -> (App, u64) {
    let app = App::with_acceptance_data();
    let body = json!({"schedule_id": schedule, "new_date": "2025-10-20"});
    let id = app.call("/api/reschedule_event", body).ok().body["undo_id"].as_u64().unwrap();
    (app.later(TOO_LATE_SECONDS), id)
}

fn revert(app: &App, id: u64, reason: &str) -> Page {
    app.post(&format!("/activity/{id}/revert"), &[("key", &format!("revert-{reason}")), ("override_reason", reason)])
}

#[test]
fn a_change_too_old_for_undo_is_reverted_with_its_own_entry() {
    let (app, id) = moved_long_ago(2014);
    app.post(&format!("/activity/{id}/undo"), &[]).status(409).says("It can still be reverted").says("Revert 2 events");

    let answer = revert(&app, id, "").status(303);

    assert_eq!(app.assignment(1019), Some(on("2025-10-16 10:00", "101")));
    assert_eq!(app.assignment(1020), Some(on("2025-10-16 12:00", "102")));
    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.outcome, entry.undoes), (Action::Revert, Outcome::Done, Some(id)));
    assert_eq!((entry.steps.len(), entry.reason), (2, None));
    assert_eq!(answer.location, Some(format!("/activity/{}", entry.sequence)));
    app.follow(answer)
        .says("Reverted: Doritos (CORE 606005) is on Thu, Oct 16, 2025 at 10:00 AM again, with its Supervisor.");
    app.assert_whole();
}

#[test]
fn a_revert_refused_by_a_rule_changes_nothing_and_asks_for_a_reason() {
    let (app, id) = moved_long_ago(2001);
    let (before, audited) = (app.bytes(), app.audit().len());

    let page = revert(&app, id, "").status(422);

    assert_eq!(app.bytes(), before);
    page.says("Can't be scheduled. Nothing was changed").says("John Smith").says("Override reason");
    let entries = app.audit();
    let refusal = entries.last().unwrap();
    assert_eq!((entries.len(), refusal.outcome), (audited + 1, Outcome::Refused));
    assert_eq!(refusal.subject.map(|id| id.0), Some(1001));
}

#[test]
fn a_revert_with_a_reason_overrides_the_rule_and_stores_the_reason() {
    let (app, id) = moved_long_ago(2001);
    revert(&app, id, "  ").status(422);

    revert(&app, id, " The store insists. ").status(303);

    assert_eq!(app.assignment(1001), Some(on("2025-10-15 10:00", "101")));
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "102")));
    let entry = app.audit().pop().unwrap();
    assert_eq!(entry.reason.as_deref(), Some("The store insists."));
    assert!(entry.notes.iter().any(|note| note.rule == "overlap"), "{:?}", entry.notes);
    app.assert_whole();
}

#[test]
fn a_reason_that_is_too_long_is_shown_again() {
    let (app, id) = moved_long_ago(2001);
    let before = app.bytes();

    let page = revert(&app, id, &"é".repeat(501)).status(422).says("A reason has at most 500 characters.");

    assert_eq!(app.bytes(), before);
    assert!(page.element("override_reason").contains(&"é".repeat(501)));
    revert(&app, id, &"é".repeat(500)).status(303);
}

#[test]
fn a_second_revert_and_an_undo_after_a_revert_are_refused() {
    let (app, id) = moved_long_ago(2014);
    revert(&app, id, "").status(303);
    let before = app.bytes();

    app.post(&format!("/activity/{id}/revert"), &[]).status(409).says("This was undone already");
    app.call(&format!("/api/undo/{id}"), json!({})).refused(409, "already_undone");

    assert_eq!(app.bytes(), before);
}

#[test]
fn a_revert_of_an_event_changed_since_is_refused() {
    let (app, id) = moved_long_ago(2014);
    app.call("/api/reschedule_event", json!({"schedule_id": 2015, "new_date": "2025-10-20T13:00"})).ok();
    let before = app.bytes();

    app.post(&format!("/activity/{id}/revert"), &[]).status(409).says("Doritos (Supervisor 606005) was changed by");

    assert_eq!(app.bytes(), before);
}

#[test]
fn a_revert_can_be_undone_within_its_own_window() {
    let (app, id) = moved_long_ago(2014);
    revert(&app, id, "").status(303);
    let reverted = app.audit().len();

    app.call(&format!("/api/undo/{reverted}"), json!({})).ok();

    assert_eq!(app.assignment(1019), Some(on("2025-10-20 10:00", "101")));
    assert_eq!(app.assignment(1020), Some(on("2025-10-20 12:00", "102")));
}
