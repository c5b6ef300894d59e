//! Tables saved again by a spreadsheet in another format change nothing.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use fastrand::Rng;
use tandem::{
    domain::{event::names, user::Role},
    export::{self, Format, Kind},
    import::{Incoming, exports, visits},
};

use super::{rejections, workbooks};
use crate::support::{App, checks, october, sources::data};

type File = (String, Vec<u8>);
type Rows = Vec<Vec<String>>;

/// The way in which a spreadsheet writes moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dates {
    AsTheyAre,
    /// `9/23/2025 9:15`
    UsShort,
    /// `9/23/25 9:15 AM`
    UsTwoDigits,
    /// `2025-09-23 09:15:00`
    Iso,
    /// `23-Sep-25 9:15`
    NamedMonth,
    /// `45923.3854166667`
    Serial,
}

/// The way in which a file is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saved {
    Csv,
    CsvWithMark,
    Semicolons,
    SeparatorLine,
    Tabs16LittleEndian,
    Tabs16BigEndian,
    Windows1252,
    Workbook,
}

const DATES: [Dates; 6] =
    [Dates::AsTheyAre, Dates::UsShort, Dates::UsTwoDigits, Dates::Iso, Dates::NamedMonth, Dates::Serial];
const SAVED: [Saved; 8] = [
    Saved::Csv,
    Saved::CsvWithMark,
    Saved::Semicolons,
    Saved::SeparatorLine,
    Saved::Tabs16LittleEndian,
    Saved::Tabs16BigEndian,
    Saved::Windows1252,
    Saved::Workbook,
];

/// What else happens to the cells.
const HARMS: [fn(&mut Rows, &mut Rng); 10] = [
    |_, _| {},
    // Title rows above the headings.
    |rows, _| {
        rows.insert(0, vec!["Visits of the week".to_owned()]);
        rows.insert(1, Vec::new());
    },
    // Surplus empty cells and rows.
    |rows, rng| {
        for row in rows.iter_mut().filter(|_| rng.bool()) {
            row.extend([String::new(), String::new()]);
        }
        rows.push(vec![String::new(); 4]);
    },
    // Whole numbers with a fraction, or grouped.
    |rows, rng| each_cell(rows, |cell| if is_id(cell) && rng.bool() { format!("{cell}.0") } else { cell.to_owned() }),
    |rows, _| each_cell(rows, |cell| if is_id(cell) { grouped(cell) } else { cell.to_owned() }),
    // Text that protects a number.
    |rows, rng| {
        let formula = rng.bool();
        each_cell(rows, |cell| match is_id(cell) {
            true if formula => format!("=\"{cell}\""),
            true => format!("'{cell}"),
            false => cell.to_owned(),
        });
    },
    // Dashes and blanks that look alike.
    |rows, rng| {
        let dash = ["\u{2013}", "\u{2014}", "\u{2011}", "\u{2212}"][rng.usize(..4)];
        each_name(rows, |cell| cell.replace('-', dash));
    },
    |rows, _| each_name(rows, |cell| cell.replace(' ', "\u{A0}")),
    |rows, _| each_name(rows, |cell| cell.replacen(' ', "\n", 1)),
    // A heading that was wrapped.
    |rows, _| rows[0].iter_mut().for_each(|cell| *cell = format!(" {} ", cell.replace(' ', "\n"))),
];

fn is_id(cell: &str) -> bool {
    cell.len() > 3 && cell.bytes().all(|byte| byte.is_ascii_digit()) && !cell.starts_with('0')
}

fn grouped(cell: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in cell.chars().enumerate() {
        if index > 0 && (cell.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn each_cell(rows: &mut Rows, mut change: impl FnMut(&str) -> String) {
    for cell in rows.iter_mut().skip(1).flatten() {
        *cell = change(cell);
    }
}

/// Names of events: the longest texts of a row that open with a letter or a number and hold a dash.
fn each_name(rows: &mut Rows, change: impl Fn(&str) -> String) {
    let column = rows[0].iter().position(|heading| matches!(&**heading, "Project Name" | "project_name"));
    for cell in rows.iter_mut().skip(1).filter_map(|row| row.get_mut(column?)) {
        *cell = change(cell);
    }
}

fn rows(bytes: &[u8]) -> Rows {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn moment(cell: &str) -> Option<NaiveDateTime> {
    let forms = ["%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
    let date = || NaiveDate::parse_from_str(cell, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(cell, form).ok()).or_else(date)
}

/// Days since December 30, 1899, as spreadsheets count.
fn serial(moment: NaiveDateTime) -> String {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let seconds = (moment - zero).num_seconds();
    if seconds % 86_400 == 0 {
        return (seconds / 86_400).to_string();
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds of a few centuries")]
    let days = seconds as f64 / 86_400.0;
    format!("{days:.10}")
}

fn dated(rows: &mut Rows, dates: Dates) {
    let form = match dates {
        Dates::AsTheyAre => return,
        Dates::UsShort => "%-m/%-d/%Y %-H:%M",
        Dates::UsTwoDigits => "%-m/%-d/%y %-I:%M %p",
        Dates::Iso => "%Y-%m-%d %H:%M:%S",
        Dates::NamedMonth => "%-d-%b-%y %-H:%M",
        Dates::Serial => "",
    };
    each_cell(rows, |cell| match moment(cell) {
        Some(moment) if dates == Dates::Serial => serial(moment),
        // A cell with a date alone stays one.
        Some(moment) if cell.len() == 10 => moment.format(form.split(' ').next().unwrap()).to_string(),
        Some(moment) => moment.format(form).to_string(),
        None => cell.to_owned(),
    });
}

fn text(rows: &Rows, separator: u8) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn saved(rows: &Rows, saved: Saved) -> Vec<u8> {
    let wide = |mark: u8, text: String, bytes: fn(u16) -> [u8; 2]| {
        let mark = if mark == 0xFF { [0xFF, 0xFE] } else { [0xFE, 0xFF] };
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    };
    match saved {
        Saved::Csv => text(rows, b',').into_bytes(),
        Saved::CsvWithMark => format!("\u{FEFF}{}", text(rows, b',')).into_bytes(),
        Saved::Semicolons => text(rows, b';').into_bytes(),
        Saved::SeparatorLine => format!("sep=;\r\n{}", text(rows, b';')).into_bytes(),
        Saved::Tabs16LittleEndian => wide(0xFF, text(rows, b'\t'), u16::to_le_bytes),
        Saved::Tabs16BigEndian => wide(0xFE, text(rows, b'\t'), u16::to_be_bytes),
        // Signs that the encoding lacks become question marks, so only texts without them can be saved this way.
        Saved::Windows1252 => {
            let text = text(rows, b',');
            let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(&text);
            if lossy { text.clone().into_bytes() } else { bytes.into_owned() }
        }
        Saved::Workbook => workbook(rows),
    }
}

/// A workbook with one sheet: moments are dates, digits are numbers, the rest is text.
fn workbook(rows: &Rows) -> Vec<u8> {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut sheet = String::new();
    for (number, row) in (1..).zip(rows) {
        write!(sheet, "<row r=\"{number}\">").unwrap();
        for (index, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let place = format!("{}{number}", char::from(b'A' + u8::try_from(index).unwrap()));
            let text = match moment(cell) {
                Some(moment) => {
                    let style = if cell.len() == 10 { workbooks::DATE } else { workbooks::MOMENT };
                    format!("<c r=\"{place}\" s=\"{style}\"><v>{}</v></c>", serial(moment))
                }
                None if is_id(cell) => format!("<c r=\"{place}\"><v>{cell}</v></c>"),
                None => format!(
                    "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                    escaped(cell)
                ),
            };
            sheet.push_str(&text);
        }
        sheet.push_str("</row>");
    }
    workbooks::book(false, &[("Visits", true, sheet)])
}

/// The same table as a workbook.
pub fn as_workbook((name, bytes): &File) -> File {
    (name.replace(".csv", ".xlsx"), workbook(&rows(bytes)))
}

fn resaved(file: &File, dates: Dates, harm: fn(&mut Rows, &mut Rng), way: Saved, rng: &mut Rng) -> File {
    let mut rows = rows(&file.1);
    // Workbooks have dates of their own.
    if way != Saved::Workbook {
        dated(&mut rows, dates);
    }
    harm(&mut rows, rng);
    (file.0.clone(), saved(&rows, way))
}

/// Dates, harms and ways in such an order that each meets most of the others.
fn shapes() -> impl Iterator<Item = (usize, Dates, usize, Saved)> {
    (0..48).map(|shape| (shape, DATES[shape % 6], shape % 10, SAVED[(shape + shape / 8) % 8]))
}

#[test]
fn the_retailers_exports_are_the_same_visits_in_every_file_format() {
    let files = [data("visits/calendar-schedule.csv"), data("visits/workbank.csv")];
    let app = App::with_visits();
    let before = app.bytes();
    let mut rng = Rng::with_seed(7);
    for (shape, dates, harm, way) in shapes() {
        let again: Vec<File> = files.iter().map(|file| resaved(file, dates, HARMS[harm], way, &mut rng)).collect();
        let incoming: Incoming = visits::read(Incoming::default(), &again)
            .unwrap_or_else(|error| panic!("{dates:?} {harm} {way:?}: {error}"));
        assert_eq!(rejections(&incoming), [""; 0], "shape {shape}: {dates:?} {harm} {way:?}");
        assert_eq!(incoming.events.len(), 156, "shape {shape}: {dates:?} {harm} {way:?}");
        let scheduled = incoming.events.iter().filter(|one| one.event.schedule.is_some()).count();
        assert_eq!(scheduled, 90, "shape {shape}: {dates:?} {harm} {way:?}");
        let pairs = checks::check_pairs(incoming.events.iter().map(|one| &one.event)).pairs;
        assert_eq!(pairs, 47, "shape {shape}: {dates:?} {harm} {way:?}");
        let summary = app.import(incoming);
        let changed = (summary.new, summary.changed, summary.released, summary.employees_changed);
        assert_eq!(changed, (0, 0, 0, 0), "shape {shape}: {dates:?} {harm} {way:?}");
    }
    assert_eq!(app.bytes(), before);
}

#[test]
fn our_own_exports_change_nothing_in_any_file_format() {
    let mut rng = Rng::with_seed(11);
    for (shape, dates, harm, way) in shapes().step_by(3) {
        let app = App::with(&[], Some(stirred(u64::try_from(shape).unwrap())));
        let exported = |kind: Kind| {
            let mut bytes = Vec::new();
            app.read(|tx| {
                let request =
                    export::Request { kind, format: Format::Csv, zone: Tz::America__New_York, role: Role::Admin };
                export::write(tx, request, &mut bytes)
            });
            (format!("{}.csv", kind.slug()), bytes)
        };
        let files = [Kind::Events, Kind::Schedule, Kind::Employees].map(exported);
        let before = app.bytes();
        let again: Vec<File> = files.iter().map(|file| resaved(file, dates, HARMS[harm], way, &mut rng)).collect();
        let incoming = exports::read(Incoming::default(), &again)
            .unwrap_or_else(|error| panic!("{dates:?} {harm} {way:?}: {error}"));
        assert_eq!(rejections(&incoming), [""; 0], "shape {shape}: {dates:?} {harm} {way:?}");
        let summary = app.import(incoming);
        let changed = (summary.new, summary.changed, summary.released, summary.employees_changed);
        assert_eq!(changed, (0, 0, 0, 0), "shape {shape}: {dates:?} {harm} {way:?}");
        assert_eq!(app.bytes(), before);
    }
}

/// A random store: made-up events, some with names that spreadsheets take for something else.
fn stirred(seed: u64) -> Incoming {
    let mut rng = Rng::with_seed(seed);
    let mut incoming = october(60);
    for one in &mut incoming.events {
        match rng.u8(..6) {
            0 => one.event.name = format!("=SUM({})", rng.u32(..)),
            1 => one.event.name = format!("{}-CORE-Crème brûlée, \"large\"", rng.u32(100_000..999_999)),
            2 => one.event.first_day = one.event.first_day.and_then(|day| day.checked_sub_days(Days::new(3))),
            3 => "O'Neil; Sons".clone_into(&mut one.event.location.name),
            _ => {}
        }
        let reading = names::read(&one.event.name, Some(one.event.event_type));
        (one.event.number, one.event.program) = (reading.number, reading.program);
    }
    incoming
}
