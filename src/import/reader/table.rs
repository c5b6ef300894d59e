//! A file with a line of headings, row by row.
//!
//! Rule of this file: a cell is found by its heading, never by its position, and a row knows the line where it stands.

use std::sync::OnceLock;

use csv::StringRecord;

pub use crate::import::row::Row;
use crate::{
    domain::alike::plain_value,
    import::{
        FileError, Note, Place, Rejected, cells,
        clean::cleaned,
        date_order::Order,
        json_lines,
        records::{Lines, Records, unwrapped},
        shape::{self, Shape},
        text::{self, Text},
        workbook,
    },
};

/// Most headings of a wrong file that an error repeats, in headings.
const HEADINGS_SHOWN_MAX: usize = 20;
/// Longest piece of a heading that an error repeats, in characters.
const HEADING_SHOWN_CHARS_MAX: usize = 40;
/// What is told of a file whose letters were repaired.
const WRONG_LETTERS: &str = "the letters look wrongly saved, as â€“ for a dash or Ã© for é: they were read as they were meant from \
                             this line on; save the original as UTF-8";

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
    pub(super) file: String,
    pub(super) text: Text<'a>,
    pub(super) shape: Shape,
    pub(super) written_by: WrittenBy,
    /// What the dates of each column say about their order, once that is asked.
    orders: OnceLock<Vec<Order>>,
}

/// The tables of a file.
#[derive(Debug)]
pub struct Tables<'a> {
    /// Each with the index of the columns that it has, among those asked for.
    pub tables: Vec<(usize, Table<'a>)>,
    /// Which sheets of a workbook were not read, and why.
    pub notes: Vec<Note>,
}

/// The decoded texts of a file: its own, or those of the sheets that a workbook shows.
#[derive(Debug)]
pub struct Texts<'a>(Vec<Text<'a>>);

impl<'a> Texts<'a> {
    /// None of a file that cannot be read.
    pub fn of(file: &str, bytes: &'a [u8]) -> Self {
        let file = base_name(file);
        let texts = if workbook::is_one(bytes) {
            workbook::sheets(file, bytes).map(|sheets| sheets.into_iter().filter_map(|sheet| sheet.text).collect())
        } else {
            text::decode(file, bytes).map(|text| vec![text])
        };
        Self(texts.unwrap_or_default())
    }

    /// Whether a table in it has the columns.
    pub fn have(&self, columns: &[Column]) -> bool {
        self.0.iter().any(|text| shape::find("", text, columns).is_ok())
    }

    /// Same for an export of ours, which may be JSON lines.
    pub fn have_ours(&self, columns: &[Column]) -> bool {
        let is_json = |text: &Text<'_>| json_lines::is_json(&text.content);
        self.have(columns) || self.0.iter().any(|text| is_json(text) && json_shape("", text, columns).is_ok())
    }
}

/// Who wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenBy {
    /// Another program: CSV, whose cells are what they are.
    Others,
    /// `tandem export`, as CSV: what would be a formula has an apostrophe in front.
    OursAsCsv,
    /// `tandem export`, as JSON lines.
    OursAsJson,
}

/// What a reader does not get of a table.
#[derive(Debug)]
pub enum Left<'t> {
    /// A row that cannot be read; with its cells, if only their number is wrong.
    Rejected(Rejected, Option<Row<'t>>),
    /// A row that is no data, with its cells: a row of totals. Without them, one that stands there before.
    Skipped(Note, Option<Row<'t>>),
}

impl From<Rejected> for Left<'_> {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected, None)
    }
}

impl<'a> Table<'a> {
    /// Decodes `bytes` and finds the columns: in the first sheet that has them, if it is a workbook.
    pub fn open(file: &str, bytes: &'a [u8], columns: &[Column]) -> Result<Self, FileError> {
        let first = Self::all(file, bytes, &[columns], WrittenBy::Others)?.tables.into_iter().next();
        first.map(|(_, table)| table).ok_or_else(|| FileError::Empty { file: base_name(file).to_owned() })
    }

    /// The table of a file, or those of all sheets that a workbook shows. Each has the columns of one of several sets, the
    /// first that fits. A file of ours may also be JSON lines.
    ///
    /// # Errors
    /// [`FileError`] where the file has none of them: what the first set misses.
    pub fn all(
        file: &str,
        bytes: &'a [u8],
        sets: &[&[Column]],
        written_by: WrittenBy,
    ) -> Result<Tables<'a>, FileError> {
        let file = base_name(file);
        if workbook::is_one(bytes) {
            return Self::of_workbook(file, bytes, sets, written_by);
        }
        let (text, repaired) = match written_by {
            WrittenBy::Others => text::repaired(text::decode(file, bytes)?),
            WrittenBy::OursAsCsv | WrittenBy::OursAsJson => (text::decode(file, bytes)?, None),
        };
        let wrong_letters =
            |line| Note { place: Place { file: file.to_owned(), line }, message: WRONG_LETTERS.to_owned() };
        let notes = repaired.map(wrong_letters).into_iter().collect();
        let found = if written_by == WrittenBy::OursAsCsv && json_lines::is_json(&text.content) {
            let shape = first_fit(sets, |columns| json_shape(file, &text, columns));
            shape.map(|(index, shape)| (index, shape, WrittenBy::OursAsJson))
        } else {
            let shape = first_fit(sets, |columns| shape::find(file, &text, columns));
            shape.map(|(index, shape)| (index, shape, written_by))
        };
        let (index, shape, written_by) = found?;
        Ok(Tables { tables: vec![(index, Self::of(file.to_owned(), text, shape, written_by))], notes })
    }

    fn of(file: String, text: Text<'a>, shape: Shape, written_by: WrittenBy) -> Self {
        Self { file, text, shape, written_by, orders: OnceLock::new() }
    }

    fn of_workbook(
        file: &str,
        bytes: &[u8],
        sets: &[&[Column]],
        written_by: WrittenBy,
    ) -> Result<Tables<'a>, FileError> {
        let (mut fitting, mut hidden, mut left, mut wrong) = (Vec::new(), Vec::new(), Vec::new(), None);
        for sheet in workbook::sheets(file, bytes)? {
            let Some(text) = sheet.text else {
                left.push((sheet.name.clone(), "is hidden"));
                hidden.push(sheet.name);
                continue;
            };
            match first_fit(sets, |columns| shape::find(file, &text, columns)) {
                Ok((index, shape)) => fitting.push((index, sheet.name, text, shape)),
                Err(FileError::Empty { .. }) => {}
                Err(error) => {
                    wrong = wrong.or(Some(error));
                    left.push((sheet.name, "lacks the columns"));
                }
            }
        }
        if fitting.is_empty() {
            let file = file.to_owned();
            let empty = || {
                if hidden.is_empty() {
                    FileError::Empty { file }
                } else {
                    FileError::HiddenSheets { file, sheets: hidden }
                }
            };
            return Err(wrong.unwrap_or_else(empty));
        }
        let several = fitting.len() > 1;
        let table = |(index, name, text, shape): (usize, String, _, _)| {
            let file = if several { format!("{file}, sheet {}", cells::quote(&name)) } else { file.to_owned() };
            (index, Self::of(file, text, shape, written_by))
        };
        let note = |(name, why): (String, &str)| Note {
            place: Place { file: file.to_owned(), line: 0 },
            message: format!("the sheet {} {why}, so it was not read", cells::quote(&name)),
        };
        Ok(Tables { tables: fitting.into_iter().map(table).collect(), notes: left.into_iter().map(note).collect() })
    }

    #[must_use]
    pub fn has(&self, heading: &str) -> bool {
        self.position(heading).is_some()
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
        headings.map(|(place, heading)| (heading.trim(), row.shown(place)))
    }

    /// The rows below the headings, blank ones left out. A row of the wrong length comes as its rejection.
    pub fn rows(&self) -> Box<dyn Iterator<Item = Result<Row<'_>, Left<'_>>> + '_> {
        let text = &self.text.content[self.shape.skipped_bytes..];
        if self.written_by == WrittenBy::OursAsJson {
            let headings: Vec<_> = self.shape.columns.iter().map(|(column, _)| column.heading).collect();
            let row = move |(line, record)| self.row(Lines { first: line, last: line }, record);
            return Box::new(json_lines::records(text, headings).map(row));
        }
        Box::new(self.records().map(|(lines, record)| self.row(lines, record)))
    }

    /// The cleaned records below the headings.
    fn records(&self) -> impl Iterator<Item = (Lines, Result<StringRecord, String>)> {
        let (text, shape) = (&self.text.content[self.shape.skipped_bytes..], &self.shape);
        let ours = self.written_by == WrittenBy::OursAsCsv;
        let below = Records::of(text, shape.separator, self.text.has_backslashes).skip(shape.rows_above);
        below.map(move |(lines, record)| {
            let whole = |record: StringRecord| match shape.is_wrapped.then(|| unwrapped(&record, shape.separator)) {
                Some(Some(inner)) => inner,
                _ => record,
            };
            let record = record.map(|record| cleaned(whole(record), ours));
            (lines, record.map_err(|error| format!("cannot be read as CSV: {error}")))
        })
    }

    /// Whether a date may have been meant with day and month the other way round, as other dates of its column are.
    pub(super) fn is_doubtful_date(&self, column: usize, text: &str) -> bool {
        let orders = self.orders.get_or_init(|| {
            let mut orders = vec![Order::default(); self.shape.columns.len()];
            for (_, record) in self.records() {
                let Ok(record) = record else { continue };
                for (order, (_, position)) in orders.iter_mut().zip(&self.shape.columns) {
                    order.add(plain_value(position.and_then(|position| record.get(position)).unwrap_or_default()));
                }
            }
            orders
        });
        orders.get(column).is_some_and(|order| order.is_doubtful(text, orders))
    }

    fn row(&self, lines: Lines, record: Result<StringRecord, String>) -> Result<Row<'_>, Left<'_>> {
        let place = Place { file: self.file.clone(), line: lines.first };
        let record = match record {
            Ok(record) => record,
            Err(reason) => return Err(Rejected { place, column: None, reason }.into()),
        };
        let row = Row::of(self, record, lines);
        let no_data = if self.written_by == WrittenBy::OursAsJson {
            None
        } else if row.is_totals() {
            Some("is a row of totals, so it was skipped")
        } else if row.is_footer() {
            Some("is a footer, so it was skipped")
        } else if row.repeats_headings() {
            Some("repeats the headings, so it was skipped")
        } else {
            None
        };
        if let Some(message) = no_data {
            return Err(Left::Skipped(Note { place, message: message.to_owned() }, Some(row)));
        }
        let width = self.shape.headings.len();
        let cells = row.width();
        if row.is_too_wide() {
            let filled = row.filled();
            let reason = format!(
                "has {filled} cells; at most {width} are allowed, one for each heading. A text with commas needs quotes"
            );
            return Err(Left::Rejected(row.reject(None, reason), Some(row)));
        }
        let beyond = |(column, position): &&(Column, Option<usize>)| {
            column.required && position.is_some_and(|position| position >= cells)
        };
        match self.shape.columns.iter().find(beyond) {
            Some((column, _)) => {
                let reason = format!("is missing: the row ends after {cells} of {width} cells");
                Err(Left::Rejected(row.reject(Some(column.heading), reason), Some(row)))
            }
            None => match row.wrong_cell() {
                Some((column, reason)) => Err(Left::Rejected(row.reject(Some(column.heading), reason), Some(row))),
                None => Ok(row),
            },
        }
    }

    pub(super) fn position(&self, heading: &str) -> Option<usize> {
        self.shape.columns.iter().find(|(column, _)| column.heading == heading)?.1
    }
}

/// The first set of columns that fits, with its index; otherwise why the first does not.
fn first_fit(
    sets: &[&[Column]],
    find: impl Fn(&[Column]) -> Result<Shape, FileError>,
) -> Result<(usize, Shape), FileError> {
    let mut wrong = None;
    for (index, columns) in sets.iter().enumerate() {
        match find(columns) {
            Ok(shape) => return Ok((index, shape)),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    Err(wrong.unwrap_or(FileError::OldTables))
}

/// JSON lines as a table whose headings are the columns.
fn json_shape(file: &str, text: &Text<'_>, columns: &[Column]) -> Result<Shape, FileError> {
    let names = json_lines::names(&text.content);
    let wanted = columns.iter().filter(|column| column.required);
    let missing: Vec<_> = wanted.map(|column| column.heading.to_owned()).filter(|one| !names.contains(one)).collect();
    if !missing.is_empty() {
        return Err(FileError::MissingHeadings { file: file.to_owned(), missing, found: shown(&names) });
    }
    Ok(Shape {
        separator: b',',
        skipped_bytes: 0,
        rows_above: 0,
        line: 0,
        is_wrapped: false,
        again: Vec::new(),
        headings: columns.iter().map(|column| column.heading.to_owned()).collect(),
        columns: columns.iter().enumerate().map(|(place, column)| (*column, Some(place))).collect(),
    })
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
