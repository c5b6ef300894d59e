//! Encoding of records: one version byte, then bincode.
//!
//! Invariant: a stored layout never changes. A new one gets the next version, and the old one is decoded forever.

#[cfg(test)]
mod fixtures;
pub mod hex;
#[cfg(test)]
mod inout_fixtures;
pub(crate) mod places;
#[cfg(test)]
mod proposal_fixtures;
#[cfg(test)]
pub(crate) mod watch_fixtures;

use serde::{Serialize, de::DeserializeOwned};

use crate::store::{
    catalog::Table,
    error::{StoreError, corrupt},
};

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
