//! Undo and Revert on cards, in messages, and on the page of a change.

use serde_json::{Value, json};

use crate::support::{App, Page};

const WINDOW_SECONDS: i64 = 300;

/// The pair 1001 and 1002 on the 20th instead of the 15th, as change 2.
fn moved() -> App {
    let app = App::with_acceptance_data();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    app
}

/// Which change the Undo on a card takes back.
fn undo_on(app: &App, day: &str, event: u64) -> Option<String> {
    let card = app.get(&format!("/calendar/day/{day}")).element(&format!("event-{event}"));
    let (_, rest) = card.split_once("action=\"/activity/")?;
    rest.split_once("/undo\"").map(|(sequence, _)| sequence.to_owned())
}

#[test]
fn a_card_offers_undo_while_the_window_is_open() {
    let app = moved();
    assert_eq!(undo_on(&app, "2025-10-20", 1001).as_deref(), Some("2"));
    assert_eq!(undo_on(&app, "2025-10-20", 1002).as_deref(), Some("2"), "its Supervisor moved with it");
    assert_eq!(undo_on(&app, "2025-10-15", 1003), None, "that one was not changed");

    let app = app.later(WINDOW_SECONDS).restarted();
    assert_eq!(undo_on(&app, "2025-10-20", 1001).as_deref(), Some("2"));
    let app = app.later(1);
    assert_eq!((undo_on(&app, "2025-10-20", 1001), undo_on(&app, "2025-10-20", 1002)), (None, None));
}

#[test]
fn a_card_offers_undo_of_the_last_change_only() {
    let app = moved();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-21"})).ok();
    assert_eq!(undo_on(&app, "2025-10-21", 1001).as_deref(), Some("3"));

    app.call("/api/undo/3", json!({})).ok();

    assert_eq!(undo_on(&app, "2025-10-20", 1001), None, "an undo is not offered to be undone");
}

#[test]
fn a_card_offers_no_undo_after_a_change_of_its_pair() {
    let app = moved();
    let body = json!({"schedule_id": 2001, "new_employee_id": 103});
    app.call("/api/change_employee", body).ok();

    assert_eq!(undo_on(&app, "2025-10-20", 1001).as_deref(), Some("3"));
    assert_eq!(undo_on(&app, "2025-10-20", 1002), None);
}

#[test]
fn a_released_event_offers_undo_on_its_last_day() {
    let app = App::with_acceptance_data();
    app.call("/api/unschedule_event", json!({"schedule_id": 2001})).ok();

    assert_eq!(undo_on(&app, "2025-10-15", 1001).as_deref(), Some("2"));
}

#[test]
fn undo_without_scripts_returns_to_the_day_with_a_message() {
    let app = moved();

    let answer = app.post("/activity/2/undo", &[("from", "2025-10-20"), ("key", "k")]);

    assert_eq!(answer.location.as_deref(), Some("/calendar/day/2025-10-20"));
    let page = app.follow(answer);
    page.link("/calendar/day/2025-10-15#event-1001");
    let message = page.text_of("messages");
    let said = "Undone: Super Pretzel (CORE 606001) is on Wed, Oct 15, 2025 at 10:00 AM again, with its Supervisor.";
    assert!(message.contains(said), "{message}");
    assert!(!message.contains("Undo "), "an undo is not offered to be undone: {message}");
}

#[test]
fn undo_with_htmx_swaps_the_changed_parts_and_moves_the_focus() {
    let app = moved();

    let done = app.post_from_dialog("/activity/2/undo", &[("from", "2025-10-15"), ("key", "k")]).status(200);

    let trigger: Value = serde_json::from_str(done.trigger.as_deref().unwrap()).unwrap();
    assert_eq!(trigger, json!({"tandem:done": {"focus": "event-1001", "fallback": "group-core"}}));
    for piece in ["facts", "group-core", "group-supervisor", "group-unscheduled", "messages"] {
        assert!(done.element(piece).contains("hx-swap-oob"), "{piece}");
    }
    assert!(done.element("group-core").contains("id=\"event-1001\""), "the 15th holds it again");
    assert!(!done.body.contains("id=\"group-freeosk\"") && !done.body.contains("<html"));
}

#[test]
fn a_refused_undo_shows_the_change_and_the_reason() {
    let app = moved();
    app.call("/api/reschedule_event", json!({"schedule_id": 2002, "new_date": "2025-10-20T13:00"})).ok();

    let fields = [("from", "2025-10-20"), ("key", "k")];
    let why = "Super Pretzel (Supervisor 606001) was changed by local user (no sign-in)";
    let page = app.post("/activity/2/undo", &fields).status(409).says(why).says("Nothing was changed");
    assert!(page.is_document());
    let piece = app.post_from_dialog("/activity/2/undo", &fields).status(409).says(why);
    assert!(!piece.body.contains("<html") && piece.trigger.is_none());
}

#[test]
fn the_message_after_a_change_offers_its_undo() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1001);
    let fields = [("revision", revision.as_str()), ("from", "2025-10-15"), ("date", "2025-10-20"), ("key", "k")];

    let page = app.follow(app.post("/events/1001/reschedule", &fields));

    assert!(page.element("messages").contains("action=\"/activity/2/undo\""), "{}", page.element("messages"));
}

/// Which remedies the page of a change offers.
fn remedies(page: &Page, sequence: u64) -> (bool, bool) {
    let has = |action: &str| page.body.contains(&format!("action=\"/activity/{sequence}/{action}\""));
    (has("undo"), has("revert"))
}

#[test]
fn the_page_of_a_change_offers_undo_then_revert_then_neither() {
    let app = moved();
    assert_eq!(remedies(&app.get("/activity/2").says("Undo 2 events"), 2), (true, false));

    let app = app.later(WINDOW_SECONDS + 1);
    let page = app.get("/activity/2").says("Revert 2 events").says("Conflicts");
    assert_eq!(remedies(&page, 2), (false, true));

    app.post("/activity/2/revert", &[("override_reason", "so be it")]).status(303);
    let page = app.get("/activity/2").says("Undone by change 3");
    assert_eq!(remedies(&page, 2), (false, false));
    app.get("/activity/3").says("Undoes change 2").says("so be it");
    app.get("/activity").says("undone");
}

#[test]
fn a_change_without_events_offers_neither() {
    let app = moved();
    app.call("/api/unschedule_event", json!({"schedule_id": 2001, "revision": 7})).refused(409, "stale_revision");

    for sequence in [1, 3] {
        assert_eq!(remedies(&app.get(&format!("/activity/{sequence}")).status(200), sequence), (false, false));
    }
}
