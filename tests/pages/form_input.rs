//! Invalid form fields are shown again with their input and an error.

use crate::support::{App, Page};

/// Sends a form with the revision it would carry, which must come back with 422 and without any effect.
#[track_caller]
fn typo(app: &App, event: u64, action: &str, fields: &[(&str, &str)]) -> Page {
    let (revision, before) = (app.revision(event), app.bytes());
    let fields = [&[("revision", revision.as_str())], fields].concat();
    let form = app.post(&format!("/events/{event}/{action}"), &fields).status(422);
    assert_eq!(app.bytes(), before);
    form
}

#[test]
fn each_blank_field_gets_its_own_message() {
    let app = App::with_acceptance_data();

    let form = typo(&app, 1004, "schedule", &[("date", ""), ("time", ""), ("employee", "")]);

    assert_eq!(form.text_of("date-err"), "Choose a date.");
    assert_eq!(form.text_of("time-err"), "Choose a start time.");
    assert_eq!(form.text_of("employee-err"), "Choose an employee.");
    let form = typo(&app, 1001, "reschedule", &[("date", " ")]);
    assert_eq!(form.text_of("date-err"), "Choose a date.");
    let form = typo(&app, 1001, "employee", &[]);
    assert_eq!(form.text_of("employee-err"), "Choose an employee.");
}

#[test]
fn input_is_kept() {
    let app = App::with_acceptance_data();

    let form = typo(&app, 1004, "schedule", &[("date", "2025-02-30"), ("time", "9.45"), ("employee", "103")]);

    assert!(form.element("date").contains("value=\"2025-02-30\""), "{}", form.element("date"));
    assert!(form.element("time").contains("value=\"9.45\""), "{}", form.element("time"));
    assert!(form.element("employee").contains("value=\"103\" selected"), "{}", form.element("employee"));
    assert!(form.text_of("date-err").contains("\"2025-02-30\" is not a date"), "{}", form.text_of("date-err"));
    assert!(form.text_of("time-err").contains("\"9.45\" is not a time of day"), "{}", form.text_of("time-err"));
    assert!(form.element("date").contains("aria-invalid=\"true\""));
}

#[test]
fn a_form_without_its_revision_is_refused() {
    let app = App::with_acceptance_data();
    let before = app.bytes();

    for revision in ["", "x", "-1"] {
        let form = app.post("/events/1001/unschedule", &[("revision", revision)]).status(422);
        form.says("The form is incomplete. Open it again.");
    }

    assert_eq!(app.bytes(), before);
}

#[test]
fn an_unknown_person_is_refused() {
    let app = App::with_acceptance_data();

    typo(&app, 1019, "employee", &[("employee", "4711")]).says("There is no employee 4711.");
    let form = typo(&app, 1019, "employee", &[("employee", "a b")]);
    assert_eq!(form.text_of("employee-err"), "Choose an employee from the list.");
}

#[test]
fn a_reason_that_is_too_long_is_refused_at_its_field() {
    let app = App::with_acceptance_data();
    let reason = "x".repeat(501);

    let form = typo(&app, 1019, "employee", &[("employee", "105"), ("override_reason", &reason)]);

    assert!(form.element("override_reason").contains(&reason));
    assert_eq!(form.text_of("override_reason-err"), "A reason has at most 500 characters.");
}

#[test]
fn an_unknown_field_is_ignored() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1001);

    let answer = app.post("/events/1001/unschedule", &[("revision", &revision), ("_charset_", "utf-8"), ("x", "1")]);

    app.follow(answer).says("is unscheduled");
}

#[test]
fn a_form_of_another_content_type_is_refused() {
    let app = App::with_acceptance_data();
    let before = app.bytes();

    let answer = app.send("application/json", "/events/1001/unschedule", "{}");

    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_form_above_64_kib_is_too_large() {
    let app = App::with_acceptance_data();
    let (revision, reason, before) = (app.revision(1001), "x".repeat(64 * 1024), app.bytes());

    let fields = [("revision", revision.as_str()), ("override_reason", &reason)];
    app.post("/events/1001/unschedule", &fields).status(413).says("too large");

    assert_eq!(app.bytes(), before);
}

#[test]
fn a_preview_of_incomplete_fields_shows_the_valid_ones() {
    let app = App::with_acceptance_data();

    app.get("/events/1001/reschedule?date=&time=&employee=&revision=0").status(200).says("(Supervisor 606001)");
    app.get("/events/1001/reschedule?date=2025-99-99&time=x&employee=%20&revision=0").status(200);
    app.get("/events/1001/reschedule?date=2025-10-20&time=&employee=105&revision=0")
        .status(200)
        .says("Mike Brown is a Club Supervisor")
        .says("An override reason is needed.");
}
