//! The calls: the same rules and transactions as the pages, in JSON. This file is their map.

mod audit;
pub(super) mod body;
mod calendar;
mod catchers;
mod changes;
mod common;
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
    fairing::{AdHoc, Fairing},
    routes,
};

use tracing::error;

use crate::{
    context::Context,
    routes::{api::openapi::Document, http::timeout::traced, pages::download},
};

/// Mounts every call under `/api`.
pub fn stage() -> impl Fairing {
    AdHoc::try_on_ignite("calls", |rocket| async {
        let Some(context) = rocket.state::<Context>() else { return Err(rocket) };
        let document = match Document::of(&context.config) {
            Ok(document) => document,
            Err(error) => {
                error!(%error, "the document of the calls cannot be written");
                return Err(rocket);
            }
        };
        Ok(rocket
            .manage(document)
            .mount(
                "/api",
                traced(routes![
                    calendar::month,
                    calendar::day,
                    changes::schedule_event,
                    changes::reschedule_event,
                    changes::reschedule_supervisor,
                    changes::unschedule_event,
                    changes::change_employee,
                    changes::trade,
                    changes::undo,
                    events::list,
                    events::show,
                    employees::list,
                    audit::list,
                    integrity::list,
                    download::table,
                    openapi::show,
                ]),
            )
            .register("/api", catchers::all()))
    })
}
