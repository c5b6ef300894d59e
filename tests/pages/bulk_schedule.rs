//! Scheduling several unscheduled events in one step: proposed, checked, confirmed and undone.

use tandem::domain::audit::{Action, Outcome};

use crate::support::{App, Page, form::Form, legacy, on};

const SUBMIT: &str = "/unscheduled/schedule";

/// Three small events that wait at store 7, and a pair at store 12.
fn bank() -> App {
    let rows = [
        "1,606001-CORE-Chips,CORE,6,2025-10-21,12",
        "2,606001-Supervisor-Chips,Supervisor,0.08,2025-10-21,12",
        "3,606003-Freeosk-Chips,Freeosk,1,2025-10-17,7",
        "4,606004-Freeosk-Dip,Freeosk,1,2025-10-17,7",
        "5,606005-Digitals-Screen,Digitals,1,2025-10-18,7",
    ];
    App::with(&[], Some(legacy(&rows, &[])))
}

fn open(app: &App, query: &str) -> Page {
    app.get(&format!("{SUBMIT}?{query}")).status(200)
}

fn form(app: &App, query: &str) -> Form {
    open(app, query).form(SUBMIT)
}

#[test]
fn each_selected_event_is_proposed_with_date_time_and_person() {
    let app = bank();

    let page = open(&app, "event=3&event=4").says("Schedule 2 events");

    let form = page.form(SUBMIT);
    assert_eq!((form.value("row.3.date"), form.value("row.3.time")), ("2025-10-15", "10:00"));
    assert_eq!((form.value("row.3.take"), form.value("row.3.employee")), ("true", "102"), "Jane Doe, a Lead");
    assert_eq!(form.value("row.4.employee"), "103", "another Lead: the fewest hours go first");
    assert!(page.element("employee-3").contains("Unavailable (needs an override reason)"));
    assert_eq!(app.audit().len(), 1, "nothing but the import was written");
}

#[test]
fn selected_events_are_scheduled_in_one_change_with_one_undo() {
    let app = bank();
    let before = app.bytes();

    let done = form(&app, "event=3&event=4&event=5&back=%2Funscheduled%3Fstore%3D7").without("row.5.take").send(&app);

    assert_eq!(done.location.as_deref(), Some("/unscheduled?store=7"));
    let list = app.follow(done).says("Scheduled: 2 events.").says("Unscheduled 3 events");
    assert!(app.event(3).schedule.is_some() && app.event(4).schedule.is_some() && app.event(5).schedule.is_none());
    let entries = app.audit();
    assert_eq!((entries.len(), entries[1].action, entries[1].steps.len()), (2, Action::ScheduleSeveral, 2));
    app.follow(list.form("/activity/2/undo").send(&app)).says("Undone: 2 events are as they were before.");
    assert_eq!(app.event(3).schedule, None);
    assert_ne!(app.bytes(), before, "revisions count on");
    app.assert_whole();
}

#[test]
fn a_core_and_supervisor_selected_together_keep_the_values_of_their_rows() {
    let app = bank();
    let proposed = form(&app, "event=2&event=1");
    assert_eq!(proposed.value("row.2.time"), "11:45", "two hours after what is proposed for its CORE");

    proposed.with("row.2.time", "15:00").send(&app).status(303);

    assert_eq!(app.assignment(2).unwrap().0, "2025-10-15 15:00");
    app.assert_whole();
}

#[test]
fn a_refused_row_names_its_rule_and_one_reason_overrides_all() {
    let app = bank();
    let both = form(&app, "event=3&event=4").with("row.3.employee", "101").with("row.4.employee", "101");

    let page = both.send(&app).status(422).says("Nothing was changed: 2 conflicts");

    assert!(page.text_of("row-3").contains("John Smith is an Event Specialist"), "{}", page.text_of("row-3"));
    assert!(page.element("plan-needs").contains("data-needs=\"reason\""));
    assert!(app.event(3).schedule.is_none());
    assert_eq!(app.audit().last().unwrap().outcome, Outcome::Refused);
    page.form(SUBMIT).with("override_reason", "No one else is there").send(&app).status(303);
    assert_eq!(app.assignment(3), Some(on("2025-10-15 10:00", "101")));
    assert_eq!(app.audit().last().unwrap().reason.as_deref(), Some("No one else is there"));
}

#[test]
fn a_reason_is_for_the_conflicts_that_were_shown() {
    let app = bank();
    let checked = form(&app, "event=3&event=4").with("row.3.employee", "101").with("check", "true").send(&app);
    let reasoned = checked.status(200).form(SUBMIT).with("override_reason", "No one else is there").without("check");
    let other = form(&app, "event=5").with("row.5.date", "2025-10-15").with("row.5.time", "10:00");
    other.with("row.5.employee", "101").with("override_reason", "Agreed").without("shown").send(&app).status(303);

    let again = reasoned.send(&app).status(422);

    assert!(again.text_of("row-3").contains("John Smith already has"), "{}", again.text_of("row-3"));
    assert!(app.event(3).schedule.is_none() && app.event(4).schedule.is_none());
    again.form(SUBMIT).send(&app).status(303);
    assert_eq!(app.assignment(3), Some(on("2025-10-15 10:00", "101")));
}

#[test]
fn a_check_shows_conflicts_and_writes_nothing() {
    let app = bank();
    let both = form(&app, "event=3&event=4").with("row.4.employee", "102").with("row.4.date", "2025-10-15");

    let pieces = both.with("row.4.time", "10:30").check(&app, 4).status(200);

    assert!(!pieces.is_document());
    assert!(
        pieces.text_of("remarks-4").contains("Jane Doe already has Chips (Freeosk 606003)"),
        "as row 3 would leave it"
    );
    assert!(pieces.element("remarks-3").contains("hx-swap-oob"));
    assert!(pieces.element("who-4").contains("<select") && !pieces.body.contains("id=\"who-3\""));
    assert_eq!(pieces.text_of("confirm"), "Schedule 2 events");
    assert_eq!(app.audit().len(), 1);
}

#[test]
fn without_scripts_check_first_shows_the_page_with_its_input() {
    let app = bank();
    let typed = form(&app, "event=3&event=4").with("row.4.time", "10:30").with("row.4.employee", "102");

    let page = typed.with("check", "true").send(&app).status(200);

    assert!(page.is_document());
    let form = page.says("Jane Doe already has Chips (Freeosk 606003)").form(SUBMIT);
    assert_eq!((form.value("row.4.time"), form.value("row.4.take")), ("10:30", "true"));
}

#[test]
fn choosing_an_employee_for_an_event_without_a_proposal_selects_it() {
    let app = bank();
    let form = form(&app, "event=5").with("row.5.date", "2025-10-18").with("row.5.time", "10:30");
    let waits = form.with("row.5.employee", "").without("row.5.take").with("check", "true").send(&app).form(SUBMIT);
    assert_eq!(waits.value("row.5.open"), "true");

    let chosen = waits.with("row.5.employee", "102").with("check", "true").send(&app);

    let form = chosen.status(200).says("Schedule 1 event").form(SUBMIT);
    assert_eq!((form.value("row.5.take"), form.value("row.5.open")), ("true", ""));
    form.without("row.5.take").send(&app).status(422).says("No event is chosen.");
}

#[test]
fn a_stale_event_refuses_the_whole_change_and_is_named() {
    let app = bank();
    let sent = form(&app, "event=3&event=4");
    let body = serde_json::json!({"event_id": 4, "employee_id": 102, "start_datetime": "2025-10-16T10:00"});
    app.call("/api/schedule_event", body).ok();

    let page = sent.send(&app).status(409).says("Dip (Freeosk 606004) was changed by");

    assert!(page.text_of("row-4").contains("Already scheduled on Thu, Oct 16, 2025 at 10:00 AM."));
    assert_eq!(app.event(3).schedule, None);
    let form = page.form(SUBMIT);
    assert_eq!((form.value("row.4.take"), form.value("row.3.take")), ("", "true"));
    form.send(&app).status(303);
    assert!(app.event(3).schedule.is_some());
}

#[test]
fn invalid_input_is_reported_and_kept_in_its_row() {
    let app = bank();
    let wrong = [("row.3.date", "2025-02-30"), ("row.3.time", ""), ("row.4.employee", "")];
    let sent = wrong.iter().fold(form(&app, "event=3&event=4"), |form, (name, value)| form.with(name, value));

    let page = sent.send(&app).status(422).says("Please correct. Nothing was changed");

    assert!(page.element("date-3").contains("aria-invalid=\"true\"") && page.element("date-3").contains("autofocus"));
    assert!(page.element("date-3").contains("value=\"2025-02-30\""));
    assert!(page.element("employee-4").contains("aria-describedby=\"employee-4-err\""));
    assert_eq!(page.text_of("employee-4-err"), "Choose an employee, or clear the checkbox.");
    assert!(page.body.contains("href=\"#time-3\""));
    assert_eq!(app.audit().len(), 1);
}

#[test]
fn a_reason_that_is_too_long_is_refused_at_its_field() {
    let app = bank();

    let page = form(&app, "event=3").with("override_reason", &"x".repeat(501)).send(&app).status(422);

    assert_eq!(page.text_of("override_reason-err"), "A reason has at most 500 characters.");
}

#[test]
fn a_supervisor_leaves_the_date_of_its_core_only_if_its_row_confirms() {
    let app = bank();
    let body = serde_json::json!({"event_id": 1, "employee_id": 101, "start_datetime": "2025-10-16T10:00"});
    app.call("/api/schedule_event", body).ok();
    app.call("/api/unschedule_event", serde_json::json!({"schedule_id": 2})).ok();

    let page = form(&app, "event=2").with("row.2.date", "2025-10-17").send(&app).status(422);

    assert!(page.text_of("row-2").contains("Allow a different date from its CORE"));
    page.form(SUBMIT).with("row.2.confirm", "true").send(&app).status(303);
    assert!(app.assignment(2).unwrap().0.starts_with("2025-10-17"));
}

#[test]
fn an_empty_selection_is_reported_and_changes_nothing() {
    let app = bank();

    open(&app, "back=%2Funscheduled").says("No event is selected.");
    let page = form(&app, "event=3").without("row.3.take").send(&app).status(422);

    page.says("No event is chosen. Choose at least one.");
    assert_eq!(app.event(3).schedule, None);
}

#[test]
fn an_event_without_an_employee_is_not_selected_until_one_is_chosen() {
    let app = bank();
    let form = form(&app, "event=5").with("row.5.date", "2025-10-18").with("row.5.time", "10:30");

    let page = form.with("row.5.employee", "").without("row.5.take").with("check", "true").send(&app);

    let form = page.status(200).says("No one is available for 1 event.").says("Schedule 0 events").form(SUBMIT);
    assert_eq!(form.value("give"), "!best");
    form.clone().send(&app).status(422).says("No event is chosen.");
    let given = form.with("check", "give").send(&app).status(200).says("Schedule 1 event").form(SUBMIT);
    assert_eq!((given.value("row.5.take"), given.value("row.5.employee")), ("true", "102"), "whose title may work it");
}

/// Number of pairs that are apart.
fn inconsistencies(app: &App) -> usize {
    app.check().pairs.problems().filter(|one| one.check.is_inconsistency()).count()
}

#[test]
fn tx_10_tx_34_all_36_open_supervisors_are_staffed_in_one_change_with_one_undo() {
    let app = App::with_visits();
    app.get("/unscheduled").says("Schedule 36 Supervisors…").says("Unscheduled 66 events");

    let page = app.get("/unscheduled/supervisors").status(200).says("Schedule 36 events");
    let form = page.says("Schedule unscheduled Supervisors").form(SUBMIT);
    assert_eq!(form.count(".take"), 36);
    let list = app.follow(form.send(&app));

    list.says("Scheduled: 36 events.");
    assert_eq!(inconsistencies(&app), 0);
    assert_eq!(app.check().pairs.pairs_scheduled, 41);
    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.steps.len(), entry.reason.as_deref()), (36, None));
    app.call(&format!("/api/undo/{}", entry.sequence), serde_json::json!({})).ok();
    assert_eq!(inconsistencies(&app), 36);
    app.assert_whole();
}

#[test]
fn activity_counts_the_events_of_a_change_and_its_page_lists_them() {
    let app = App::with_visits();
    app.get("/unscheduled/supervisors").form(SUBMIT).send(&app).status(303);

    let listed = app.get("/activity?action=schedule_several").status(200).says("Schedule several 36 events");
    let entry = listed.says("and 31 more").element("entry-2");
    let own = app.get("/activity/2").says("Undo 36 events");

    assert_eq!(entry.matches("<b><a href=\"/events/").count(), 5);
    assert_eq!(own.body.matches("<b><a href=\"/events/").count(), 36);
    app.follow(own.form("/activity/2/undo").send(&app)).says("Undone: 36 events are as they were before.");
    assert_eq!(inconsistencies(&app), 36);
}
