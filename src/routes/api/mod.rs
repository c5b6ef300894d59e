//! The JSON API. It uses the rules and transactions of the pages.

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
    routes::{api::openapi::Document, http::timeout::traced, pages::download},
};

/// Every call of the API with its handler. The paths are below `/api`.
fn routes() -> Vec<Route> {
    routes![
        calendar::month,                // GET /calendar/<year>/<month>
        calendar::day,                  // GET /calendar/day/<date>
        events::list,                   // GET /events
        events::show,                   // GET /events/<event>
        employees::list,                // GET /employees
        audit::list,                    // GET /audit
        integrity::list,                // GET /integrity
        download::table,                // GET /export/<file>
        openapi::show,                  // GET /openapi.json
        changes::schedule_event,        // POST /schedule_event
        changes::reschedule_event,      // POST /reschedule_event
        changes::reschedule_supervisor, // POST /reschedule_supervisor
        changes::unschedule_event,      // POST /unschedule_event
        changes::change_employee,       // POST /change_employee
        changes::trade,                 // POST /trade
        changes::undo,                  // POST /undo/<undo_id>
    ]
}

/// Mounts the API under `/api`.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("API", |rocket| async {
        let Some(context) = rocket.state::<Context>() else { return Err(rocket) };
        match Document::of(&context.config) {
            Ok(document) => {
                Ok(rocket.manage(document).mount("/api", traced(routes())).register("/api", catchers::all()))
            }
            Err(error) => {
                error!(%error, "the API document cannot be written");
                Err(rocket)
            }
        }
    })
}
