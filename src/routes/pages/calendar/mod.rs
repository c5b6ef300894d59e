//! The month and the day.

pub mod day;
pub mod filter;
pub mod month;

use rocket::{Route, routes};

/// The routes of the month and the day.
pub fn routes() -> Vec<Route> {
    routes![
        month::home,
        month::pick,
        month::old_address,
        month::show,
        month::narrow,
        month::sheet,
        day::show,
        day::narrow,
        day::sheet
    ]
}
