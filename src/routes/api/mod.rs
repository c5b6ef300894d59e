//! The calls: the same rules and transactions as the pages, in JSON. This file is their map.

pub mod answer;
mod attempt;
mod body;
mod calendar;
mod catchers;
mod changes;

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
                    changes::unschedule_event,
                    changes::change_employee,
                    changes::trade,
                    changes::undo,
                    download::table,
                ]),
            )
            .register("/api", catchers::all())
    })
}
