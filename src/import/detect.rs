//! Which source files come from, told by their headings.

use crate::import::{
    FileError, Incoming, exports, legacy,
    table::{Column, Table},
    visits,
};

/// Reads files of one source, in any order: the retailer's exports, the old application's three tables, or our own.
///
/// # Errors
/// The first file that cannot be read at all.
pub fn read(files: Vec<(String, Vec<u8>)>) -> Result<Incoming, FileError> {
    let place = |columns: &[Column]| files.iter().position(|(name, bytes)| Table::open(name, bytes, columns).is_ok());
    let Some(old_events) = place(&legacy::EVENT_COLUMNS) else {
        let is_ours = |(name, bytes): &(String, Vec<u8>)| exports::is_one(name, bytes);
        return if !files.is_empty() && files.iter().all(is_ours) {
            exports::read(&files)
        } else {
            visits::read(&files)
        };
    };
    let (people, schedule) = (place(&legacy::EMPLOYEE_COLUMNS), place(&legacy::SCHEDULE_COLUMNS));
    match (people, schedule, files.len()) {
        (Some(people), Some(schedule), 3) => {
            let mut files: Vec<_> = files.into_iter().map(Some).collect();
            let mut take = |place: usize| files.get_mut(place).and_then(Option::take).unwrap_or_default();
            let (people, events, schedule) = (take(people), take(old_events), take(schedule));
            legacy::read(people, events, schedule)
        }
        _ => Err(FileError::OldTables),
    }
}
