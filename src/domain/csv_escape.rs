//! Cells of files that spreadsheets open: shown as they are, never run.
//!
//! Rule of this file: what [`safe_cell`] writes, [`plain_cell`] reads back, whatever the text was.

use std::borrow::Cow;

/// What makes a spreadsheet run a cell, if it comes first. Source of the list: OWASP, CSV Injection.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What a spreadsheet may take for the end of a cell, where its cells do not end with commas: in much of Europe they do not,
/// and a quote that stands within such a cell protects nothing.
const CELL_ENDS: [char; 3] = [';', '\n', '\r'];

/// A cell that a spreadsheet shows and never runs: what would be a formula is opened with an apostrophe, at its beginning
/// and wherever a spreadsheet may begin another cell.
///
/// A text that looks as if that had been done to it gets one more, so that reading takes exactly one away.
#[must_use]
pub fn safe_cell(text: &str) -> String {
    let (mut cell, mut begins) = (String::with_capacity(text.len() + 1), true);
    for (at, c) in text.char_indices() {
        if begins && is_formula(text[at..].trim_start_matches('\'')) {
            cell.push('\'');
        }
        cell.push(c);
        begins = CELL_ENDS.contains(&c);
    }
    cell
}

/// The text that [`safe_cell`] was given.
#[must_use]
pub fn plain_cell(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\'') {
        return Cow::Borrowed(cell);
    }
    let (mut text, mut begins) = (String::with_capacity(cell.len()), true);
    for (at, c) in cell.char_indices() {
        let is_ours = begins && c == '\'' && is_formula(cell[at..].trim_start_matches('\''));
        begins = CELL_ENDS.contains(&c);
        if !is_ours {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

fn is_formula(text: &str) -> bool {
    text.starts_with(FORMULA_STARTS)
}
