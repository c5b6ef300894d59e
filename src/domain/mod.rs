//! What scheduling means, as plain data and pure functions.
//!
//! Rule of this room: no HTTP, no database, no clock. Whatever a decision needs arrives as an argument.

pub mod access;
pub mod alternatives;
pub mod audit;
pub mod availability;
pub mod calendar;
pub mod change;
pub mod counts;
pub mod day;
pub mod decide;
pub mod email;
pub mod employee;
pub mod event;
pub mod feed;
pub mod filter;
pub mod holiday;
pub mod ids;
pub mod imports;
pub mod integrity;
pub mod letter;
pub mod names;
pub mod pairing;
pub mod people;
pub mod plan;
pub mod rejection;
pub mod repair;
pub mod rules;
pub mod scene;
pub mod schedule;
pub mod search;
pub mod sheet;
pub mod staff;
pub mod trade;
pub mod undo;
pub mod user;
pub mod usual;
pub mod watch;
pub mod words;
