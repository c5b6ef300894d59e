//! The acceptance cases. A name that begins with a number is that case.

mod channels;
mod conflicts;
mod day;
mod failures;
mod findings;
mod idempotency;
mod imports;
mod month;
mod odd_pairs;
mod pairs;
mod races;
mod reasons;
mod revert;
mod round_trips;
mod supervisor;
mod trade;
mod undo;
mod undo_pairs;
