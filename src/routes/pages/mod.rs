//! The pages, a folder per feature: handlers, forms, responses.

pub mod accounts;
pub mod activity;
pub mod api_reference;
pub mod auto_schedule;
pub mod bulk;
pub mod calendar;
pub mod changes;
pub mod employees;
pub mod feeds;
pub mod help;
pub mod import;
pub mod integrity;
pub mod live;
pub mod look_alikes;
pub mod reports;
pub mod search;
pub mod settings;
pub mod unscheduled;
pub mod unsent;

use std::fmt::Display;

use chrono::NaiveDate;

use crate::domain::{calendar::parse_date, format};

/// An error as a sentence: "A name has 1 to 60 letters, …."
fn sentence(error: &impl Display) -> String {
    format!("{}.", format::capitalized(&error.to_string()))
}

/// A date as typed. `missing` is the error of a blank field.
fn typed_date(text: &str, missing: &str) -> Result<NaiveDate, String> {
    match text.trim() {
        "" => Err(missing.to_owned()),
        text => parse_date(text).map_err(|error| format!("{error}.")),
    }
}

/// A text of one line, with single spaces: "A note has at most 200 characters; this has 201."
fn typed_line(text: &str, what: &str, chars_max: usize) -> Result<String, String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() {
        length if length > chars_max => Err(format!("A {what} has at most {chars_max} characters; this has {length}.")),
        _ => Ok(line),
    }
}
