//! The month, the day and the roster.

pub mod day;
pub mod filter;
pub mod month;
pub mod roster;
pub mod timeline;

use rocket::{Route, routes};

/// The routes of the month and the day.
pub fn routes() -> Vec<Route> {
    routes![
        month::home,
        month::pick,
        month::old_address,
        month::show,
        month::filter_form,
        month::sheet,
        day::show,
        day::filter_form,
        day::sheet,
        timeline::show,
        timeline::filter_form,
        timeline::sheet
    ]
}

pub fn roster_routes() -> Vec<Route> {
    routes![roster::this, roster::show, roster::sheet, roster::filter_form]
}
