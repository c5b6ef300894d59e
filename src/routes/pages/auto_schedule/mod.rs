//! The pages of the auto-scheduler: the form, and the page of a proposal.

pub mod options;
pub mod proposal;

use rocket::{Route, routes};

pub fn routes() -> Vec<Route> {
    routes![options::open, options::submit, proposal::show, proposal::submit]
}
