//! A workbook (`.xlsx`) as CSV text, a text for each sheet, so that it is read like every other file.
//!
//! Rule of this file: a row of a sheet is a line of its text, so that reports name the row that people see. Nothing is
//! unpacked beyond the bytes that a file may have.

use std::{
    borrow::Cow,
    io::{self, Cursor, Read, Write},
    panic::{self, AssertUnwindSafe},
};

use calamine::{Data, DataRef, Reader, SheetVisible, Style, Xlsx};
use chrono::{Days, NaiveDate, TimeDelta};
use csv::WriterBuilder;
use zip::ZipArchive;

use crate::import::{FILE_BYTES_MAX, FileError, clean::NUMBER_MARK, text::Text};

/// The entry that every workbook has.
const WORKBOOK: &str = "xl/workbook.xml";
/// Most sheets that are looked at, in sheets.
const SHEETS_MAX: usize = 50;
/// Most rows and columns of a sheet, and characters of a cell, in Excel. Nothing is filled up to a place beyond them.
const ROWS_MAX: u32 = 1_048_576;
const COLUMNS_MAX: u32 = 16_384;
const CELL_CHARS_MAX: usize = 32_767;
/// Longest text of a part of a workbook, in bytes: a cell in which every character is written as its number, `&#x10FFFF;`.
const TEXT_BYTES_MAX: usize = 10 * CELL_CHARS_MAX;
/// In the names of parts: the texts of all cells, which are held in memory as a whole, and the sheets' folder.
const SHARED_TEXTS: &str = "/sharedstrings.xml";
const SHEETS_FOLDER: &str = "/worksheets/";
/// Most bytes of the texts of all cells.
const SHARED_TEXTS_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Days from the start of a workbook that counts from 1904 to that of others, in days.
const DAYS_TO_1904: u32 = 1462;
/// The largest number of a day that spreadsheets know: December 31, 9999.
const DAY_MAX: f64 = 2_958_465.0;
/// The first number of a day from which on no calendar counts February 29, 1900.
const DAY_MIN: f64 = 61.0;
const DAY_MINUTES: f64 = 1440.0;
const DAY_SECONDS: f64 = 86_400.0;

/// Whether a file is a workbook.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        && ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| archive.index_for_name(WORKBOOK).is_some())
}

/// A sheet of a workbook.
#[derive(Debug)]
pub struct Sheet {
    pub name: String,
    /// Its cells as CSV text with commas; None if it is hidden.
    pub text: Option<Text<'static>>,
}

/// The sheets in their order.
///
/// # Errors
/// [`FileError`] where the workbook is damaged or holds more than a file may have.
pub fn sheets(file: &str, bytes: &[u8]) -> Result<Vec<Sheet>, FileError> {
    let damaged = |reason: String| FileError::Workbook { file: file.to_owned(), reason };
    let unpacked = unpacked_bytes(bytes).map_err(|error| damaged(error.to_string()))?;
    if unpacked > FILE_BYTES_MAX {
        return Err(FileError::TooLarge { file: file.to_owned(), bytes: unpacked });
    }
    // Some damages of a workbook are more than calamine is prepared for.
    let read = panic::catch_unwind(AssertUnwindSafe(|| read_sheets(file, bytes)));
    read.unwrap_or_else(|_| Err(damaged("it is damaged".to_owned())))
}

fn read_sheets(file: &str, bytes: &[u8]) -> Result<Vec<Sheet>, FileError> {
    let damaged = |reason: String| FileError::Workbook { file: file.to_owned(), reason };
    let too_large = |bytes: usize| FileError::TooLarge { file: file.to_owned(), bytes };
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let named: Vec<_> = workbook.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect();
    if named.len() > SHEETS_MAX {
        return Err(damaged(format!("it has {} sheets, and at most {SHEETS_MAX} are read", named.len())));
    }
    let days_short = if workbook.has_1904_epoch() { DAYS_TO_1904 } else { 0 };
    let (mut sheets, mut left) = (Vec::new(), FILE_BYTES_MAX);
    for (name, visible) in named {
        if visible != SheetVisible::Visible {
            sheets.push(Sheet { name, text: None });
            continue;
        }
        // Sheets that hold a chart have no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(&name) else { continue };
        let formats: Vec<Format> = cells.styles().iter().map(Format::of).collect();
        let mut rows = Rows::default();
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|error| damaged(error.to_string()))? {
            let format = formats.get(style).copied().unwrap_or_default();
            let (place, text) = (cell.get_position(), words(cell.get_value(), format, days_short));
            if place.0 >= ROWS_MAX || place.1 >= COLUMNS_MAX || text.len() > 4 * CELL_CHARS_MAX {
                return Err(damaged(format!(
                    "sheet {name} has a cell in row {}, column {} with {} characters; at most {ROWS_MAX} rows, {COLUMNS_MAX} \
                     columns and {CELL_CHARS_MAX} characters are read",
                    u64::from(place.0) + 1,
                    u64::from(place.1) + 1,
                    text.chars().count()
                )));
            }
            if !rows.add(place, text) {
                let (row, column) = (u64::from(place.0) + 1, u64::from(place.1) + 1);
                return Err(damaged(format!(
                    "sheet {name} has the cell of row {row}, column {column} behind one that comes after it"
                )));
            }
            if rows.bytes() > left {
                return Err(too_large(FILE_BYTES_MAX + 1));
            }
        }
        let text = rows.finish();
        left -= text.len().min(left);
        sheets.push(Sheet { name, text: Some(Text { days_short, ..Text::from(Cow::Owned(text)) }) });
    }
    Ok(sheets)
}

/// How much a workbook holds, in bytes, counted up to just above what is allowed.
///
/// # Errors
/// Where it is no archive, or has a text that no cell has or more of them than are held in memory.
fn unpacked_bytes(bytes: &[u8]) -> io::Result<usize> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(io::Error::other)?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(io::Error::other)?;
        let limit = (FILE_BYTES_MAX - unpacked) as u64 + 1;
        let name = entry.name().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        let is_shared = name.ends_with(SHARED_TEXTS);
        let read = if is_shared || name.contains(SHEETS_FOLDER) {
            io::copy(&mut entry.take(limit), &mut Texts::default())?
        } else {
            io::copy(&mut entry.take(limit), &mut io::sink())?
        };
        if is_shared && read > SHARED_TEXTS_BYTES_MAX {
            return Err(io::Error::other(format!(
                "the texts of its cells have more than {SHARED_TEXTS_BYTES_MAX} bytes: split it into several files"
            )));
        }
        unpacked += usize::try_from(read).unwrap_or(usize::MAX);
        if unpacked > FILE_BYTES_MAX {
            break;
        }
    }
    Ok(unpacked)
}

/// Takes a part of a workbook and keeps nothing but the length of the text that is being written.
#[derive(Default)]
struct Texts {
    bytes: usize,
}

impl Write for Texts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'<') {
            self.bytes += piece.len();
            if self.bytes > TEXT_BYTES_MAX {
                let reason = format!("it has a text of more than {CELL_CHARS_MAX} characters, the most of a cell");
                return Err(io::Error::other(reason));
            }
            if piece.ends_with(b"<") {
                self.bytes = 0;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The text of a sheet so far.
#[derive(Default)]
struct Rows {
    text: Vec<u8>,
    /// The row being filled, from 0.
    row: u32,
    cells: Vec<String>,
    /// Its bytes, separators included.
    row_bytes: usize,
}

impl Rows {
    /// Adds a cell. An empty one is nothing: it may stand far away, for the sake of its colour. False where its place is
    /// taken, or before one that is.
    fn add(&mut self, (row, column): (u32, u32), cell: String) -> bool {
        if cell.is_empty() {
            return true;
        }
        if row < self.row || row == self.row && self.cells.len() > column as usize {
            return false;
        }
        while self.row < row {
            self.end_row();
        }
        let column = column as usize;
        if column >= self.cells.len() {
            self.row_bytes += column + 1 - self.cells.len();
            self.cells.resize(column + 1, String::new());
        }
        self.row_bytes += cell.len();
        self.cells[column] = cell;
        true
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.row_bytes
    }

    fn end_row(&mut self) {
        if self.cells.is_empty() {
            self.text.push(b'\n');
        } else {
            let mut writer = WriterBuilder::new().from_writer(&mut self.text);
            // Writing to memory does not fail.
            let _ = writer.write_record(&self.cells).and_then(|()| writer.flush().map_err(Into::into));
            self.cells.clear();
        }
        self.row_bytes = 0;
        self.row += 1;
    }

    fn finish(mut self) -> String {
        self.end_row();
        String::from_utf8(self.text).unwrap_or_default()
    }
}

/// What the number format of a cell shows of a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Format {
    date: bool,
    time: bool,
}

impl Format {
    fn of(style: &Style) -> Self {
        let code = style.number_format.as_ref().map_or("", |format| &*format.format_code);
        let code = code.split(';').next().unwrap_or_default().to_ascii_lowercase();
        // Quoted and escaped signs are shown as they are; brackets hold colours, or hours above 24.
        let (mut shown, mut quoted, mut signs) = (String::new(), false, code.chars());
        while let Some(sign) = signs.next() {
            match sign {
                '"' => quoted = !quoted,
                '\\' | '_' | '*' if !quoted => drop(signs.next()),
                '[' if !quoted => drop(signs.find(|sign| *sign == ']')),
                _ if !quoted => shown.push(sign),
                _ => {}
            }
        }
        let time = shown.contains(['h', 's']);
        Self { date: !time || shown.contains(['d', 'y']), time }
    }
}

/// A cell as CSV has it. Line ends would shift the lines of a report.
fn words(cell: &DataRef<'_>, format: Format, days_short: u32) -> String {
    let text = match Data::from(cell.clone()) {
        Data::DateTime(moment) => {
            let number = moment.as_f64();
            let shown = shown(number, format, moment.is_duration(), days_short);
            return shown.map_or_else(|| number.to_string(), |shown| format!("{shown}{NUMBER_MARK}{number}"));
        }
        Data::Bool(yes) => if yes { "TRUE" } else { "FALSE" }.to_owned(),
        Data::DateTimeIso(text) | Data::DurationIso(text) | Data::String(text) => text,
        other => other.to_string(),
    };
    if text.contains(['\r', '\n']) { text.replace("\r\n", " ").replace(['\r', '\n'], " ") } else { text }
}

/// What a number shows that is formatted as a date, a moment or a time; None where it is none of them.
fn shown(number: f64, format: Format, is_duration: bool, days_short: u32) -> Option<String> {
    let day = number.floor() + f64::from(days_short);
    if is_duration || (0.0..1.0).contains(&number) {
        #[expect(clippy::cast_possible_truncation, reason = "minutes of at most some thousand years")]
        let minutes = (0.0..=DAY_MAX).contains(&number).then(|| (number * DAY_MINUTES).round() as i64)?;
        return (is_duration || !format.date).then(|| format!("{}:{:02}", minutes / 60, minutes % 60));
    }
    if !(DAY_MIN..=DAY_MAX).contains(&day) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in the range of days")]
    let (days, seconds) = (day as u64, ((number - number.floor()) * DAY_SECONDS).round() as i64);
    let midnight = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))?.and_hms_opt(0, 0, 0)?;
    let moment = midnight.checked_add_signed(TimeDelta::seconds(seconds))?;
    let is_date = seconds == 0 && format.date && !format.time;
    Some(moment.format(if is_date { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" }).to_string())
}
