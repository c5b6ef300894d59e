//! The file: gzip over lines of JSON, as a backup has them: a header, a line for each record, and a footer with their
//! number and a SHA-256 over all lines before it.
//!
//! Invariant: a line yields its original record, byte for byte, so that the chain of hashes can be followed.

use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::store::{
    Table,
    error::corrupt,
    maintenance::{
        audit_archive::ArchiveError,
        backup::{Line, Lines, Reader, Stored},
    },
    tables::{
        audit,
        keys::{Key, last_u64},
        meta::AuditPosition,
    },
    transaction::{Flow, ReadTx},
};

/// Version of the format. A newer one is refused.
pub const ARCHIVE_VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    tandem_audit_archive: u32,
    made_at: DateTime<Utc>,
    /// The record before the first one.
    after: AuditPosition,
}

/// The header's field that is common to all versions.
#[derive(Deserialize)]
struct Version {
    tandem_audit_archive: u32,
}

/// The range of records in a file.
#[derive(Clone, Debug)]
pub struct Content {
    pub after: AuditPosition,
    pub last: AuditPosition,
    /// Of the positions that were asked for, those that are on its chain.
    pub passed: Vec<AuditPosition>,
}

/// Writes the records after a position, up to a sequence.
pub fn write(
    tx: &dyn ReadTx,
    after: AuditPosition,
    last: u64,
    made_at: DateTime<Utc>,
    out: impl Write,
) -> Result<(), ArchiveError> {
    let mut lines = Lines::new(out);
    lines.push(&Header { tandem_audit_archive: ARCHIVE_VERSION, made_at, after })?;
    let (from, end) = (Key::new().u64(after.sequence + 1).done(), Key::new().u64(last + 1).done());
    let (mut count, mut failed) = (0, None);
    tx.scan(Table::Audit, &from..&end, &mut |key, bytes| {
        let stored = Stored { table: Table::Audit, key: key.to_vec(), bytes: bytes.to_vec() };
        let line = Line::of(&stored).ok_or_else(|| corrupt(Table::Audit, key))?;
        count += 1;
        failed = lines.push(&line).err();
        Ok(if failed.is_some() { Flow::Stop } else { Flow::Continue })
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(lines.end(BTreeMap::from([(Table::Audit.name().to_owned(), count)]))?),
    }
}

/// Reads a file to its end and follows its chain.
pub fn read(source: impl BufRead, wanted: &[AuditPosition]) -> Result<Content, ArchiveError> {
    let mut reader = Reader::with_header(source, header)?;
    let after = reader.header.after;
    let (mut last, mut passed) = (after, Vec::new());
    loop {
        passed.extend(wanted.iter().filter(|position| **position == last));
        let Some(stored) = reader.next()?.cloned() else { break };
        let damaged = |why: &str| ArchiveError::Damaged { line: reader.line, why: why.to_owned() };
        if stored.table != Table::Audit || last_u64(&stored.key) != Some(last.sequence + 1) {
            return Err(damaged("a record is missing, or is not of the audit"));
        }
        let record = audit::decode_any(&stored.bytes, &stored.key)?;
        if record.entry.entry.previous != last.hash {
            return Err(damaged("a record does not follow from the one before: one of them was altered"));
        }
        last = AuditPosition { sequence: last.sequence + 1, hash: audit::hash(&stored.bytes) };
    }
    Ok(Content { after, last, passed })
}

fn header(first: &[u8]) -> Result<Header, ArchiveError> {
    let Version { tandem_audit_archive: found } = serde_json::from_slice(first)
        .map_err(|_| ArchiveError::NotAnArchive("it does not begin with the header of an archive"))?;
    if found > ARCHIVE_VERSION {
        return Err(ArchiveError::Newer { found });
    }
    serde_json::from_slice(first).map_err(|error| ArchiveError::Damaged { line: 1, why: error.to_string() })
}
