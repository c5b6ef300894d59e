//! Reads the data of other applications.
//!
//! Rule of this room: a source becomes an [`Incoming`] first, without anything being compared or stored; `plan.rs` then
//! compares, and `write.rs` writes. A row that cannot be read stops nothing but itself; a file that cannot be read stops everything.

mod audit_entries;
pub mod changes;
mod claim;
pub mod database;
pub mod detect;
pub mod exports;
mod findings;
mod kept;
pub mod legacy;
mod missing;
mod people;
mod plan;
mod reader;
pub mod report;
pub mod rotation;
mod spelling;
mod split_pairs;
pub mod undo;
pub mod upload;
pub mod visits;
mod write;

pub use reader::{cells, table, values};
use reader::{clean, date_order, doubts, json_lines, records, repeated, row, shape, text, workbook};

pub use crate::import::plan::{Plan, Summary, is_release, plan};
pub use crate::import::write::{Writing, apply, write};
pub use report::listed::{self, Listed};

use std::fmt;

use thiserror::Error;

use crate::{
    domain::{
        audit,
        employee::{Employee, holiday::Holiday},
        event::Event,
        named,
        schedule::RotationEntry,
    },
    import::{doubts::Doubts, missing::Named},
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
    /// What a plan for it finds; empty until it is checked.
    pub found: Found,
    pub assignments: Assignments,
    /// Each date once.
    pub holidays: Vec<Holiday>,
    /// Entries of the rotation, and where they were read.
    pub rotation: Vec<(Place, RotationEntry)>,
    /// The days and visits that the source speaks of, if it is a list of whole days.
    pub named: Named,
    /// The events of rows that cannot be read, although other rows of them may be.
    pub doubts: Doubts,
}

impl Incoming {
    /// Keeps what a table says of a row that is not taken.
    pub(self) fn leave(&mut self, left: table::Left<'_>) {
        match left {
            table::Left::Rejected(rejected, _) => self.rejected.push(rejected),
            table::Left::Skipped(note, _) => self.notes.push(note),
        }
    }
}

/// What is found about a plan. Each note names its event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What the rules say about the assignments that it brings.
    pub findings: Listed<audit::Note>,
    /// Pairs of which it leaves one half on another date than the other, or alone. The rule is the check of the pair.
    pub splits: Listed<audit::Note>,
    /// What it does to each event and person, and which visits are missing. The rule is the kind of change.
    pub changes: Listed<audit::Note>,
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

named! {
    /// A fact about an event that a source may leave open: an empty cell, or a column that is not there.
    #[derive(PartialOrd, Ord)]
    pub enum EventFact: words {
        Type => "type";
        StoreNumber => "store number";
        StoreName => "store name";
        FirstDay => "first day";
        Due => "due date";
        Minutes => "estimated time";
        /// How old an export is.
        Revision => "revision";
    }
}

/// What a source says of an event without a schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    #[default]
    Unsaid,
    /// The event is called unstaffed, but the table that decides is missing, or a row that may be about it cannot be read.
    Doubtful,
    /// It has no employee.
    Said,
}

/// An event, and where it was read. Its revision is the default one: only the store knows the real one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingEvent {
    /// Without a schedule the source says nothing about the assignment, unless `release` does.
    pub event: Event,
    pub place: Place,
    /// What the source leaves open. A stored event keeps what it has; a new one has what stands in `event`.
    pub open: Vec<EventFact>,
    pub release: Release,
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
    WeeklyHours,
    TimeOff,
    /// What the source before said.
    ImportedProfile,
    /// How old an export is.
    Revision,
}

impl PersonFact {
    /// The hours of all weekdays.
    pub fn week() -> impl Iterator<Item = Self> {
        (0..7).map(Self::Weekday)
    }
}

/// A person. Their revision is the default one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingEmployee {
    pub employee: Employee,
    /// Names that the source gives the person besides.
    pub other_names: Vec<String>,
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
    #[error(
        "{visits} holds the retailer's visits and {other} tables of another source: import them one after the other"
    )]
    Mixed { visits: String, other: String },
    #[error("{file} has no table in the sheets that it shows; hidden ones are not read: {}", table::quoted(sheets))]
    HiddenSheets { file: String, sheets: Vec<String> },
}
