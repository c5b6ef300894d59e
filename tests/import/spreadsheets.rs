//! Files as spreadsheets save them, each a kind of its own.

use tandem::import::{self, Incoming, exports, legacy, visits};

use super::{notes, rejections};
use crate::support::{App, sources::data};

type File = (String, Vec<u8>);

fn sheet(name: &str) -> File {
    data(&format!("spreadsheets/{name}"))
}

fn read(name: &str) -> Incoming {
    visits::read(&[sheet(name)]).unwrap()
}

/// The first event: id, number, start, minutes.
fn first(incoming: &Incoming) -> (u64, u32, String, u32) {
    let event = &incoming.events[0].event;
    (event.id.0, event.number.unwrap().0, event.start().unwrap().to_string(), event.minutes)
}

#[test]
fn every_shape_of_the_same_two_visits_reads_the_same() {
    let base = read("00-base.csv");
    assert_eq!((base.events.len(), rejections(&base), notes(&base)), (2, vec![], vec![]));
    for name in [
        "01-excel-windows.csv",
        "01b-no-seconds-ampm.csv",
        "01e-iso.csv",
        "10a-semicolon.csv",
        "10d-sep-comma-line.csv",
        "11a-utf16-tab.csv",
        "14b-nbsp-heading.csv",
        "17a-title-rows.csv",
        "18a-heading-break.csv",
        "19a-totals.csv",
        "19d-trailing-comma.csv",
    ] {
        let incoming = read(name);
        assert_eq!(rejections(&incoming), [""; 0], "{name}");
        let events = |incoming: &Incoming| incoming.events.iter().map(|one| one.event.clone()).collect::<Vec<_>>();
        assert_eq!(events(&incoming), events(&base), "{name}");
    }
}

#[test]
fn ids_with_fractions_and_with_grouping_are_whole_numbers() {
    assert_eq!(first(&read("06b-decimal-id.csv")).0, 131_000_001);
    let grouped = read("09a-thousands.csv");
    assert_eq!((first(&grouped).0, first(&grouped).3), (131_000_001, 1080));
}

#[test]
fn a_shortened_number_is_rejected_with_its_cause() {
    let incoming = read("06a-scientific.csv");
    assert_eq!(incoming.events.len(), 0);
    assert!(
        rejections(&incoming)[0].contains("\"1.31E+08\" is not the whole number: a spreadsheet shortened this number")
    );
}

#[test]
fn dashes_are_dashes_whatever_the_spreadsheet_made_of_them() {
    let incoming = read("13a-endash-cp1252.csv");
    assert_eq!(incoming.events.iter().map(|one| one.event.number.unwrap().0).collect::<Vec<_>>(), [613_001; 2]);
    let app = App::empty();
    app.import(read("00-base.csv"));
    assert_eq!(app.import(read("00-base.csv")).changed, 0);
}

#[test]
fn one_wrong_byte_spoils_its_own_row_only_and_is_named() {
    let incoming = read("15-one-latin1-byte.csv");
    let names: Vec<_> = incoming.employees.iter().map(|one| one.employee.name.as_str()).collect();
    assert!(names.contains(&"ZOË MUÑOZ"), "{names:?}");
    assert!(incoming.events[2].event.name.contains("Café"));
    assert_eq!(notes(&incoming).len(), 1);
    assert!(notes(&incoming)[0].starts_with("15-one-latin1-byte.csv line 4: is no UTF-8"), "{:?}", notes(&incoming));
}

#[test]
fn a_row_of_totals_is_named_and_skipped() {
    assert_eq!(notes(&read("19a-totals.csv")), ["19a-totals.csv line 4: is a row of totals, so it was skipped"]);
}

#[test]
fn a_line_end_inside_a_name_is_a_blank() {
    let incoming = read("25-newline-in-name.csv");
    assert_eq!(rejections(&incoming), [""; 0]);
    assert_eq!(incoming.events[0].event.name, "613001-LKD-AF-Oat Clusters (250911540001)  - V2-CORE");
}

#[test]
fn the_old_tables_saved_by_a_spreadsheet_are_read() {
    let [people, work, schedule] =
        ["e", "good-v", "good-s-resaved-by-excel"].map(|name| sheet(&format!("legacy-row/{name}.csv")));
    let incoming = legacy::read(people, work, schedule).unwrap();
    assert_eq!(rejections(&incoming), [""; 0]);
    assert_eq!(incoming.events[1].event.start().unwrap().to_string(), "2025-10-15 10:00:00");
}

#[test]
fn our_export_saved_by_a_spreadsheet_changes_nothing() {
    let app = App::with_visits();
    let before = app.bytes();
    let file = sheet("exports-excel/events-as-excel-saves-it.csv");
    let summary = app.import(exports::read(&[file]).unwrap());
    assert_eq!((summary.rejected.len(), summary.changed, summary.released), (0, 0, 0));
    assert_eq!(app.bytes(), before);
}

#[test]
fn files_that_are_no_csv_are_named_for_what_they_are() {
    for (bytes, says) in [
        (&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"[..], "visits.csv is an old Excel workbook (.xls)"),
        (b"<html><body><table><tr><td>Project Name</td></tr></table>", "visits.csv is a web page with a table"),
        (b"%PDF-1.7 \0", "visits.csv is a PDF document"),
        (b"PK\x03\x04\0\0", "visits.csv is a ZIP archive"),
    ] {
        let error = visits::read(&[("visits.csv".to_owned(), bytes.to_vec())]).unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
}

#[test]
fn a_double_booking_that_a_file_brings_is_a_finding_of_its_preview() {
    let app = App::empty();
    let incoming = read("24-double-booked.csv");
    let plan = app.read(|view| import::checked_plan(view, incoming.clone(), 30));
    let found: Vec<_> = plan.findings.iter().map(|one| (one.rule.as_str(), one.event.unwrap().0)).collect();
    assert!(found.contains(&("overlap", 131_000_001)) && found.contains(&("overlap", 131_000_003)), "{found:?}");
    app.import(incoming.clone());
    let again = app.read(|view| import::checked_plan(view, incoming, 30));
    assert_eq!(again.findings.len(), 0, "what stays as it is was checked before");
}

#[test]
fn a_visit_that_is_not_in_its_days_file_any_more_is_listed_stays_and_is_released_only_by_choice() {
    let app = App::empty();
    app.import(read("21a-week1.csv"));
    let mut plan = app.read(|view| import::plan(view, read("21b-week2-without-plum.csv")));
    assert_eq!(plan.missing().len(), 1, "{:?}", plan.missing());
    assert_eq!(plan.released_events(), 0);

    plan.release_missing();

    assert_eq!(plan.released_events(), 1);
    let again = app.read(|view| import::plan(view, read("21a-week1.csv")));
    assert_eq!(again.missing().len(), 0);
}

#[test]
fn a_rejected_row_is_not_missing_and_where_its_visit_cannot_be_told_nothing_is() {
    let app = App::empty();
    app.import(read("21a-week1.csv"));
    let (name, bytes) = sheet("21a-week1.csv");
    let text = String::from_utf8(bytes).unwrap();
    let first = visits::read(&[(name.clone(), text.clone().into_bytes())]).unwrap().events[0].event.id.to_string();
    for with in [format!("{first}x"), String::new()] {
        let spoiled = text.replacen(&first, &with, 1);
        let incoming = visits::read(&[(name.clone(), spoiled.into_bytes())]).unwrap();
        assert_eq!(incoming.rejected.len(), 1);
        assert_eq!(app.read(|view| import::plan(view, incoming)).missing().len(), 0);
    }
}
