//! Options for opening a store.

use crate::{
    domain::audit::seal::AuditKeys,
    metrics::Metrics,
    store::{fail_points::FailPoints, postgres::Database},
};

/// Default of [`Options::short_work_minutes`].
const SHORT_WORK_MINUTES: u32 = 30;
/// Default size of the engine's page cache, in bytes. The engine's own default is 1 GB.
pub const CACHE_BYTES: u64 = 8 * 1024 * 1024;

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
