//! The rules of scheduling as plain data and pure functions.
//!
//! Invariant: no HTTP, no database, no clock. All data of a decision are arguments.

pub mod alike;
pub mod audit;
pub mod calendar;
pub mod change;
pub mod csv_escape;
pub mod day;
pub mod email;
pub mod employee;
pub mod event;
pub mod feed;
pub mod format;
pub mod ids;
pub mod imports;
pub mod integrity;
pub mod notification;
pub mod policy;
pub mod report;
pub mod rules;
pub mod schedule;
pub mod user;
pub mod visibility;
