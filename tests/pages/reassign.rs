//! "X is out on this day": everything that somebody holds goes to others, in one step.

use tandem::domain::{audit::Topic, change::Action};

use crate::support::{App, legacy, on};

const PAGE: &str = "/days/2025-10-15/reassign";
const WHO: &str = "/days/2025-10-15/reassign?employee=101";

/// John holds a CORE, whose Supervisor Mike Brown has, and something small; on the 16th one more.
fn october() -> App {
    let rows = [
        "1,606001-CORE-Chips,CORE,6,2025-10-21,12",
        "2,606001-Supervisor-Chips,Supervisor,0.08,2025-10-21,12",
        "3,Inventory,Other,1,2025-10-17,7",
        "4,Inventory again,Other,1,2025-10-17,7",
    ];
    let schedule = [
        "11,1,101,2025-10-15 10:00",
        "12,2,105,2025-10-15 12:00",
        "13,3,101,2025-10-15 17:00",
        "14,4,101,2025-10-16 17:00",
    ];
    App::with(&[], Some(legacy(&rows, &schedule)))
}

#[test]
fn the_day_leads_to_who_holds_something_and_on_to_what() {
    let app = october();
    app.get("/calendar/day/2025-10-15").link(PAGE);

    app.open_dialog(PAGE).status(200).says("Who is out").says("John Smith, 2 events").says("Mike Brown, 1 event");
    let page = app.get(WHO).status(200).says("John Smith is out on Wed, Oct 15, 2025").says("Reassign 2 events");

    let form = page.form(PAGE);
    assert_eq!((form.count(".take"), form.value("row.4.take")), (2, ""));
    assert!(!page.element("employee-1").contains("John Smith"), "who is out is nobody to choose");
}

#[test]
fn each_event_goes_to_whom_it_is_given_in_one_change_with_one_undo() {
    let app = october();

    let done = app.get(WHO).form(PAGE).with("row.1.employee", "103").with("row.3.employee", "102").send(&app);

    assert_eq!(done.location.as_deref(), Some("/calendar/day/2025-10-15"));
    let day = app.follow(done).says("Reassigned: 2 events.");
    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "103")), "the time stays");
    assert_eq!(app.assignment(3), Some(on("2025-10-15 17:00", "102")));
    assert_eq!(app.assignment(2), Some(on("2025-10-15 12:00", "105")), "its Supervisor stays");
    assert_eq!(app.assignment(4), Some(on("2025-10-16 17:00", "101")), "the next day stays");
    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.steps.len()), (Action::ReassignDay, 2));
    let about = entry.about.unwrap();
    assert_eq!((about.topic, about.id.as_str()), (Topic::Employee, "101"));
    app.follow(day.form(&format!("/activity/{}/undo", entry.sequence)).send(&app)).says("are as they were before");
    assert_eq!(app.held("101", "2025-10-15"), [1, 3]);
    app.assert_whole();
}

#[test]
fn an_event_can_be_left_or_released_and_a_released_core_takes_its_supervisor_along() {
    let app = october();

    app.get(WHO).form(PAGE).with("row.1.employee", "!unschedule").without("row.3.take").send(&app).status(303);

    assert_eq!((app.assignment(1), app.assignment(2)), (None, None));
    assert_eq!(app.assignment(3), Some(on("2025-10-15 17:00", "101")));
    app.assert_whole();
}

#[test]
fn a_person_whom_a_rule_refuses_is_named_and_a_reason_lets_it_pass() {
    let app = october();
    let form = app.get(WHO).form(PAGE).with("row.1.employee", "105");

    let page = form.send(&app).status(422).says("Nothing was changed: 1 conflict");

    assert!(page.text_of("row-1").contains("Mike Brown is a Club Supervisor"), "{}", page.text_of("row-1"));
    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "101")));
    page.form(PAGE).with("override_reason", "An emergency").send(&app).status(303);
    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "105")));
}

#[test]
fn a_change_meanwhile_refuses_all_and_names_the_event() {
    let app = october();
    let form = app.get(WHO).form(PAGE);
    app.call("/api/change_employee", serde_json::json!({"schedule_id": 11, "new_employee_id": 103})).ok();

    form.send(&app).status(409).says("606001-CORE-Chips was changed by");

    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "103")));
    assert_eq!(app.assignment(3), Some(on("2025-10-15 17:00", "101")));
}

#[test]
fn a_choice_that_is_checked_tells_its_clash_and_writes_nothing() {
    let app = october();
    let form = app.get(WHO).form(PAGE).with("row.1.employee", "102").with("row.3.employee", "102");

    let pieces = form.clone().with("row.3.employee", "103").check(&app, 3).status(200);
    assert_eq!(pieces.text_of("remarks-3"), "");
    let pieces = form.with("row.1.employee", "105").check(&app, 1).status(200);

    assert!(pieces.text_of("remarks-1").contains("Mike Brown is a Club Supervisor"));
    assert!(pieces.element("plan-needs").contains("reason"));
    assert_eq!(app.audit().len(), 1);
}

#[test]
fn nobody_and_days_that_are_none_are_said() {
    let app = october();

    app.get("/days/2025-10-15/reassign?employee=999").status(422).says("There is no employee 999.");
    app.get("/days/2025-10-30/reassign").status(200).says("No one is scheduled that day.");
    app.get("/days/2025-10-15/reassign?employee=104").status(200).says("There is nothing to schedule.");
    app.get("/days/2025-02-30/reassign").status(404);
    app.post(PAGE, &[("employee", "")]).status(400);
}
