//! The calls: the same rules and transactions as the pages, in JSON. This file is their map.

pub mod answer;
mod asked;
mod attempt;
mod audit;
pub(super) mod body;
mod calendar;
mod catchers;
mod changes;
pub mod document;
mod employees;
mod events;
mod integrity;
mod query;
pub mod shapes;
pub mod tagged;

use rocket::{
    fairing::{AdHoc, Fairing},
    routes,
};

use super::{download, traced::traced};

/// Mounts every call under `/api`.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("calls", |rocket| async {
        rocket
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
            .register("/api", catchers::all())
    })
}
