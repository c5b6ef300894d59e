//! Where in a text its table begins: which sign separates the cells, and which row has the headings.
//!
//! Rule of this file: title rows above the headings, a `sep=` line and blanks in headings are how spreadsheets save a
//! table; none of them is an error.

use crate::{
    domain::alike::text_key,
    import::{
        FileError,
        records::{Records, unwrapped},
        table::{self, Column},
        text::Text,
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
    /// The last line of the headings.
    pub line: u64,
    /// Each row is quoted as a whole, as if it were one cell.
    pub is_wrapped: bool,
    pub headings: Vec<String>,
    /// Every column asked for, with its position.
    pub columns: Vec<(Column, Option<usize>)>,
    /// Columns asked for that stand there again, with the second position.
    pub again: Vec<(Column, usize)>,
}

/// Finds the headings that `columns` ask for.
///
/// # Errors
/// [`FileError`] where no row has them: what is missing of the row that has most of them.
pub fn find(file: &str, text: &Text<'_>, columns: &[Column]) -> Result<Shape, FileError> {
    let (given, skipped_bytes) = given_separator(&text.content);
    let separators: Vec<u8> = given.map_or_else(|| SEPARATORS.to_vec(), |separator| vec![separator]);
    let mut best: Option<(usize, Shape)> = None;
    for separator in separators {
        let rows = Records::of(&text.content[skipped_bytes..], separator, text.has_backslashes).take(TITLE_ROWS_MAX);
        for (row, (lines, record)) in rows.enumerate() {
            let Ok(record) = record else { continue };
            let whole = unwrapped(&record, separator);
            let headings: Vec<String> = whole.as_ref().unwrap_or(&record).iter().map(str::to_owned).collect();
            let keys: Vec<String> = headings.iter().map(|heading| text_key(heading)).collect();
            let places = |column: &Column| {
                let wanted = text_key(column.heading);
                keys.iter().enumerate().filter(move |(_, key)| **key == wanted).map(|(place, _)| place)
            };
            let found: Vec<_> = columns.iter().map(|column| (*column, places(column).next())).collect();
            let again = columns.iter().flat_map(|column| places(column).skip(1).map(|place| (*column, place)));
            let shape = Shape {
                separator,
                skipped_bytes,
                rows_above: row + 1,
                line: lines.last,
                is_wrapped: whole.is_some(),
                again: again.collect(),
                columns: found,
                headings,
            };
            let count = |there: bool| {
                shape.columns.iter().filter(|(column, place)| column.required && place.is_some() == there).count()
            };
            let (has, missing) = (count(true), count(false));
            if missing == 0 {
                return Ok(shape);
            }
            if best.as_ref().is_none_or(|(most, _)| has > *most) {
                best = Some((has, shape));
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
