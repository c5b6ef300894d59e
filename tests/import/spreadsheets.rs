//! Files as spreadsheets save them.

use std::io::Cursor;

use tandem::import::{self, Incoming, exports, legacy, visits};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{notes, rejections};
use crate::support::{App, checks, sources::data};

type File = (String, Vec<u8>);

fn sheet(name: &str) -> File {
    data(&format!("spreadsheets/{name}"))
}

fn read(name: &str) -> Incoming {
    visits::read(Incoming::default(), &[sheet(name)]).unwrap()
}

/// The first event: id, number, start, minutes.
fn first(incoming: &Incoming) -> (u64, u32, String, u32) {
    let event = &incoming.events[0].event;
    (event.id.0, event.number.unwrap().0, event.start().unwrap().to_string(), event.minutes)
}

#[test]
fn every_file_format_of_two_visits_is_read_alike() {
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
fn ids_with_fractions_or_grouping_are_read_as_whole_numbers() {
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
fn every_kind_of_dash_is_read_as_a_hyphen() {
    let incoming = read("13a-endash-cp1252.csv");
    assert_eq!(incoming.events.iter().map(|one| one.event.number.unwrap().0).collect::<Vec<_>>(), [613_001; 2]);
    let app = App::empty();
    app.import(read("00-base.csv"));
    assert_eq!(app.import(read("00-base.csv")).changed, 0);
}

#[test]
fn one_invalid_byte_rejects_only_its_row() {
    let incoming = read("15-one-latin1-byte.csv");
    let names: Vec<_> = incoming.employees.iter().map(|one| one.employee.name.as_str()).collect();
    assert!(names.contains(&"ZOË MUÑOZ"), "{names:?}");
    assert!(incoming.events[2].event.name.contains("Café"));
    assert_eq!(notes(&incoming).len(), 1);
    assert!(notes(&incoming)[0].starts_with("15-one-latin1-byte.csv line 4: is no UTF-8"), "{:?}", notes(&incoming));
}

#[test]
fn a_row_of_totals_is_skipped_with_a_note() {
    assert_eq!(notes(&read("19a-totals.csv")), ["19a-totals.csv line 4: is a row of totals, so it was skipped"]);
}

#[test]
fn a_line_break_inside_a_name_is_a_blank() {
    let incoming = read("25-newline-in-name.csv");
    assert_eq!(rejections(&incoming), [""; 0]);
    assert_eq!(incoming.events[0].event.name, "613001-LKD-AF-Oat Clusters (250911540001)  - V2-CORE");
}

#[test]
fn the_old_tables_saved_by_a_spreadsheet_are_read() {
    let [people, work, schedule] =
        ["e", "good-v", "good-s-resaved-by-excel"].map(|name| sheet(&format!("legacy-row/{name}.csv")));
    let incoming = legacy::read(Incoming::default(), &people, &work, &schedule).unwrap();
    assert_eq!(rejections(&incoming), [""; 0]);
    assert_eq!(incoming.events[1].event.start().unwrap().to_string(), "2025-10-15 10:00:00");
}

#[test]
fn our_export_saved_by_a_spreadsheet_changes_nothing() {
    let app = App::with_visits();
    let before = app.bytes();
    let file = sheet("exports-excel/events-as-excel-saves-it.csv");
    let summary = app.import(exports::read(Incoming::default(), &[file]).unwrap());
    assert_eq!((summary.rejected.len(), summary.changed, summary.released), (0, 0, 0));
    assert_eq!(app.bytes(), before);
}

/// A ZIP archive with one entry.
fn archive(entry: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(entry, SimpleFileOptions::default()).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn files_that_are_not_csv_are_refused_with_their_format() {
    for (bytes, says) in [
        (&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"[..], "visits.csv is an old Excel workbook (.xls)"),
        (b"<html><body><table><tr><td>Project Name</td></tr></table>", "visits.csv is a web page with a table"),
        (b"%PDF-1.7 \0", "visits.csv is a PDF document"),
        (b"PK\x03\x04\0\0", "visits.csv is a ZIP archive"),
        (
            b"\xD0\xCF\x11\xE0E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
            "visits.csv is a workbook with a password",
        ),
        (&archive("xl/workbook.bin"), "visits.csv is a binary workbook (.xlsb)"),
        (&archive("content.xml"), "visits.csv is an OpenDocument file (.ods)"),
        (&archive("word/document.xml"), "visits.csv is a Word document"),
    ] {
        let error =
            visits::read(Incoming::default(), &[("visits.csv".to_owned(), bytes.to_vec())]).unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
}

#[test]
fn a_double_booking_in_a_file_is_a_finding_of_its_preview() {
    let app = App::empty();
    let incoming = read("24-double-booked.csv");
    let plan = app.read(|view| checks::checked_plan(view, incoming.clone()));
    let found: Vec<_> = plan.found.findings.iter().map(|one| (one.rule.as_str(), one.event.unwrap().0)).collect();
    assert!(found.contains(&("overlap", 131_000_001)) && found.contains(&("overlap", 131_000_003)), "{found:?}");
    app.import(incoming.clone());
    let again = app.read(|view| checks::checked_plan(view, incoming));
    assert_eq!(again.found.findings.len(), 0, "what stays as it is was checked before");
}

#[test]
fn a_visit_missing_from_its_day_is_listed_and_released_only_on_request() {
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
fn a_rejected_row_is_not_missing_and_an_unidentified_one_disables_the_list() {
    let app = App::empty();
    app.import(read("21a-week1.csv"));
    let (name, bytes) = sheet("21a-week1.csv");
    let text = String::from_utf8(bytes).unwrap();
    let first = visits::read(Incoming::default(), &[(name.clone(), text.clone().into_bytes())]).unwrap().events[0]
        .event
        .id
        .to_string();
    for with in [format!("{first}x"), String::new()] {
        let spoiled = text.replacen(&first, &with, 1);
        let incoming = visits::read(Incoming::default(), &[(name.clone(), spoiled.into_bytes())]).unwrap();
        assert_eq!(incoming.rejected.len(), 1);
        assert_eq!(app.read(|view| import::plan(view, incoming)).missing().len(), 0);
    }
}
