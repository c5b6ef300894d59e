//! Values of cells: dates, numbers, words for nothing, errors. Ambiguous values are refused, not guessed.

use tandem::import::{Incoming, exports, visits};

use super::{notes, rejections};
use crate::support::{App, sources::data};

pub(super) const HEADINGS: &str = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,\
                        Estimated Time,Rep Name,Employee ID,Schedule Date/Time\n";
const COLUMNS: [&str; 10] = [
    "613001-CORE-Oats",
    "1",
    "4177",
    "Fern Market",
    "10/06/2025",
    "10/31/2025",
    "360",
    "NORA QUILL",
    "E1",
    "10/14/2025 10:00 AM",
];
pub(super) const NAME: usize = 0;
pub(super) const REFERENCE: usize = 1;
pub(super) const STORE: usize = 2;
pub(super) const STORE_NAME: usize = 3;
const FIRST: usize = 4;
const DUE: usize = 5;
pub(super) const MINUTES: usize = 6;
pub(super) const REP: usize = 7;
const EMPLOYEE: usize = 8;
pub(super) const START: usize = 9;

/// A visit with some of its cells changed.
pub(super) fn visit(changes: &[(usize, &str)]) -> String {
    let mut cells = COLUMNS.map(str::to_owned);
    for (column, text) in changes {
        cells[*column] = format!("\"{}\"", text.replace('"', "\"\""));
    }
    cells.join(",")
}

pub(super) fn read_bytes(bytes: Vec<u8>) -> Incoming {
    visits::read(Incoming::default(), &[("v.csv".to_owned(), bytes)]).unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn read(rows: &[String]) -> Incoming {
    read_bytes(format!("{HEADINGS}{}\n", rows.join("\n")).into_bytes())
}

/// The only rejection of a visit with some cells changed.
fn reason(changes: &[(usize, &str)]) -> String {
    let incoming = read(&[visit(changes)]);
    assert_eq!((incoming.events.len(), incoming.rejected.len()), (0, 1), "{changes:?}");
    rejections(&incoming).remove(0)
}

fn start(text: &str) -> String {
    let incoming = read(&[visit(&[(START, text)])]);
    assert_eq!(rejections(&incoming), [""; 0], "{text}");
    incoming.events[0].event.start().unwrap().format("%Y-%m-%d %H:%M").to_string()
}

#[test]
fn ambiguous_dates_are_refused_in_a_column_with_a_day_first_date() {
    let day_first = |start: &str| visit(&[(FIRST, "2025-10-06"), (DUE, "2025-10-31"), (START, start)]);
    let mut rows = ["14/10/2025 10:00", "07/10/2025 10:00", "10/10/2025 10:00", "10/15/2025 10:00", "2025-10-09 10:00"]
        .map(day_first);
    for (id, row) in (1..).zip(&mut rows) {
        *row = row.replacen(",1,", &format!(",{id},"), 1);
    }
    let incoming = read(&rows);
    let rejected = rejections(&incoming);
    assert!(
        rejected[0].contains("\"14/10/2025 10:00\" is not a date, and its day comes before its month"),
        "{rejected:?}"
    );
    assert!(
        rejected[1].contains("line 3, column \"Schedule Date/Time\": \"07/10/2025 10:00\" may be meant with its day")
    );
    assert_eq!((rejected.len(), incoming.events.len()), (2, 3));
}

#[test]
fn a_column_of_ambiguous_dates_follows_the_other_columns_of_its_file() {
    // The due dates are day-first, the starts say nothing, the first days are proven to be month-first.
    let row = |id: &str, first: &str, due: &str, start: &str| {
        visit(&[(REFERENCE, id), (FIRST, first), (DUE, due), (START, start)])
    };
    let incoming = read(&[
        row("1", "10/06/2025", "2025-10-31", "10/07/2025 10:00"),
        row("2", "10/20/2025", "31/10/2025", "2025-10-21 10:00"),
        row("3", "10/06/2025", "2025-10-31", "2025-10-21 10:00"),
    ]);
    let rejected = rejections(&incoming);
    assert!(
        rejected[0].contains("line 2, column \"Schedule Date/Time\": \"10/07/2025 10:00\" may be meant"),
        "{rejected:?}"
    );
    assert_eq!((rejected.len(), incoming.events[0].event.id.0), (2, 3));
}

/// A file whose dates have their days first, as a spreadsheet outside of the USA saves it.
fn day_first((name, bytes): (String, Vec<u8>)) -> (String, Vec<u8>) {
    let text = String::from_utf8(bytes).unwrap();
    let dates = regex::Regex::new(r"(\d{1,2})/(\d{1,2})/(20\d\d)").unwrap();
    let swapped = dates.replace_all(&text, "$2/$1/$3").into_owned();
    assert_ne!(swapped, text);
    (name, swapped.into_bytes())
}

#[test]
fn files_saved_with_day_first_dates_move_nothing() {
    let app = App::with_visits();
    let before = app.bytes();
    let export = data("spreadsheets/exports-excel/events-as-excel-saves-it.csv");
    let visits = [data("visits/calendar-schedule.csv"), data("visits/workbank.csv")].map(day_first);
    for incoming in [
        exports::read(Incoming::default(), &[day_first(export)]).unwrap(),
        visits::read(Incoming::default(), &visits).unwrap(),
    ] {
        let summary = app.import(incoming);
        assert_eq!((summary.changed, summary.released, summary.employees_changed), (0, 0, 0));
        assert!(!summary.rejected.is_empty());
    }
    assert_eq!(app.bytes(), before);
}

#[test]
fn unambiguous_dates_are_read() {
    for (text, means) in [
        ("Tuesday, October 14, 2025 10:00 AM", "2025-10-14 10:00"),
        ("Tue 10/14/2025 10:00 AM", "2025-10-14 10:00"),
        ("14.10.2025 10:00", "2025-10-14 10:00"),
        ("05.10.2025 10:00", "2025-10-05 10:00"),
        ("２０２５/１０/１４ １０:００", "2025-10-14 10:00"),
        ("2025-10-14 09:59:59.999", "2025-10-14 10:00"),
        ("2025-10-14 23:59:59.999", "2025-10-14 23:59"),
        ("2025-10-14 09:59:59", "2025-10-14 09:59"),
        ("45944.41667", "2025-10-14 10:00"),
        ("45944.4166666", "2025-10-14 10:00"),
        ("45944.4167", "2025-10-14 10:00"),
        ("45944.3854", "2025-10-14 09:15"),
        ("45944.5", "2025-10-14 12:00"),
        ("45944.375", "2025-10-14 09:00"),
        ("45944", "2025-10-14 00:00"),
    ] {
        assert_eq!(start(text), means, "{text}");
    }
}

#[test]
fn ambiguous_dates_are_refused_with_their_cause() {
    for (text, cause) in [
        ("102025", "\"102025\" is not a date:"),
        ("101425", "\"101425\" is not a date:"),
        ("45944.42", "because a spreadsheet shortened it"),
        ("45944.4", "because a spreadsheet shortened it"),
        ("10/14/2025", "has no time of day"),
        ("10.14.2025 10:00", "and its month comes before its day"),
        ("2025-10-14T10:00:00Z", "because it names a time zone"),
        ("2025-10-14 10:00:00+00", "because it names a time zone"),
        ("2025-10-14T10:00:00-05:00", "because it names a time zone"),
        ("10/14/2025 10:00 EST", "because it names a time zone"),
        ("10/14/2025 24:00", "because 24:00 is 0:00 of the day after"),
    ] {
        assert!(reason(&[(START, text)]).contains(cause), "{text}: {}", reason(&[(START, text)]));
    }
}

#[test]
fn a_formula_error_is_not_a_value() {
    for error in
        ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NV", "#BEZUG!", "#ÜBERLAUF!", "#SPILL!", "########"]
    {
        for (column, heading) in HEADINGS.trim().split(',').enumerate() {
            let reason = reason(&[(column, error)]);
            let says = format!("v.csv line 2, column \"{heading}\": \"{error}\" is an error of a formula");
            assert!(reason.starts_with(&says), "{reason}");
        }
    }
    let incoming = read(&[visit(&[(STORE, "#4177"), (NAME, "613001-CORE-#1 Wow!")])]);
    assert_eq!((rejections(&incoming), &*incoming.events[0].event.location.number), (vec![], "4177"));
}

#[test]
fn words_for_an_empty_value_are_ignored() {
    let app = App::empty();
    app.import(read(&[visit(&[])]));
    let before = app.bytes();
    for nothing in ["NULL", "\\N", "(null)", "<null>", "None", "N/A", "n/a", "-", "—", "--"] {
        let changes = [STORE_NAME, FIRST, DUE, MINUTES, REP, EMPLOYEE, START].map(|column| (column, nothing));
        let incoming = read(&[visit(&changes)]);
        assert_eq!(rejections(&incoming), [""; 0], "{nothing}");
        let summary = app.import(incoming);
        assert_eq!((summary.changed, summary.released, summary.employees_changed), (0, 0, 0), "{nothing}");
        assert!(reason(&[(NAME, nothing)]).contains("\"Project Name\": is empty"));
        assert!(reason(&[(STORE, nothing)]).contains("\"Store Number\": is empty"));
    }
    assert_eq!(app.bytes(), before);
}

#[test]
fn words_for_no_employee_name_no_one() {
    for vacant in ["OPEN", "TBD", "Unassigned", "vacant"] {
        assert!(reason(&[(REP, vacant), (EMPLOYEE, vacant)]).contains("\"Rep Name\": names no one"), "{vacant}");
        let incoming = read(&[visit(&[(REP, vacant), (EMPLOYEE, ""), (START, "")])]);
        assert_eq!((incoming.events.len(), incoming.employees.len()), (1, 0), "{vacant}");
    }
}

#[test]
fn ambiguous_numbers_are_refused_and_digits_of_other_scripts_are_read() {
    for (column, text) in [
        (STORE, "4.000"),
        (STORE, "4.177"),
        (EMPLOYEE, "20.000"),
        (EMPLOYEE, "20.001"),
        (REFERENCE, "131.000"),
        (MINUTES, "1.080"),
    ] {
        let reason = reason(&[(column, text)]);
        assert!(reason.contains(&format!("\"{text}\" may be a fraction or have a point between")), "{reason}");
    }
    let read_one = |column: usize, text: &str| {
        let incoming = read(&[visit(&[(column, text)])]);
        assert_eq!(rejections(&incoming), [""; 0], "{text}");
        let event = incoming.events[0].event.clone();
        (event.id.0, event.location.number, incoming.employees[0].employee.id.to_string(), event.minutes)
    };
    for (column, text) in [
        (REFERENCE, "1.0"),
        (REFERENCE, "1.00"),
        (STORE, "4,177"),
        (STORE, "4177.000"),
        (STORE, "٤١٧٧"),
        (STORE, "４１７７"),
        (EMPLOYEE, "Ｅ1".trim_start_matches('Ｅ')),
        (MINUTES, "３６０"),
        (MINUTES, "360.0"),
    ] {
        let employee = if column == EMPLOYEE { "1" } else { "E1" };
        assert_eq!(read_one(column, text), (1, "4177".to_owned(), employee.to_owned(), 360), "{text}");
    }
    assert_eq!(read_one(REFERENCE, "131.000.001").0, 131_000_001);
}

#[test]
fn a_formula_or_apostrophe_around_a_value_is_removed() {
    let plain = read(&[visit(&[])]);
    for wrap in [|cell: &str| format!("=\"{cell}\""), |cell: &str| format!("'{cell}")] {
        let cells = COLUMNS.map(wrap);
        let changes: Vec<_> = cells.iter().enumerate().map(|(column, cell)| (column, cell.as_str())).collect();
        let incoming = read(&[visit(&changes)]);
        assert_eq!(rejections(&incoming), [""; 0]);
        assert_eq!(
            (incoming.events[0].event.clone(), &incoming.employees),
            (plain.events[0].event.clone(), &plain.employees)
        );
    }
}

#[test]
fn a_row_that_only_begins_like_totals_is_read() {
    let row = "Total Wine Demo,131000077,,,,,360,NORA QUILL,E1,10/14/2025 10:00 AM".to_owned();
    assert!(rejections(&read(&[row]))[0].contains("\"Store Number\": is empty"));
    for totals in ["Grand Total,,,,,,360", "Summe:,2,,,,,360", "Average,,,,,,182.5", ",,,,,,365", "Total visits: 2"] {
        let incoming = read(&[visit(&[]), totals.to_owned()]);
        assert_eq!((incoming.events.len(), rejections(&incoming)), (1, vec![]), "{totals}");
        assert_eq!(notes(&incoming), ["v.csv line 3: is a row of totals, so it was skipped"], "{totals}");
    }
    let incoming = read(&[visit(&[]), HEADINGS.trim().to_owned()]);
    assert_eq!(notes(&incoming), ["v.csv line 3: repeats the headings, so it was skipped"]);
}

#[test]
fn a_guessed_encoding_is_noted_once() {
    let rows =
        [visit(&[]), visit(&[(REFERENCE, "2"), (REP, "ZO\u{CB}")]), visit(&[(REFERENCE, "3"), (REP, "ZO\u{CB}")])];
    let text = format!("{HEADINGS}{}\n", rows.join("\n"));
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    let incoming = read_bytes(bytes.into_owned());
    let told: Vec<_> = notes(&incoming).into_iter().filter(|note| note.contains("Windows-1252")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("v.csv line 3: the file is no UTF-8, so it was read as Windows-1252"), "{told:?}");
}

#[test]
fn rows_quoted_as_a_whole_and_quotes_after_a_backslash_are_read() {
    let plain = read(&[visit(&[])]).events[0].event.clone();
    let whole = |row: &str| format!("\"{}\"", row.replace('"', "\"\""));
    let text = format!("{}\n{}\n", whole(HEADINGS.trim()), whole(&visit(&[(NAME, COLUMNS[NAME])])));
    assert_eq!(read_bytes(text.into_bytes()).events[0].event, plain);

    let row = visit(&[(STORE_NAME, "Fern Market")]).replace("Fern Market", "Fern \\\"Fresh\\\" Market");
    assert_eq!(read(&[row]).events[0].event.location.name, "Fern \"Fresh\" Market");
    let row = visit(&[(STORE_NAME, "C:\\")]);
    assert_eq!(read(&[row]).events[0].event.location.name, "C:\\");
}

#[test]
fn a_missing_assignment_column_assigns_no_one_and_is_noted() {
    let app = App::empty();
    app.import(read(&[visit(&[])]));
    let text = format!("{HEADINGS}{}\n", visit(&[])).replace("Rep Name,", "").replace("NORA QUILL,", "");
    let incoming = read_bytes(text.into_bytes());
    assert_eq!(notes(&incoming), ["v.csv: lacks Rep Name, so it assigns no one: assignments stay as they are"]);
    let summary = app.import(incoming);
    assert_eq!((summary.changed, summary.released), (0, 0));
}

#[test]
fn utf_16_without_a_mark_is_read_and_an_end_of_file_sign_is_ignored() {
    let rows: Vec<_> = (1..40)
        .map(|id| {
            visit(&[(REFERENCE, &id.to_string()), (STORE_NAME, "ファーンマーケット東京駅前店"), (REP, "山田 太郎")])
        })
        .collect();
    let text = format!("{HEADINGS}{}\n", rows.join("\n"));
    for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let incoming = read_bytes(text.encode_utf16().flat_map(order).collect());
        assert_eq!((incoming.events.len(), incoming.rejected.len()), (39, 0));
    }
    let incoming = read_bytes(format!("{HEADINGS}{}\n\u{1A}", visit(&[])).into_bytes());
    assert_eq!((incoming.events.len(), rejections(&incoming)), (1, vec![]));
}
