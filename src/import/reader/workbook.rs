//! A workbook (`.xlsx`) as CSV text, a text for each sheet, so that it is read like every other file.
//!
//! Rule of this file: a row of a sheet is a line of its text, so that reports name the row that people see. Nothing is
//! unpacked beyond the bytes that a file may have.

use std::io::{self, Cursor, Read};

use calamine::{Data, DataRef, Reader, Xlsx};
use chrono::NaiveDate;
use csv::WriterBuilder;
use zip::ZipArchive;

use crate::import::{FILE_BYTES_MAX, FileError};

/// The entry that every workbook has.
const WORKBOOK: &str = "xl/workbook.xml";
/// Most sheets that are looked at, in sheets.
const SHEETS_MAX: usize = 50;

/// Whether a file is a workbook.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        && ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| archive.index_for_name(WORKBOOK).is_some())
}

/// The sheets in their order, each as CSV text with commas.
///
/// # Errors
/// [`FileError`] where the workbook is damaged or holds more than a file may have.
pub fn sheets(file: &str, bytes: &[u8]) -> Result<Vec<String>, FileError> {
    let damaged = |reason: String| FileError::Workbook { file: file.to_owned(), reason };
    let unpacked = unpacked_bytes(bytes).map_err(|error| damaged(error.to_string()))?;
    if unpacked > FILE_BYTES_MAX {
        return Err(FileError::TooLarge { file: file.to_owned(), bytes: unpacked });
    }
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let names: Vec<String> = workbook.sheet_names().into_iter().take(SHEETS_MAX).collect();
    let (mut sheets, mut left) = (Vec::new(), FILE_BYTES_MAX);
    for name in names {
        // Sheets that hold a chart have no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(&name) else { continue };
        let mut sheet = Sheet::default();
        while let Some(cell) = cells.next_cell().map_err(|error| damaged(error.to_string()))? {
            sheet.add(cell.get_position(), words(cell.get_value()));
            if sheet.bytes() > left {
                return Err(FileError::TooLarge { file: file.to_owned(), bytes: FILE_BYTES_MAX + 1 });
            }
        }
        let text = sheet.finish();
        left -= text.len().min(left);
        sheets.push(text);
    }
    Ok(sheets)
}

/// How much a workbook holds, in bytes, counted up to just above what is allowed.
fn unpacked_bytes(bytes: &[u8]) -> io::Result<usize> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(io::Error::other)?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(io::Error::other)?;
        let limit = (FILE_BYTES_MAX - unpacked) as u64 + 1;
        let read = io::copy(&mut entry.take(limit), &mut io::sink())?;
        unpacked += usize::try_from(read).unwrap_or(usize::MAX);
        if unpacked > FILE_BYTES_MAX {
            break;
        }
    }
    Ok(unpacked)
}

/// The text of a sheet so far.
#[derive(Default)]
struct Sheet {
    text: Vec<u8>,
    /// The row being filled, from 0.
    row: u32,
    cells: Vec<String>,
    /// Its bytes, separators included.
    row_bytes: usize,
}

impl Sheet {
    fn add(&mut self, (row, column): (u32, u32), cell: String) {
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

/// A day as its serial number: a date in a column of dates, midnight in a column of moments.
fn days(year: i32, month: u32, day: u32) -> String {
    let date = NaiveDate::from_ymd_opt(year, month, day);
    let days = date.and_then(|date| Some((date - NaiveDate::from_ymd_opt(1899, 12, 30)?).num_days()));
    days.unwrap_or_default().to_string()
}

/// A cell as CSV has it. Line ends would shift the lines of a report.
fn words(cell: &DataRef<'_>) -> String {
    let text = match Data::from(cell.clone()) {
        Data::DateTime(moment) if moment.is_datetime() && moment.as_f64() >= 1.0 => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                days(year.into(), month.into(), day.into())
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        Data::DateTime(moment) => moment.as_f64().to_string(),
        Data::Bool(yes) => if yes { "TRUE" } else { "FALSE" }.to_owned(),
        Data::DateTimeIso(text) | Data::DurationIso(text) | Data::String(text) => text,
        other => other.to_string(),
    };
    if text.contains(['\r', '\n']) { text.replace("\r\n", " ").replace(['\r', '\n'], " ") } else { text }
}
