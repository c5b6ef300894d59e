//! What leaves the store as files for other programs.
//!
//! Rule of this room: a cell never starts a formula; what a spreadsheet would run is opened with an apostrophe.

pub mod audit;

/// A cell that a spreadsheet shows and never runs.
///
/// Source of the list: OWASP, CSV Injection.
pub fn safe_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
