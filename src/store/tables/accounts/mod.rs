//! Users, sessions, tokens and one-time links.

pub mod feeds;
#[cfg(test)]
pub mod fixtures;
pub mod links;
pub mod sessions;
pub mod tokens;
pub mod users;
pub mod visits;

use chrono::{DateTime, Utc};

use crate::{
    domain::user::access::Digest,
    store::{ReadTx, StoreError},
};

pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(crate) fn moment(millis: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis)
}

pub(crate) fn digest_of(key: &[u8]) -> Option<Digest> {
    key.try_into().ok().map(Digest)
}

/// Reads every user and token, and reports unreadable ones.
pub(crate) fn read_all(tx: &dyn ReadTx) -> Result<(), StoreError> {
    users::all(tx)?;
    tokens::all(tx).map(drop)
}
