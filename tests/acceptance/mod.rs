//! The acceptance cases, each a test whose name begins with its number.

mod day;
mod failures;
mod idempotency;
mod imports;
mod month;
mod odd_pairs;
mod ours;
mod pairs;
mod races;
mod revert;
mod trade;
mod undo;
mod undo_pairs;
