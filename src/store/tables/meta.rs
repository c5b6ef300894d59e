//! Numbers of the store: its format, and the counters of ids.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::store::{
    catalog::Table,
    error::{StoreError, corrupt},
    transaction::{ReadTx, Tx},
};

const FORMAT: &[u8] = b"format";
const AUDIT_SEAL: &[u8] = b"audit_seal";
const AUDIT_ARCHIVED: &[u8] = b"audit_archived";
const AUDIT_ARCHIVED_SEAL: &[u8] = b"audit_archived_seal";
const RUN_DATE: &[u8] = b"integrity_date";
const NOTICES_TOLD: &[u8] = b"notices_reported";
const CHANGES_SENT: &[u8] = b"changes_sent";
const CHANGES: &[u8] = b"changes";
const SHORT_WORK: &[u8] = b"short_work_minutes";
/// Set in that number until all issues were computed with it.
const NOT_COMPUTED: u64 = 1 << 32;

/// Counts up: numbers that this store gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter(&'static [u8]);

pub(crate) const AUDIT: Counter = Counter(b"audit_last");
pub(crate) const SCHEDULES: Counter = Counter(b"schedule_last");
pub(crate) const RUNS: Counter = Counter(b"integrity_last");
pub(crate) const MESSAGES: Counter = Counter(b"outbox_last");
pub(crate) const IMPORTS: Counter = Counter(b"import_last");
pub(crate) const FEEDS: Counter = Counter(b"feed_last");

/// The last number that was given; 0 before the first.
pub(crate) fn last(tx: &dyn ReadTx, counter: Counter) -> Result<u64, StoreError> {
    Ok(get(tx, counter.0)?.unwrap_or(0))
}

pub(crate) fn set_last(tx: &mut Tx<'_>, counter: Counter, number: u64) -> Result<(), StoreError> {
    put(tx, counter.0, number)
}

/// Gives the next number.
pub(crate) fn next(tx: &mut Tx<'_>, counter: Counter) -> Result<u64, StoreError> {
    let number = last(tx, counter)? + 1;
    set_last(tx, counter, number)?;
    Ok(number)
}

pub(crate) fn format(tx: &dyn ReadTx) -> Result<Option<u32>, StoreError> {
    let bytes = tx.get(Table::Meta, FORMAT)?;
    bytes.map(|bytes| format_of(&bytes)).transpose()
}

/// The format that a transaction gives the store, if it changes it.
pub(crate) fn written_format(tx: &Tx<'_>) -> Result<Option<u32>, StoreError> {
    tx.written(Table::Meta, FORMAT).map(|bytes| format_of(bytes)).transpose()
}

fn format_of(bytes: &[u8]) -> Result<u32, StoreError> {
    let number = <[u8; 8]>::try_from(bytes).ok().map(u64::from_be_bytes);
    number.and_then(|number| u32::try_from(number).ok()).ok_or_else(|| corrupt(Table::Meta, FORMAT))
}

pub(crate) fn set_format(tx: &mut Tx<'_>, version: u32) -> Result<(), StoreError> {
    put(tx, FORMAT, u64::from(version))
}

/// The hash of the last audit entry; zeros before the first.
pub(crate) fn audit_hash(tx: &dyn ReadTx) -> Result<[u8; 32], StoreError> {
    hash(tx, AUDIT_SEAL)
}

fn hash(tx: &dyn ReadTx, name: &[u8]) -> Result<[u8; 32], StoreError> {
    let Some(bytes) = tx.get(Table::Meta, name)? else { return Ok([0; 32]) };
    bytes.try_into().map_err(|_| corrupt(Table::Meta, name))
}

pub(crate) fn set_audit_last(tx: &mut Tx<'_>, sequence: u64, hash: [u8; 32]) -> Result<(), StoreError> {
    set_last(tx, AUDIT, sequence)?;
    tx.put(Table::Meta, AUDIT_SEAL.to_vec(), hash.to_vec())
}

/// A place in the audit: the sequence of a record, and its hash. 0 and zeros before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPosition {
    pub sequence: u64,
    #[serde(with = "crate::store::tables::record::hex")]
    pub hash: [u8; 32],
}

/// The last audit record that was moved to an archive: the first one here names its hash.
pub fn audit_archived(tx: &dyn ReadTx) -> Result<AuditPosition, StoreError> {
    let Some(sequence) = get(tx, AUDIT_ARCHIVED)? else { return Ok(AuditPosition::default()) };
    Ok(AuditPosition { sequence, hash: hash(tx, AUDIT_ARCHIVED_SEAL)? })
}

pub(crate) fn set_audit_archived(tx: &mut Tx<'_>, position: AuditPosition) -> Result<(), StoreError> {
    put(tx, AUDIT_ARCHIVED, position.sequence)?;
    tx.put(Table::Meta, AUDIT_ARCHIVED_SEAL.to_vec(), position.hash.to_vec())
}

/// The date of the last complete daily check.
pub fn run_date(tx: &dyn ReadTx) -> Result<Option<NaiveDate>, StoreError> {
    let date = |days: u64| NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?);
    get(tx, RUN_DATE)?.map(|days| date(days).ok_or_else(|| corrupt(Table::Meta, RUN_DATE))).transpose()
}

pub(crate) fn set_run_date(tx: &mut Tx<'_>, date: NaiveDate) -> Result<(), StoreError> {
    put(tx, RUN_DATE, date.num_days_from_ce().unsigned_abs().into())
}

pub(crate) fn forget_run_date(tx: &mut Tx<'_>) {
    tx.remove(Table::Meta, RUN_DATE.to_vec());
}

/// The last audit entry reported to employees; none before notices were first enabled: earlier changes are not
/// reported.
pub(crate) fn notices_reported(tx: &dyn ReadTx) -> Result<Option<u64>, StoreError> {
    get(tx, NOTICES_TOLD)
}

pub(crate) fn set_notices_reported(tx: &mut Tx<'_>, sequence: u64) -> Result<(), StoreError> {
    put(tx, NOTICES_TOLD, sequence)
}

/// The last audit entry written to the outbox for the webhook; none before the webhook was first configured.
pub(crate) fn changes_sent(tx: &dyn ReadTx) -> Result<Option<u64>, StoreError> {
    get(tx, CHANGES_SENT)
}

pub fn set_changes_sent(tx: &mut Tx<'_>, sequence: u64) -> Result<(), StoreError> {
    put(tx, CHANGES_SENT, sequence)
}

/// Number of transactions since the store was created.
pub(crate) fn changes(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    Ok(get(tx, CHANGES)?.unwrap_or(0))
}

/// Tells if a number is bound to one store, rather than part of its data.
pub(crate) fn is_of_one_life(key: &[u8]) -> bool {
    key == CHANGES || key == SHORT_WORK
}

/// The `short_work_minutes` with which issues were computed; none before.
pub(crate) fn short_work_minutes(tx: &dyn ReadTx) -> Result<Option<u32>, StoreError> {
    let minutes = get(tx, SHORT_WORK)?.map(|number| number & !NOT_COMPUTED);
    minutes.map(|minutes| u32::try_from(minutes).map_err(|_| corrupt(Table::Meta, SHORT_WORK))).transpose()
}

pub(crate) fn set_short_work_minutes(tx: &mut Tx<'_>, minutes: u32, computed: bool) -> Result<(), StoreError> {
    put(tx, SHORT_WORK, u64::from(minutes) | if computed { 0 } else { NOT_COMPUTED })
}

/// Tells if issues were computed completely with this setting.
pub(crate) fn are_issues_computed(tx: &dyn ReadTx, minutes: u32) -> Result<bool, StoreError> {
    Ok(get(tx, SHORT_WORK)? == Some(minutes.into()))
}

pub(crate) fn count_change(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let changes = changes(tx)? + 1;
    put(tx, CHANGES, changes)
}

fn get(tx: &dyn ReadTx, name: &[u8]) -> Result<Option<u64>, StoreError> {
    let Some(bytes) = tx.get(Table::Meta, name)? else { return Ok(None) };
    let bytes: [u8; 8] = bytes.try_into().map_err(|_| corrupt(Table::Meta, name))?;
    Ok(Some(u64::from_be_bytes(bytes)))
}

fn put(tx: &mut Tx<'_>, name: &[u8], number: u64) -> Result<(), StoreError> {
    tx.put(Table::Meta, name.to_vec(), number.to_be_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            event::{Event, EventType, Location},
            ids::{EventId, EventNumber},
        },
        store::{
            FORMAT_VERSION, Flow, OpenError, Options, Store,
            catalog::everything,
            maintenance::check,
            tables::{events, name_index, record::fixtures::bare, retail_stores},
        },
    };

    /// A store of an older format with events of two stores in two blocks of the name index.
    fn older_store(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
        let store = Store::open(folder, &Options::default())?;
        let event = |id: u64| Event {
            id: EventId(id),
            name: format!("606001-CORE-Pretzel {id}"),
            event_type: EventType::Core,
            number: Some(EventNumber(606_001)),
            location: Location { number: (4101 + id % 2).to_string(), name: String::new() },
            ..bare()
        };
        store.write(|tx| (250..260).try_for_each(|id| events::replace(tx, None, Some(&event(id)))))?;
        store.write(|tx| {
            for table in [Table::StoreDay, Table::Words] {
                let (all, mut keys) = (everything(), Vec::new());
                tx.scan(table, &all.start..&all.end, &mut |key, _| {
                    keys.push(key.to_vec());
                    Ok(Flow::Continue)
                })?;
                assert!(!keys.is_empty());
                for key in keys {
                    tx.remove(table, key);
                }
            }
            set_format(tx, 1)
        })?;
        Ok(())
    }

    #[test]
    fn an_older_store_gets_its_indexes_once() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::TempDir::new()?;
        older_store(folder.path())?;

        for _ in 0..2 {
            let store = Store::open(folder.path(), &Options::default())?;
            assert_eq!(store.read(|tx| format(tx))?, Some(FORMAT_VERSION));
            assert_eq!(store.read(|tx| check::run(tx))?.storage_problems, Vec::<String>::new());
            assert_eq!(store.read(|tx| name_index::beginning(tx, "pretz"))?.0.len(), 10);
            assert_eq!(store.read(|tx| retail_stores::all(tx, 9))?.0.len(), 2);
        }
        Ok(())
    }

    #[test]
    fn a_newer_format_is_refused_and_stays() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::TempDir::new()?;
        let store = Store::open(folder.path(), &Options::default())?;
        store.write(|tx| set_format(tx, FORMAT_VERSION + 1))?;
        drop(store);

        for _ in 0..2 {
            let refused = Store::open(folder.path(), &Options::default());
            assert!(matches!(refused, Err(OpenError::Newer { found }) if found == FORMAT_VERSION + 1), "{refused:?}");
        }
        Ok(())
    }
}
