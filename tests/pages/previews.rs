//! Change forms before they are sent: available people, effects, and required reasons.

use crate::support::App;

#[test]
fn unavailable_employees_are_listed_with_rule_and_conflict() {
    let app = App::with_acceptance_data().reconfigured(&[("short_work_minutes", "0")]);
    let form = app.get("/events/1019/employee").status(200);

    let why = form.text_of("why-not");
    assert!(why.contains("2 available, 2 unavailable (why?)"), "{why}");
    assert!(why.contains("Mike Brown is a Club Supervisor; CORE events are for: Event Specialist"), "{why}");
    assert!(why.contains("Jane Doe already has Doritos (Supervisor 606005) on Thu, Oct 16, 2025"), "{why}");
    assert!(form.element("why-not").contains("href=\"/events/1020\""));
    let choice = form.text_of("employee");
    assert!(choice.contains("Mike Johnson: free that day, 4 h this week, Lead Event Specialist"), "{choice}");
}

#[test]
fn choosing_an_unavailable_employee_asks_for_a_reason_and_suggests_others() {
    let form = App::with_acceptance_data().get("/events/1019/employee?employee=105&revision=0").status(200);

    let preview = form.text_of("preview");
    assert!(form.element("preview").contains("data-needs=\"reason\""));
    assert!(preview.contains("An override reason is needed.") && preview.contains("Suggestions"), "{preview}");
    assert!(
        preview.contains("John Smith → Thu, Oct 16, 10:00 AM, Mike Brown"),
        "what would change is shown: {preview}"
    );
    assert!(form.element("preview").contains("/events/1019/employee?from=2025-10-16"));
}

#[test]
fn choosing_an_available_employee_asks_for_nothing() {
    let form = App::with_acceptance_data().get("/events/1019/employee?employee=103&revision=0").status(200);

    assert!(form.element("preview").contains("data-needs=\"\""));
}

#[test]
fn check_first_shows_the_preview_and_changes_nothing() {
    let app = App::with_acceptance_data();
    let (revision, before, audited) = (app.revision(1001), app.bytes(), app.audit().len());

    let fields =
        [("revision", revision.as_str()), ("date", "2025-10-20"), ("time", ""), ("employee", "103"), ("check", "true")];
    let form = app.post("/events/1001/reschedule", &fields).status(200);

    let preview = form.text_of("preview");
    assert!(preview.contains("Mon, Oct 20, 10:00 AM, Sarah Johnson"), "{preview}");
    assert!(
        preview.contains("Super Pretzel (Supervisor 606001) from Wed, Oct 15, 12:00 PM → Mon, Oct 20, 12:00 PM"),
        "{preview}"
    );
    assert!(form.element("date").contains("value=\"2025-10-20\""));
    assert_eq!((app.bytes(), app.audit().len()), (before, audited));
}

#[test]
fn a_form_for_another_condition_links_to_the_right_one() {
    let app = App::with_acceptance_data();

    for (address, said, instead) in [
        ("/events/1004/reschedule?from=2025-10-16", "is not scheduled.", "/events/1004/schedule"),
        ("/events/1004/unschedule", "is not scheduled.", "/events/1004/schedule"),
        ("/events/1001/schedule", "is already scheduled", "/events/1001/reschedule"),
    ] {
        let form = app.get(address).status(200).says(said);
        assert!(form.body.contains(&format!("href=\"{instead}?from=")), "{address}");
        assert!(!form.body.contains("id=\"confirm\""), "{address}");
    }
}

#[test]
fn the_first_invalid_field_has_the_focus() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1004);

    let fields = [("revision", revision.as_str()), ("date", "2025-10-16"), ("time", "x"), ("employee", "")];
    let form = app.post("/events/1004/schedule", &fields).status(422);

    assert!(form.element("time").contains(" autofocus"));
    assert_eq!(form.body.matches(" autofocus").count(), 1);
    form.link("#time");
    form.link("#employee");
}

#[test]
fn the_message_of_a_refusal_has_the_focus() {
    let app = App::with_acceptance_data();
    let revision = app.revision(1019);

    let form = app.post("/events/1019/employee", &[("revision", revision.as_str()), ("employee", "105")]).status(422);

    assert_eq!(form.body.matches(" autofocus").count(), 1);
    assert!(form.body.contains("class=\"note summary bad\" tabindex=\"-1\" autofocus"));
}

#[test]
fn a_refused_move_suggests_alternatives() {
    let app = App::with_acceptance_data().reconfigured(&[("short_work_minutes", "0")]);

    // 102 has a Supervisor event at noon that day.
    let form = app.get("/events/1020/reschedule?date=2025-10-15&time=12:00&employee=&revision=0").status(200);

    let preview = form.text_of("preview");
    assert!(preview.contains("Jane Doe already has Super Pretzel (Supervisor 606001)"), "{preview}");
    assert!(preview.contains("Suggestions"), "{preview}");
    assert!(form.element("preview").contains("data-needs=\"reason other-date\""), "a move asks for a reason");
}

#[test]
fn a_suggestion_opens_the_form_with_its_values() {
    let app = App::with_acceptance_data();
    let form = app.get("/events/1019/employee?employee=105&revision=0").status(200);

    let (_, rest) = form.body.split_once("class=\"alts\"").unwrap();
    let (_, rest) = rest.split_once("href=\"").unwrap();
    let address = rest.split_once('"').unwrap().0.replace("&amp;", "&");
    let filled = app.open_dialog(&address).status(200);

    assert!(filled.element("preview").contains("data-needs=\"\""), "{address}");
    assert!(filled.element("employee").contains("value=\"104\" selected"), "{}", filled.element("employee"));
}

#[test]
fn a_warning_about_another_event_links_to_it() {
    let form = App::with_acceptance_data().get("/events/1006/reschedule?date=2025-10-20&revision=0").status(200);

    assert!(form.text_of("preview").contains("Its Supervisor event 1007 is not scheduled and stays so. View event"));
    assert!(form.element("preview").contains("href=\"/events/1007\""));
}

#[test]
fn the_keys_of_a_form_stay_out_of_the_addresses_of_previews() {
    let form = App::with_acceptance_data().get("/events/1001/reschedule").status(200);

    for follower in ["preview", "employee-field"] {
        assert!(form.element(follower).contains("hx-params=\"not key,csrf,shown\""), "{follower}");
        assert!(form.element(follower).contains("hx-disinherit=\"*\""), "links inside are links of their own");
    }
    assert!(!form.body.contains("formmethod"));
}
