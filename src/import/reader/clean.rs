//! Cells without what spreadsheets and databases put into them.
//!
//! Rule of this file: what is no value is never taken for one. Our own exports hold neither words for nothing nor errors, so
//! only the signs of their cells are cleaned.

use std::borrow::Cow;

use csv::StringRecord;

use crate::domain::{
    alike::{is_blank, is_dash, is_zero_width},
    csv_escape::plain_cell,
};

/// Between what a cell of a workbook shows and its number. Unicode reserves this sign for use inside programs.
pub const NUMBER_MARK: char = '\u{FDD0}';
/// What databases and their tools write for nothing. A name is never `Null`, so its spelling counts.
const NOTHING: [&str; 14] =
    ["NULL", "null", "\\N", "(null)", "(NULL)", "<null>", "<NULL>", "None", "NaN", "NaT", "N/A", "n/a", "NIL", "nil"];
/// Errors of spreadsheets that end neither in `!` nor in `?`, in several languages.
const ERRORS: [&str; 4] = ["#N/A", "#N/D", "#NV", "#GETTING_DATA"];

/// A record without what spreadsheets add to cells: line ends and other blanks are one space each, signs without width
/// are gone, digits of other scripts are ours, and in our own exports the apostrophe before a formula is gone.
pub fn cleaned(record: StringRecord, ours: bool) -> StringRecord {
    // Joiners are part of letters and of emoji.
    let is_hidden = |sign: char| is_zero_width(sign) && !matches!(sign, '\u{200C}' | '\u{200D}');
    let digit = |sign: char| if ours { sign } else { ascii_digit(sign) };
    let is_odd = |sign: char| (is_blank(sign) && sign != ' ') || is_hidden(sign) || digit(sign) != sign;
    let needs = |cell: &str| !cell.trim().is_ascii() || cell.trim().bytes().any(|byte| byte < b' ');
    let needs = |cell: &str| (needs(cell) && cell.contains(is_odd)) || (ours && cell.contains('\''));
    if !record.iter().any(needs) {
        return record;
    }
    let clean = |cell: &str| -> String {
        let cell = if ours { plain_cell(cell) } else { Cow::Borrowed(cell) };
        let mut clean = String::with_capacity(cell.len());
        let mut after_odd = false;
        for sign in cell.trim().chars().filter(|sign| !is_hidden(*sign)).map(digit) {
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

/// Arabic, Persian and full-width digits as the digits that they are; other signs as they are.
fn ascii_digit(sign: char) -> char {
    let zeros = ['\u{660}', '\u{6F0}', '\u{FF10}'];
    let value = zeros.iter().find_map(|zero| u32::from(sign).checked_sub(u32::from(*zero)).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(sign)
}

/// Whether a cell says that it holds nothing: a word for it, or dashes alone.
pub fn is_nothing(cell: &str) -> bool {
    NOTHING.contains(&cell) || cell.chars().all(is_dash)
}

/// Whether a cell holds the error of a formula, as `#N/A`, `#NAME?` or `#BEZUG!`, or the signs of a column too narrow.
pub fn is_error(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix('#') else { return false };
    let word = rest.trim_end_matches(['!', '?']);
    let is_word = |sign: char| sign.is_uppercase() || sign.is_ascii_digit() || matches!(sign, '/' | '_');
    let has_mark = word.len() + 1 == rest.len() && word.starts_with(char::is_uppercase) && word.chars().all(is_word);
    ERRORS.contains(&cell) || has_mark || (rest.len() > 1 && rest.bytes().all(|byte| byte == b'#'))
}
