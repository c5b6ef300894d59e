//! Encoding of records: one version byte, then bincode.
//!
//! Invariant: a stored layout never changes. A new one gets the next version, and the old one is decoded forever.

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod inout_fixtures;
#[cfg(test)]
mod proposal_fixtures;
#[cfg(test)]
pub(crate) mod watch_fixtures;

use serde::{Serialize, de::DeserializeOwned};

use crate::store::{error::StoreError, tables::catalog::Table};

/// A stored layout of a domain value.
pub(crate) trait Record: Serialize + DeserializeOwned {
    const VERSION: u8;
    const TABLE: Table;
}

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

pub(crate) fn corrupt(table: Table, key: &[u8]) -> StoreError {
    StoreError::Corrupt { table, key: name_of(key) }
}

/// A readable key: the number of an event, the id of an employee; otherwise its bytes.
fn name_of(key: &[u8]) -> String {
    let text = key.strip_suffix(&[0, 0]).and_then(|text| std::str::from_utf8(text).ok());
    match (<[u8; 8]>::try_from(key), text) {
        (Ok(number), _) => u64::from_be_bytes(number).to_string(),
        (_, Some(text)) if !text.is_empty() && !text.contains(char::is_control) => text.to_owned(),
        _ => format!("{key:02x?}"),
    }
}
