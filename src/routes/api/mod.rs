//! The JSON API. It uses the rules and transactions of the pages. `routes/mod.rs` maps it.

mod audit;
mod calendar;
mod catchers;
mod changes;
mod common;
pub mod download;
mod employees;
pub mod error_response;
mod events;
mod idempotency;
mod integrity;
pub mod openapi;
pub mod proposals;
mod query;
mod requests;
pub mod responses;
mod roster;
mod schemas;

use rocket::{
    Route,
    fairing::{AdHoc, Fairing},
    routes,
};
use tracing::error;

use crate::{
    context::{PerTeam, Teams},
    routes::api::openapi::Document,
};

pub fn reads() -> Vec<Route> {
    routes![
        calendar::month,
        calendar::day,
        roster::week,
        events::list,
        events::show,
        employees::list,
        audit::list,
        openapi::show
    ]
}

pub fn long_reads() -> Vec<Route> {
    routes![integrity::list, download::table]
}

pub fn changes() -> Vec<Route> {
    routes![changes::schedule_event, changes::change_employee, changes::trade, changes::undo]
}

pub fn moves() -> Vec<Route> {
    routes![changes::reschedule_event, changes::reschedule_supervisor, changes::unschedule_event]
}

pub fn proposals() -> Vec<Route> {
    routes![proposals::make, proposals::show, proposals::adjust, proposals::remove, proposals::accept]
}

/// Manages the API document and registers the catchers. The site map mounts the routes.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("API", |rocket| async {
        let Some(teams) = rocket.state::<Teams>() else { return Err(rocket) };
        match PerTeam::try_new(teams, |context| Document::of(&context.config)) {
            Ok(documents) => Ok(rocket.manage(documents).register("/api", catchers::all())),
            Err(error) => {
                error!(%error, "the API document cannot be written");
                Err(rocket)
            }
        }
    })
}
