//! The pages of the auto-scheduler: the form, and the page of a proposal.

pub mod options;
pub mod proposal;
pub mod rotation;
pub mod rotation_copy;

use rocket::{Route, routes};

pub fn routes() -> Vec<Route> {
    routes![
        options::open,
        options::submit,
        proposal::show,
        proposal::submit,
        rotation::show,
        rotation::save,
        rotation::add_exception,
        rotation::remove_exception,
        rotation_copy::preview,
        rotation_copy::copy
    ]
}
