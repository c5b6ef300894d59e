//! Moves the oldest entries of the audit to a sealed file.
//!
//! Invariant: an entry leaves the store only once the file that holds it was read back and is on disk. Entries leave
//! oldest first, and the store keeps number and hash of the last one that left: at every moment, the first entry that
//! is left names the hash of the one before.

mod error;
mod file;
mod follow;

use std::path::Path;

use chrono::{DateTime, Utc};

pub use crate::store::maintenance::audit_archive::{
    error::ArchiveError,
    follow::{Followed, follow},
};
use crate::{
    domain::{
        audit::{About, Action, Entry, Fact, Origin, Outcome, Topic},
        notification::{Notification, Purpose},
    },
    store::{
        Store, StoreError, Table,
        maintenance::backup::Draft,
        tables::{
            audit,
            keys::{Key, last_u64},
            meta::{self, AuditPosition},
            outbox,
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Records that leave the store in one transaction, and the rest of a change.
const BATCH_RECORDS: usize = 250;

/// The entries that were moved to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The first record and the last.
    pub first: u64,
    pub last: u64,
    /// The size of the file.
    pub bytes: u64,
}

/// Moves the entries before a time to a new file. None if there are none.
///
/// # Errors
/// [`ArchiveError`]. If the file could not be made, the store is unchanged; if entries could not be removed, both have
/// them.
pub fn run(
    store: &Store,
    target: &Path,
    before: DateTime<Utc>,
    origin: &Origin,
) -> Result<Option<Archived>, ArchiveError> {
    let (after, last) =
        store.read(|tx| Ok::<_, StoreError>((meta::audit_archived(tx)?, last_before(tx, before, origin.at)?)))?;
    let mut draft = Draft::beside(target, &store.path)?;
    let Some(last) = last else { return Ok(None) };
    draft.fill(|out| store.read(|tx| file::write(tx, after, last, origin.at, out)))?;
    let (content, bytes) = draft.place_after(|source| file::read(source, &[]))?;
    let (first, last) = (after.sequence + 1, content.last.sequence);
    remove(store, last, &entry(origin, first, last, target))?;
    Ok(Some(Archived { first, last, bytes }))
}

/// The last record that may leave: of a change before a time that is reported to employees and sent to the webhook. Of a
/// change that a wrong clock dated after `now`, the changes around it tell.
fn last_before(tx: &dyn ReadTx, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<Option<u64>, StoreError> {
    let (needed, mut last) = (first_needed(tx)?, None);
    audit::each_record(tx, |key, bytes| {
        let entry = audit::from_bytes(bytes, key)?;
        if entry.at > now && entry.sequence < needed {
            return Ok(Flow::Continue);
        }
        if entry.at >= before || entry.sequence >= needed {
            return Ok(Flow::Stop);
        }
        last = last_u64(key);
        Ok(Flow::Continue)
    })?;
    Ok(last)
}

/// The first change that employees or the webhook are still to be told about.
fn first_needed(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    let mut needed = u64::MAX;
    for done in [meta::notices_reported(tx)?, meta::changes_sent(tx)?].into_iter().flatten() {
        needed = needed.min(done.saturating_add(1));
    }
    for message in outbox::all(tx)?.iter().filter(|message| message.is_waiting()) {
        needed = needed.min(change_in(&message.notification).unwrap_or(u64::MAX));
    }
    Ok(needed)
}

fn change_in(message: &Notification) -> Option<u64> {
    let item = message.items.first().filter(|_| message.purpose == Purpose::Change)?;
    item.text.parse().ok()
}

fn entry(origin: &Origin, first: u64, last: u64, target: &Path) -> Entry {
    let about = About { topic: Topic::File, id: "audit archive".to_owned() };
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let moved = Fact { name: format!("entries {first} to {last}"), before: "store".to_owned(), after: name };
    Entry { about: Some(about), facts: vec![moved], ..Entry::new(origin, Action::ArchiveAudit, Outcome::Done) }
}

/// Removes the records up to `last`, and audits that with the first of them.
fn remove(store: &Store, last: u64, entry: &Entry) -> Result<(), StoreError> {
    let mut is_audited = false;
    loop {
        let is_done = store.write(|tx| {
            let archived = meta::audit_archived(tx)?;
            if archived.sequence >= last {
                return Ok(true);
            }
            let moved = remove_batch(tx, archived.sequence + 1, last)?;
            meta::set_audit_archived(tx, moved)?;
            if !is_audited {
                audit::append(tx, entry.clone())?;
            }
            Ok::<_, StoreError>(false)
        })?;
        is_audited = true;
        if is_done {
            return Ok(());
        }
    }
}

/// Removes about [`BATCH_RECORDS`] records, and never a part of a change. Returns the last one.
fn remove_batch(tx: &mut Tx<'_>, first: u64, last: u64) -> Result<AuditPosition, StoreError> {
    let (from, end) = (Key::new().u64(first).done(), Key::new().u64(last + 1).done());
    let (mut removed, mut entries, mut position) = (Vec::new(), Vec::new(), AuditPosition::default());
    tx.scan(Table::Audit, &from..&end, &mut |key, bytes| {
        let entry = audit::from_bytes(bytes, key)?;
        let sequence = last_u64(key).unwrap_or_default();
        if removed.len() >= BATCH_RECORDS && entry.sequence == sequence {
            return Ok(Flow::Stop);
        }
        position = AuditPosition { sequence, hash: audit::hash(bytes) };
        removed.push(key.to_vec());
        entries.extend(entry.steps.iter().map(|step| audit::index_key(step.event, entry.sequence)));
        Ok(Flow::Continue)
    })?;
    for key in removed {
        tx.remove(Table::Audit, key);
    }
    for key in entries {
        tx.remove(Table::EventAudit, key);
    }
    Ok(position)
}
