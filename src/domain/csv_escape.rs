//! Escapes cells of CSV files, so that spreadsheets show them and never run them as formulas.
//!
//! Invariant: [`plain_cell`] reverses [`safe_cell`] for any text.

use std::borrow::Cow;

/// First characters that make a spreadsheet run a cell. Source of the list: OWASP, CSV Injection.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Characters that a spreadsheet may take for the end of a cell if its separator is not a comma, as in much of
/// Europe; a quote inside such a cell protects nothing.
const CELL_ENDS: [char; 3] = [';', '\n', '\r'];

/// Escapes a cell: a formula gets an apostrophe, at the beginning and wherever a spreadsheet may begin another cell.
///
/// A text that looks escaped gets one more apostrophe, so that reading removes exactly one.
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

/// Reverses [`safe_cell`].
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
