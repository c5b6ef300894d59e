//! Single numbers of the store: its format, and the counters that new ids come from.

use super::{
    engine::Writes,
    error::StoreError,
    record::corrupt,
    table::Table,
    view::{Tx, View},
};

const FORMAT: &[u8] = b"format";
const AUDIT_LAST: &[u8] = b"audit_last";
const AUDIT_SEAL: &[u8] = b"audit_seal";
const SCHEDULE_LAST: &[u8] = b"schedule_last";

pub(super) fn format(view: &dyn View) -> Result<Option<u32>, StoreError> {
    let number = get(view, FORMAT)?;
    number.map(|number| u32::try_from(number).map_err(|_| corrupt(Table::Meta, FORMAT))).transpose()
}

pub(super) fn set_format(tx: &mut Tx<'_>, version: u32) -> Result<(), StoreError> {
    put(tx, FORMAT, u64::from(version))
}

/// The sequence of the last audit entry; 0 before the first.
pub(super) fn audit_last(view: &dyn View) -> Result<u64, StoreError> {
    Ok(get(view, AUDIT_LAST)?.unwrap_or(0))
}

/// The seal of the last audit entry; zeros before the first.
pub(super) fn audit_seal(view: &dyn View) -> Result<[u8; 32], StoreError> {
    let Some(bytes) = view.get(Table::Meta, AUDIT_SEAL)? else { return Ok([0; 32]) };
    bytes.try_into().map_err(|_| corrupt(Table::Meta, AUDIT_SEAL))
}

pub(super) fn set_audit_last(tx: &mut Tx<'_>, sequence: u64, seal: [u8; 32]) -> Result<(), StoreError> {
    put(tx, AUDIT_LAST, sequence)?;
    tx.put(Table::Meta, AUDIT_SEAL.to_vec(), seal.to_vec())
}

/// The sequence of the last audit entry among the writes of a transaction.
pub(super) fn audit_last_in(writes: &Writes) -> Option<u64> {
    let bytes = writes.get(&(Table::Meta, AUDIT_LAST.to_vec()))?.as_deref()?;
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// The last schedule id that we made ourselves; 0 before the first.
pub(super) fn schedule_last(view: &dyn View) -> Result<u64, StoreError> {
    Ok(get(view, SCHEDULE_LAST)?.unwrap_or(0))
}

pub(super) fn set_schedule_last(tx: &mut Tx<'_>, id: u64) -> Result<(), StoreError> {
    put(tx, SCHEDULE_LAST, id)
}

fn get(view: &dyn View, name: &[u8]) -> Result<Option<u64>, StoreError> {
    let Some(bytes) = view.get(Table::Meta, name)? else { return Ok(None) };
    let bytes: [u8; 8] = bytes.try_into().map_err(|_| corrupt(Table::Meta, name))?;
    Ok(Some(u64::from_be_bytes(bytes)))
}

fn put(tx: &mut Tx<'_>, name: &[u8], number: u64) -> Result<(), StoreError> {
    tx.put(Table::Meta, name.to_vec(), number.to_be_bytes().to_vec())
}
