//! Which source files come from, told by their headings.

use crate::import::{
    FileError, Incoming, database, exports, legacy,
    table::{Column, Texts, base_name},
    visits,
};

type File = (String, Vec<u8>);

/// Reads files of one source, in any order: the retailer's exports, the old application's tables, or our own. What was
/// read so far stays.
pub fn read(incoming: Incoming, files: &[File]) -> Result<Incoming, FileError> {
    let texts = texts(files);
    if let (Some(visits), Some(other)) = (
        having(files, &texts, &visits::COLUMNS),
        files.iter().zip(&texts).find(|(_, texts)| is_of_tandem_or_old(texts)),
    ) {
        let [visits, other] = [visits, other.0].map(|(name, _)| base_name(name).to_owned());
        return Err(FileError::Mixed { visits, other });
    }
    let is_old = having(files, &texts, &legacy::EVENT_COLUMNS).is_some() || texts.iter().any(database::is_one);
    let is_ours = !texts.is_empty() && texts.iter().all(exports::is_one);
    drop(texts);
    if is_old {
        return old_tables(incoming, files);
    }
    if is_ours {
        return exports::read(incoming, files);
    }
    visits::read(incoming, files)
}

/// The texts of files, each decoded once.
fn texts(files: &[File]) -> Vec<Texts<'_>> {
    files.iter().map(|(name, bytes)| Texts::of(name, bytes)).collect()
}

fn is_of_tandem_or_old(texts: &Texts<'_>) -> bool {
    let columns = [&legacy::EVENT_COLUMNS[..], &legacy::EMPLOYEE_COLUMNS, &legacy::SCHEDULE_COLUMNS];
    columns.iter().any(|columns| texts.have(columns)) || database::is_one(texts) || exports::is_one(texts)
}

/// The first file that has the columns.
fn having<'f>(files: &'f [File], texts: &[Texts<'_>], columns: &[Column]) -> Option<&'f File> {
    files.iter().zip(texts).find(|(_, texts)| texts.have(columns)).map(|(file, _)| file)
}

/// Reads the old application's tables, in any order: as its database exports them, or the three of employees, events and
/// schedule.
pub fn old_tables(incoming: Incoming, files: &[File]) -> Result<Incoming, FileError> {
    let texts = texts(files);
    if texts.iter().any(database::is_one) {
        drop(texts);
        return database::read(incoming, files);
    }
    let tables = [&legacy::EMPLOYEE_COLUMNS[..], &legacy::EVENT_COLUMNS, &legacy::SCHEDULE_COLUMNS];
    let [people, events, schedule] = tables.map(|columns| having(files, &texts, columns));
    drop(texts);
    // One workbook may hold all three.
    let is_known =
        |file: &File| [people, events, schedule].into_iter().flatten().any(|known| std::ptr::eq(known, file));
    match (people, events, schedule) {
        (Some(people), Some(events), Some(schedule)) if files.iter().all(is_known) => {
            legacy::read(incoming, people, events, schedule)
        }
        _ => Err(FileError::OldTables),
    }
}
