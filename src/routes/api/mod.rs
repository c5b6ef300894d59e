//! The JSON API. It uses the rules and transactions of the pages. `routes/mod.rs` maps it.

mod audit;
pub(super) mod body;
mod calendar;
mod catchers;
mod changes;
mod common;
mod decode;
mod employees;
pub mod etag;
mod events;
mod idempotency;
mod integrity;
pub mod openapi;
pub mod proposals;
mod query;
pub mod reply;
mod requests;
pub mod responses;
mod schemas;

use rocket::{
    Route,
    fairing::{AdHoc, Fairing},
    routes,
};
use tracing::error;

use crate::{
    context::Context,
    routes::{api::openapi::Document, pages::download},
};

pub fn reads() -> Vec<Route> {
    routes![calendar::month, calendar::day, events::list, events::show, employees::list, audit::list, openapi::show]
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
        let Some(context) = rocket.state::<Context>() else { return Err(rocket) };
        match Document::of(&context.config) {
            Ok(document) => Ok(rocket.manage(document).register("/api", catchers::all())),
            Err(error) => {
                error!(%error, "the API document cannot be written");
                Err(rocket)
            }
        }
    })
}
