//! Encoding of records: one version byte, then bincode.
//!
//! Invariant: a stored layout never changes. A new one gets the next version, and the old one is decoded forever.

#[cfg(test)]
pub(crate) mod fixtures;
pub mod hex;
#[cfg(test)]
pub(crate) mod inout_fixtures;
pub(crate) mod places;
#[cfg(test)]
mod proposal_fixtures;
#[cfg(test)]
pub(crate) mod watch_fixtures;

use std::ops::Range;

use serde::{Serialize, de::DeserializeOwned};

use crate::store::{
    catalog::{Table, everything},
    error::{StoreError, corrupt},
    transaction::{Flow, ReadTx, Tx},
};

/// A stored layout of a domain value.
pub(crate) trait Record: Serialize + DeserializeOwned {
    const VERSION: u8;
    const TABLE: Table;
}

/// Declares the versions of a table's layout, and the key that a record has by itself.
macro_rules! records {
    ($table:ident: $($record:ident = $version:literal $(at $key:expr)?),+) => {
        $(impl $crate::store::tables::record::Record for $record {
            const VERSION: u8 = $version;
            const TABLE: $crate::store::catalog::Table = $crate::store::catalog::Table::$table;
        }

        $(impl $record {
            pub fn key(&self) -> Vec<u8> {
                let key: fn(&Self) -> Vec<u8> = $key;
                key(self)
            }
        })?)+
    };
}
pub(crate) use records;

pub(crate) fn encode<R: Record>(record: &R, key: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![R::VERSION];
    bincode::serde::encode_into_std_write(record, &mut bytes, bincode::config::standard())
        .map_err(|_| corrupt(R::TABLE, key))?;
    Ok(bytes)
}

pub(crate) fn decode<R: Record>(bytes: &[u8], key: &[u8]) -> Result<R, StoreError> {
    let decoded = match bytes.split_first() {
        Some((version, body)) if *version == R::VERSION => {
            bincode::serde::decode_from_slice(body, bincode::config::standard()).ok()
        }
        _ => None,
    };
    match decoded {
        Some((record, read)) if read + 1 == bytes.len() => Ok(record),
        _ => Err(corrupt(R::TABLE, key)),
    }
}

/// A record of a layout, or of the one before it.
pub(crate) fn decode_since<Old: Record, New: Record + From<Old>>(bytes: &[u8], key: &[u8]) -> Result<New, StoreError> {
    if bytes.first() == Some(&Old::VERSION) { decode::<Old>(bytes, key).map(New::from) } else { decode(bytes, key) }
}

pub(crate) fn put<R: Record>(tx: &mut Tx<'_>, key: Vec<u8>, record: &R) -> Result<(), StoreError> {
    let bytes = encode(record, &key)?;
    tx.put(R::TABLE, key, bytes)
}

/// The value of a key; `read` gets the record and the key.
pub(crate) fn get<T>(
    tx: &dyn ReadTx,
    table: Table,
    key: &[u8],
    read: impl FnOnce(&[u8], &[u8]) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    tx.get(table, key)?.map(|bytes| read(&bytes, key)).transpose()
}

/// The values of a range of keys, in order; `read` gets the record and the key.
pub(crate) fn all_in<T>(
    tx: &dyn ReadTx,
    table: Table,
    range: &Range<Vec<u8>>,
    mut read: impl FnMut(&[u8], &[u8]) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    tx.scan(table, &range.start..&range.end, &mut |key, bytes| {
        all.push(read(bytes, key)?);
        Ok(Flow::Continue)
    })?;
    Ok(all)
}

/// The values of a table, by key; `read` gets the record and the key.
pub(crate) fn all<T>(
    tx: &dyn ReadTx,
    table: Table,
    read: impl FnMut(&[u8], &[u8]) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    all_in(tx, table, &everything(), read)
}

pub(crate) fn is_empty(tx: &dyn ReadTx, table: Table) -> Result<bool, StoreError> {
    let (range, mut empty) = (everything(), true);
    tx.scan(table, &range.start..&range.end, &mut |_, _| {
        empty = false;
        Ok(Flow::Stop)
    })?;
    Ok(empty)
}
