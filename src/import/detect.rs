//! Which source files come from, told by their headings.

use crate::import::{
    FileError, Incoming, database, exports, legacy,
    table::{Column, Table},
    visits,
};

type File = (String, Vec<u8>);

/// Reads files of one source, in any order: the retailer's exports, the old application's tables, or our own.
///
/// # Errors
/// The first file that cannot be read at all.
pub fn read(files: &[File]) -> Result<Incoming, FileError> {
    read_into(Incoming::default(), files)
}

/// As [`read`], into what was read so far.
///
/// # Errors
/// As [`read`].
pub fn read_into(incoming: Incoming, files: &[File]) -> Result<Incoming, FileError> {
    if has(files, &legacy::EVENT_COLUMNS).is_some() || is_database(files) {
        return old_tables(incoming, files);
    }
    if !files.is_empty() && files.iter().all(|(name, bytes)| exports::is_one(name, bytes)) {
        return exports::read_into(incoming, files);
    }
    visits::read_into(incoming, files)
}

/// The first file that has the columns.
fn has<'f>(files: &'f [File], columns: &[Column]) -> Option<&'f File> {
    files.iter().find(|(name, bytes)| Table::open(name, bytes, columns).is_ok())
}

fn is_database(files: &[File]) -> bool {
    files.iter().any(|(name, bytes)| database::is_one(name, bytes))
}

/// Reads the old application's tables, in any order: as its database exports them, or the three of employees, events and
/// schedule.
///
/// # Errors
/// The first file that cannot be read at all.
pub fn old_tables(incoming: Incoming, files: &[File]) -> Result<Incoming, FileError> {
    if is_database(files) {
        return database::read_into(incoming, files);
    }
    let (people, events) = (has(files, &legacy::EMPLOYEE_COLUMNS), has(files, &legacy::EVENT_COLUMNS));
    match (people, events, has(files, &legacy::SCHEDULE_COLUMNS), files.len()) {
        (Some(people), Some(events), Some(schedule), 3) => legacy::read_into(incoming, people, events, schedule),
        _ => Err(FileError::OldTables),
    }
}
