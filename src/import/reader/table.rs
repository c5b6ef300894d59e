//! A file with a line of headings, row by row.
//!
//! Rule of this file: a cell is found by its heading, never by its position, and a row knows the line where it stands.

use std::borrow::Cow;

use csv::StringRecord;

use crate::{
    domain::{
        alike::{is_blank, is_zero_width},
        csv_escape::plain_cell,
    },
    import::{
        FileError, Note, Place, Rejected, json_lines,
        records::{Lines, Records},
        shape::{self, Shape},
        text::{self, Text},
        workbook,
    },
};

/// Most headings of a wrong file that an error repeats, in headings.
const HEADINGS_SHOWN_MAX: usize = 20;
/// Longest piece of a heading that an error repeats, in characters.
const HEADING_SHOWN_CHARS_MAX: usize = 40;
/// How the first cell of a row of totals begins.
const TOTALS: [&str; 5] = ["total", "totals", "grand", "subtotal", "sum"];

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
    text: Text<'a>,
    shape: Shape,
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

/// What a reader does not get of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// A row that cannot be read.
    Rejected(Rejected),
    /// A row that is no data: a row of totals.
    Skipped(Note),
}

impl From<Rejected> for Left {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl<'a> Table<'a> {
    /// Decodes `bytes` and finds the columns.
    ///
    /// # Errors
    /// [`FileError`] where the file is no such table.
    pub fn open(file: &str, bytes: &'a [u8], columns: &[Column]) -> Result<Self, FileError> {
        Self::read(file, bytes, columns, WrittenBy::Others)
    }

    /// As [`Table::open`], for a file that `tandem export` wrote: CSV or JSON lines, or CSV that a spreadsheet saved.
    ///
    /// # Errors
    /// [`FileError`] where the file is no such table.
    pub fn open_ours(file: &str, bytes: &'a [u8], columns: &[Column]) -> Result<Self, FileError> {
        Self::read(file, bytes, columns, WrittenBy::OursAsCsv)
    }

    /// As [`Table::open`], with the first of several sets of columns that the file has, and the index of that set.
    ///
    /// # Errors
    /// [`FileError`] where the file has none of them: what the last set misses.
    pub fn open_any(file: &str, bytes: &'a [u8], sets: &[&[Column]]) -> Result<(usize, Self), FileError> {
        let file = base_name(file).to_owned();
        let sheets = if workbook::is_one(bytes) {
            let sheets = workbook::sheets(&file, bytes)?.into_iter();
            sheets.map(|sheet| Text { text: Cow::Owned(sheet), doubtful: Vec::new() }).collect()
        } else {
            vec![text::decode(&file, bytes)?]
        };
        let mut wrong = FileError::Empty { file: file.clone() };
        for text in sheets {
            for (index, columns) in sets.iter().enumerate() {
                match shape::find(&file, &text.text, columns) {
                    Ok(shape) => return Ok((index, Self { file, text, shape, written_by: WrittenBy::Others })),
                    Err(error) => wrong = error,
                }
            }
        }
        Err(wrong)
    }

    fn read(file: &str, bytes: &'a [u8], columns: &[Column], written_by: WrittenBy) -> Result<Self, FileError> {
        let file = base_name(file).to_owned();
        if workbook::is_one(bytes) {
            return Self::of_workbook(file, bytes, columns, written_by);
        }
        let text = text::decode(&file, bytes)?;
        if written_by == WrittenBy::OursAsCsv && json_lines::is_json(&text.text) {
            return Self::of_json(file, text, columns);
        }
        let shape = shape::find(&file, &text.text, columns)?;
        Ok(Self { file, text, shape, written_by })
    }

    /// The first sheet that has the headings.
    fn of_workbook(file: String, bytes: &[u8], columns: &[Column], written_by: WrittenBy) -> Result<Self, FileError> {
        let mut wrong = None;
        for sheet in workbook::sheets(&file, bytes)? {
            match shape::find(&file, &sheet, columns) {
                Ok(shape) => {
                    let text = Text { text: Cow::Owned(sheet), doubtful: Vec::new() };
                    return Ok(Self { file, text, shape, written_by });
                }
                Err(error @ FileError::MissingHeadings { .. }) => wrong = wrong.or(Some(error)),
                Err(FileError::Empty { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(wrong.unwrap_or(FileError::Empty { file }))
    }

    fn of_json(file: String, text: Text<'a>, columns: &[Column]) -> Result<Self, FileError> {
        let names = json_lines::names(&text.text);
        let wanted = columns.iter().filter(|column| column.required);
        let missing: Vec<_> =
            wanted.map(|column| column.heading.to_owned()).filter(|one| !names.contains(one)).collect();
        if !missing.is_empty() {
            return Err(FileError::MissingHeadings { file, missing, found: shown(&names) });
        }
        let shape = Shape {
            separator: b',',
            skipped_bytes: 0,
            rows_above: 0,
            headings: columns.iter().map(|column| column.heading.to_owned()).collect(),
            columns: columns.iter().enumerate().map(|(place, column)| (*column, Some(place))).collect(),
        };
        Ok(Self { file, text, shape, written_by: WrittenBy::OursAsJson })
    }

    #[must_use]
    pub fn has(&self, heading: &str) -> bool {
        self.position(heading).is_some()
    }

    /// The error for columns that only this reader can tell are missing.
    #[must_use]
    pub fn lacks(&self, missing: &[&str]) -> FileError {
        FileError::MissingHeadings {
            file: self.file.clone(),
            missing: missing.iter().map(|&heading| heading.to_owned()).collect(),
            found: shown(&self.shape.headings),
        }
    }

    /// The file as a whole.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { file: self.file.clone(), line: 0 }
    }

    /// The cells of a row that no column was asked for, trimmed, with their headings.
    pub fn unread<'t, 'r>(&'t self, row: &'r Row<'_>) -> impl Iterator<Item = (&'t str, &'r str)> {
        let is_asked = |place: usize| self.shape.columns.iter().any(|(_, position)| *position == Some(place));
        let headings = self.shape.headings.iter().enumerate().filter(move |(place, _)| !is_asked(*place));
        headings.map(|(place, heading)| (heading.trim(), row.record.get(place).map_or("", str::trim)))
    }

    /// The rows below the headings, blank ones left out. A row of the wrong length comes as its rejection.
    pub fn rows(&self) -> Box<dyn Iterator<Item = Result<Row<'_>, Left>> + '_> {
        let text = &self.text.text[self.shape.skipped_bytes..];
        if self.written_by == WrittenBy::OursAsJson {
            let headings: Vec<_> = self.shape.columns.iter().map(|(column, _)| column.heading).collect();
            let row = move |(line, record)| self.row(Lines { first: line, last: line }, record);
            return Box::new(json_lines::records(text, headings).map(row));
        }
        let ours = self.written_by == WrittenBy::OursAsCsv;
        let below = Records::of(text, self.shape.separator).skip(self.shape.rows_above);
        Box::new(below.map(move |(lines, record)| {
            let record = record.map(|record| cleaned(record, ours));
            self.row(lines, record.map_err(|error| format!("cannot be read as CSV: {error}")))
        }))
    }

    fn row(&self, lines: Lines, record: Result<StringRecord, String>) -> Result<Row<'_>, Left> {
        let place = Place { file: self.file.clone(), line: lines.first };
        let record = match record {
            Ok(record) => record,
            Err(reason) => return Err(Rejected { place, column: None, reason }.into()),
        };
        let row = Row { table: self, record, lines };
        if self.written_by != WrittenBy::OursAsJson && row.is_totals() {
            let message = "is a row of totals, so it was skipped".to_owned();
            return Err(Left::Skipped(Note { place, message }));
        }
        let width = self.shape.headings.len();
        let cells = row.record.len();
        let filled = (0..cells).rev().find(|cell| !row.record[*cell].trim().is_empty()).map_or(0, |last| last + 1);
        if filled > width {
            let reason = format!(
                "has {filled} cells; at most {width} are allowed, one for each heading. A text with commas needs quotes"
            );
            return Err(row.reject(None, reason).into());
        }
        let beyond = |(column, position): &&(Column, Option<usize>)| {
            column.required && position.is_some_and(|position| position >= cells)
        };
        match self.shape.columns.iter().find(beyond) {
            Some((column, _)) => {
                let reason = format!("is missing: the row ends after {cells} of {width} cells");
                Err(row.reject(Some(column.heading), reason).into())
            }
            None => Ok(row),
        }
    }

    fn position(&self, heading: &str) -> Option<usize> {
        self.shape.columns.iter().find(|(column, _)| column.heading == heading)?.1
    }
}

/// A record without what spreadsheets add to cells: line ends and other blanks are one space each, signs without width
/// are gone, and in our own exports the apostrophe before a formula.
fn cleaned(record: StringRecord, ours: bool) -> StringRecord {
    // Joiners are part of letters and of emoji.
    let is_hidden = |sign: char| is_zero_width(sign) && !matches!(sign, '\u{200C}' | '\u{200D}');
    let is_odd = |sign: char| (is_blank(sign) && sign != ' ') || is_hidden(sign);
    let needs = |cell: &str| !cell.trim().is_ascii() || cell.trim().bytes().any(|byte| byte < b' ');
    let needs = |cell: &str| (needs(cell) && cell.contains(is_odd)) || (ours && cell.contains('\''));
    if !record.iter().any(needs) {
        return record;
    }
    let clean = |cell: &str| -> String {
        let cell = if ours { plain_cell(cell) } else { Cow::Borrowed(cell) };
        let mut clean = String::with_capacity(cell.len());
        let mut after_odd = false;
        for sign in cell.trim().chars().filter(|sign| !is_hidden(*sign)) {
            let odd = is_blank(sign) && sign != ' ';
            if !odd {
                if !(after_odd && sign == ' ') {
                    clean.push(sign);
                }
            } else if !clean.ends_with(' ') {
                clean.push(' ');
            }
            after_odd = odd || (after_odd && sign == ' ');
        }
        clean
    };
    record.iter().map(clean).collect()
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

    /// What to tell of a row whose letters had to be guessed.
    #[must_use]
    pub fn doubt(&self) -> Option<Note> {
        let doubtful = &self.table.text.doubtful;
        let first = doubtful.partition_point(|line| *line < self.lines.first);
        let is_in = doubtful.get(first).is_some_and(|line| *line <= self.lines.last);
        let message = "is no UTF-8 although the rest of the file is; it was read as Windows-1252: look at its letters";
        is_in.then(|| Note { place: self.place(), message: message.to_owned() })
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

    /// Whether a row holds totals: its first filled cell says so, and most cells that every row needs are empty.
    fn is_totals(&self) -> bool {
        let first = self.record.iter().map(str::trim).find(|cell| !cell.is_empty()).unwrap_or_default();
        let word = first.split(|sign: char| !sign.is_alphabetic()).next().unwrap_or_default();
        if !TOTALS.iter().any(|totals| totals.eq_ignore_ascii_case(word)) {
            return false;
        }
        let required = self.table.shape.columns.iter().filter(|(column, _)| column.required);
        let (empty, all) = required.fold((0, 0), |(empty, all), (column, _)| {
            (empty + usize::from(self.get(column.heading).is_empty()), all + 1)
        });
        empty * 2 > all
    }
}

/// Headings as people read them in a sentence: `"A", "B"`.
#[must_use]
pub fn quoted(headings: &[String]) -> String {
    let quoted: Vec<_> = headings.iter().map(|heading| format!("\"{heading}\"")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

/// A wrong file's headings, cut to what a sentence can carry.
pub fn shown(headings: &[String]) -> Vec<String> {
    let printable = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    let cut = |heading: &String| heading.trim().chars().take(HEADING_SHOWN_CHARS_MAX).map(printable).collect();
    headings.iter().take(HEADINGS_SHOWN_MAX).map(cut).collect()
}

/// The file's name without its folder, whichever way the slashes lean.
pub fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
