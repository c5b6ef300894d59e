//! The results of checks.

pub mod findings;
pub mod runs;
