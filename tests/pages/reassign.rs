//! "X is out on this day": all events of an employee are given to others in one change.

use serde_json::json;
use tandem::{
    domain::{
        audit::{Action, Topic},
        employee::availability::{DayPart, TimeOff},
    },
    store::tables::employees,
};

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
fn the_day_links_to_its_employees_and_their_events() {
    let app = october();
    app.get("/calendar/day/2025-10-15").link(PAGE);

    app.open_dialog(PAGE).status(200).says("Who is out").says("John Smith, 2 events").says("Mike Brown, 1 event");
    let page = app.get(WHO).status(200).says("John Smith is out on Wed, Oct 15, 2025").says("Reassign 2 events");

    let form = page.form(PAGE);
    assert_eq!((form.count(".take"), form.value("row.4.take")), (2, ""));
    assert!(!page.element("employee-1").contains("John Smith"), "the absent employee cannot be chosen");
}

#[test]
fn events_are_reassigned_in_one_change_with_one_undo() {
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
fn an_event_can_be_kept_or_released_and_a_core_with_its_supervisor() {
    let app = october();

    app.get(WHO).form(PAGE).with("row.1.employee", "!unschedule").without("row.3.take").send(&app).status(303);

    assert_eq!((app.assignment(1), app.assignment(2)), (None, None));
    assert_eq!(app.assignment(3), Some(on("2025-10-15 17:00", "101")));
    app.assert_whole();
}

#[test]
fn a_refused_employee_is_named_and_a_reason_overrides() {
    let app = october();
    let form = app.get(WHO).form(PAGE).with("row.1.employee", "105");

    let page = form.send(&app).status(422).says("Nothing was changed: 1 conflict");

    assert!(page.text_of("row-1").contains("Mike Brown is a Club Supervisor"), "{}", page.text_of("row-1"));
    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "101")));
    page.form(PAGE).with("override_reason", "An emergency").send(&app).status(303);
    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "105")));
}

#[test]
fn a_stale_event_refuses_the_whole_change_and_is_named() {
    let app = october();
    let form = app.get(WHO).form(PAGE);
    app.call("/api/change_employee", serde_json::json!({"schedule_id": 11, "new_employee_id": 103})).ok();

    form.send(&app).status(409).says("Chips (CORE 606001) was changed by");

    assert_eq!(app.assignment(1), Some(on("2025-10-15 10:00", "103")));
    assert_eq!(app.assignment(3), Some(on("2025-10-15 17:00", "101")));
}

#[test]
fn a_check_shows_conflicts_and_writes_nothing() {
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
fn unknown_employees_and_invalid_days_are_reported() {
    let app = october();

    app.get("/days/2025-10-15/reassign?employee=999").status(422).says("There is no employee 999.");
    app.get("/days/2025-10-30/reassign").status(200).says("John Smith").does_not_say("events");
    app.get("/days/2025-10-15/reassign?employee=101&last=2025-10-14")
        .status(422)
        .says("The last day is before the first.");
    app.get("/days/2025-10-15/reassign?employee=101&last=2025-10-29").status(422).says("At most 14 days");
    app.get("/days/2025-10-15/reassign?employee=101&last=2025-10-28").status(200);
    app.get("/days/2025-10-15/reassign?first=soon").status(422).says("is not a date");
    app.get("/days/2025-10-15/reassign?employee=104").status(200).says("There is nothing to reassign.");
    app.get("/days/2025-02-30/reassign").status(404);
    app.post(PAGE, &[("employee", "")]).status(400);
}

#[test]
fn proposals_follow_the_rules_and_avoid_overlaps() {
    let rows = [
        "1,Inventory,Other,1,2025-10-17,7",
        "2,Inventory again,Other,1,2025-10-17,12",
        "3,606003-CORE-Chips,CORE,6,2025-10-21,12",
        "4,606004-CORE-Dip,CORE,6,2025-10-21,12",
        "5,606005-CORE-Gum,CORE,6,2025-10-21,12",
        "6,606006-CORE-Tea,CORE,6,2025-10-21,12",
    ];
    // John is out. The three others who may work COREs have one that day: a second is warned of, so no one is proposed.
    let schedule = [
        "11,1,101,2025-10-15 17:00",
        "12,2,101,2025-10-15 17:00",
        "13,3,101,2025-10-15 10:00",
        "14,4,102,2025-10-15 10:00",
        "15,5,103,2025-10-15 10:00",
        "16,6,104,2025-10-15 18:00",
    ];
    let app = App::with(&[], Some(legacy(&rows, &schedule)));

    let page = app.get(WHO).status(200);

    let form = page.form(PAGE);
    assert_ne!(form.value("row.1.employee"), form.value("row.2.employee"));
    assert_eq!((form.value("row.1.take"), form.value("row.2.take")), ("true", "true"));
    assert_eq!((form.value("row.3.take"), form.value("row.3.employee")), ("", ""));
    assert!(page.text_of("row-3").contains("No one is available."), "{}", page.text_of("row-3"));
}

const RANGE: &str = "/days/2025-10-15/reassign?employee=101&first=2025-10-15&last=2025-10-16&time_off=true";

/// The time off of John.
fn time_off(app: &App) -> Vec<TimeOff> {
    app.read(|tx| employees::get(tx, &"101".parse().unwrap())).unwrap().time_off
}

#[test]
fn a_range_of_days_is_reassigned_and_recorded_as_time_off_in_one_change_with_one_undo() {
    let app = october();
    let ask = app.get("/days/2025-10-15/reassign").form(PAGE);
    assert_eq!((ask.value("first"), ask.value("last")), ("2025-10-15", "2025-10-15"));
    let page = app.get(RANGE).status(200).says("John Smith is out from Wed, Oct 15, 2025 to Thu, Oct 16, 2025");
    let page = page.says("Time off from Wed, Oct 15, 2025 to Thu, Oct 16, 2025 is recorded with them.");
    let page = page.says("Reassign 3 events").says("Thu, Oct 16, 5:00 PM");

    let form =
        page.form(PAGE).with("row.1.employee", "103").with("row.3.employee", "102").with("row.4.employee", "102");
    let day = app.follow(form.send(&app)).says("Reassigned: 3 events. Time off from Wed, Oct 15, 2025");

    assert!(app.held("101", "2025-10-15").is_empty() && app.held("101", "2025-10-16").is_empty());
    let (first, last) = ("2025-10-15".parse().unwrap(), "2025-10-16".parse().unwrap());
    assert_eq!(time_off(&app), [TimeOff { first, last, part: DayPart::WholeDay, note: None }]);
    let entry = app.audit().pop().unwrap();
    assert_eq!((entry.action, entry.steps.len(), entry.facts.len()), (Action::ReassignDay, 3, 1));
    app.follow(day.form(&format!("/activity/{}/undo", entry.sequence)).send(&app)).says("are as they were before");
    assert_eq!((app.held("101", "2025-10-15"), app.held("101", "2025-10-16")), (vec![1, 3], vec![4]));
    assert_eq!(time_off(&app), []);
    let undone = app.audit().pop().unwrap();
    assert_eq!(undone.facts[0].before, "from Wed, Oct 15, 2025 to Thu, Oct 16, 2025");
    app.call(&format!("/api/undo/{}", undone.sequence), json!({})).ok();
    assert_eq!((app.held("101", "2025-10-15"), time_off(&app).len()), (vec![], 1), "an undo can be undone");
    app.assert_whole();
}

#[test]
fn removed_time_off_does_not_prevent_an_undo_or_a_revert() {
    let app = october();
    app.follow(app.get(RANGE).form(PAGE).with("row.1.employee", "103").send(&app));
    let entry = app.audit().pop().unwrap();
    let app = app.later(60 * 60);
    let page = app.get(&format!("/activity/{}", entry.sequence)).status(200).does_not_say("is off");

    app.follow(page.form(&format!("/activity/{}/revert", entry.sequence)).send(&app));

    assert_eq!((app.held("101", "2025-10-15"), time_off(&app)), (vec![1, 3], vec![]));
    app.assert_whole();
}

#[test]
fn time_off_is_recorded_with_the_change_or_not_at_all() {
    let app = october();
    let form = app.get(RANGE).form(PAGE).with("row.1.employee", "105");
    let before = app.bytes();

    let refused = form.send(&app).status(422).says("Nothing was changed: 1 conflict");
    assert_eq!(app.bytes(), before);
    let none = refused.form(PAGE).without("row.1.take").without("row.3.take").without("row.4.take");
    none.send(&app).status(422);
    assert_eq!(app.bytes(), before);
    refused.form(PAGE).with("override_reason", "No one else").send(&app).status(303);
    assert_eq!(time_off(&app).len(), 1);
    let again = app.get(RANGE).status(200).does_not_say("is recorded with them");
    again.says("John Smith is out from");
}

#[test]
fn short_work_of_one_employee_goes_to_few() {
    let rows = [
        "1,606001-CORE-Chips,CORE,6,2025-10-21,12",
        "2,Inventory,Other,0.25,2025-10-17,12",
        "3,Display check,Other,0.25,2025-10-17,12",
        "4,Price check,Other,0.25,2025-10-17,12",
        "5,Next day,Other,0.25,2025-10-17,12",
        "6,606002-CORE-Gum,CORE,6,2025-10-21,12",
    ];
    let schedule = [
        "11,1,101,2025-10-15 10:00",
        "12,2,101,2025-10-15 17:00",
        "13,3,101,2025-10-15 18:00",
        "14,4,101,2025-10-15 19:00",
        "15,5,101,2025-10-16 10:00",
        "16,6,102,2025-10-15 10:00",
    ];
    let app = App::with(&[], Some(legacy(&rows, &schedule)));

    let page = app.get("/days/2025-10-15/reassign?employee=101&last=2025-10-16").status(200);

    let form = page.form(PAGE);
    let given: Vec<_> = (1..=5).map(|event| form.value(&format!("row.{event}.employee")).to_owned()).collect();
    assert_eq!(given[..4], vec![given[0].clone(); 4], "one person takes the whole day");
    assert!(["103", "104"].contains(&given[0].as_str()), "{given:?}: 102 has a CORE already");
    app.follow(form.send(&app)).says("Reassigned: 5 events.");
    app.assert_whole();
}

#[test]
fn a_reason_is_kept_after_an_unrelated_refusal() {
    let app = october();
    let form = app.get(WHO).form(PAGE).with("override_reason", "Everyone agreed").with("row.1.employee", "103");
    app.call("/api/unschedule_event", serde_json::json!({"schedule_id": 13})).ok();
    app.call("/api/unschedule_event", serde_json::json!({"schedule_id": 11})).ok();

    let again = form.send(&app);

    assert_eq!(again.status, 409);
    assert!(again.body.contains("data-needs=\"reason\"") && again.body.contains("Everyone agreed"), "{}", again.body);
    app.get(WHO).says("There is nothing to reassign.");
}
