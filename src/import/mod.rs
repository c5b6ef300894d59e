//! Reads the data of other applications.
//!
//! Rule of this room: a source becomes an [`Incoming`] first, without anything being compared or stored; `plan.rs` then
//! compares, and `write.rs` writes. A row that cannot be read stops nothing but itself; a file that cannot be read stops everything.

mod claim;
pub mod database;
pub mod detect;
pub mod exports;
mod findings;
mod kept;
pub mod legacy;
pub mod listed;
mod missing;
mod plan;
mod reader;
pub mod report;
pub mod upload;
pub mod visits;
mod write;

pub use reader::{cells, table, values};
use reader::{json_lines, records, shape, text, workbook};

pub use crate::import::plan::{Plan, Summary, checked_plan, is_release, plan};
pub use crate::import::write::{Writing, apply, undo, write};

use std::fmt;

use thiserror::Error;

use crate::{
    domain::{
        employee::{Employee, holiday::Holiday},
        event::Event,
    },
    import::{listed::Listed, missing::Named},
};

/// Largest file that is read, in bytes. A file is held in memory as a whole.
pub const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What a source says, before anything is compared with the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Each id once.
    pub employees: Vec<IncomingEmployee>,
    /// Each id once, in the source's order. Everyone who is scheduled is among `employees`.
    pub events: Vec<IncomingEvent>,
    pub rejected: Listed<Rejected>,
    pub notes: Listed<Note>,
    pub assignments: Assignments,
    /// Each date once.
    pub holidays: Vec<Holiday>,
    /// The days and visits that the source speaks of, if it is a list of whole days.
    pub named: Named,
}

impl Incoming {
    /// Keeps what a table says of a row that is not taken.
    pub(self) fn leave(&mut self, left: table::Left) {
        match left {
            table::Left::Rejected(rejected) => self.rejected.push(rejected),
            table::Left::Skipped(note) => self.notes.push(note),
        }
    }
}

/// What an event that is new keeps of its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignments {
    /// The assignment counts as what the source gave.
    #[default]
    OfSource,
    /// The source is one of our own exports, and knows its revision and what the source before it gave.
    OfExport,
}

/// A fact about an event that a source may leave open: an empty cell, or a column that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventFact {
    Type,
    StoreNumber,
    StoreName,
    FirstDay,
    Due,
    Minutes,
}

/// An event, and where it was read. Its revision is the default one: only the store knows the real one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingEvent {
    /// Without a schedule the source says nothing about the assignment, unless `released`.
    pub event: Event,
    pub place: Place,
    /// What the source leaves open. A stored event keeps what it has; a new one has what stands in `event`.
    pub open: Vec<EventFact>,
    /// The source says explicitly that the event has no employee.
    pub released: bool,
}

/// A fact about a person that a source may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonFact {
    /// Also a title that was only inferred from the work that a person holds.
    Title,
    Active,
    Email,
    /// One weekday, by its number from Monday, 0 to 6.
    Weekday(usize),
    TimeOff,
    /// What the source before said.
    ImportedProfile,
}

/// A person. Their revision is the default one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingEmployee {
    pub employee: Employee,
    /// Fields that the source does not state. A stored employee keeps them; a new one gets those of `employee`.
    pub open: Vec<PersonFact>,
}

/// Where a row begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name of the file without its folder: reports are shown to people who need not know our folders.
    pub file: String,
    /// Counted from 1 as an editor does, headings and blank lines included; 0 where no row is at fault.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.file) } else { write!(f, "{} line {}", self.file, self.line) }
    }
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub place: Place,
    /// The heading of the cell at fault; None where the row as a whole is.
    pub column: Option<String>,
    pub reason: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "{}, column \"{column}\": {}", self.place, self.reason),
            None => write!(f, "{}: {}", self.place, self.reason),
        }
    }
}

/// A note about a row that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub place: Place,
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A file that cannot be read at all. The sentence names the file and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    #[error("{file} is empty: it needs at least a line of column headings")]
    Empty { file: String },
    #[error("{file} has {bytes} bytes: at most {FILE_BYTES_MAX} are allowed; split it into several files")]
    TooLarge { file: String, bytes: usize },
    #[error("{file} is no table: byte {byte} is a NUL, which text never holds; save it as CSV or as .xlsx")]
    NotText { file: String, byte: usize },
    #[error(
        "{file} lacks the column{} {}; it has {}",
        if missing.len() == 1 { "" } else { "s" },
        table::quoted(missing),
        table::quoted(found)
    )]
    MissingHeadings { file: String, missing: Vec<String>, found: Vec<String> },
    #[error(
        "{file} is an export of the audit, which stays with its store; `tandem backup` and `tandem restore` take it along"
    )]
    Audit { file: String },
    #[error("{file} is {what}")]
    OtherFormat { file: String, what: &'static str },
    #[error("{file} cannot be read as a workbook: {reason}; open it and save it again, as .xlsx or as CSV")]
    Workbook { file: String, reason: String },
    #[error(
        "the old application's employees, events and schedule belong together: choose these three files, or all that its \
         database exported"
    )]
    OldTables,
    #[error("{file} has the column \"{heading}\" more than once: each column may be there once")]
    DuplicateHeading { file: String, heading: String },
}
