//! Sentences for the person at the terminal. A reader that went away (`tandem check | head`) is no reason to fail.
//!
//! Rule of this file: texts of others may be part of any line, so control characters are shown and never sent.

use std::{
    fmt::Display,
    io::{Write, stderr, stdout},
};

use crate::domain::format::printable;

/// Prints a line on standard output.
pub fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{}", printable(&line.to_string()));
}

/// Lines on standard output, such as a JSON document.
pub fn say_lines(text: impl Display) {
    text.to_string().lines().for_each(say);
}

/// Prints a note on standard error.
pub fn note(line: impl Display) {
    let _ = writeln!(stderr(), "{}", printable(&line.to_string()));
}

/// Prints an error on standard error.
pub fn complain(line: impl Display) {
    let _ = writeln!(stderr(), "tandem: {}", printable(&line.to_string()));
}
