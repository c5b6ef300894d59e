//! Backups: every record that cannot be made again, in a form that no engine is needed to read.
//!
//! A backup is gzip over lines of JSON: a header, a line for each record, and an end with counts and a SHA-256 over all
//! lines before it. Indexes and counters are not in it; restoring makes them again. Rule of this room: nothing gets the
//! name that was asked for before it was read back to its end.

mod error;
mod file;
mod line;
mod read;
mod write;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use crate::store::maintenance::backup::error::BackupError;
pub(crate) use crate::store::maintenance::backup::file::parent;
pub use crate::store::maintenance::backup::file::{Draft, sweep, to_temporary};
pub(crate) use crate::store::maintenance::backup::read::Reader;

use crate::store::tables::catalog::Table;

/// Version of the format of backups. A newer one is refused.
pub const BACKUP_VERSION: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    pub made_at: DateTime<Utc>,
    counts: BTreeMap<String, u64>,
}

impl Contents {
    /// How many records of a table are in it.
    pub fn count(&self, table: Table) -> u64 {
        self.counts.get(table.name()).copied().unwrap_or(0)
    }
}
