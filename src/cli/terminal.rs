//! Prints messages. A closed pipe (`tandem check | head`) is not an error.

use std::{
    fmt::Display,
    io::{Write, stderr, stdout},
};

/// Prints a line on standard output.
pub fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// Prints a note on standard error.
pub fn note(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// Prints an error on standard error.
pub fn complain(line: impl Display) {
    let _ = writeln!(stderr(), "tandem: {line}");
}
