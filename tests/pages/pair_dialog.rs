//! The Supervisor dialog with several Supervisors, none, one of another core, stale input and refusals.

use serde_json::json;

use crate::support::{App, legacy, on};

/// A CORE with two Supervisors, one of them open.
fn twins() -> App {
    let events = [
        "1,606001-CORE-Pretzel,CORE,2,2025-10-15,7",
        "2,606001-Supervisor-Pretzel,Supervisor,0.08,2025-10-15,7",
        "3,606001-Supervisor-Pretzel 2,Supervisor,0.08,2025-10-15,7",
        "4,606002-Supervisor-Gum,Supervisor,0.08,2025-10-15,7",
    ];
    let schedule = ["11,1,101,2025-10-15 10:00:00", "12,2,102,2025-10-15 12:00:00"];
    App::with(&[], Some(legacy(&events, &schedule)))
}

#[test]
fn all_supervisors_of_a_core_are_listed_and_one_has_its_form() {
    let app = twins();

    let first = app.open_dialog("/events/1/supervisor?from=2025-10-15").status(200);
    let second = app.open_dialog("/events/1/supervisor?from=2025-10-15&supervisor=3").status(200);

    for dialog in [&first, &second] {
        dialog.element("sibling-2");
        dialog.element("sibling-3");
        assert!(dialog.text().contains("Jane Doe, Wed, Oct 15, 2025 at 12:00 PM"));
        assert!(dialog.text().contains("Unscheduled"));
    }
    assert!(first.body.contains("action=\"/events/2/reschedule\""));
    assert!(second.body.contains("action=\"/events/3/schedule\""));
    assert!(second.element("sibling-3").contains("aria-current"));
}

#[test]
fn a_supervisor_of_another_core_is_not_accepted() {
    let dialog = twins().open_dialog("/events/1/supervisor?supervisor=4").status(200);

    assert!(dialog.body.contains("action=\"/events/2/reschedule\""), "the first of its own");
}

#[test]
fn a_form_that_names_a_foreign_core_shows_no_pair() {
    let form = twins().open_dialog("/events/4/schedule?core=1").status(200);

    assert!(!form.body.contains("supervisor-details"));
    form.says("Schedule Gum");
}

#[test]
fn a_core_without_a_supervisor_says_so() {
    let app = App::with_acceptance_data();

    app.open_dialog("/events/1003/supervisor").status(200).says("No Supervisor event configured for this CORE event");
    app.get("/events/1010/supervisor").status(200).says("No Supervisor event configured for this CORE event");
}

#[test]
fn only_a_core_has_a_supervisor_dialog() {
    let app = App::with_acceptance_data();

    app.get("/events/1002/supervisor").status(404).says("Super Pretzel (Supervisor 606001) is not a CORE event");
    app.get("/events/4711/supervisor").status(404).says("There is no event 4711.");
    app.get("/events/x/supervisor").status(404);
    app.post("/events/1001/supervisor", &[]).status(404);
}

#[test]
fn a_refused_employee_can_be_overridden_in_the_dialog() {
    let app = App::with_acceptance_data();
    let (revision, before) = (app.revision(1002), app.bytes());
    let fields = [
        ("revision", revision.as_str()),
        ("from", "2025-10-15"),
        ("core", "1001"),
        ("date", "2025-10-15"),
        ("time", "12:00"),
        ("employee", "101"),
    ];

    let form = app.post_from_dialog("/events/1002/reschedule", &fields).status(422);

    assert_eq!(app.bytes(), before);
    form.element("supervisor-details");
    assert!(form.element("preview").contains("data-needs=\"reason\""));
    let fields = [fields.as_slice(), &[("override_reason", "No one else is near.")]].concat();
    let done = app.post_from_dialog("/events/1002/reschedule", &fields).status(200);
    assert!(done.text_of("messages").contains("A conflict was overridden."), "{}", done.text_of("messages"));
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "101")));
    assert_eq!(app.audit().pop().unwrap().reason.as_deref(), Some("No one else is near."));
}

#[test]
fn a_stale_dialog_shows_old_state_new_state_and_input() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1002);
    let move_it = json!({"schedule_id": 2002, "new_date": "2025-10-15T13:00"});
    app.call("/api/reschedule_event", move_it).ok();
    let before = app.bytes();
    let fields = [("revision", revision.as_str()), ("core", "1001"), ("date", "2025-10-15"), ("time", "14:00")];

    let form = app.post_from_dialog("/events/1002/reschedule", &fields).status(409);

    assert_eq!(app.bytes(), before);
    let said = form.text();
    for part in [
        "Changed by local user (no sign-in) on Wed, Oct 15, 2025 at 9:00 AM while this was open",
        "You saw Wed, Oct 15, 2025 at 12:00 PM, Jane Doe",
        "Now Super Pretzel (Supervisor 606001): Wed, Oct 15, 2025 at 1:00 PM, Jane Doe",
        "You entered Wed, Oct 15, 2025 at 2:00 PM",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert!(form.element("time").contains("value=\"14:00\""));
    let fresh = app.revision(1002);
    assert!(form.body.contains(&format!("name=\"revision\" value=\"{fresh}\"")), "it can be sent again");
    let again = [&[("revision", fresh.as_str())], &fields[1..]].concat();
    app.post_from_dialog("/events/1002/reschedule", &again).status(200);
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 14:00", "102")));
}

#[test]
fn a_supervisor_on_another_day_is_changed_from_the_day_of_its_core() {
    let app = App::with_acceptance_data();
    let away = json!({"schedule_id": 2002, "new_date": "2025-10-16", "confirm_other_date": true});
    app.call("/api/reschedule_event", away).ok();
    let revision = app.revision(1002);

    let fields = [
        ("revision", revision.as_str()),
        ("from", "2025-10-15"),
        ("core", "1001"),
        ("date", "2025-10-15"),
        ("time", "12:30"),
    ];
    let done = app.post_from_dialog("/events/1002/reschedule", &fields).status(200);

    assert!(done.text_of("event-1001").contains("Supervisor Event Scheduled (Jane Doe @ 12:30 PM)"));
    assert!(done.text_of("facts").contains("2 scheduled, 1 unscheduled"));
    done.element("event-1002");
}

#[test]
fn a_supervisor_card_names_and_links_its_core() {
    let card = App::with_acceptance_data().get("/calendar/day/2025-10-15").element("event-1002");

    assert!(card.contains("href=\"/calendar/day/2025-10-15#event-1001\""), "{card}");
    assert!(card.contains("Super Pretzel"));
}
