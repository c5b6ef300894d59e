//! Stored proposals of the auto-scheduler. They expire, survive a restart, and are not part of backups: a restored store
//! is another state than the one they were made for.

mod layout;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    domain::{ids::ProposalId, schedule::saved::Saved},
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            keys::Key,
            proposals::layout::{layout, read},
            record::{self, decode, encode},
        },
        transaction::{RECORD_BYTES_MAX, ReadTx, Tx},
    },
};

/// Most proposals that are stored. The oldest of the user who has the most gives way to a new one, so that no user pushes out
/// the proposals of others.
pub const PROPOSALS_MAX: usize = 50;

fn key_of(id: ProposalId) -> Vec<u8> {
    Key::new().u64(id.0).done()
}

/// A proposal by its id; expired ones too.
pub fn get(tx: &dyn ReadTx, id: ProposalId) -> Result<Option<Saved>, StoreError> {
    record::get(tx, Table::Proposals, &key_of(id), from_bytes)
}

/// Writes a proposal. False if it is too long for a record; then nothing was written.
pub fn put(tx: &mut Tx<'_>, saved: &Saved) -> Result<bool, StoreError> {
    let key = key_of(saved.id);
    let bytes = encode(&layout(saved), &key)?;
    if bytes.len() + key.len() > RECORD_BYTES_MAX {
        return Ok(false);
    }
    tx.put(Table::Proposals, key, bytes)?;
    Ok(true)
}

pub fn remove(tx: &mut Tx<'_>, id: ProposalId) {
    tx.remove(Table::Proposals, key_of(id));
}

/// Every proposal that is valid, the newest first.
pub fn all(tx: &dyn ReadTx, now: DateTime<Utc>) -> Result<Vec<Saved>, StoreError> {
    let mut all = stored(tx)?;
    all.retain(|saved| saved.is_valid(now));
    Ok(all)
}

/// Makes room for a new proposal: removes what has expired, and others where there are too many.
pub fn sweep(tx: &mut Tx<'_>, new: &Saved) -> Result<(), StoreError> {
    let (mut kept, over): (Vec<_>, Vec<_>) = stored(tx)?.into_iter().partition(|saved| saved.is_valid(new.at));
    for saved in &over {
        remove(tx, saved.id);
    }
    while kept.len() >= PROPOSALS_MAX {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for saved in kept.iter().chain([new]) {
            *counts.entry(&saved.who).or_default() += 1;
        }
        let most = counts.values().max().copied();
        let Some(oldest) = kept.iter().rposition(|saved| counts.get(saved.who.as_str()).copied() == most) else {
            break;
        };
        remove(tx, kept.remove(oldest).id);
    }
    Ok(())
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Saved, StoreError> {
    read(decode(bytes, key)?).ok_or_else(|| corrupt(Table::Proposals, key))
}

fn stored(tx: &dyn ReadTx) -> Result<Vec<Saved>, StoreError> {
    let mut all = record::all(tx, Table::Proposals, from_bytes)?;
    all.sort_by_key(|saved: &Saved| (std::cmp::Reverse(saved.at), saved.id));
    Ok(all)
}
