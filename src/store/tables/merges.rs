//! Merges of employees and of spellings of stores, with what it takes to undo them.

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::EventId,
        integrity::merge::{EmployeeMerge, Merge, Subject},
    },
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            employees::{EmployeeV2, EmployeeV4},
            keys::{Key, last_u64},
            record::{self, Record, decode, records},
        },
        transaction::{Flow, ReadTx, ScanOrder, Tx},
    },
};

/// Longest stored user, in characters.
const WHO_CHARS_MAX: usize = 200;

/// Version 1 of a merge's layout, when whole days were off. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
pub(crate) struct MergeV1 {
    id: u64,
    at_ms: i64,
    who: String,
    entry: u64,
    undone_ms: Option<i64>,
    /// None for a store, and in version 2.
    employee: Option<EmployeeMergeV1>,
    shown: String,
    written: Vec<(String, Vec<u64>)>,
}

#[derive(Serialize, Deserialize)]
struct EmployeeMergeV1 {
    before: EmployeeV2,
    after: EmployeeV2,
    gone: Vec<EmployeeV2>,
}

/// Version 2 of a merge's layout: employees with half days off and the weekly maximum.
#[derive(Serialize, Deserialize)]
pub(crate) struct MergeV2 {
    merge: MergeV1,
    /// None for a store.
    employee: Option<EmployeeMergeV2>,
}

#[derive(Serialize, Deserialize)]
struct EmployeeMergeV2 {
    before: EmployeeV4,
    after: EmployeeV4,
    gone: Vec<EmployeeV4>,
}

records!(Merges:
    MergeV1 = 1 at |merge| Key::new().u64(merge.id).done(),
    MergeV2 = 2 at |merge| merge.merge.key()
);

pub fn next_id(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    Ok(latest(tx, 1)?.first().map_or(1, |last| last.id + 1))
}

pub fn get(tx: &dyn ReadTx, id: u64) -> Result<Option<Merge>, StoreError> {
    record::get(tx, Table::Merges, &Key::new().u64(id).done(), from_bytes)
}

/// The latest merges, newest first.
pub fn latest(tx: &dyn ReadTx, max: usize) -> Result<Vec<Merge>, StoreError> {
    let (all, mut found) = (everything(), Vec::new());
    tx.scan_in(ScanOrder::Descending, Table::Merges, &all.start..&all.end, &mut |key, bytes| {
        found.push(from_bytes(bytes, key)?);
        Ok(if found.len() < max { Flow::Continue } else { Flow::Stop })
    })?;
    Ok(found)
}

pub fn put(tx: &mut Tx<'_>, merge: &Merge) -> Result<(), StoreError> {
    let employee = match &merge.subject {
        Subject::Store => None,
        Subject::Employee(merge) => Some(EmployeeMergeV2 {
            before: EmployeeV4::of(&merge.before),
            after: EmployeeV4::of(&merge.after),
            gone: merge.gone.iter().map(EmployeeV4::of).collect(),
        }),
    };
    let written = merge.written.iter().map(|(text, events)| (text.clone(), events.iter().map(|id| id.0).collect()));
    let record = MergeV1 {
        id: merge.id,
        at_ms: merge.at.timestamp_millis(),
        who: merge.who.chars().take(WHO_CHARS_MAX).collect(),
        entry: merge.entry,
        undone_ms: merge.undone.map(|at| at.timestamp_millis()),
        employee: None,
        shown: merge.shown.clone(),
        written: written.collect(),
    };
    let record = MergeV2 { merge: record, employee };
    record::put(tx, record.key(), &record)
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Merge, StoreError> {
    let merge = match bytes.first() {
        Some(&MergeV1::VERSION) => decode::<MergeV1>(bytes, key)?.read(),
        _ => decode::<MergeV2>(bytes, key)?.read(),
    };
    let is_at_its_key = |merge: &Merge| last_u64(key) == Some(merge.id);
    merge.filter(is_at_its_key).ok_or_else(|| corrupt(Table::Merges, key))
}

impl MergeV1 {
    /// None if the record is damaged.
    fn read(self) -> Option<Merge> {
        let subject = match self.employee {
            None => Subject::Store,
            Some(EmployeeMergeV1 { before, after, gone }) => Subject::Employee(Box::new(EmployeeMerge {
                before: before.read()?,
                after: after.read()?,
                gone: gone.into_iter().map(EmployeeV2::read).collect::<Option<_>>()?,
            })),
        };
        let events = |ids: Vec<u64>| ids.into_iter().map(EventId).collect();
        Some(Merge {
            id: self.id,
            at: DateTime::from_timestamp_millis(self.at_ms)?,
            who: self.who,
            entry: self.entry,
            undone: self.undone_ms.map(|ms| DateTime::from_timestamp_millis(ms).ok_or(())).transpose().ok()?,
            subject,
            shown: self.shown,
            written: self.written.into_iter().map(|(text, ids)| (text, events(ids))).collect(),
        })
    }
}

impl MergeV2 {
    /// None if the record is damaged.
    fn read(self) -> Option<Merge> {
        let mut merge = self.merge.read()?;
        if let Some(EmployeeMergeV2 { before, after, gone }) = self.employee {
            merge.subject = Subject::Employee(Box::new(EmployeeMerge {
                before: before.read()?,
                after: after.read()?,
                gone: gone.into_iter().map(EmployeeV4::read).collect::<Option<_>>()?,
            }));
        }
        Some(merge)
    }
}
