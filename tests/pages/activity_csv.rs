//! Activity as a file for spreadsheets.

use std::collections::BTreeMap;

use serde_json::json;
use tandem::{
    domain::audit::{Action, Entry, Origin, Outcome},
    import::{Incoming, legacy},
    store::tables::audit,
};

use crate::support::{App, origin};

/// The rows of a file, each a map by heading.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn column<'a>(rows: &'a [BTreeMap<String, String>], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

#[test]
fn the_file_has_a_row_for_each_event_of_each_change() {
    let app = App::with_acceptance_data();
    app.call(
        "/api/reschedule_event",
        json!({"schedule_id": 2001, "new_date": "2025-10-20", "override_reason": "agreed"}),
    )
    .ok();
    app.call("/api/change_employee", json!({"schedule_id": 2014, "new_employee_id": 105})).refused(422, "refused");
    app.call("/api/undo/2", json!({})).ok();

    let rows = rows(&app.get("/activity.csv").status(200).body);

    assert_eq!(column(&rows, "change"), ["1", "2", "2", "3", "4", "4"]);
    assert_eq!(column(&rows, "event_id"), ["", "1001", "1002", "1019", "1001", "1002"]);
    assert_eq!(column(&rows, "outcome"), ["done", "done", "done", "refused", "done", "done"]);
    assert_eq!(column(&rows, "undoes"), ["", "", "", "", "2", "2"]);
    let row = &rows[2];
    assert_eq!((&*row["before_start"], &*row["after_start"]), ("2025-10-15T12:00:00", "2025-10-20T12:00:00"));
    assert_eq!((&*row["before_employee"], &*row["after_employee"]), ("102", "102"));
    assert_eq!((&*row["at_utc"], &*row["at_local"]), ("2025-10-15T13:00:00Z", "2025-10-15T09:00:00"));
    assert_eq!((&*row["who"], &*row["from"], &*row["action"]), ("local user (no sign-in)", "api", "reschedule"));
    assert!(rows[3]["reason"].contains("Club Supervisor"), "{:?}", rows[3]);
    assert!(rows.iter().all(|row| !row["request_id"].is_empty()));
}

#[test]
fn the_file_has_the_filtered_entries() {
    let app = App::with_acceptance_data();
    for schedule in [2001, 2014] {
        app.call(
            "/api/reschedule_event",
            json!({"schedule_id": schedule, "new_date": "2025-10-20", "override_reason": "agreed"}),
        )
        .ok();
    }

    let file = app.get("/activity.csv?event=1020").status(200);
    assert_eq!(column(&rows(&file.body), "change"), ["3", "3"]);
    let file = app.get("/activity.csv?action=undo").status(200);
    assert!(file.body.starts_with("\u{FEFF}change,at_utc,") && rows(&file.body).is_empty());
}

#[test]
fn no_cell_starts_a_formula_and_quotes_are_preserved() {
    let app = App::empty();
    let texts = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "a \"quoted\", reason",
        "two\nlines",
        "=cmd|' /C calc'!A0",
        "fine",
    ];
    app.store
        .blocking()
        .write(|tx| {
            texts.iter().try_for_each(|text| {
                let origin = Origin { who: (*text).into(), request_id: (*text).into(), ..origin() };
                let entry =
                    Entry { reason: Some((*text).into()), ..Entry::new(&origin, Action::Import, Outcome::Done) };
                audit::append(tx, entry).map(drop)
            })
        })
        .unwrap();

    let rows = rows(&app.get("/activity.csv").status(200).body);

    assert_eq!(rows.len(), texts.len());
    for (row, text) in rows.iter().zip(texts) {
        let starts_one = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        let expected = if starts_one { format!("'{text}") } else { text.to_owned() };
        // A spreadsheet may begin a cell after a line end.
        let expected = expected.replace("\r=", "\r'=").replace("\n=", "\n'=");
        for name in ["who", "reason", "request_id"] {
            assert_eq!(row[name], expected, "{name}");
        }
    }
}

#[test]
fn an_employee_id_that_looks_like_a_formula_is_text() {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let incoming = legacy::read(
        Incoming::default(),
        &file("employees.csv", "employee_id,name,job_title\n-101,=HYPERLINK(1),Event Specialist\n"),
        &file(
            "events.csv",
            "event_id,project_name,event_type,estimated_hours,due_datetime\n1,606001-CORE-=Gum,CORE,1,2025-10-15\n",
        ),
        &file("schedule.csv", "schedule_id,event_id,employee_id,start_datetime\n11,1,-101,2025-10-15 10:00:00\n"),
    )
    .unwrap();
    let app = App::with(&[], Some(incoming));
    app.call(
        "/api/reschedule_event",
        json!({"schedule_id": 11, "new_date": "2025-10-20", "override_reason": "agreed"}),
    )
    .ok();

    let file = app.get("/activity.csv").status(200);

    let rows = rows(&file.body);
    assert_eq!((&*rows[1]["before_employee"], &*rows[1]["after_employee"]), ("'-101", "'-101"));
    let starts = |c: char| file.body.contains(&format!(",{c}"));
    assert!(!['=', '+', '-', '@'].into_iter().any(starts), "{}", file.body);
}

#[test]
fn a_csv_download_opens_with_a_byte_order_mark_and_json_lines_do_not() {
    let app = App::with_acceptance_data();
    for address in ["/activity.csv", "/api/export/events.csv", "/api/export/employees.csv"] {
        assert!(app.get(address).status(200).body.starts_with('\u{FEFF}'), "{address}");
    }
    assert!(app.get("/api/export/events.jsonl").status(200).body.starts_with('{'));
}
