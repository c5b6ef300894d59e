//! Imports of several sources in turn: a source overwrites only what it changed itself.

use serde_json::json;
use tandem::{
    domain::employee::{
        Employee,
        availability::{DayPart, TimeOff},
    },
    import::{Incoming, Plan, Summary, database, detect, exports, legacy, visits},
    store::tables::employees,
};

use crate::support::{App, checks, sources::data};

type File = (String, Vec<u8>);

const HEADINGS: &str = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,\
                        Estimated Time,Rep Name,Employee ID,Schedule Date/Time";
const CORE: u64 = 131_000_001;

fn row(id: u64, rep: &str, at: &str) -> String {
    format!("613001-CORE-Oats,{id},4177,Fern Market,10/06/2025 12:00:00 AM,10/31/2025 12:01:00 AM,360,{rep},{at}")
}

fn core() -> String {
    row(CORE, "NORA QUILL,E20001", "10/14/2025 10:00:00 AM")
}

fn file(rows: &[String]) -> File {
    ("visits.csv".to_owned(), format!("{HEADINGS}\n{}\n", rows.join("\n")).into_bytes())
}

fn read(rows: &[String]) -> Incoming {
    visits::read(Incoming::default(), &[file(rows)]).unwrap()
}

fn exported(app: &App, table: &str) -> File {
    let name = format!("{table}.csv");
    let body = app.get(&format!("/api/export/{name}")).status(200).body;
    (name, body.into_bytes())
}

fn replaced((name, bytes): File, from: &str, to: &str) -> File {
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{text}");
    (name, text.replace(from, to).into_bytes())
}

fn person(app: &App, id: &str) -> Employee {
    app.read(|view| employees::get(view, &id.parse().unwrap())).unwrap()
}

fn said(summary: &Summary) -> String {
    summary.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn changed(summary: &Summary) -> (usize, usize, usize) {
    (summary.changed, summary.released, summary.employees_changed)
}

fn plan(app: &App, incoming: Incoming) -> Plan {
    app.read(|view| checks::checked_plan(view, incoming))
}

/// Changes as the report names them.
fn named(plan: &Plan) -> Vec<String> {
    plan.found.changes.iter().map(|note| format!("{}: {}", note.rule, note.message)).collect()
}

#[test]
fn an_assignment_unchanged_in_its_source_does_not_overwrite_a_scheduler() {
    let app = App::empty();
    let tables = ["employees", "events", "schedules"].map(|name| data(&format!("old-app/{name}.csv")));
    app.import(database::read(Incoming::default(), &tables).unwrap());
    let schedule = app.event(121_890_330).schedule.unwrap().id.0;
    let moved = json!({"schedule_id": schedule, "new_date": "2025-10-02", "override_reason": "agreed"});
    app.call("/api/reschedule_event", moved).ok();
    let now = app.assignment(121_890_330);

    let both = ["visits/calendar-schedule.csv", "visits/workbank.csv"].map(data);
    let summary = app.import(visits::read(Incoming::default(), &both).unwrap());
    assert_eq!((summary.changed, summary.released), (0, 0), "{}", said(&summary));
    let again = app.import(database::read(Incoming::default(), &tables).unwrap());

    assert_eq!((again.changed, again.released), (0, 0), "{}", said(&again));
    assert_eq!(app.assignment(121_890_330), now);
}

#[test]
fn an_edited_export_is_not_overwritten_by_an_unchanged_source() {
    let app = App::empty();
    app.import(read(&[core()]));
    let schedule = replaced(exported(&app, "schedule"), "2025-10-14", "2025-10-22");
    let files = [exported(&app, "employees"), exported(&app, "events"), schedule];
    assert_eq!(changed(&app.import(exports::read(Incoming::default(), &files).unwrap())), (1, 0, 0));

    assert_eq!(changed(&app.import(read(&[core()]))), (0, 0, 0));

    assert!(app.assignment(CORE).unwrap().0.starts_with("2025-10-22"));
}

/// Nora is off on one more day.
fn off(app: &App, day: &str) -> Employee {
    let before = person(app, "E20001");
    let day = day.parse().unwrap();
    let mut now = Employee { revision: before.revision.next(), ..before };
    now.time_off.push(TimeOff { first: day, last: day, part: DayPart::WholeDay, note: None });
    now.time_off.sort();
    app.store.blocking().write(|tx| employees::put(tx, &now)).unwrap();
    now
}

#[test]
fn an_outdated_export_reverts_nothing_and_is_reported() {
    let app = App::empty();
    app.import(read(&[core()]));
    off(&app, "2025-11-24");
    let files = ["employees", "events", "schedule"].map(|table| exported(&app, table));
    let now = off(&app, "2025-11-03");
    app.call("/api/reschedule_event", json!({"schedule_id": CORE, "new_date": "2025-10-16"})).ok();
    let summary = app.import(exports::read(Incoming::default(), &files).unwrap());

    assert_eq!(changed(&summary), (0, 0, 0));
    assert_eq!(person(&app, "E20001"), now);
    assert!(app.assignment(CORE).unwrap().0.starts_with("2025-10-16"));
    assert_eq!(said(&summary).matches("changed here since this export was made").count(), 2, "{}", said(&summary));
}

#[test]
fn a_name_of_another_employee_is_reported_and_not_imported() {
    let app = App::empty();
    let ivy = row(2, "IVY BROOK,E20002", "10/15/2025 10:00:00 AM");
    app.import(read(&[core(), ivy]));

    let summary = app.import(read(&[row(CORE, "\"Brook, Ivy\",E20001", "10/14/2025 10:00:00 AM")]));

    assert_eq!(changed(&summary), (0, 0, 0));
    let said = said(&summary);
    assert!(
        said.contains("NORA QUILL (E20001) is called Brook, Ivy in the files, which is the name of E20002"),
        "{said}"
    );
    assert_eq!(person(&app, "E20001").name, "NORA QUILL");
}

#[test]
fn a_new_number_for_a_known_name_is_noted() {
    let app = App::empty();
    app.import(read(&[core()]));
    let summary = app.import(read(&[row(2, "NORA QUILL,E-20001", "10/15/2025 10:00:00 AM")]));
    assert!(said(&summary).contains("NORA QUILL (E-20001) has the name of E20001"), "{}", said(&summary));
}

#[test]
fn a_known_name_stays_and_a_new_employee_gets_the_most_frequent() {
    let app = App::empty();
    let day = |id, rep: &str| row(id, &format!("{rep},E20001"), "10/14/2025 10:00:00 AM");
    let rows = [day(1, "Nora Quil"), day(2, "NORA QUILL"), day(3, "NORA QUILL")];
    app.import(read(&rows));
    assert_eq!(person(&app, "E20001").name, "NORA QUILL", "most rows have it");

    let rows = [day(1, "Nora Quil"), day(2, "Nora Quil"), day(3, "NORA QUILL")];
    assert_eq!(changed(&app.import(read(&rows))), (0, 0, 0));
    assert_eq!(person(&app, "E20001").name, "NORA QUILL", "it is known");
}

#[test]
fn every_change_is_listed_with_its_old_and_new_value() {
    let app = App::empty();
    app.import(read(&[core(), row(2, "IVY BROOK,E20002", "10/15/2025 10:00:00 AM")]));
    let rows =
        [row(CORE, "IVY BROOK,E20002", "10/16/2025 9:00:00 AM"), row(3, "NORA COLE,E20001", "10/17/2025 9:00:00 AM")];

    let named = named(&plan(&app, read(&rows)));

    for line in [
        "missing: 613001-CORE-Oats (2), held by IVY BROOK (E20002) on Wed, Oct 15, 2025 at 10:00 AM",
        "changed: 613001-CORE-Oats (131000001): scheduled Tue, Oct 14, 2025 at 10:00 AM, NORA QUILL (E20001) → Thu, Oct 16, \
         2025 at 9:00 AM, IVY BROOK (E20002)",
        "person: NORA QUILL (E20001): name NORA QUILL → NORA COLE",
        "new: 613001-CORE-Oats (3): type CORE; store 4177 Fern Market; last day Thu, Oct 30, 2025; scheduled Fri, Oct 17, 2025",
    ] {
        assert!(named.iter().any(|said| said.starts_with(line)), "{line}\n{named:#?}");
    }
    assert_eq!(named.len(), 4);
}

#[test]
fn email_addresses_are_not_listed_for_every_role() {
    let table = |email: &str| {
        let text = format!("id,name,job_title,email\n7,Ada Bell,Event Specialist,{email}\n");
        database::read(Incoming::default(), &[("e.csv".to_owned(), text.into_bytes())]).unwrap()
    };
    let app = App::empty();
    app.import(table("ada@example.com"));

    let named = named(&plan(&app, table("bell@example.com")));

    assert_eq!(named, ["person: Ada Bell (7): e-mail changed"]);
}

#[test]
fn an_unidentified_row_disables_the_list_of_missing_visits_with_a_note() {
    let app = App::empty();
    app.import(read(&[core(), row(2, "IVY BROOK,E20002", "10/15/2025 10:00:00 AM")]));

    let odd = "* Visits marked with an asterisk are confirmed,,4177,Fern Market".to_owned();
    let unclear = plan(&app, read(&[core(), odd]));
    assert_eq!(unclear.missing().len(), 0);
    let notes: Vec<_> = unclear.notes.iter().map(ToString::to_string).collect();
    assert!(
        notes
            .concat()
            .contains("visits.csv line 3: cannot be read, so it cannot be told which visits are missing: 1 visit"),
        "{notes:?}"
    );

    let wide = format!("{},x", row(3, "IVY BROOK,E20002", "10/15/2025 11:00:00 AM"));
    assert_eq!(plan(&app, read(&[core(), wide])).missing().len(), 1, "its number can be read");
    let wide = format!("{},x", row(2, "IVY BROOK,E20002", "10/15/2025 11:00:00 AM"));
    assert_eq!(plan(&app, read(&[core(), wide])).missing().len(), 0, "it names the visit");
}

#[test]
fn differences_to_the_people_of_the_old_application_are_reported() {
    let table = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let people =
        |active: &str| table("e.csv", &format!("id,name,job_title,is_active\n7,Ada Bell,Event Specialist,{active}\n"));
    let week = |monday: &str| {
        let text = format!(
            "id,employee_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday\n1,7,{monday},t,t,t,t,t,t\n"
        );
        table("w.csv", &text)
    };
    let holiday = |name: &str| table("h.csv", &format!("name,holiday_date\n{name},2025-11-27\n"));
    let app = App::empty();
    let import = |active, monday, name| {
        app.import(database::read(Incoming::default(), &[people(active), week(monday), holiday(name)]).unwrap())
    };
    import("t", "f", "Thanksgiving");
    let same = said(&import("t", "f", "Thanksgiving"));
    assert!(!same.contains("Kept"), "{same}");

    let said = said(&import("f", "t", "Turkey Day"));

    assert!(
        said.contains("Ada Bell (7) stays as here; the files say otherwise: state inactive; Monday all day"),
        "{said}"
    );
    assert!(said.contains("Thu, Nov 27, 2025 stays Thanksgiving; the files call it Turkey Day"), "{said}");
}

/// Visits with a status column.
fn with_status(rows: &[String]) -> Incoming {
    let text = format!("{HEADINGS},Status,Weather\n{}\n", rows.join("\n"));
    visits::read(Incoming::default(), &[("visits.csv".to_owned(), text.into_bytes())]).unwrap()
}

#[test]
fn a_visit_status_releases_and_unused_columns_are_reported() {
    let bare = |id| row(id, "", "").trim_end_matches(',').to_owned() + ",,,";
    let app = App::empty();
    app.import(read(&[core(), row(2, "IVY BROOK,E20002", "10/15/2025 10:00:00 AM")]));

    let kept = app.import(with_status(&[format!("{},Confirmed,", bare(CORE)), format!("{},,sunny", bare(2))]));
    assert_eq!(changed(&kept), (0, 0, 0));
    assert!(said(&kept).contains("visits.csv: further columns, which are not read: \"Weather\""), "{}", said(&kept));
    let person = format!("{},Unassigned,", core());
    let cancelled = format!("{},Cancelled,", row(2, "IVY BROOK,E20002", "10/15/2025 10:00:00 AM"));
    let summary = app.import(with_status(&[person, cancelled]));

    assert_eq!(changed(&summary), (0, 1, 0));
    assert!(said(&summary).contains("line 2: is Unassigned, and yet given to employee E20001"), "{}", said(&summary));
    assert!(said(&summary).contains("line 3: is Cancelled: Tandem keeps the event"), "{}", said(&summary));
    assert_eq!(app.assignment(2), None);
    assert_eq!(changed(&app.import(with_status(&[format!("{},unstaffed,", bare(CORE))]))), (0, 1, 0));
}

#[test]
fn visits_beside_tables_of_another_source_are_refused() {
    for other in ["old-app/events.csv", "old-app/company_holidays.csv", "acceptance/schedule.csv"] {
        let error =
            detect::read(Incoming::default(), &[data("visits/workbank.csv"), data(other)]).unwrap_err().to_string();
        assert!(error.starts_with("workbank.csv holds the retailer's visits and"), "{error}");
    }
}

#[test]
fn identical_rows_of_the_old_tables_are_imported_once() {
    for folder in ["old-app", "acceptance"] {
        let names: &[&str] = if folder == "acceptance" {
            &["employees", "events", "schedule"]
        } else {
            &["employees", "events", "schedules"]
        };
        let files: Vec<_> = names.iter().map(|name| data(&format!("{folder}/{name}.csv"))).collect();
        let twice = |(name, bytes): &File| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let (_, rows) = text.split_once('\n').unwrap();
            (name.clone(), format!("{}\n{rows}", text.trim_end()).into_bytes())
        };
        let app = App::empty();
        app.import(detect::read(Incoming::default(), &files).unwrap());
        let summary =
            app.import(detect::read(Incoming::default(), &files.iter().map(twice).collect::<Vec<_>>()).unwrap());
        assert_eq!((summary.rejected.len(), changed(&summary)), (0, (0, 0, 0)), "{folder}");
        assert!(said(&summary).contains("says the same as line 2; it is taken once"), "{}", said(&summary));
    }
}

#[test]
fn a_schedule_of_a_person_whose_row_was_rejected_names_that_row() {
    let folder = |name: &str| data(&format!("spreadsheets/legacy-row/{name}.csv"));
    let people = replaced(folder("e"), "Club Supervisor", "Astronaut");
    let incoming = legacy::read(Incoming::default(), &people, &folder("good-v"), &folder("good-s")).unwrap();
    let reasons: Vec<_> = incoming.rejected.iter().map(ToString::to_string).collect();
    assert!(reasons[1].ends_with("employee 302 was not read, because e.csv line 3 was rejected"), "{reasons:?}");
}

#[test]
fn swapped_schedule_ids_reject_nothing() {
    let folder = |name: &str| data(&format!("spreadsheets/legacy-row/{name}.csv"));
    let read = |schedule| legacy::read(Incoming::default(), &folder("e"), &folder("good-v"), &schedule).unwrap();
    let app = App::empty();
    app.import(read(folder("good-s")));
    let swapped = replaced(replaced(folder("good-s"), "901,501", "902,501"), "902,502", "901,502");

    let summary = app.import(read(swapped));

    assert_eq!((summary.rejected.len(), summary.changed, summary.unchanged), (0, 0, 2));
    app.assert_whole();
}
