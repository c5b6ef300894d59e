//! TC-026 and on, as far as no browser is needed: the dialog of a CORE's Supervisor. How focus moves in it is tried in
//! browsers.

use crate::support::{App, Page, on};

const DIALOG: &str = "/events/1001/supervisor?from=2025-10-15";

/// Sends the form that the dialog of 1001 shows, as htmx does.
#[track_caller]
fn save(app: &App, fields: &[(&str, &str)]) -> Page {
    app.post_from_dialog("/events/1002/reschedule", &with_hidden(app, fields))
}

fn with_hidden<'a>(app: &App, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let revision: &str = app.revision(1002).leak();
    [&[("revision", revision), ("from", "2025-10-15"), ("core", "1001")], fields].concat()
}

#[test]
fn tc_026_the_dialog_shows_all_facts_of_the_supervisor_and_its_core() {
    let app = App::with_acceptance_data();

    let dialog = app.open_dialog(DIALOG).status(200);

    assert!(!dialog.is_document());
    let details = dialog.text_of("supervisor-details");
    for said in [
        "Event 606001-Supervisor-Super Pretzel",
        "Number 606001",
        "Last day Wed, Oct 15",
        "Employee Jane Doe",
        "When Wed, Oct 15, 12:00 PM",
        "Status Scheduled",
        "CORE Super Pretzel , Wed, Oct 15, 10:00 AM",
    ] {
        assert!(details.contains(said), "{said:?} is not in {details:?}");
    }
    dialog.link("/events/1001");
    assert_eq!(dialog.text_of("dialog-title"), "Supervisor event of Super Pretzel");
}

#[test]
fn tc_026_the_pair_line_opens_the_dialog_in_place_and_without_scripts_as_a_page() {
    let app = App::with_acceptance_data();

    let button = app.get("/calendar/day/2025-10-15").element("pair-1001-1002");

    for part in ["View or edit", "hx-target=\"#dialog\"", "/events/1001/supervisor?from=2025-10-15&amp;supervisor=1002"]
    {
        assert!(button.contains(part), "{part:?} is not in {button}");
    }
    assert!(app.get(DIALOG).status(200).is_document());
}

#[test]
fn tc_027_the_date_is_the_first_field() {
    let dialog = App::with_acceptance_data().open_dialog(DIALOG);

    let fields = ["id=\"date\"", "id=\"time\"", "id=\"employee\"", "id=\"confirm\""];
    let places: Vec<_> = fields.iter().map(|field| dialog.body.find(field).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn tc_028_reassigning_changes_the_supervisor_alone() {
    let app = App::with_acceptance_data();
    let core = app.event(1001);

    save(&app, &[("employee", "105")]).status(422).says("Choose a date.");
    let done = save(&app, &[("date", "2025-10-15"), ("time", "12:00"), ("employee", "105")]).status(200);

    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "105")));
    assert_eq!(app.event(1001), core);
    assert!(done.text_of("event-1001").contains("Supervisor Event Scheduled (Mike Brown @ 12:00 PM)"));
    for piece in ["facts", "group-core", "group-supervisor", "messages"] {
        assert!(done.element(piece).contains("hx-swap-oob"), "{piece}");
    }
    assert!(done.trigger.unwrap().contains("\"focus\":\"pair-1001-1002\""), "the focus goes back to the button");
}

#[test]
fn tc_029_moving_to_2_pm_changes_the_supervisor_alone() {
    let app = App::with_acceptance_data();
    let core = app.event(1001);

    let done = save(&app, &[("date", "2025-10-15"), ("time", "14:00")]).status(200);

    assert_eq!(app.assignment(1002), Some(on("2025-10-15 14:00", "102")));
    assert_eq!(app.event(1001), core);
    assert!(done.text_of("event-1001").contains("Supervisor Event Scheduled (Jane Doe @ 2:00 PM)"));
}

#[test]
fn tc_029_leaving_the_date_of_the_core_needs_a_second_confirmation() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    let away = [("date", "2025-10-16"), ("time", "14:00")];

    let asked = save(&app, &away).status(422);

    assert_eq!(app.bytes(), before);
    asked.element("supervisor-details");
    assert!(asked.element("preview").contains("data-needs=\"other-date\""));
    let done = save(&app, &[away.as_slice(), &[("confirm_other_date", "true")]].concat()).status(200);
    assert_eq!(app.assignment(1002), Some(on("2025-10-16 14:00", "102")));
    assert_eq!(app.assignment(1001), Some(on("2025-10-15 10:00", "101")));
    assert!(done.text_of("event-1001").contains("Supervisor Event Scheduled (Jane Doe @ 2:00 PM, Thu, Oct 16)"));
    assert!(done.text_of("facts").contains("1 scheduled, 1 unscheduled"), "the banner follows");
}

#[test]
fn tc_029_the_preview_asks_for_the_confirmation_before_the_button() {
    let app = App::with_acceptance_data();

    let fields = "core=1001&date=2025-10-16&time=14:00&employee=&revision=0";
    let form = app.get(&format!("/events/1002/reschedule?{fields}")).status(200);

    assert!(form.element("preview").contains("data-needs=\"other-date\""));
    assert!(form.text_of("preview").contains("Its CORE Super Pretzel (CORE 606001) is on Wed, Oct 15, 2025."));
    form.element("confirm_other_date");
}

#[test]
fn tc_030_unscheduling_asks_first_and_changes_the_supervisor_alone() {
    let app = App::with_acceptance_data();
    let core = app.event(1001);
    let link = app.open_dialog(DIALOG).element("unschedule-it");
    assert!(link.contains("/events/1002/unschedule?from=2025-10-15&amp;core=1001"), "{link}");

    let question = app.open_dialog("/events/1002/unschedule?from=2025-10-15&core=1001").status(200);
    assert_eq!(question.text_of("dialog-title"), "Unschedule Super Pretzel?");
    let done = app.post_from_dialog("/events/1002/unschedule", &with_hidden(&app, &[])).status(200);

    assert_eq!((app.assignment(1002), app.event(1001)), (None, core));
    assert!(done.text_of("event-1001").contains("Supervisor Event NOT Scheduled"));
    assert!(done.trigger.unwrap().contains("\"focus\":\"pair-1001-1002\""));
}

#[test]
fn tc_030_without_scripts_each_form_returns_to_the_day_with_its_message() {
    let app = App::with_acceptance_data();

    let sent = app.post("/events/1002/reschedule", &with_hidden(&app, &[("date", "2025-10-15"), ("time", "14:00")]));

    assert_eq!(sent.location.as_deref(), Some("/calendar/day/2025-10-15"));
    app.follow(sent).says("Super Pretzel (Supervisor 606001) moved to Wed, Oct 15, 2025 at 2:00 PM.");
    let sent = app.post("/events/1002/unschedule", &with_hidden(&app, &[]));
    app.follow(sent).says("Super Pretzel (Supervisor 606001) is unscheduled.");
}

#[test]
fn tc_031_without_scripts_close_and_cancel_of_the_dialog_lead_back() {
    let page = App::with_acceptance_data().get(DIALOG);

    assert_eq!(page.body.matches("href=\"/calendar/day/2025-10-15\" data-close").count(), 2);
}

#[test]
fn an_unscheduled_supervisor_is_scheduled_from_the_amber_line() {
    let app = App::with_acceptance_data();
    let core = app.event(1006);

    let form = app.open_dialog("/events/1006/supervisor?from=2025-10-15").status(200);
    assert!(form.element("date").contains("value=\"2025-10-15\"") && form.element("time").contains("value=\"11:00\""));
    let revision = app.revision(1007);
    let fields = [
        ("revision", revision.as_str()),
        ("from", "2025-10-15"),
        ("core", "1006"),
        ("date", "2025-10-15"),
        ("time", "11:00"),
        ("employee", "102"),
    ];
    let done = app.post_from_dialog("/events/1007/schedule", &fields).status(200);

    assert_eq!((app.assignment(1007), app.event(1006)), (Some(on("2025-10-15 11:00", "102")), core));
    assert!(done.text_of("event-1006").contains("Supervisor Event Scheduled (Jane Doe @ 11:00 AM)"));
}
