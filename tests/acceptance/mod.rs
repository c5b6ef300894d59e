//! The acceptance cases, each a test whose name begins with its number.

mod day;
mod failures;
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
