//! Which source files come from, told by their headings.

use crate::import::{
    FileError, Incoming, database, exports, legacy,
    table::{Column, Table},
    visits,
};

/// Reads files of one source, in any order: the retailer's exports, the old application's tables, or our own.
///
/// # Errors
/// The first file that cannot be read at all.
pub fn read(files: Vec<(String, Vec<u8>)>) -> Result<Incoming, FileError> {
    if is_old(&files) {
        return old_tables(files);
    }
    if !files.is_empty() && files.iter().all(|(name, bytes)| exports::is_one(name, bytes)) {
        return exports::read(&files);
    }
    visits::read(&files)
}

fn is_old(files: &[(String, Vec<u8>)]) -> bool {
    let is_events = |(name, bytes): &(String, Vec<u8>)| Table::open(name, bytes, &legacy::EVENT_COLUMNS).is_ok();
    files.iter().any(is_events) || is_database(files)
}

fn is_database(files: &[(String, Vec<u8>)]) -> bool {
    files.iter().any(|(name, bytes)| database::is_one(name, bytes))
}

/// Reads the old application's tables, in any order: as its database exports them, or the three of employees, events and
/// schedule.
///
/// # Errors
/// The first file that cannot be read at all.
pub fn old_tables(files: Vec<(String, Vec<u8>)>) -> Result<Incoming, FileError> {
    if is_database(&files) {
        return database::read(&files);
    }
    let place = |columns: &[Column]| files.iter().position(|(name, bytes)| Table::open(name, bytes, columns).is_ok());
    let (people, events) = (place(&legacy::EMPLOYEE_COLUMNS), place(&legacy::EVENT_COLUMNS));
    match (people, events, place(&legacy::SCHEDULE_COLUMNS), files.len()) {
        (Some(people), Some(events), Some(schedule), 3) => {
            let mut files: Vec<_> = files.into_iter().map(Some).collect();
            let mut take = |place: usize| files.get_mut(place).and_then(Option::take).unwrap_or_default();
            let (people, events, schedule) = (take(people), take(events), take(schedule));
            legacy::read(people, events, schedule)
        }
        _ => Err(FileError::OldTables),
    }
}
