//! Findings are shown at once on every page of their assignment, and removed at once when fixed.

use chrono::{NaiveDate, Weekday};
use serde_json::{Value, json};
use tandem::{
    domain::{
        employee::{
            Employee, JobTitle,
            availability::{DayPart, Hours, TimeOff},
            holiday::Holiday,
        },
        event::{Event, Schedule},
        ids::EmployeeId,
    },
    store::tables::{employees, holidays, issues},
};

use crate::support::{App, page::Page, visits_data};

pub fn date(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

pub fn off(day: &str) -> TimeOff {
    TimeOff { first: date(day), last: date(day), part: DayPart::WholeDay, note: None }
}

pub fn edit(app: &App, id: &str, edit: impl Fn(&mut Employee)) {
    let id: EmployeeId = id.parse().unwrap();
    app.store
        .blocking()
        .write(|tx| {
            let mut employee = employees::get(tx, &id)?.expect("imported");
            edit(&mut employee);
            employees::put(tx, &employee)
        })
        .unwrap();
}

/// The findings of an event, as the API has them.
pub fn findings(app: &App, event: u64) -> Vec<Value> {
    app.read_call(&format!("/api/events/{event}")).body["findings"].as_array().unwrap().clone()
}

fn rules(app: &App, event: u64) -> Vec<String> {
    findings(app, event).iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

/// The issues of a day, as the month of the API has them.
fn issues_of(app: &App, day: u32) -> Value {
    app.read_call("/api/calendar/2025/10").body["days"][day as usize - 1]["issues"].clone()
}

pub fn to_fix(app: &App) -> u64 {
    app.store.blocking().open_issues(date("2025-10-15"), true)
}

/// The CORE of October 16 has a Supervisor, and its employee is off on October 21.
fn with_a_day_off() -> App {
    let app = App::with_acceptance_data();
    edit(&app, "101", |john| john.time_off.push(off("2025-10-21")));
    app
}

#[test]
fn tx_32_a_core_moves_onto_a_day_off_only_with_a_reason_shown_on_every_page() {
    let app = with_a_day_off();
    let to = json!({"schedule_id": 2014, "new_date": "2025-10-21"});
    let refused = app.call("/api/reschedule_event", to.clone()).refused(422, "refused");
    assert_eq!(refused.body["refusals"][0]["rule"], "time-off");
    assert_eq!(app.assignment(1019).unwrap().0, "2025-10-16 10:00");
    let open = to_fix(&app);

    let mut with_reason = to;
    with_reason["override_reason"] = "He asked for this one".into();
    let moved = app.call("/api/reschedule_event", with_reason).ok();

    assert!(moved.warnings().contains(&"time-off"));
    assert_eq!(app.assignment(1020).unwrap().0, "2025-10-21 12:00");
    let found = findings(&app, 1019);
    let found = found.iter().find(|one| one["rule"] == "time-off").expect("the finding stands");
    assert_eq!((found["reason"].as_str(), found["accepted_by"].is_string()), (Some("He asked for this one"), true));
    assert_eq!(issues_of(&app, 21)["accepted"], 1);
    assert_eq!(to_fix(&app), open, "an accepted conflict is not to be fixed");
    for page in ["/calendar/day/2025-10-21", "/employees/101/week/2025-10-21", "/integrity"] {
        let text = app.get(page).status(200).text();
        assert!(text.contains("John Smith is off on Tue, Oct 21, 2025."), "{page}: {text}");
        assert!(text.contains("Accepted by") && text.contains("He asked for this one"), "{page}: {text}");
    }
    app.get("/calendar/2025/10").says("1 accepted conflict");

    app.call(&format!("/api/undo/{}", moved.body["undo_id"]), json!({})).ok();
    assert_eq!((rules(&app, 1019), issues_of(&app, 21)["accepted"].clone()), (Vec::new(), json!(0)));
    app.assert_whole();
}

#[test]
fn tx_32_the_form_asks_for_a_reason_or_another_employee_in_place() {
    let app = with_a_day_off();
    let revision = app.revision(1019);
    let fields = [("revision", revision.as_str()), ("date", "2025-10-21"), ("time", "")];

    let refused = app.post("/events/1019/reschedule", &fields).status(422);

    assert!(refused.body.contains("data-rule=\"time-off\"") && refused.body.contains("data-needs=\"reason\""));
    assert!(refused.element("date").contains("2025-10-21"), "what was typed is kept");
    let by_another = [&fields[..], &[("employee", "103")]].concat();
    app.post("/events/1019/reschedule", &by_another).status(303);
    assert_eq!(app.assignment(1019), Some(("2025-10-21 10:00".into(), "103".into())));
}

#[test]
fn tx_32_the_supervisors_employee_is_checked_as_well() {
    let app = App::with_acceptance_data();
    edit(&app, "102", |jane| jane.time_off.push(off("2025-10-21")));
    let to = json!({"schedule_id": 2014, "new_date": "2025-10-21"});

    let refused = app.call("/api/reschedule_event", to.clone()).refused(422, "refused");

    let message = refused.body["refusals"][0]["message"].as_str().unwrap();
    assert!(message.contains("Doritos (Supervisor 606005)") && message.contains("Jane Doe is off"), "{message}");
    let revision = app.revision(1019);
    let fields = [("revision", revision.as_str()), ("date", "2025-10-21"), ("time", "")];
    let form = app.post("/events/1019/reschedule", &fields).status(422);
    assert!(form.element("supervisor-field").contains("Jane Doe (no change)"));

    let mut by_another = to;
    by_another["supervisor_employee_id"] = "105".into();
    app.call("/api/reschedule_event", by_another).ok();
    assert_eq!(app.assignment(1020), Some(("2025-10-21 12:00".into(), "105".into())));
}

#[test]
fn tx_32_without_anyone_free_the_pair_moves_and_the_finding_of_the_supervisor_is_listed() {
    let app = App::with_acceptance_data();
    for id in ["102", "103", "104", "105"] {
        edit(&app, id, |one| one.time_off.push(off("2025-10-21")));
    }
    let open = to_fix(&app);

    let moved = app.call("/api/reschedule_event", json!({"schedule_id": 2014, "new_date": "2025-10-21"})).ok();

    assert!(moved.warnings().contains(&"time-off"));
    assert_eq!(app.assignment(1020), Some(("2025-10-21 12:00".into(), "102".into())));
    assert_eq!((rules(&app, 1020)[0].as_str(), to_fix(&app)), ("time-off", open + 1));
    app.get("/integrity").says("Doritos (Supervisor 606005) on Tue, Oct 21, 2025: Jane Doe is off");
}

#[test]
fn a_supervisor_moved_by_itself_is_checked() {
    let app = App::with_acceptance_data();
    edit(&app, "102", |jane| jane.time_off.push(off("2025-10-21")));
    let to = json!({"schedule_id": 2015, "new_date": "2025-10-21", "confirm_other_date": true});
    app.call("/api/reschedule_supervisor", to.clone()).refused(422, "refused");
    let mut by_another = to;
    by_another["new_employee_id"] = "103".into();
    app.call("/api/reschedule_supervisor", by_another).ok();
    assert_eq!(app.assignment(1020), Some(("2025-10-21 12:00".into(), "103".into())));
}

type Change<'a> = &'a dyn Fn();

#[test]
fn tx_33_any_change_creates_and_removes_findings_at_once() {
    let app = App::with_acceptance_data();
    let (event, day) = (1019, 16);
    assert_eq!(rules(&app, event), [""; 0]);
    let open = to_fix(&app);
    let set = |edit_it: &dyn Fn(&mut Employee)| edit(&app, "101", edit_it);
    let holiday = |name: Option<&str>| {
        let date = date("2025-10-16");
        let write = app.store.blocking().write(|tx| {
            if let Some(name) = name {
                holidays::put(tx, &Holiday { date, name: name.to_owned() })
            } else {
                holidays::remove(tx, date);
                Ok(())
            }
        });
        write.unwrap();
    };
    let cases: [(&str, bool, Change<'_>, Change<'_>); 5] = [
        ("time-off", true, &|| set(&|one| one.time_off.push(off("2025-10-16"))), &|| set(&|one| one.time_off.clear())),
        ("inactive", true, &|| set(&|one| one.active = false), &|| set(&|one| one.active = true)),
        ("title", true, &|| set(&|one| one.title = JobTitle::ClubSupervisor), &|| {
            set(&|one| one.title = JobTitle::EventSpecialist);
        }),
        ("weekday", false, &|| set(&|one| one.availability = one.availability.with(Weekday::Thu, Hours::Off)), &|| {
            set(&|one| one.availability = one.availability.with(Weekday::Thu, Hours::AllDay));
        }),
        ("holiday", true, &|| holiday(Some("Founders' Day")), &|| holiday(None)),
    ];
    for (rule, refuses, make, fix) in cases {
        make();
        assert_eq!(rules(&app, event), [rule]);
        let count = if refuses { "refused" } else { "warned" };
        assert!(issues_of(&app, day)[count].as_u64() > Some(0), "{rule}");
        let card = app.get("/calendar/day/2025-10-16").element("event-1019");
        assert!(card.contains(&format!("data-rule=\"{rule}\"")), "{rule}: {card}");
        assert!(app.get("/employees/101/week/2025-10-16").body.contains(&format!("data-rule=\"{rule}\"")), "{rule}");
        app.get(&format!("/integrity/{rule}")).says("Doritos (CORE 606005) on Thu, Oct 16, 2025");
        let sign = if refuses { "conflict" } else { "warning" };
        app.get("/calendar/2025/10").says(sign);
        // As a Club Supervisor, the employee may work the Juicer events that were refused before.
        assert!(rule == "title" || (to_fix(&app) > open) == refuses, "{rule}");
        app.assert_whole();

        fix();
        assert_eq!((rules(&app, event), to_fix(&app)), (Vec::new(), open), "{rule}");
        app.get(&format!("/integrity/{rule}")).does_not_say("Doritos (CORE 606005) on Thu, Oct 16, 2025");
    }
    app.assert_whole();
}

#[test]
fn tx_33_findings_of_an_import_are_listed_at_once() {
    let app = App::with(&[], Some(visits_data()));
    let rows = app.read(|tx| issues::all_rules(tx));
    let overlaps = rows.iter().filter(|row| row.issues.open.contains("overlap")).count();
    assert!(overlaps > 0);
    for row in rows.iter().filter(|row| row.issues.open.contains("overlap")) {
        assert!(rules(&app, row.event.0).contains(&"overlap".to_owned()));
    }
    app.get("/integrity/past").says("already has");
}

#[test]
fn an_accepted_overlap_is_accepted_for_both_events_and_a_later_one_is_not() {
    let app = App::with_acceptance_data();
    let give = |event: u64, reason: Option<&str>| {
        let mut body = json!({"event_id": event, "employee_id": "104", "start_datetime": "2025-10-22T10:00:00"});
        if let Some(reason) = reason {
            body["override_reason"] = reason.into();
        }
        app.call("/api/schedule_event", body)
    };
    give(1017, None).ok();
    give(1004, None).refused(422, "refused");
    give(1004, Some("Both are small")).ok();

    for event in [1017, 1004] {
        let found = findings(&app, event);
        let overlap = found.iter().find(|one| one["rule"] == "overlap").expect("it stands");
        assert_eq!(overlap["reason"], "Both are small", "{event}");
    }
    edit(&app, "104", |mike| mike.time_off.push(off("2025-10-22")));
    let found = findings(&app, 1004);
    let time_off = found.iter().find(|one| one["rule"] == "time-off").expect("it stands");
    assert_eq!(time_off.get("reason"), None, "another rule was not accepted");
    assert_eq!(issues_of(&app, 22)["refused"], 2);
}

#[test]
fn inactive_and_title_have_no_findings_for_past_work() {
    let app = App::with_acceptance_data().later(30 * 24 * 3600);
    edit(&app, "102", |jane| jane.active = false);
    assert_eq!(rules(&app, 1020), [""; 0]);
    app.get("/calendar/day/2025-10-16").does_not_say("no longer active");
    app.get("/integrity").does_not_say("no longer active");
}

/// Posts to the form about the conflict of an event.
pub fn about_conflict(app: &App, address: &str, revision: &str, reason: &str) -> Page {
    app.post(address, &[("revision", revision), ("override_reason", reason)])
}

#[test]
fn an_open_conflict_is_accepted_with_a_reason_and_reopened() {
    let app = App::with_acceptance_data();
    let before = to_fix(&app);
    edit(&app, "101", |john| john.time_off.push(off("2025-10-16")));
    let (form, revision) = ("/integrity/accept/time-off/1019", app.revision(1019));
    assert!(app.get("/integrity").body.contains(form));
    app.get(form).status(200).says("John Smith is off on Thu, Oct 16, 2025.");

    about_conflict(&app, form, &revision, " ").status(422).says("Enter a reason.");
    about_conflict(&app, form, &revision, "He swapped the day").status(303);

    let found = findings(&app, 1019);
    assert_eq!(
        (&found[0]["reason"], &found[0]["accepted_by"]),
        (&json!("He swapped the day"), &json!("local user (no sign-in)"))
    );
    assert_eq!((to_fix(&app), issues_of(&app, 16)["accepted"].clone()), (before, json!(1)));
    for page in ["/integrity", "/calendar/day/2025-10-16", "/employees/101/week/2025-10-16"] {
        app.get(page).says("Accepted by local user (no sign-in): He swapped the day");
    }
    app.get("/activity?event=1019").says("Accept a conflict");
    about_conflict(&app, form, &revision, "Again").status(409).says("has no such conflict any more");
    app.assert_whole();

    about_conflict(&app, &format!("{form}/take-back"), &revision, "").status(303);
    assert_eq!(findings(&app, 1019)[0].get("accepted_by"), None);
    assert_eq!((to_fix(&app), issues_of(&app, 16)["refused"].clone()), (before + 1, json!(1)));
    app.get("/activity").says("Take back an acceptance");
    app.assert_whole();
}

#[test]
fn a_conflict_of_a_changed_assignment_or_of_a_warning_cannot_be_accepted() {
    let app = App::with_acceptance_data();
    edit(&app, "101", |john| {
        john.time_off.push(off("2025-10-16"));
        john.availability = john.availability.with(Weekday::Thu, Hours::Off);
    });
    let seen = app.revision(1019);
    app.call("/api/reschedule_event", json!({"schedule_id": 2014, "new_date": "2025-10-16T11:00"})).ok();

    let stale = about_conflict(&app, "/integrity/accept/time-off/1019", &seen, "Fine").status(409);
    assert!(stale.says("was changed").body.contains("Fine"), "what was typed is kept");
    app.get("/integrity/accept/weekday/1019").status(409);
    app.get("/integrity/accept/date-mismatch/1019").status(409);
    app.get("/integrity/accept/sunspots/1019").status(404);
    assert_eq!(findings(&app, 1019)[0].get("reason"), None);
}

#[test]
fn an_overlap_is_accepted_and_reopened_for_both_events() {
    let app = App::with_acceptance_data();
    for (event, reason) in [(1017, ""), (1004, "For now")] {
        let body = json!({"event_id": event, "employee_id": "104", "start_datetime": "2025-10-22T10:00:00",
            "override_reason": reason});
        app.call("/api/schedule_event", body).ok();
    }
    let reasons = || [1017, 1004].map(|event| findings(&app, event)[0]["reason"].clone());
    let about = |event: u64, part: &str| {
        let address = format!("/integrity/accept/overlap/{event}{part}");
        about_conflict(&app, &address, &app.revision(event), "Both are small").status(303);
    };
    about(1017, "/take-back");
    assert_eq!((reasons(), issues_of(&app, 22)["refused"].clone()), ([Value::Null, Value::Null], json!(2)));
    about(1017, "");
    assert_eq!(reasons(), [json!("Both are small"), json!("Both are small")]);
    about(1004, "/take-back");
    assert_eq!(reasons(), [Value::Null, Value::Null]);
    app.assert_whole();
}

/// The retailer plans short visits into long ones at the same store. Those are no conflicts, two long ones at once are.
#[test]
fn of_51_overlapping_pairs_of_the_retailers_visits_three_are_conflicts() {
    let visits = visits_data();
    let held: Vec<_> =
        visits.events.iter().filter_map(|one| Some((&one.event, one.event.schedule.as_ref()?))).collect();
    let overlap = |one: &(&Event, &Schedule), other: &(&Event, &Schedule)| {
        one.1.employee == other.1.employee
            && one.1.start < other.0.end_from(other.1.start)
            && other.1.start < one.0.end_from(one.1.start)
    };
    let pairs =
        held.iter().enumerate().map(|(at, one)| held[at + 1..].iter().filter(|other| overlap(one, other)).count());
    assert_eq!(pairs.sum::<usize>(), 51);

    let conflicts = |short_work: &str| {
        let app = App::with(&[("short_work_minutes", short_work)], Some(visits_data()));
        let rows = app.read(|tx| issues::all_rules(tx));
        let of_rule = |rule: &str| rows.iter().filter(|row| row.issues.open.contains(rule)).count();
        (of_rule("overlap"), of_rule("one-core-a-day"), rows.len())
    };
    assert_eq!(conflicts("30"), (6, 6, 6), "both of three pairs of COREs, and nothing else");
    assert!(conflicts("0").0 > 6);
}
