//! Counts what the store does, for tests of its cost.

/// What the store has done since the start. The cost of a page is the difference of two values.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    /// Records read by their keys.
    pub point_reads: u64,
    /// Reads of the engine, each of one key, of several keys, or of a range.
    pub read_calls: u64,
    /// Answers of a database that reads and writes have waited for; none of an embedded engine.
    pub round_trips: u64,
    /// Syncs to disk; fewer than changes when writers share one.
    pub syncs: u64,
}
