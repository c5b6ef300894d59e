//! Single cells, read the same way by every reader.
//!
//! Rule of this file: whatever is wrong with a cell becomes a rejection of its row that says what is allowed.

use std::{fmt::Display, str::FromStr};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::{
    domain::{
        calendar::{self, YEAR_MAX, YEAR_MIN},
        event::{MINUTES_MAX, NAME_CHARS_MAX},
    },
    import::{Rejected, table::Row},
};

/// Longest piece of a wrong cell that a reason repeats, in characters.
const QUOTE_CHARS_MAX: usize = 40;
/// Minutes of an hour, for sources that count in hours.
const HOUR_MINUTES: f64 = 60.0;

pub type Cell<T> = Result<T, Rejected>;

/// The start of a wrong cell, in quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let start: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    if start.len() < text.len() { format!("\"{start}…\"") } else { format!("\"{start}\"") }
}

/// The facts whose cells are empty, or whose columns are not there.
pub fn open<F: Copy>(row: &Row<'_>, facts: &[(&str, F)]) -> Vec<F> {
    facts.iter().filter(|(heading, _)| row.get(heading).is_empty()).map(|(_, fact)| *fact).collect()
}

/// A cell that may not be empty.
pub fn filled<'r>(row: &'r Row<'_>, heading: &str) -> Cell<&'r str> {
    let text = row.get(heading);
    if text.is_empty() { Err(row.reject(Some(heading), "is empty; every row needs it")) } else { Ok(text) }
}

/// Anything that reads itself and explains why it cannot: ids.
pub fn parsed<T>(row: &Row<'_>, heading: &str) -> Cell<T>
where
    T: FromStr<Err: Display>,
{
    filled(row, heading)?.parse().map_err(|error: T::Err| row.reject(Some(heading), error.to_string()))
}

/// A text that may be empty: of bounded length and without control characters, otherwise kept as it is.
pub fn text(row: &Row<'_>, heading: &str) -> Cell<String> {
    let text = row.get(heading);
    let length = text.chars().count();
    if length > NAME_CHARS_MAX {
        let reason = format!("has {length} characters; at most {NAME_CHARS_MAX} are allowed");
        return Err(row.reject(Some(heading), reason));
    }
    match text.chars().find(|c| c.is_control()) {
        Some(control) => {
            let reason = format!(
                "holds the control character U+{:04X}; letters, digits, signs and spaces are allowed",
                u32::from(control)
            );
            Err(row.reject(Some(heading), reason))
        }
        None => Ok(text.to_owned()),
    }
}

/// A text that may not be empty.
pub fn name(row: &Row<'_>, heading: &str) -> Cell<String> {
    filled(row, heading)?;
    text(row, heading)
}

/// A person's name: spaces that only align columns are collapsed.
pub fn person(row: &Row<'_>, heading: &str) -> Cell<String> {
    Ok(name(row, heading)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whole minutes; None where the cell is empty.
pub fn minutes(row: &Row<'_>, heading: &str) -> Cell<Option<u32>> {
    let text = row.get(heading);
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(minutes) if (1..=MINUTES_MAX).contains(&minutes) => Ok(Some(minutes)),
        _ => {
            let reason = format!("{} is not a whole number of minutes from 1 to {MINUTES_MAX}", quote(text));
            Err(row.reject(Some(heading), reason))
        }
    }
}

/// Decimal hours as whole minutes, rounded: 0.08 h is 5. None where the cell is empty.
pub fn hours(row: &Row<'_>, heading: &str) -> Cell<Option<u32>> {
    let text = row.get(heading);
    if text.is_empty() {
        return Ok(None);
    }
    let minutes = text.parse::<f64>().ok().map(|hours| (hours * HOUR_MINUTES).round());
    if let Some(minutes) = minutes.filter(|minutes| (1.0..=f64::from(MINUTES_MAX)).contains(minutes)) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and within 1 to 1440")]
        return Ok(Some(minutes as u32));
    }
    let hours_max = MINUTES_MAX / 60;
    let reason = format!("{} is not a number of hours: write 0.02 to {hours_max}, for example 6.5", quote(text));
    Err(row.reject(Some(heading), reason))
}

/// The yes or no that a text means.
#[must_use]
pub fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" => Some(true),
        "false" | "f" | "0" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// A date, or a date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
}

/// `MM/DD/YYYY h:mm:ss AM`, as the retailer writes it; None where the cell is empty.
pub fn american_moment(row: &Row<'_>, heading: &str) -> Cell<Option<NaiveDateTime>> {
    let text = row.get(heading);
    if text.is_empty() {
        return Ok(None);
    }
    let read = NaiveDateTime::parse_from_str(text, "%m/%d/%Y %I:%M:%S %p").ok().and_then(within);
    read.map(Some).ok_or_else(|| {
        let reason = format!(
            "{} is not a date and time: write MM/DD/YYYY h:mm:ss AM or PM, between {YEAR_MIN} and {YEAR_MAX}, \
             for example 09/23/2025 9:15:00 AM",
            quote(text)
        );
        row.reject(Some(heading), reason)
    })
}

/// `YYYY-MM-DD`, or with a time of day; None where the cell is empty.
pub fn when(row: &Row<'_>, heading: &str) -> Cell<Option<When>> {
    let text = row.get(heading);
    if text.is_empty() {
        return Ok(None);
    }
    read_when(text).map(Some).ok_or_else(|| {
        let reason = format!(
            "{} is not a date: write YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, between {YEAR_MIN} and {YEAR_MAX}, \
             for example 2025-10-15 10:00:00",
            quote(text)
        );
        row.reject(Some(heading), reason)
    })
}

/// What [`when`] reads, for cells that may be wrong without harm.
#[must_use]
pub fn read_when(text: &str) -> Option<When> {
    if let Ok(date) = calendar::parse_date(text) {
        return Some(When { date, time: None });
    }
    let moment = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .and_then(within)?;
    Some(When { date: moment.date(), time: Some(moment.time()) })
}

/// The whole minute, where it lies in the calendar's years.
fn within(moment: NaiveDateTime) -> Option<NaiveDateTime> {
    moment.with_second(0)?.with_nanosecond(0).filter(|moment| calendar::is_within(moment.date()))
}
