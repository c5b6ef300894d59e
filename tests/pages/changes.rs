//! The four change forms: the change is saved, and the next page says so.

use crate::support::App;

/// Opens a form, sends it with its revision, and tells what the page it leads to says.
#[track_caller]
fn submit(app: &App, event: u64, action: &str, fields: &[(&str, &str)]) -> crate::support::Page {
    let address = format!("/events/{event}/{action}");
    app.get(&address).status(200);
    let revision = app.revision(event);
    let fields = [&[("revision", revision.as_str())], fields].concat();
    app.follow(app.post(&address, &fields))
}

#[test]
fn schedule_gives_an_unstaffed_event_its_employee_and_time() {
    let app = App::with_acceptance_data();

    let fields = [("from", "2025-10-16"), ("date", "2025-10-16"), ("time", "10:30"), ("employee", "103")];
    let page = submit(&app, 1004, "schedule", &fields);

    page.says("Nature Valley (CORE 606002) is scheduled on Thu, Oct 16, 2025 at 10:30 AM, with its Supervisor.");
    assert_eq!(app.assignment(1004), Some(("2025-10-16 10:30".into(), "103".into())));
    assert_eq!(app.assignment(1005), Some(("2025-10-16 12:30".into(), "105".into())));
}

#[test]
fn reschedule_without_a_time_keeps_the_time_of_day() {
    let app = App::with_acceptance_data();

    let page = submit(&app, 1001, "reschedule", &[("date", "2025-10-20"), ("time", ""), ("employee", "")]);

    page.says("Super Pretzel (CORE 606001) moved to Mon, Oct 20, 2025 at 10:00 AM, with its Supervisor.");
    assert_eq!(app.assignment(1002), Some(("2025-10-20 12:00".into(), "102".into())));
}

#[test]
fn unschedule_releases_the_pair() {
    let app = App::with_acceptance_data();

    submit(&app, 1001, "unschedule", &[]).says("Super Pretzel (CORE 606001) is unscheduled, with its Supervisor.");

    assert_eq!((app.assignment(1001), app.assignment(1002)), (None, None));
}

#[test]
fn change_employee_changes_only_the_employee() {
    let app = App::with_acceptance_data();

    submit(&app, 1019, "employee", &[("employee", "103")])
        .says("Doritos (CORE 606005) has a new employee: Sarah Johnson.");

    assert_eq!(app.assignment(1019), Some(("2025-10-16 10:00".into(), "103".into())));
    assert_eq!(app.assignment(1020), Some(("2025-10-16 12:00".into(), "102".into())));
}

#[test]
fn a_message_is_shown_once() {
    let app = App::with_acceptance_data();

    submit(&app, 1001, "unschedule", &[]).says("is unscheduled");

    app.get("/calendar/day/2025-10-15").does_not_say("is unscheduled");
}

#[test]
fn a_form_without_changes_says_so_and_leaves_no_entry() {
    let app = App::with_acceptance_data();
    let (before, audited) = (app.bytes(), app.audit().len());

    submit(&app, 1001, "reschedule", &[("date", "2025-10-15"), ("time", "10:00")]).says("no changes");

    assert_eq!((app.bytes(), app.audit().len()), (before, audited));
}

#[test]
fn the_schedule_form_proposes_a_time_and_the_best_person() {
    let form = App::with_acceptance_data().get("/events/1004/schedule?from=2025-10-16").status(200);

    assert!(form.element("date").contains("value=\"2025-10-16\""));
    assert!(form.element("time").contains("value=\"09:45\""));
    assert!(form.element("employee").contains(" selected"));
    form.says("Schedule 2 events").says("Nature Valley (Supervisor 606002)");
}

#[test]
fn a_reschedule_names_the_changed_time_and_employee() {
    let app = App::with_acceptance_data();

    let same_time = [("date", "2025-10-16"), ("time", "10:00"), ("employee", "103")];
    submit(&app, 1019, "reschedule", &same_time).says("Doritos (CORE 606005) has a new employee: Sarah Johnson.");
    let both = [("date", "2025-10-16"), ("time", "09:00"), ("employee", "104")];
    submit(&app, 1019, "reschedule", &both)
        .says("Doritos (CORE 606005) moved to Thu, Oct 16, 2025 at 9:00 AM, to Mike Johnson, with its Supervisor.");
}

#[test]
fn a_released_core_keeps_its_card_and_its_supervisor_names_it() {
    let app = App::with_acceptance_data();

    let page = submit(&app, 1001, "unschedule", &[("from", "2025-10-15")]);

    let card = page.element("event-1002");
    assert!(card.contains("href=\"/events/1001\"") && card.contains("(unscheduled)"), "{card}");
    let form = app.get("/events/1001/supervisor?from=2025-10-15").status(200);
    form.says("Its CORE is unscheduled. Scheduling the CORE also schedules this event: Schedule the CORE");
}
