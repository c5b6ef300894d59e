//! Days on which the company is closed.

use chrono::NaiveDate;

/// Most holidays stored, including past ones.
pub const HOLIDAYS_MAX: usize = 400;
/// Longest name of a holiday, in characters.
pub const HOLIDAY_NAME_CHARS_MAX: usize = 80;

/// A day on which the company is closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holiday {
    pub date: NaiveDate,
    pub name: String,
}
