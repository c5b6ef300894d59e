//! Forms that are refused by rules, are stale, or need a confirmation.

use serde_json::json;
use tandem::domain::audit::Outcome;

use crate::support::{App, Page};

/// An event, what is done to it, and the fields that are typed.
type Attempt<'a> = (u64, &'a str, &'a [(&'a str, &'a str)]);

/// Sends a form with the revision it would carry.
fn send(app: &App, event: u64, action: &str, fields: &[(&str, &str)]) -> Page {
    let revision = app.revision(event);
    app.post(&format!("/events/{event}/{action}"), &[&[("revision", revision.as_str())], fields].concat())
}

#[test]
fn an_assignment_against_a_rule_is_refused_with_facts_and_alternatives() {
    let refused: [Attempt<'_>; 3] = [
        (1004, "schedule", &[("date", "2025-10-16"), ("time", "10:30"), ("employee", "105")]),
        (1019, "reschedule", &[("date", "2025-10-16"), ("time", "09:30"), ("employee", "105")]),
        (1019, "employee", &[("employee", "105")]),
    ];
    for (event, action, fields) in refused {
        let app = App::with_acceptance_data();
        let before = app.bytes();

        let form = send(&app, event, action, fields).status(422);

        assert_eq!(app.bytes(), before, "{action}");
        assert_eq!(app.audit().last().unwrap().outcome, Outcome::Refused, "{action}");
        assert!(form.body.contains("data-rule=\"title\""), "{action}");
        form.element("override_reason");
        form.says("Can't be scheduled. Nothing was changed")
            .says("Mike Brown is a Club Supervisor; CORE events are for:")
            .says("Suggestions")
            .says("Mike Johnson Sarah Johnson");
    }
}

#[test]
fn a_conflict_links_to_the_other_event() {
    let app = App::with_acceptance_data();

    let fields = [("date", "2025-10-15"), ("time", "10:00"), ("employee", "104")];
    let form = send(&app, 1004, "schedule", &fields).status(422);

    form.link("/events/1013");
    form.says("Mike Johnson already has Freeosk Setup - Walmart #789 (Freeosk) on Wed, Oct 15, 2025 from 10:00 AM to 2:00 PM.");
}

#[test]
fn only_scheduled_events_are_unscheduled_and_only_unstaffed_ones_scheduled() {
    let app = App::with_acceptance_data();
    let before = app.bytes();

    send(&app, 1004, "unschedule", &[]).status(409).says("Nature Valley (CORE 606002) is not scheduled.");
    send(&app, 1001, "schedule", &[("date", "2025-10-16"), ("time", "10:30"), ("employee", "103")])
        .status(409)
        .says("Super Pretzel (CORE 606001) is already scheduled on Wed, Oct 15, 2025 at 10:00 AM.");

    assert_eq!(app.bytes(), before);
}

#[test]
fn a_form_with_an_old_revision_is_stale() {
    let stale: [Attempt<'_>; 4] = [
        (1004, "schedule", &[("date", "2025-10-16"), ("time", "10:30"), ("employee", "103")]),
        (1001, "reschedule", &[("date", "2025-10-20"), ("time", ""), ("employee", "")]),
        (1001, "unschedule", &[]),
        (1019, "employee", &[("employee", "103")]),
    ];
    let app = App::with_acceptance_data();
    let before = app.bytes();
    for (event, action, fields) in stale {
        let fields = [&[("revision", "99")], fields].concat();

        let form = app.post(&format!("/events/{event}/{action}"), &fields).status(409);

        form.says("Changed by someone else while this was open").says("Your changes were not saved");
        assert_eq!(app.audit().last().unwrap().outcome, Outcome::Refused, "{action}");
    }
    assert_eq!(app.bytes(), before);
}

#[test]
fn an_override_with_a_reason_is_saved_with_it() {
    let app = App::with_acceptance_data();
    let fields = [("employee", "105"), ("override_reason", "  All others are ill.  ")];

    let page = app.follow(send(&app, 1019, "employee", &fields));

    page.says("Doritos (CORE 606005) has a new employee: Mike Brown. A conflict was overridden.")
        .says("Mike Brown is a Club Supervisor");
    assert_eq!(app.assignment(1019).unwrap().1, "105");
    let entries = app.audit();
    let entry = entries.last().unwrap();
    assert_eq!((entry.outcome, entry.reason.as_deref()), (Outcome::Done, Some("All others are ill.")));
}

#[test]
fn a_blank_reason_overrides_nothing() {
    let app = App::with_acceptance_data();

    send(&app, 1019, "employee", &[("employee", "105"), ("override_reason", "   ")]).status(422);
    app.call("/api/change_employee", json!({"schedule_id": 2014, "new_employee_id": 105, "override_reason": " "}))
        .refused(422, "refused");
}

#[test]
fn a_refused_call_names_the_rule_and_alternatives() {
    let app = App::with_acceptance_data();

    let answer = app.call("/api/change_employee", json!({"schedule_id": 2014, "new_employee_id": 105}));

    assert_eq!(answer.body["refusals"][0]["rule"], "title");
    assert_eq!(
        answer.body["alternatives"],
        json!([{"employee_id": "104"}, {"employee_id": "103"}, {"employee_id": "102"}])
    );
    answer.refused(422, "refused");
}

#[test]
fn a_supervisor_leaves_the_date_of_its_core_only_when_confirmed_on_the_form() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    let fields = [("date", "2025-10-16"), ("time", "14:00")];

    let form = send(&app, 1002, "reschedule", &fields).status(422);
    assert_eq!(app.bytes(), before);
    form.element("confirm_other_date");
    form.says("Its CORE Super Pretzel (CORE 606001) is on Wed, Oct 15, 2025.")
        .says("Allow a different date from its CORE");

    let answer = send(&app, 1002, "reschedule", &[fields.as_slice(), &[("confirm_other_date", "true")]].concat());
    app.follow(answer).says("Super Pretzel (Supervisor 606001) moved to Thu, Oct 16, 2025 at 2:00 PM.");
    assert_eq!(app.assignment(1002), Some(("2025-10-16 14:00".into(), "102".into())));
    assert_eq!(app.assignment(1001), Some(("2025-10-15 10:00".into(), "101".into())));
}

#[test]
fn a_supervisor_leaves_the_date_of_its_core_only_when_confirmed_in_a_call() {
    let app = App::with_acceptance_data();
    let body = json!({"schedule_id": 2002, "new_date": "2025-10-16"});

    let answer = app.call("/api/reschedule_event", body);
    assert_eq!((&answer.body["core_event_id"], &answer.body["core_date"]), (&json!(1001), &json!("2025-10-15")));
    answer.refused(422, "confirm_other_date");

    let body = json!({"schedule_id": 2002, "new_date": "2025-10-16", "confirm_other_date": true});
    app.call("/api/reschedule_event", body).ok();
    assert_eq!(app.assignment(1002).unwrap().0, "2025-10-16 12:00");
}

#[test]
fn a_supervisor_moves_within_the_day_of_its_core_without_confirmation() {
    let app = App::with_acceptance_data();

    let answer = send(&app, 1002, "reschedule", &[("date", "2025-10-15"), ("time", "14:00")]);

    app.follow(answer).says("moved to Wed, Oct 15, 2025 at 2:00 PM.");
    assert_eq!(app.assignment(1001).unwrap().0, "2025-10-15 10:00");
}
