//! Sentences for the person at the terminal. A reader that went away (`tandem check | head`) is no reason to fail.

use std::{
    fmt::Display,
    io::{Write, stderr, stdout},
};

/// A line on standard output.
pub fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// A line on standard error that is no complaint.
pub fn note(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// A line on standard error.
pub fn complain(line: impl Display) {
    let _ = writeln!(stderr(), "tandem: {line}");
}
