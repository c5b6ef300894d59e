//! Exports imported into an empty store, compared field by field.

use chrono::Weekday;
use serde_json::{Value, json};
use tandem::{
    domain::{
        employee::{
            Employee,
            availability::{Availability, DayPart, Hours, TimeOff},
        },
        event::Event,
        ids::Revision,
    },
    import::{FileError, Incoming, exports},
    store::{
        Flow, StoreError,
        tables::{employees, events},
    },
};

use crate::support::{App, legacy, visits_data};

const TABLES: [&str; 3] = ["events", "schedule", "employees"];

/// Everything that is not history.
fn content(app: &App) -> (Vec<Event>, Vec<Employee>) {
    let mut all = Vec::new();
    app.read(|view| {
        events::each(view, |event| {
            all.push(event);
            Ok(Flow::Continue)
        })
    });
    (all, app.read(|view| employees::all(view)))
}

fn files(app: &App, ending: &str) -> Vec<(String, Vec<u8>)> {
    let file = |table: &str| {
        let name = format!("{table}.{ending}");
        let body = app.get(&format!("/api/export/{name}")).status(200).body;
        (name, body.into_bytes())
    };
    TABLES.map(file).to_vec()
}

fn exported(app: &App, ending: &str) -> Incoming {
    let incoming = exports::read(Incoming::default(), &files(app, ending)).unwrap();
    assert_eq!((incoming.rejected.len(), incoming.notes.len()), (0, 0));
    incoming
}

/// The old application's events, with names that a spreadsheet would run, after some changes.
fn lively() -> App {
    let app = App::with_acceptance_data();
    app.import(legacy(
        &[
            "31,=HYPERLINK(1),CORE,1,2025-10-20,4101",
            "32,'=1,Other,0.25,,",
            "33,\"'Tis, \"\"so\"\"\",Freeosk,,2025-10-20 17:30,",
        ],
        &["91,31,101,2025-10-19 09:45"],
    ));
    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    app.call("/api/unschedule_event", json!({"schedule_id": 2004})).ok();
    app.call(
        "/api/schedule_event",
        json!({"event_id": 1004, "employee_id": "103", "start_datetime": "2025-10-16T10:30"}),
    )
    .ok();
    app.store
        .blocking()
        .write(|tx| {
            let known = employees::get(tx, &"103".parse().unwrap())?.unwrap();
            let time = |text: &str| text.parse().unwrap();
            let hours = Hours::between(time("09:00:00"), time("17:30:00")).unwrap();
            let day = |text: &str| text.parse().unwrap();
            let note = Some("away; (\"far\")".to_owned());
            employees::put(
                tx,
                &Employee {
                    revision: Revision(7),
                    active: false,
                    email: Some("=ada@example.com".parse().unwrap()),
                    availability: Availability::ALWAYS.with(Weekday::Mon, hours).with(Weekday::Sun, Hours::Off),
                    time_off: vec![
                        TimeOff { first: day("2025-10-20"), last: day("2025-10-24"), part: DayPart::WholeDay, note },
                        TimeOff {
                            first: day("2025-12-24"),
                            last: day("2025-12-24"),
                            part: DayPart::WholeDay,
                            note: None,
                        },
                    ],
                    ..known
                },
            )
        })
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    app
}

#[test]
fn exported_events_schedule_and_employees_are_imported_equal_in_both_formats() {
    let app = lively();
    for ending in ["csv", "jsonl"] {
        let empty = App::empty();
        empty.import(exported(&app, ending));

        assert_eq!(content(&empty), content(&app), "{ending}");
        assert_eq!(empty.bytes(), app.bytes(), "records, indexes and counters");
        assert_eq!(empty.check().pairs.findings, app.check().pairs.findings);
        empty.assert_whole();
        assert_eq!(files(&empty, ending), files(&app, ending), "what leaves again is the same");
    }
}

#[test]
fn the_retailers_file_after_a_round_trip_keeps_changes_of_schedulers() {
    let app = App::with_visits();
    let (all, _) = content(&app);
    let moved = all.iter().find(|event| event.schedule.is_some()).unwrap();
    let schedule = moved.schedule.as_ref().unwrap();
    app.call("/api/reschedule_event", json!({"schedule_id": schedule.id.0, "new_date": "2025-10-01"})).ok();

    let elsewhere = App::empty();
    elsewhere.import(exported(&app, "csv"));
    let summary = elsewhere.import(visits_data());

    assert_eq!((summary.new, summary.changed, summary.notes.len()), (0, 0, 0));
    assert_eq!(content(&elsewhere), content(&app));
}

#[test]
fn an_export_into_its_own_store_changes_nothing() {
    let app = lively();
    let before = app.bytes();
    let summary = app.import(exported(&app, "csv"));
    assert_eq!((summary.new, summary.changed, summary.employees_changed), (0, 0, 0));
    assert_eq!(app.bytes(), before);
}

#[test]
fn no_exported_cell_starts_a_formula() {
    let app = lively();
    for table in ["events.csv", "schedule.csv", "employees.csv", "audit.csv"] {
        let body = app.get(&format!("/api/export/{table}")).status(200).body;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(body.as_bytes());
        for record in reader.records() {
            let record = record.unwrap();
            assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{record:?}");
        }
    }
}

#[test]
fn the_audit_is_exported_as_lines_with_every_step_and_not_imported() {
    let app = lively();
    let body = app.get("/api/export/audit.jsonl").status(200).body;
    let entries: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The entry about the export itself came after it.
    assert_eq!(entries.len() + 1, app.audit().len());
    let moved = entries.iter().find(|entry| entry["action"] == "reschedule").unwrap();
    assert_eq!(moved["steps"][0]["before"]["start_datetime"], "2025-10-15T10:00:00");
    assert_eq!(moved["steps"][1]["after"]["start_datetime"], "2025-10-20T12:00:00");

    for ending in ["csv", "jsonl"] {
        let audit = app.get(&format!("/api/export/audit.{ending}")).status(200).body.into_bytes();
        let refused = exports::read(Incoming::default(), &[(format!("audit.{ending}"), audit)]);
        assert!(matches!(refused, Err(FileError::Audit { .. })), "{refused:?}");
    }
}

#[test]
fn an_unknown_table_answers_404_with_the_known_ones() {
    for wrong in ["events.xlsx", "people.csv", "events"] {
        let answer = App::empty().read_call(&format!("/api/export/{wrong}")).refused(404, "not_found");
        assert!(answer.body["error"].as_str().unwrap().contains("employees"));
    }
}
