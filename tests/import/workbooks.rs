//! Workbooks: which sheets are read, and what their cells mean.

use std::{
    fmt::Write as _,
    io::{Cursor, Write},
};

use tandem::import::{Incoming, detect, exports, legacy, visits};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{notes, rejections};
use crate::support::sources::data;

/// Styles of cells by their number formats.
const GENERAL: u8 = 0;
pub const MOMENT: u8 = 1;
pub const DATE: u8 = 2;
const DURATION: u8 = 3;
const TIME: u8 = 4;
const FORMATS: [u8; 5] = [0, 22, 14, 46, 20];

const HEADINGS: [&str; 9] = [
    "Project Name",
    "Project Reference Number",
    "Store Number",
    "Store Name",
    "Start Date/Time",
    "Due Date/Time",
    "Estimated Time",
    "Rep Name",
    "Employee ID",
];

/// A workbook whose days count from 1900 or from 1904. Each sheet has its name, whether it is shown, and its rows as XML.
pub fn book(from_1904: bool, sheets: &[(&str, bool, String)]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let (mut list, mut targets, mut entries) = (String::new(), String::new(), Vec::new());
    for (number, (name, visible, rows)) in (1..).zip(sheets) {
        let state = if *visible { "visible" } else { "hidden" };
        write!(list, "<sheet name=\"{name}\" sheetId=\"{number}\" state=\"{state}\" r:id=\"r{number}\"/>").unwrap();
        write!(
            targets,
            "<Relationship Id=\"r{number}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        )
        .unwrap();
        entries.push((
            format!("xl/worksheets/sheet{number}.xml"),
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ));
    }
    let formats: String = FORMATS.map(|format| format!("<xf numFmtId=\"{format}\"/>")).concat();
    let parts = [
        ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>")),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><workbookPr date1904=\"{from_1904}\"/><sheets>{list}</sheets>\
                 </workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\">{targets}<Relationship Id=\"styles\" \
                 Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        ("xl/styles.xml", format!("<styleSheet xmlns=\"{main}\"><cellXfs>{formats}</cellXfs></styleSheet>")),
    ];
    entries.extend(parts.map(|(name, content)| (name.to_owned(), content)));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A cell: its text, or its number with a style.
#[derive(Clone, Copy)]
enum As<'a> {
    Text(&'a str),
    Number(f64, u8),
}

fn row(number: usize, cells: &[As<'_>]) -> String {
    let cell = |(column, cell): (u8, &As<'_>)| match cell {
        As::Text(text) => format!("<c r=\"{}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>", char::from(column)),
        As::Number(value, style) => format!("<c r=\"{}{number}\" s=\"{style}\"><v>{value}</v></c>", char::from(column)),
    };
    format!("<row r=\"{number}\">{}</row>", (b'A'..).zip(cells).map(cell).collect::<String>())
}

/// A sheet of visits: headings, and rows of a reference number, store, due date, minutes and start.
fn sheet(rows: &[(u32, As<'_>, As<'_>, As<'_>, As<'_>)]) -> String {
    let mut headings: Vec<_> = HEADINGS.map(As::Text).to_vec();
    headings.push(As::Text("Schedule Date/Time"));
    let mut sheet = row(1, &headings);
    for (line, (id, store, due, minutes, start)) in (2..).zip(rows) {
        let cells = [
            As::Text("613001-CORE-Oats"),
            As::Number(f64::from(*id), GENERAL),
            *store,
            As::Text("Fern Market"),
            As::Text("2025-10-06"),
            *due,
            *minutes,
            As::Text("NORA QUILL"),
            As::Text("E20001"),
            *start,
        ];
        sheet.push_str(&row(line, &cells));
    }
    sheet
}

/// A visit of which nothing is odd.
fn plain(id: u32) -> String {
    sheet(&[(id, As::Text("4177"), As::Text("2025-10-31"), As::Text("360"), As::Text("2025-10-14 10:00"))])
}

fn read(bytes: Vec<u8>) -> Incoming {
    visits::read(Incoming::default(), &[("v.xlsx".to_owned(), bytes)]).unwrap()
}

/// The reason why the only row of a sheet is rejected.
fn rejection(sheet: String) -> String {
    let incoming = read(book(false, &[("Week", true, sheet)]));
    assert_eq!(incoming.events.len(), 0);
    rejections(&incoming).join("\n")
}

#[test]
fn every_visible_sheet_with_headings_is_read_and_the_others_are_noted() {
    let incoming = read(book(
        false,
        &[
            ("old", false, plain(1)),
            ("Week 42", true, plain(2)),
            ("Remarks", true, row(1, &[As::Text("Call the stores first")])),
            ("Empty", true, String::new()),
            ("Week 43", true, plain(3)),
        ],
    ));
    let ids: Vec<_> = incoming.events.iter().map(|one| one.event.id.0).collect();
    assert_eq!((ids, rejections(&incoming)), (vec![2, 3], vec![]));
    assert_eq!(incoming.events[1].place.to_string(), "v.xlsx, sheet \"Week 43\" line 2");
    assert_eq!(
        notes(&incoming),
        [
            "v.xlsx: the sheet \"old\" is hidden, so it was not read",
            "v.xlsx: the sheet \"Remarks\" lacks the columns, so it was not read"
        ]
    );
}

#[test]
fn a_workbook_with_only_a_hidden_table_is_refused_with_its_name() {
    let bytes = book(false, &[("old", false, plain(1)), ("Empty", true, String::new())]);
    let error = visits::read(Incoming::default(), &[("v.xlsx".to_owned(), bytes)]).unwrap_err().to_string();
    assert_eq!(error, "v.xlsx has no table in the sheets that it shows; hidden ones are not read: \"old\"");
}

/// Tables of CSV as the sheets of one workbook.
fn one_book(paths: &[&str]) -> Vec<(String, Vec<u8>)> {
    let sheet = |path: &&str| {
        let bytes = data(path).1;
        let mut records = csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
        let rows = (1..).zip(records.records()).map(|(number, record)| {
            let record = record.unwrap();
            row(number, &record.iter().map(As::Text).collect::<Vec<_>>()).replace('&', "&amp;")
        });
        rows.collect::<String>()
    };
    let sheets: Vec<_> = paths.iter().map(|path| ("Sheet", true, sheet(path))).collect();
    let names = ["One", "Two", "Three"];
    let sheets: Vec<_> = names.iter().zip(sheets).map(|(name, (_, visible, rows))| (*name, visible, rows)).collect();
    vec![("all.xlsx".to_owned(), book(false, &sheets))]
}

#[test]
fn the_tables_of_the_old_application_can_be_sheets_of_one_workbook() {
    let tables = ["old-app/schedules.csv", "old-app/events.csv", "old-app/employees.csv"];
    let incoming = detect::read(Incoming::default(), &one_book(&tables)).unwrap();
    assert_eq!(rejections(&incoming), [""; 0]);
    assert_eq!(incoming.events.iter().filter(|one| one.event.schedule.is_some()).count(), 90);

    let tables = ["acceptance/employees.csv", "acceptance/schedule.csv", "acceptance/events.csv"];
    let incoming = detect::read(Incoming::default(), &one_book(&tables)).unwrap();
    assert_eq!((rejections(&incoming), notes(&incoming).len()), (vec![], 0));
    assert_eq!((incoming.events.len(), incoming.employees.len()), (21, 5));
    let [file] = <[_; 1]>::try_from(one_book(&tables)).unwrap();
    assert_eq!(legacy::read(Incoming::default(), &file.clone(), &file.clone(), &file).unwrap(), incoming);

    let tables = ["spreadsheets/exports-excel/events-as-excel-saves-it.csv"];
    assert!(exports::read(Incoming::default(), &one_book(&tables)).unwrap().events.len() > 1);
}

#[test]
fn a_date_is_read_as_its_format_shows_it() {
    let (text, minutes) = (As::Text, As::Text("360"));
    let read = |due: As<'_>, start: As<'_>| {
        let incoming = read(book(false, &[("Week", true, sheet(&[(1, text("4177"), due, minutes, start)]))]));
        assert_eq!(rejections(&incoming), [""; 0]);
        let event = &incoming.events[0].event;
        (event.due.unwrap().time.is_some(), event.start().unwrap().to_string())
    };
    let start = As::Number(45_944.416_666_6, MOMENT);
    assert_eq!(read(As::Number(45_961.0, MOMENT), start), (true, "2025-10-14 10:00:00".to_owned()));
    assert_eq!(
        read(As::Number(45_961.0, DATE), As::Number(45_944.416_667, TIME)),
        (false, "2025-10-14 10:00:00".to_owned())
    );
    let date_only = sheet(&[(1, text("4177"), As::Number(45_961.0, DATE), minutes, As::Number(45_944.0, DATE))]);
    assert!(rejection(date_only).contains("\"2025-10-14\" has no time of day"));
}

#[test]
fn numbers_and_dates_are_read_in_every_cell_format_and_date_system() {
    let numbers = [1.0, 5.0, 15.0, 30.0, 59.0, 60.0, 61.0, 360.0];
    for (from_1904, days) in [(false, 0.0), (true, 1462.0)] {
        for style in [GENERAL, DATE, MOMENT] {
            let number = |value: f64| As::Number(value, style);
            let moment = |value: f64| As::Number(value - days, style);
            let rows: Vec<_> = (1..)
                .zip(numbers)
                .map(|(id, value)| (id, number(value), moment(45_961.5), number(value), moment(45_944.437_5)))
                .collect();
            let incoming = read(book(from_1904, &[("Week", true, sheet(&rows))]));
            assert_eq!(rejections(&incoming), [""; 0], "{from_1904} {style}");
            for (one, value) in incoming.events.iter().zip(numbers) {
                let event = &one.event;
                assert_eq!(event.location.number, value.to_string(), "{from_1904} {style}");
                assert_eq!(event.minutes.to_string(), value.to_string(), "{from_1904} {style}");
                assert_eq!(event.start().unwrap().to_string(), "2025-10-14 10:30:00", "{from_1904} {style}");
                assert_eq!(event.due.unwrap().date.to_string(), "2025-10-31", "{from_1904} {style}");
            }
        }
    }
}

#[test]
fn hours_formatted_as_a_time_are_read_as_hours() {
    let events = |hours: &[As<'_>]| {
        let headings = ["event_id", "project_name", "event_type", "estimated_hours", "due_datetime"];
        let mut sheet = row(1, &headings.map(As::Text));
        for (line, hours) in (2..).zip(hours) {
            let id = As::Number(f64::from(line), GENERAL);
            let line = usize::try_from(line).unwrap();
            sheet.push_str(&row(
                line,
                &[id, As::Text("606001-CORE-Oats"), As::Text("Core"), *hours, As::Text("2025-10-15")],
            ));
        }
        ("events.xlsx".to_owned(), book(false, &[("Events", true, sheet)]))
    };
    let hours = [
        As::Number(6.5 / 24.0, DURATION),
        As::Number(6.5 / 24.0, TIME),
        As::Number(5.0 / 1440.0, DURATION),
        As::Number(6.5, GENERAL),
        As::Text("6:30"),
        As::Text("06:30:00"),
    ];
    let incoming = legacy::read(
        Incoming::default(),
        &data("acceptance/employees.csv"),
        &events(&hours),
        &data("acceptance/schedule.csv"),
    )
    .unwrap();
    let minutes: Vec<_> = incoming.events.iter().map(|one| one.event.minutes).collect();
    assert_eq!(minutes, [390, 390, 5, 390, 390, 390], "{:?}", rejections(&incoming));
}

#[test]
fn empty_cells_far_to_the_right_are_ignored() {
    let rows = plain(1).replace("</row>", "<c r=\"XFD2\" s=\"1\"/></row>");
    let incoming = read(book(false, &[("Week", true, rows)]));
    assert_eq!((incoming.events.len(), rejections(&incoming)), (1, vec![]));
}

#[test]
fn a_cell_beyond_what_spreadsheets_have_is_refused_before_anything_is_filled() {
    for place in ["A1500000000", "ZZZZ1"] {
        let number: String = place.chars().filter(char::is_ascii_digit).collect();
        let rows = format!("<row r=\"{number}\"><c r=\"{place}\"><v>1</v></c></row>");
        let file = ("far.xlsx".to_owned(), book(false, &[("Week", true, rows)]));
        let error = visits::read(Incoming::default(), &[file]).unwrap_err().to_string();
        assert!(error.contains("at most 1048576 rows"), "{place}: {error}");
    }
}

/// Why a workbook with one sheet is refused.
fn refused(rows: &str) -> String {
    let book = book(false, &[("Week", true, rows.to_owned())]);
    visits::read(Incoming::default(), &[("v.xlsx".to_owned(), book)]).unwrap_err().to_string()
}

#[test]
fn a_cell_whose_place_is_taken_passed_or_out_of_numbers_refuses_the_workbook() {
    let cell = |place: &str| format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>a</t></is></c>");
    for places in [["B1", "B1"], ["B1", "A1"], ["A2", "A1"]] {
        let row = format!("<row>{}</row>", places.map(cell).concat());
        let reason = refused(&row);
        assert!(reason.contains("behind one that comes after it"), "{places:?}: {reason}");
    }
    for place in ["A99999999999999", "ZZZZZZZZZZ1", "A4294967297"] {
        let reason = refused(&format!("<row>{}{}</row>", cell("B1"), cell(place)));
        assert!(reason.contains("v.xlsx cannot be read as a workbook"), "{place}: {reason}");
    }
}

#[test]
fn a_text_that_no_cell_can_hold_is_refused_before_it_is_read() {
    let reason = refused(&row(1, &[As::Text(&"x".repeat(400_000))]));
    assert!(reason.contains("it has a text of more than 32767 characters"), "{reason}");
}
