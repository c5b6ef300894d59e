//! Options for opening a store.

use crate::{domain::audit::seal::AuditKeys, metrics::Metrics, store::fail_points::FailPoints};

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
            short_work_minutes: SHORT_WORK_MINUTES,
        }
    }
}
