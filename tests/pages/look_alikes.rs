//! Employees and stores recorded in several spellings: listed, merged, and separated by undo.

use chrono::Weekday;
use serde_json::json;
use tandem::{
    domain::{
        employee::{
            Employee, JobTitle,
            availability::{DayPart, TimeOff, WeeklyHours},
        },
        event::Event,
        ids::EmployeeId,
        integrity::Check,
        schedule::{
            Role, Rotation,
            rotation_edit::{self, RotationCommand, Week},
        },
    },
    store::{
        StoreError,
        tables::{employees, events, feeds},
    },
};

use crate::{
    domain::{With, date, event},
    support::{App, Page},
};

const CORE: &str = "613001-CORE-Oat";
const SUPERVISOR: &str = "613001-Supervisor-Oat";

fn person(id: &str, name: &str) -> Employee {
    Employee::new(id.parse().unwrap(), name.to_owned(), JobTitle::EventSpecialist)
}

fn off(first: &str) -> TimeOff {
    TimeOff { first: date(first), last: date(first), part: DayPart::WholeDay, note: None }
}

/// As an older version left it: one person as `E20001` and `e20001`, one store as `0410` and `410`.
fn older() -> App {
    let app = App::empty();
    let upper = Employee { active: false, time_off: vec![off("2025-10-20")], ..person("E20001", "NORA QUILL") };
    let lower = Employee {
        email: Some("nora@example.com".parse().unwrap()),
        time_off: vec![off("2025-10-20"), off("2025-10-21")],
        ..person("e20001", "Nora Quill")
    };
    let rows = [
        event(1, CORE).at_store("0410").held_by("E20001", "2025-10-14 10:00"),
        event(2, SUPERVISOR).at_store("410"),
        event(3, "613002-CORE-Rye").at_store("410").held_by("e20001", "2025-10-15 10:00"),
    ];
    app.store
        .blocking()
        .write(|tx| {
            [&upper, &lower, &person("E20003", "NORA QUILL")]
                .into_iter()
                .try_for_each(|one| employees::put(tx, one))?;
            rows.iter().try_for_each(|event| events::replace(tx, None, Some(event)))
        })
        .map_err(|error: StoreError| error)
        .unwrap();
    app
}

fn people(app: &App) -> Vec<Employee> {
    app.read(|view| employees::all(view))
}

fn ids(app: &App) -> Vec<String> {
    people(app).iter().map(|one| one.id.as_str().to_owned()).collect()
}

fn holder(app: &App, id: u64) -> String {
    app.event(id).schedule.unwrap().employee.as_str().to_owned()
}

fn write(app: &App, person: &Employee) {
    app.store.blocking().write(|tx| employees::put(tx, person)).map_err(|error: StoreError| error).unwrap();
}

/// An import that writes the employee of an event differently.
fn respell(app: &App, id: u64, employee: &str) {
    let before = app.event(id);
    let mut after = before.clone();
    after.schedule.as_mut().unwrap().employee = employee.parse().unwrap();
    app.store
        .blocking()
        .write(|tx| events::replace(tx, Some(&before), Some(&after)))
        .map_err(|error: StoreError| error)
        .unwrap();
}

fn stored(app: &App) -> (Vec<Employee>, Vec<Event>) {
    (people(app), [1, 2, 3].map(|id| app.event(id)).to_vec())
}

fn merge(app: &App, field: &str, keep: &str) -> Page {
    let preview = app.get(&format!("/integrity/look-alikes/preview?{field}={keep}")).status(200);
    let (_, seen) = preview.body.split_once("name=\"seen\" value=\"").unwrap();
    let seen = seen.split('"').next().unwrap().replace("&amp;", "&");
    app.follow(app.post("/integrity/look-alikes/merge", &[(field, keep), ("seen", &seen)]))
}

#[test]
fn the_check_lists_people_and_stores_and_links_to_the_merge() {
    let app = older();
    app.follow(app.post("/integrity/run", &[])).says("Employees who are recorded more than once");

    let found = app.check().pairs.look_alikes;
    assert_eq!(
        found.iter().map(|one| (one.check, one.key.as_str())).collect::<Vec<_>>(),
        [(Check::AlikeEmployees, "E20001"), (Check::AlikeStores, "410"),]
    );
    let issues = app.get("/integrity");
    let issues = issues.says("E20001 (NORA QUILL) and e20001 (Nora Quill) are one employee, recorded 2 times.");
    let issues = issues.says("0410 and 410 are one store, written in 2 ways.");
    assert!(issues.body.contains("href=\"/integrity/look-alikes\""));
    let list = app.get("/integrity/look-alikes");
    assert!(list.body.contains("preview?employee=E20001") && list.body.contains("preview?store="));
    assert!(!list.body.contains("E20003"), "another number is another person");
    let called = app.read_call("/api/integrity").body;
    assert_eq!(called["look_alikes"][0]["check"], "alike-employees");
    assert_eq!((&called["look_alikes"][1]["problem"], &called["clean"]), (&json!(false), &json!(false)));
}

#[test]
fn people_are_merged_after_a_preview_and_separated_by_undo() {
    let app = older();
    let before = stored(&app);
    let preview = app.get("/integrity/look-alikes/preview?employee=E20001");
    preview.says("merged: e20001 (Nora Quill) → E20001 (NORA QUILL)");
    app.get("/integrity/look-alikes/preview?employee=E20001").says("1 event will be written as E20001.");
    assert_eq!(stored(&app), before, "a preview changes nothing");

    merge(&app, "employee", "E20001").says("Merged: all is E20001 now.");

    assert_eq!(ids(&app), ["E20001", "E20003"]);
    let kept = people(&app).remove(0);
    assert_eq!((kept.active, kept.email.map(|email| email.to_string())), (true, Some("nora@example.com".to_owned())));
    assert_eq!(kept.time_off, [off("2025-10-20"), off("2025-10-21")]);
    assert_eq!((holder(&app, 1), holder(&app, 3)), ("E20001".to_owned(), "E20001".to_owned()));
    assert_eq!(app.check().pairs.look_alikes.len(), 1, "the store is left");
    app.assert_whole();
    app.get("/activity").says("Merge employee E20001");
    app.get("/integrity/look-alikes").says("with e20001, 1 event written differently");

    app.follow(app.post("/integrity/look-alikes/undo/1", &[])).says("as they were before the merge");
    let (mut records, events) = stored(&app);
    records[0].revision = before.0[0].revision;
    assert_eq!((records, events), before);
    assert_eq!((ids(&app).len(), holder(&app, 3).as_str()), (3, "e20001"));
    app.assert_whole();
    app.follow(app.post("/integrity/look-alikes/undo/1", &[])).says("Nothing was changed: merge 1 was undone already.");
}

#[test]
fn half_days_and_weekly_hours_are_back_when_a_merge_is_undone() {
    let app = older();
    let parts = [(DayPart::Morning, 24), (DayPart::Afternoon, 30)];
    for (person, (part, hours)) in people(&app).into_iter().zip(parts) {
        let time_off = vec![TimeOff { part, ..off("2025-10-22") }];
        write(&app, &Employee { time_off, weekly_hours_max: WeeklyHours::new(hours), ..person });
    }
    let before = people(&app);
    merge(&app, "employee", "E20001");

    app.follow(app.post("/integrity/look-alikes/undo/1", &[])).says("as they were before the merge");

    let mut after = people(&app);
    after[0].revision = before[0].revision;
    assert_eq!(after, before);
}

#[test]
fn what_was_accepted_stays_accepted_however_the_number_is_written() {
    let app = older();
    merge(&app, "employee", "e20001");
    let kept = people(&app).pop().unwrap();
    write(&app, &Employee { time_off: vec![off("2025-10-15")], ..kept });
    let (revision, reason) = (app.revision(3), "She swaps her day");
    let fields = [("revision", revision.as_str()), ("override_reason", reason)];
    app.post("/integrity/accept/time-off/3", &fields).status(303);
    app.get("/integrity/accepted").says(reason);

    respell(&app, 3, "E20001");

    app.get("/integrity/accepted").says(reason);
    app.assert_whole();
}

#[test]
fn either_id_can_be_kept() {
    let app = older();
    merge(&app, "employee", "e20001").says("Merged: all is e20001 now.");

    assert_eq!(ids(&app), ["E20003", "e20001"]);
    assert_eq!((holder(&app, 1).as_str(), holder(&app, 3).as_str()), ("e20001", "e20001"));
    app.get("/employees/E20001").status(200).says("Nora Quill");
}

#[test]
fn a_merge_of_records_changed_since_its_preview_is_shown_again() {
    let app = older();
    let before = stored(&app);
    let fields = [("employee", "E20001"), ("seen", "something else")];
    let answer = app.follow(app.post("/integrity/look-alikes/merge", &fields));

    answer.says("Nothing was changed: these records changed since the page was opened");
    assert_eq!(stored(&app), before);
    app.follow(app.get("/integrity/look-alikes/preview?employee=E20003"))
        .says("There is only one record of employee E20003");
    app.follow(app.get("/integrity/look-alikes/preview?store=4101")).says("nothing to merge");
    app.get("/integrity/look-alikes/preview?employee=%2F").status(404);
    app.follow(app.post("/integrity/look-alikes/undo/9", &[])).says("Nothing was changed: there is no merge 9.");
}

#[test]
fn an_employee_changed_since_stays_merged() {
    let app = older();
    merge(&app, "employee", "E20001");
    app.store
        .blocking()
        .write(|tx| {
            let now = employees::get(tx, &"E20001".parse::<EmployeeId>().unwrap())?.unwrap();
            employees::put(tx, &Employee { revision: now.revision.next(), name: "Nora Quill-Ray".to_owned(), ..now })
        })
        .map_err(|error: StoreError| error)
        .unwrap();

    let answer = app.follow(app.post("/integrity/look-alikes/undo/1", &[]));

    answer.says("E20001 (Nora Quill-Ray) changed since this merge, so it cannot be undone");
    assert_eq!(ids(&app), ["E20001", "E20003"]);
}

#[test]
fn work_assigned_after_a_merge_stays_with_the_kept_id_after_undo() {
    let app = older();
    merge(&app, "employee", "E20001");
    let schedule = json!({"event_id": 2, "employee_id": "E20001", "start_datetime": "2025-10-14T12:00:00"});
    let reason = json!("she is trained for it");
    let mut with_reason = schedule;
    with_reason["override_reason"] = reason;
    app.call("/api/schedule_event", with_reason).ok();

    app.post("/integrity/look-alikes/undo/1", &[]).status(303);

    assert_eq!((holder(&app, 2).as_str(), holder(&app, 3).as_str()), ("E20001", "e20001"));
    app.assert_whole();
}

#[test]
fn a_store_has_one_spelling_after_a_merge() {
    let app = older();
    let before = stored(&app);
    app.post("/integrity/run", &[]).status(303);
    app.get("/integrity/look-alikes/preview?store=410").says("1 event will be written as 410.");

    merge(&app, "store", "410").says("Merged: all is 410 now.");

    let numbers = [1, 2, 3].map(|id| app.event(id).location.number);
    assert_eq!(numbers, ["410", "410", "410"]);
    assert_eq!(app.check().pairs.pairs, 1);
    app.assert_whole();
    app.get("/integrity/look-alikes").says("The last check found no store that is written in several ways.");
    app.post("/integrity/look-alikes/undo/1", &[]).status(303);
    assert_eq!(stored(&app), before);
    app.assert_whole();
}

#[test]
fn an_employee_is_found_in_every_spelling() {
    let app = App::empty();
    app.import(crate::support::people(&["E20001,Nora Quill,Club Supervisor".to_owned()]));
    for id in ["E20001", "e20001"] {
        app.get(&format!("/employees/{id}")).status(200).says("Nora Quill");
        app.get(&format!("/search?q={id}")).says("Nora Quill");
        app.get(&format!("/employees?q={id}")).says("Nora Quill");
    }
    let fields = [("name", "Nora Quill"), ("number", "e20001"), ("job_title", "Club Supervisor")];
    app.post("/new-employee", &fields).status(422).says("Number E20001 belongs to Nora Quill already.");
    assert_eq!(ids(&app), ["E20001"]);
}

/// Callers write numbers as their spreadsheets do; the record's writing is stored.
#[test]
fn the_number_of_an_employee_is_stored_as_the_record_writes_it() {
    let app = App::with_acceptance_data();
    let assigned = |id: u64| app.event(id).schedule.expect("scheduled").employee.as_str().to_owned();
    for (number, start) in [("0104", "2025-10-22T10:00"), ("#104", "2025-10-23T10:00"), (" 00104 ", "2025-10-24T10:00")]
    {
        let call = json!({"event_id": 1017, "employee_id": number, "start_datetime": start});
        let done = app.call("/api/schedule_event", call).ok();
        assert_eq!(assigned(1017), "104", "{number}");
        app.call("/api/unschedule_event", json!({"schedule_id": done.body["schedule_id"]})).ok();
    }
    app.call("/api/change_employee", json!({"schedule_id": 2014, "new_employee_id": "#0103"})).ok();
    assert_eq!(assigned(1019), "103");
    let to = json!({"schedule_id": 2014, "new_date": "2025-10-21", "supervisor_employee_id": "0105"});
    app.call("/api/reschedule_event", to).ok();
    assert_eq!(assigned(1020), "105");
    let schedule = app.get("/api/export/schedule.csv").status(200).body;
    assert!(!schedule.contains(",010") && schedule.contains(",103,"), "{schedule}");

    app.post("/feeds", &[("employee", "0104")]).status(200);
    let feeds = app.read(|tx| feeds::all(tx));
    assert_eq!(feeds[0].employee.as_ref().map(EmployeeId::as_str), Some("104"));
    app.post("/employees/0104/time-off", &[("revision", "0"), ("first", "2025-12-01")]).status(303);
    assert_eq!(app.audit().pop().unwrap().about.unwrap().id, "104");
    let filter = app.get("/calendar/day/2025-10-15/filter?employee=0104").status(200).body;
    assert!(filter.contains("value=\"104\" selected"), "{filter}");

    let mut people = app.read(|tx| employees::all(tx));
    let week = |id: &str| {
        let mut week = Week::default();
        week.set(Role::Juicer, Weekday::Mon, Some(id.parse().unwrap()));
        Box::new(week)
    };
    people[3].title = JobTitle::JuicerBarista;
    let command = RotationCommand::SetWeek { store: None, week: week("0104"), seen: None };
    let (entries, _) = rotation_edit::decide(&Rotation::default(), &people, &command).unwrap();
    assert_eq!(entries[0].person.as_ref().map(EmployeeId::as_str), Some("104"));
}
