//! Checks the audit chain: every entry exists, in order, and is hashed by the next one; the last by the store itself.

use crate::{
    domain::{
        audit::Entry,
        audit::seal::{AuditKeys, Compared},
        integrity::StoreReport,
    },
    store::{
        error::StoreError,
        maintenance::check::{IncrementalCheck, listings},
        tables::{
            audit::{self, EntryV1, EntryV4},
            keys::last_u64,
            meta,
            record::{Record, decode},
        },
        transaction::ReadTx,
    },
};

/// Begins after the entries that are archived.
pub fn begin(tx: &dyn ReadTx, check: &mut IncrementalCheck) -> Result<(), StoreError> {
    let archived = meta::audit_archived(tx)?;
    (check.hash, check.report.audit_entries) = (Some(archived.hash), archived.sequence);
    check.report.audit_archived = archived.sequence;
    Ok(())
}

/// Checks an entry against the one before, and adds what the index of entries by event must have.
pub fn check_entry(key: &[u8], bytes: &[u8], check: &mut IncrementalCheck) -> Result<(), StoreError> {
    let IncrementalCheck { report, hash, audit_keys, listings, .. } = check;
    let (expected, sequence) = (report.audit_entries + 1, last_u64(key).unwrap_or_default());
    if sequence != expected {
        report.storage_problems.push(format!("audit entry {expected} is missing"));
        *hash = None;
    }
    match read_entry(key, bytes) {
        Err(_) => report.storage_problems.push(format!("audit entry {sequence} cannot be read")),
        Ok((record, _)) if record.sequence != sequence => {
            let problem = format!("audit entry {sequence} says that it is entry {}", record.sequence);
            report.storage_problems.push(problem);
        }
        Ok((record, entry)) => {
            if hash.is_some_and(|hash| record.previous != hash) {
                report.storage_problems.push(format!("audit entry {} was altered", sequence.saturating_sub(1)));
            }
            listings.require(&entry);
            check_seal(sequence, key, bytes, audit_keys.as_ref(), report)?;
        }
    }
    (*hash, report.audit_entries) = (Some(audit::hash(bytes)), sequence);
    Ok(())
}

/// Compares the seal of an entry, if there is a key. After the first sealed entry every entry must have a seal.
fn check_seal(
    sequence: u64,
    key: &[u8],
    bytes: &[u8],
    keys: Option<&AuditKeys>,
    report: &mut StoreReport,
) -> Result<(), StoreError> {
    let sealed = match bytes.first() {
        Some(&EntryV4::VERSION) => Some(decode::<EntryV4>(bytes, key)?),
        _ => None,
    };
    if sealed.is_some() {
        report.sealed.entries += 1;
        report.sealed.since = report.sealed.since.or(Some(sequence));
    }
    let Some(keys) = keys else { return Ok(()) };
    let problem = match sealed {
        Some(sealed) => {
            report.sealed.compared += 1;
            match sealed.compare(keys, key)? {
                Compared::Right => return Ok(()),
                Compared::Wrong => format!("the seal of audit entry {sequence} is wrong: the entry was altered"),
                Compared::UnknownKey => {
                    format!("audit entry {sequence} was sealed with a key that is not in the key file")
                }
            }
        }
        None if report.sealed.since.is_some() => {
            format!("audit entry {sequence} is not sealed, but an earlier one is: it was written without the key")
        }
        None => return Ok(()),
    };
    report.storage_problems.push(problem);
    Ok(())
}

/// Checks the last entry, in the snapshot in which it is the last.
pub fn check_end(tx: &dyn ReadTx, check: &mut IncrementalCheck) -> Result<(), StoreError> {
    let IncrementalCheck { report, hash, .. } = check;
    let last = audit::last(tx)?;
    if last != report.audit_entries {
        report.storage_problems.push(format!("the audit ends at {}, it should at {last}", report.audit_entries));
    } else if hash.is_some_and(|hash| meta::audit_hash(tx).ok() != Some(hash)) {
        report.storage_problems.push(format!("audit entry {last} was altered"));
    }
    Ok(())
}

fn read_entry(key: &[u8], bytes: &[u8]) -> Result<(EntryV1, Entry), StoreError> {
    Ok((audit::decode_any(bytes, key)?.entry.entry, audit::from_bytes(bytes, key)?))
}

/// Checks that an entry is indexed under each event that it changed. One that cannot be read was reported before.
pub fn check_unlisted(tx: &dyn ReadTx, key: &[u8], bytes: &[u8], report: &mut StoreReport) -> Result<(), StoreError> {
    match read_entry(key, bytes) {
        Ok((record, entry)) if last_u64(key) == Some(record.sequence) => listings::check_listed(tx, &entry, report),
        _ => Ok(()),
    }
}
