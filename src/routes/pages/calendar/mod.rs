//! The month and the day.

pub mod day;
pub mod filter;
pub mod month;
