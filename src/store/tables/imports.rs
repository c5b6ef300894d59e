//! Imports, with their changes of every event and the people that they brought, so that they can be undone.

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        employee::Employee,
        event::Event,
        ids::{EmployeeId, EventId, Revision},
        imports::{Import, Stage},
    },
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            employees::EmployeeV4,
            events::{self, EventV1},
            keys::Key,
            meta,
            record::{self, Record, decode, decode_since, records},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Most file names stored, and the longest, in characters.
const FILES_MAX: usize = 12;
const FILE_CHARS_MAX: usize = 200;

/// Version 1 of an import's layout. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportV1 {
    id: u64,
    at_ms: i64,
    ended_ms: i64,
    who: String,
    files: Vec<String>,
    stage: u8,
    /// Total, written, new, changed, unchanged, rejected, left.
    counts: [u64; 7],
}

/// Version 2 of an import's layout, which also counts releases. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportV2 {
    id: u64,
    at_ms: i64,
    ended_ms: i64,
    who: String,
    files: Vec<String>,
    stage: u8,
    /// Those of version 1, then released, people, entry and entries. More may be appended; a missing count is 0.
    counts: Vec<u64>,
}

/// Version 1: one event before and after an import.
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportStepV1 {
    import: u64,
    before: Option<EventV1>,
    after: EventV1,
}

/// Version 1: a person that an import brought, and their revision then.
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportPersonV1 {
    import: u64,
    employee: String,
    revision: u32,
}

/// Version 2: a person that an import changed, as they were before.
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportPersonV2 {
    person: ImportPersonV1,
    before: EmployeeV4,
}

records!(Imports:
    ImportV1 = 1 at |import| Key::new().u64(import.id).done(),
    ImportV2 = 2 at |import| Key::new().u64(import.id).done()
);
records!(ImportSteps: ImportStepV1 = 1 at |step| Key::new().u64(step.import).u64(step.after.id).done());
records!(ImportPeople:
    ImportPersonV1 = 1 at |one| Key::new().u64(one.import).text(&one.employee).done(),
    ImportPersonV2 = 2 at |one| one.person.key()
);

impl From<ImportV1> for ImportV2 {
    fn from(old: ImportV1) -> Self {
        let ImportV1 { id, at_ms, ended_ms, who, files, stage, counts } = old;
        Self { id, at_ms, ended_ms, who, files, stage, counts: counts.to_vec() }
    }
}

/// An event before and after an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportStep {
    /// None if the import created it.
    pub before: Option<Event>,
    pub after: Event,
}

/// Numbers an import and writes it.
pub fn begin(tx: &mut Tx<'_>, import: Import) -> Result<Import, StoreError> {
    let import = Import { id: meta::next(tx, meta::IMPORTS)?, ..import };
    put(tx, &import)?;
    Ok(import)
}

/// Writes an import that has a number.
pub fn put(tx: &mut Tx<'_>, import: &Import) -> Result<(), StoreError> {
    let cut = |file: &String| file.chars().take(FILE_CHARS_MAX).collect();
    let record = ImportV2 {
        id: import.id,
        at_ms: import.at.timestamp_millis(),
        ended_ms: import.ended.timestamp_millis(),
        who: import.who.chars().take(FILE_CHARS_MAX).collect(),
        files: import.files.iter().take(FILES_MAX).map(cut).collect(),
        stage: import.stage as u8,
        counts: vec![
            import.total,
            import.written,
            import.new,
            import.changed,
            import.unchanged,
            import.rejected,
            import.left,
            import.released,
            import.people,
            import.entry,
            import.entries,
        ],
    };
    record::put(tx, record.key(), &record)
}

pub fn get(tx: &dyn ReadTx, id: u64) -> Result<Option<Import>, StoreError> {
    record::get(tx, Table::Imports, &Key::new().u64(id).done(), from_bytes)
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Import, StoreError> {
    read(decode_since::<ImportV1, _>(bytes, key)?).ok_or_else(|| corrupt(Table::Imports, key))
}

/// The latest imports, newest first.
pub fn latest(tx: &dyn ReadTx, count: u64) -> Result<Vec<Import>, StoreError> {
    let last = meta::last(tx, meta::IMPORTS)?;
    (last.saturating_sub(count) + 1..=last).rev().filter_map(|id| get(tx, id).transpose()).collect()
}

fn read(record: ImportV2) -> Option<Import> {
    let mut counts = record.counts.into_iter();
    let mut next = || counts.next().unwrap_or(0);
    let [total, written, new, changed, unchanged, rejected, left, released, people, entry, entries] =
        std::array::from_fn(|_| next());
    Some(Import {
        id: record.id,
        at: DateTime::from_timestamp_millis(record.at_ms)?,
        ended: DateTime::from_timestamp_millis(record.ended_ms)?,
        who: record.who,
        files: record.files,
        stage: *Stage::ALL.get(usize::from(record.stage))?,
        total,
        written,
        new,
        changed,
        unchanged,
        rejected,
        left,
        released,
        people,
        entry,
        entries,
    })
}

/// Stores an import's change of an event.
pub fn remember(tx: &mut Tx<'_>, import: u64, before: Option<&Event>, after: &Event) -> Result<(), StoreError> {
    let record = ImportStepV1 { import, before: before.map(EventV1::of), after: EventV1::of(after) };
    record::put(tx, record.key(), &record)
}

/// Deletes an import's change of an event.
pub fn forget(tx: &mut Tx<'_>, import: u64, event: EventId) {
    tx.remove(Table::ImportSteps, Key::new().u64(import).u64(event.0).done());
}

/// An import's change of an event; none if it did not change it, or that is not kept any more.
pub fn step(tx: &dyn ReadTx, import: u64, event: EventId) -> Result<Option<ImportStep>, StoreError> {
    record::get(tx, Table::ImportSteps, &Key::new().u64(import).u64(event.0).done(), read_step)
}

/// A person after an import that brought or changed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportPerson {
    pub id: EmployeeId,
    pub revision: Revision,
    /// None if the import brought them.
    pub before: Option<Employee>,
}

/// Stores that an import brought or changed a person.
pub fn remember_person(
    tx: &mut Tx<'_>,
    import: u64,
    before: Option<&Employee>,
    after: &Employee,
) -> Result<(), StoreError> {
    let person = ImportPersonV1 { import, employee: after.id.to_string(), revision: after.revision.0 };
    let key = person.key();
    match before {
        None => record::put(tx, key, &person),
        Some(before) => record::put(tx, key, &ImportPersonV2 { person, before: EmployeeV4::of(before) }),
    }
}

/// The people that an import brought or changed, by number.
pub fn people(tx: &dyn ReadTx, import: u64) -> Result<Vec<ImportPerson>, StoreError> {
    record::all_in(tx, Table::ImportPeople, &Key::new().u64(import).prefix(), |bytes, key| {
        let damaged = || corrupt(Table::ImportPeople, key);
        let (record, before) = match bytes.first() {
            Some(&ImportPersonV1::VERSION) => (decode(bytes, key)?, None),
            _ => decode::<ImportPersonV2>(bytes, key).map(|one| (one.person, Some(one.before)))?,
        };
        let id = record.employee.parse().map_err(|_| damaged())?;
        let before = before.map(|before| before.read().ok_or_else(damaged)).transpose()?;
        Ok(ImportPerson { id, revision: Revision(record.revision), before })
    })
}

/// An import's changes by event, after `after`.
pub fn steps(tx: &dyn ReadTx, import: u64, after: Option<EventId>, max: usize) -> Result<Vec<ImportStep>, StoreError> {
    let range = Key::new().u64(import).prefix();
    let start = after.map_or(range.start, |id| Key::new().u64(import).u64(id.0.saturating_add(1)).done());
    let mut found = Vec::new();
    tx.scan(Table::ImportSteps, &start..&range.end, &mut |key, bytes| {
        found.push(read_step(bytes, key)?);
        Ok(if found.len() < max { Flow::Continue } else { Flow::Stop })
    })?;
    Ok(found)
}

fn read_step(bytes: &[u8], key: &[u8]) -> Result<ImportStep, StoreError> {
    let record: ImportStepV1 = decode(bytes, key)?;
    let damaged = || corrupt(Table::ImportSteps, key);
    let before = record.before.map(|event| events::read(event).ok_or_else(damaged)).transpose()?;
    Ok(ImportStep { before, after: events::read(record.after).ok_or_else(damaged)? })
}

/// Deletes some of the changes and people of earlier imports; returns their number.
pub fn forget_before(tx: &mut Tx<'_>, import: u64, max: usize) -> Result<usize, StoreError> {
    let (start, end, mut old) = (everything().start, Key::new().u64(import).done(), Vec::new());
    for table in [Table::ImportSteps, Table::ImportPeople] {
        tx.scan(table, &start..&end, &mut |key, _| {
            if old.len() < max {
                old.push((table, key.to_vec()));
            }
            Ok(if old.len() < max { Flow::Continue } else { Flow::Stop })
        })?;
    }
    let count = old.len();
    for (table, key) in old {
        tx.remove(table, key);
    }
    Ok(count)
}

/// Deletes which people an import brought or changed.
pub fn forget_people(tx: &mut Tx<'_>, import: u64) -> Result<(), StoreError> {
    for person in people(tx, import)? {
        tx.remove(Table::ImportPeople, Key::new().u64(import).text(person.id.as_str()).done());
    }
    Ok(())
}
