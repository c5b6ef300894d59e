//! Where in a text its table begins: which sign separates the cells, and which row has the headings.
//!
//! Rule of this file: title rows above the headings, a `sep=` line and blanks in headings are how spreadsheets save a
//! table; none of them is an error.

use crate::{
    domain::alike::text_key,
    import::{
        FileError,
        records::Records,
        table::{self, Column},
    },
};

/// Most rows that may stand above the headings, in rows.
const TITLE_ROWS_MAX: usize = 30;
/// Signs that separate cells, likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a text is to be read.
#[derive(Debug)]
pub struct Shape {
    pub separator: u8,
    /// Bytes before the first row: a `sep=` line.
    pub skipped_bytes: usize,
    /// Rows up to and with the headings.
    pub rows_above: usize,
    pub headings: Vec<String>,
    /// Every column asked for, with its position.
    pub columns: Vec<(Column, Option<usize>)>,
}

/// Finds the headings that `columns` ask for.
///
/// # Errors
/// [`FileError`] where no row has them: what is missing of the row that has most of them.
pub fn find(file: &str, text: &str, columns: &[Column]) -> Result<Shape, FileError> {
    let (given, skipped_bytes) = given_separator(text);
    let separators: Vec<u8> = given.map_or_else(|| SEPARATORS.to_vec(), |separator| vec![separator]);
    let mut best: Option<(usize, Shape)> = None;
    for separator in separators {
        let rows = Records::of(&text[skipped_bytes..], separator).take(TITLE_ROWS_MAX);
        for (row, record) in rows.enumerate().filter_map(|(row, (_, record))| Some((row, record.ok()?))) {
            let headings: Vec<String> = record.iter().map(str::to_owned).collect();
            let (shape, twice) = shape(separator, skipped_bytes, row, headings, columns);
            let found = shape.columns.iter().filter(|(column, place)| column.required && place.is_some()).count();
            if shape.columns.iter().all(|(column, place)| !column.required || place.is_some()) {
                return match twice {
                    Some(heading) => Err(FileError::DuplicateHeading { file: file.to_owned(), heading }),
                    None => Ok(shape),
                };
            }
            if best.as_ref().is_none_or(|(most, _)| found > *most) {
                best = Some((found, shape));
            }
        }
    }
    let Some((_, shape)) = best else { return Err(FileError::Empty { file: file.to_owned() }) };
    let missing = shape.columns.iter().filter(|(column, place)| column.required && place.is_none());
    Err(FileError::MissingHeadings {
        file: file.to_owned(),
        missing: missing.map(|(column, _)| column.heading.to_owned()).collect(),
        found: table::shown(&shape.headings),
    })
}

/// What a `sep=;` line at the start of a text says, and how long it is in bytes.
fn given_separator(text: &str) -> (Option<u8>, usize) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let bare = line.trim_matches(['"', ' ']);
    let separator = match bare.get(..4) {
        Some(start) if start.eq_ignore_ascii_case("sep=") => match bare.as_bytes() {
            [_, _, _, _] if line.ends_with('\t') => Some(b'\t'),
            [_, _, _, _, sign] if sign.is_ascii() => Some(*sign),
            _ => None,
        },
        _ => None,
    };
    (separator, if separator.is_some() { line.len() } else { 0 })
}

/// A row taken as headings, and the column that stands in it twice.
fn shape(
    separator: u8,
    skipped_bytes: usize,
    row: usize,
    headings: Vec<String>,
    columns: &[Column],
) -> (Shape, Option<String>) {
    let keys: Vec<String> = headings.iter().map(|heading| text_key(heading)).collect();
    let (mut found, mut twice) = (Vec::with_capacity(columns.len()), None);
    for column in columns {
        let wanted = text_key(column.heading);
        let mut places = keys.iter().enumerate().filter(|(_, key)| **key == wanted);
        let place = places.next().map(|(place, _)| place);
        if places.next().is_some() {
            twice = Some(column.heading.to_owned());
        }
        found.push((*column, place));
    }
    (Shape { separator, skipped_bytes, rows_above: row + 1, headings, columns: found }, twice)
}
