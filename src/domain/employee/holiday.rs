//! Days on which the company is closed.

use chrono::NaiveDate;

/// Most holidays kept, past ones included.
pub const HOLIDAYS_MAX: usize = 400;
/// Longest name of a holiday, in characters.
pub const HOLIDAY_NAME_CHARS_MAX: usize = 80;

/// A day on which nobody works.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holiday {
    pub date: NaiveDate,
    pub name: String,
}
