//! Backups: every record that cannot be rebuilt, in a format that is independent of the engine.
//!
//! A backup is gzip over lines of JSON: a header, a line for each record, and a footer with counts and a SHA-256 over
//! all lines before it. Indexes and counters are not in it; a restore rebuilds them. Invariant: a file gets its final
//! name only after it was read back to its end.

mod error;
mod file;
mod line;
mod read;
pub mod restore;
mod write;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use crate::store::maintenance::backup::error::BackupError;
pub use crate::store::maintenance::backup::file::{Draft, sweep, to_temporary};
pub(in crate::store) use crate::store::maintenance::backup::{
    line::{Line, Stored},
    read::Reader,
    write::Lines,
};

use crate::store::catalog::Table;

/// Version of the backup format. A newer one is rejected.
pub const BACKUP_VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    pub made_at: DateTime<Utc>,
    counts: BTreeMap<String, u64>,
}

impl Contents {
    pub fn count(&self, table: Table) -> u64 {
        self.counts.get(table.name()).copied().unwrap_or(0)
    }
}
