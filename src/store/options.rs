//! Options for opening a store.

use std::fmt;

use crate::{domain::audit::seal::AuditKeys, metrics::Metrics, store::fail_points::FailPoints};

/// Default of [`Options::short_work_minutes`].
const SHORT_WORK_MINUTES: u32 = 30;
/// Default size of the engine's page cache, in bytes. The engine's own default is 1 GB.
pub const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// The address of a database, and the schema of the team in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Database {
    /// `postgres://user:password@host:port/database`
    pub url: String,
    pub schema: String,
    /// Creates the schema if it does not exist.
    pub create: bool,
}

/// Without the address, which may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("schema", &self.schema).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
pub struct Options {
    pub cache_bytes: u64,
    /// Makes chosen writes fail; armed by tests only.
    pub fail_points: FailPoints,
    pub metrics: Metrics,
    /// Seal audit entries, and verify seals.
    pub audit_keys: Option<AuditKeys>,
    /// A temporary store, which is deleted or moved when complete. It leaves disk space to the store in use.
    pub scratch: bool,
    /// The database that holds the store; none for one in the data folder.
    pub database: Option<Database>,
    /// Longest work in minutes that may overlap other work at the same store, from which issues are computed.
    pub short_work_minutes: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: CACHE_BYTES,
            fail_points: FailPoints::default(),
            metrics: Metrics::default(),
            audit_keys: None,
            scratch: false,
            database: None,
            short_work_minutes: SHORT_WORK_MINUTES,
        }
    }
}

impl Options {
    /// The same for a temporary store in a folder.
    #[must_use]
    pub fn for_scratch(&self) -> Self {
        Self { scratch: true, database: None, ..self.clone() }
    }
}
