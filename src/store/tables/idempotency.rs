//! Results by idempotency key, so that a repeated request gets the same answer.
//!
//! Only changes that were made are stored: a rejected request changed nothing and may be tried again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{ids::IdempotencyKey, user::access::Digest},
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            keys::Key,
            record::{self, decode, records},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Hours for which a key is stored.
pub const KEPT_HOURS: i64 = 24;
/// Most expired keys deleted by one change, so that none takes long.
const SWEPT_MAX: usize = 8;

/// Identifies equal requests: SHA-256 of their content.
pub type Fingerprint = [u8; 32];

/// Version 1: the fingerprint of the request, its time, and its audit entry.
#[derive(Serialize, Deserialize)]
pub(crate) struct IdempotencyV1 {
    #[serde(with = "crate::store::tables::record::hex")]
    fingerprint: Fingerprint,
    at_ms: i64,
    entry: u64,
}

records!(Replies: IdempotencyV1 = 1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The same request led to this audit entry.
    Same { entry: u64 },
    /// Another request used the key.
    Other { entry: u64 },
}

/// Looks up a key of a caller. An expired key counts as unknown.
///
/// Earlier versions stored the keys of a token under its label (`who`), and before that under no caller; those are found
/// for each.
pub fn find(
    tx: &dyn ReadTx,
    caller: &str,
    who: &str,
    key: &IdempotencyKey,
    fingerprint: &Fingerprint,
    now: DateTime<Utc>,
) -> Result<Option<Known>, StoreError> {
    let by_label = (who != caller).then(|| of_caller(who, key));
    let names = [Some(of_caller(caller, key)), by_label, Some(key.as_str().to_owned())];
    for name in names.iter().flatten() {
        if let Some(known) = find_stored(tx, name, fingerprint, now)? {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

/// The name under which a caller's key is stored: two callers may choose the same key. A key contains no blank, so the
/// name is never equal to a key.
fn of_caller(caller: &str, key: &IdempotencyKey) -> String {
    format!("{} {}", Digest::of(caller).short(), key.as_str())
}

fn find_stored(
    tx: &dyn ReadTx,
    name: &str,
    fingerprint: &Fingerprint,
    now: DateTime<Utc>,
) -> Result<Option<Known>, StoreError> {
    let key = key_of(name);
    let Some(reply) = record::get(tx, Table::Replies, &key, decode::<IdempotencyV1>)? else { return Ok(None) };
    if reply.at_ms < forgotten_before(now) {
        return Ok(None);
    }
    Ok(Some(if reply.fingerprint == *fingerprint {
        Known::Same { entry: reply.entry }
    } else {
        Known::Other { entry: reply.entry }
    }))
}

/// Stores a key of a caller, and deletes some expired ones.
pub fn remember(
    tx: &mut Tx<'_>,
    caller: &str,
    key: &IdempotencyKey,
    fingerprint: Fingerprint,
    entry: u64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sweep(tx, now)?;
    let name = of_caller(caller, key);
    forget(tx, &name)?;
    let at_ms = now.timestamp_millis();
    let (by_time, key) = (time_key(at_ms, &name), key_of(&name));
    tx.put(Table::ReplyTimes, by_time, key.clone())?;
    record::put(tx, key, &IdempotencyV1 { fingerprint, at_ms, entry })
}

/// Deletes the entry by time of a key that is used again after it expired. It would delete the new record too early.
fn forget(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    let record = key_of(name);
    if let Some(bytes) = tx.get(Table::Replies, &record)? {
        let (by_time, _) = entry(&record, &bytes)?;
        tx.remove(Table::ReplyTimes, by_time);
    }
    Ok(())
}

fn time_key(at_ms: i64, key: &str) -> Vec<u8> {
    Key::new().u64(at_ms.unsigned_abs()).text(key).done()
}

pub(crate) fn key_of(key: &str) -> Vec<u8> {
    Key::new().text(key).done()
}

/// The idempotency key of a key of the table.
pub(crate) fn name_of(key: &[u8]) -> Option<&str> {
    key.strip_suffix(&[0, 0]).and_then(|name| std::str::from_utf8(name).ok())
}

/// Key and value of the entry by time that is derived from a record.
pub(crate) fn entry(key: &[u8], bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let reply: IdempotencyV1 = decode(bytes, key)?;
    let name = name_of(key).ok_or_else(|| corrupt(Table::Replies, key))?;
    Ok((time_key(reply.at_ms, name), key.to_vec()))
}

fn sweep(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let (start, end) = (Vec::new(), Key::new().u64(forgotten_before(now).unsigned_abs()).done());
    let mut old = Vec::new();
    tx.scan(Table::ReplyTimes, &start..&end, &mut |by_time, key| {
        old.push((by_time.to_vec(), key.to_vec()));
        Ok(if old.len() < SWEPT_MAX { Flow::Continue } else { Flow::Stop })
    })?;
    for (by_time, key) in old {
        tx.remove(Table::ReplyTimes, by_time);
        tx.remove(Table::Replies, key);
    }
    Ok(())
}

fn forgotten_before(now: DateTime<Utc>) -> i64 {
    (now - TimeDelta::hours(KEPT_HOURS)).timestamp_millis()
}
