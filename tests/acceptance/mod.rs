//! The acceptance cases: where a test's name begins with a number, it is that case; the others stand beside them.

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
mod round_trips;
mod supervisor;
mod trade;
mod undo;
mod undo_pairs;
