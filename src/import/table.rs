//! CSV text with a line of headings, row by row.
//!
//! Rule of this file: a cell is found by its heading, never by its position, and a row knows the line where it stands.

use std::borrow::Cow;

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::{
    domain::csv_escape::plain_cell,
    import::{FILE_BYTES_MAX, FileError, Place, Rejected, json_lines},
};

/// Most headings of a wrong file that an error repeats, in headings.
const HEADINGS_SHOWN_MAX: usize = 20;
/// Longest piece of a heading that an error repeats, in characters.
const HEADING_SHOWN_CHARS_MAX: usize = 40;

/// A column that a reader asks for.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub heading: &'static str,
    /// The file must have it, and every row must reach it. Its cells may still be empty.
    pub required: bool,
}

/// A column that the file must have.
#[must_use]
pub const fn required(heading: &'static str) -> Column {
    Column { heading, required: true }
}

/// A column that is read where the file has it.
#[must_use]
pub const fn optional(heading: &'static str) -> Column {
    Column { heading, required: false }
}

/// A decoded file whose headings have been found.
#[derive(Debug)]
pub struct Table<'a> {
    file: String,
    text: Cow<'a, str>,
    /// How many cells a row may have.
    width: usize,
    /// Every column asked for, with its position in this file.
    columns: Vec<(Column, Option<usize>)>,
    written_by: WrittenBy,
}

/// Who wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WrittenBy {
    /// Another program: CSV, whose cells are what they are.
    Others,
    /// `tandem export`, as CSV: what would be a formula has an apostrophe in front.
    OursAsCsv,
    /// `tandem export`, as JSON lines.
    OursAsJson,
}

impl<'a> Table<'a> {
    /// Decodes `bytes` and finds the columns.
    ///
    /// # Errors
    /// [`FileError`] where the file is no such table.
    pub fn open(file: &str, bytes: &'a [u8], columns: &[Column]) -> Result<Self, FileError> {
        let file = base_name(file).to_owned();
        let text = decode(&file, bytes)?;
        Self::of_csv(file, text, columns, WrittenBy::Others)
    }

    /// As [`Table::open`], for a file that `tandem export` wrote: CSV or JSON lines.
    ///
    /// # Errors
    /// [`FileError`] where the file is no such table.
    pub fn open_ours(file: &str, bytes: &'a [u8], columns: &[Column]) -> Result<Self, FileError> {
        let file = base_name(file).to_owned();
        let text = decode(&file, bytes)?;
        if !json_lines::is_json(&text) {
            return Self::of_csv(file, text, columns, WrittenBy::OursAsCsv);
        }
        let names = json_lines::names(&text);
        let wanted = columns.iter().filter(|column| column.required);
        let missing: Vec<_> =
            wanted.map(|column| column.heading.to_owned()).filter(|one| !names.contains(one)).collect();
        if !missing.is_empty() {
            let found = shown(&names.iter().map(String::as_str).collect::<Vec<_>>());
            return Err(FileError::MissingHeadings { file, missing, found });
        }
        let columns: Vec<_> = columns.iter().enumerate().map(|(place, column)| (*column, Some(place))).collect();
        Ok(Self { file, text, width: columns.len(), columns, written_by: WrittenBy::OursAsJson })
    }

    fn of_csv(file: String, text: Cow<'a, str>, columns: &[Column], written_by: WrittenBy) -> Result<Self, FileError> {
        let Some(record) = Records::of(&text).next().and_then(|(_, record)| record.ok()) else {
            return Err(FileError::Empty { file });
        };
        let headings: Vec<&str> = record.iter().map(str::trim).collect();
        let mut found = Vec::with_capacity(columns.len());
        for column in columns {
            found.push((*column, position(&file, &headings, column.heading)?));
        }
        let missing: Vec<String> = found
            .iter()
            .filter(|(column, position)| column.required && position.is_none())
            .map(|(column, _)| column.heading.to_owned())
            .collect();
        if !missing.is_empty() {
            return Err(FileError::MissingHeadings { file, missing, found: shown(&headings) });
        }
        let width = headings.len();
        Ok(Self { file, text, width, columns: found, written_by })
    }

    #[must_use]
    pub fn has(&self, heading: &str) -> bool {
        self.position(heading).is_some()
    }

    /// The error for columns that only this reader can tell are missing.
    #[must_use]
    pub fn lacks(&self, missing: &[&str]) -> FileError {
        let headings = Records::of(&self.text).next().and_then(|(_, record)| record.ok()).unwrap_or_default();
        FileError::MissingHeadings {
            file: self.file.clone(),
            missing: missing.iter().map(|&heading| heading.to_owned()).collect(),
            found: shown(&headings.iter().map(str::trim).collect::<Vec<_>>()),
        }
    }

    /// The rows below the headings, blank ones left out. A row of the wrong length comes as its rejection.
    pub fn rows(&self) -> Box<dyn Iterator<Item = Result<Row<'_>, Rejected>> + '_> {
        let csv = || Records::of(&self.text).skip(1);
        match self.written_by {
            WrittenBy::Others => {
                Box::new(csv().map(|(lines, record)| self.row(lines, record.map_err(|error| no_csv(&error)))))
            }
            WrittenBy::OursAsCsv => {
                let plain = |record: StringRecord| record.iter().map(plain_cell).collect();
                Box::new(
                    csv()
                        .map(move |(lines, record)| self.row(lines, record.map(plain).map_err(|error| no_csv(&error)))),
                )
            }
            WrittenBy::OursAsJson => {
                let headings: Vec<_> = self.columns.iter().map(|(column, _)| column.heading).collect();
                let row = move |(line, record)| self.row(Lines { first: line, last: line }, record);
                Box::new(json_lines::records(&self.text, headings).map(row))
            }
        }
    }

    fn row(&self, lines: Lines, record: Result<StringRecord, String>) -> Result<Row<'_>, Rejected> {
        let record = record.map_err(|reason| Rejected {
            place: Place { file: self.file.clone(), line: lines.first },
            column: None,
            reason,
        })?;
        let row = Row { table: self, record, lines };
        let cells = row.record.len();
        if cells > self.width {
            let reason = format!(
                "has {cells} cells; at most {} are allowed, one for each heading. A text with commas needs quotes",
                self.width
            );
            return Err(row.reject(None, reason));
        }
        let beyond = |(column, position): &&(Column, Option<usize>)| {
            column.required && position.is_some_and(|position| position >= cells)
        };
        match self.columns.iter().find(beyond) {
            Some((column, _)) => {
                let reason = format!("is missing: the row ends after {cells} of {} cells", self.width);
                Err(row.reject(Some(column.heading), reason))
            }
            None => Ok(row),
        }
    }

    fn position(&self, heading: &str) -> Option<usize> {
        self.columns.iter().find(|(column, _)| column.heading == heading)?.1
    }
}

/// One row of a table.
#[derive(Debug)]
pub struct Row<'t> {
    table: &'t Table<'t>,
    record: StringRecord,
    lines: Lines,
}

impl Row<'_> {
    /// The cell under a heading, trimmed; empty where the row ends before it or the file has no such column.
    #[must_use]
    pub fn get(&self, heading: &str) -> &str {
        self.table.position(heading).and_then(|position| self.record.get(position)).map_or("", str::trim)
    }

    #[must_use]
    pub fn place(&self) -> Place {
        Place { file: self.table.file.clone(), line: self.lines.first }
    }

    /// The rejection of this row. One that spans several lines says so: mostly a quote was never closed.
    #[must_use]
    pub fn reject(&self, column: Option<&str>, reason: impl Into<String>) -> Rejected {
        let mut reason = reason.into();
        if self.lines.last > self.lines.first {
            reason = format!(
                "{reason}. (The row runs from line {} to {}: is a quote not closed?)",
                self.lines.first, self.lines.last
            );
        }
        Rejected { place: self.place(), column: column.map(str::to_owned), reason }
    }
}

/// Headings as people read them in a sentence: `"A", "B"`.
#[must_use]
pub fn quoted(headings: &[String]) -> String {
    let quoted: Vec<_> = headings.iter().map(|heading| format!("\"{heading}\"")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

/// First and last line of a record.
#[derive(Clone, Copy, Debug)]
struct Lines {
    first: u64,
    last: u64,
}

/// Records that hold something, with their lines.
///
/// The csv crate counts a record's line from where the one before ended, which is wrong after blank lines and after
/// CRLF, so lines are counted here from its byte positions.
struct Records<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    /// The start of the record read last, and its line.
    byte: usize,
    line: u64,
}

impl<'t> Records<'t> {
    fn of(text: &'t str) -> Self {
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        Self { text, reader, byte: 0, line: 1 }
    }

    fn reader_byte(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX).min(self.text.len())
    }

    /// The lines of a record between two byte positions, which may begin with line ends of what came before.
    fn lines(&mut self, from: usize, to: usize) -> Lines {
        let bytes = self.text.as_bytes();
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let start = from + bytes[from..to].iter().take_while(|byte| is_end(byte)).count();
        let end = to - bytes[start..to].iter().rev().take_while(|byte| is_end(byte)).count();
        self.line += line_ends(&bytes[self.byte..start]);
        self.byte = start;
        Lines { first: self.line, last: self.line + line_ends(&bytes[start..end]) }
    }
}

impl Iterator for Records<'_> {
    type Item = (Lines, csv::Result<StringRecord>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let from = self.reader_byte();
            let mut record = StringRecord::new();
            let read = self.reader.read_record(&mut record);
            let lines = self.lines(from, self.reader_byte());
            match read {
                Ok(false) => return None,
                Ok(true) if record.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(true) => return Some((lines, Ok(record))),
                Err(error) => return Some((lines, Err(error))),
            }
        }
    }
}

fn no_csv(error: &csv::Error) -> String {
    format!("cannot be read as CSV: {error}")
}

/// Line ends in `bytes`: LF, CRLF or a lone CR.
fn line_ends(bytes: &[u8]) -> u64 {
    let mut ends = 0;
    let mut after_cr = false;
    for byte in bytes {
        ends += u64::from(*byte == b'\r' || (*byte == b'\n' && !after_cr));
        after_cr = *byte == b'\r';
    }
    ends
}

/// UTF-8 with or without a byte order mark; what is no UTF-8 is Windows-1252, in which every text can be read.
fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, FileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge { file: file.to_owned(), bytes: bytes.len() });
    }
    if let Some(byte) = bytes.iter().position(|byte| *byte == 0) {
        return Err(FileError::NotText { file: file.to_owned(), byte: byte + 1 });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Ok(match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    })
}

/// Where a heading stands. Twice is refused: which of the two is meant cannot be known.
fn position(file: &str, headings: &[&str], wanted: &str) -> Result<Option<usize>, FileError> {
    let mut places = headings.iter().enumerate().filter(|(_, heading)| heading.eq_ignore_ascii_case(wanted));
    match (places.next(), places.next()) {
        (_, Some(_)) => Err(FileError::DuplicateHeading { file: file.to_owned(), heading: wanted.to_owned() }),
        (first, None) => Ok(first.map(|(position, _)| position)),
    }
}

/// A wrong file's headings, cut to what a sentence can carry.
fn shown(headings: &[&str]) -> Vec<String> {
    let printable = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    let cut = |heading: &&str| heading.chars().take(HEADING_SHOWN_CHARS_MAX).map(printable).collect();
    headings.iter().take(HEADINGS_SHOWN_MAX).map(cut).collect()
}

/// The file's name without its folder, whichever way the slashes lean.
pub fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
