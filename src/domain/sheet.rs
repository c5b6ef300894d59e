//! Cells of files that spreadsheets open: shown as they are, never run.
//!
//! Rule of this file: what [`safe_cell`] writes, [`plain_cell`] reads back, whatever the text was.

/// What makes a spreadsheet run a cell, if it comes first. Source of the list: OWASP, CSV Injection.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that a spreadsheet shows and never runs: what would be a formula is opened with an apostrophe.
///
/// A text that looks as if that had been done to it gets one more, so that reading takes exactly one away.
#[must_use]
pub fn safe_cell(text: &str) -> String {
    if is_formula(text.trim_start_matches('\'')) { format!("'{text}") } else { text.to_owned() }
}

/// The text that [`safe_cell`] was given.
#[must_use]
pub fn plain_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(FORMULA_STARTS)
}
