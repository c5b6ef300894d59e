//! The calls: the same rules and transactions as the pages, in JSON. This file is their map.

pub mod answer;
mod asked;
mod attempt;
mod audit;
pub(super) mod body;
mod calendar;
mod catchers;
mod changes;
mod common;
pub mod document;
mod employees;
mod events;
mod integrity;
mod query;
pub mod shapes;
pub mod tagged;
mod texts;

use rocket::{
    fairing::{AdHoc, Fairing},
    routes,
};

use tracing::error;

use self::document::Document;
use super::{download, traced::traced};
use crate::context::Context;

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
                    document::show,
                ]),
            )
            .register("/api", catchers::all()))
    })
}
