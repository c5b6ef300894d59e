//! HTTP routes. [`map`] lists every route with its policy.
//!
//! A handler has five steps: guard, form, decision, store, view.

pub mod access_log;
pub mod api;
pub mod auth;
mod health;
pub(crate) mod http;
pub mod local_commands;
pub(crate) mod pages;
pub(crate) mod render;
pub mod site_map;

use crate::routes::{
    auth::{
        rate_limit::Limit::{Api, ApiMoves, Checks, PageMoves, Pages, Unlimited},
        well_known,
    },
    health::metrics,
    http::{
        assets,
        timeout::Timeout::{Long, Normal},
    },
    pages::accounts::{
        account,
        sign_in::{self, forgotten, one_time_link},
        users,
    },
    site_map::{
        Access::{Admin, Anyone, CommandLine, Never, SameMachine, Scheduler, Viewer},
        Row, api, page,
    },
};

/// Every route of the server. The guard of a handler enforces its access; limits and timeouts are applied to the rows.
#[rustfmt::skip]
pub fn map() -> Vec<Row> {
    use pages::{activity, auto_schedule, bulk, calendar, changes, employees, feeds, help, import, integrity, live, look_alikes, reports, search, settings, unscheduled, unsent};
    vec![
        //   paths                               GET          POST         limit      timeout  handlers
        page("/ /calendar",                      Viewer,      Never,       Pages,     Normal,  calendar::routes()),
        page("/roster",                          Viewer,      Never,       Pages,     Normal,  calendar::roster_routes()),
        page("/changes",                         Viewer,      Never,       Pages,     Normal,  live::routes()),
        page("/search",                          Viewer,      Never,       Pages,     Normal,  search::routes()),
        page("/events",                          Viewer,      Never,       Pages,     Normal,  changes::routes()),
        page("/events",                          Scheduler,   Scheduler,   PageMoves, Normal,  changes::form_routes()),
        page("/unscheduled",                     Viewer,      Never,       Pages,     Normal,  unscheduled::routes()),
        page("/unscheduled",                     Scheduler,   Scheduler,   Pages,     Normal,  bulk::schedule_routes()),
        page("/auto-schedule",                   Scheduler,   Scheduler,   Pages,     Normal,  auto_schedule::routes()),
        page("/days",                            Scheduler,   Scheduler,   Pages,     Normal,  bulk::reassign_routes()),
        page("/activity /activity.csv",          Viewer,      Scheduler,   Pages,     Normal,  activity::routes()),
        page("/reports",                         Viewer,      Never,       Pages,     Long,    reports::routes()),
        page("/integrity",                       Viewer,      Scheduler,   Pages,     Long,    integrity::routes()),
        page("/integrity",                       Viewer,      Never,       Pages,     Long,    bulk::finding_routes()),
        page("/integrity/repair",                Scheduler,   Scheduler,   Pages,     Long,    bulk::repair_routes()),
        page("/integrity/accept",                Scheduler,   Scheduler,   Pages,     Normal,  integrity::accept::routes()),
        page("/integrity/look-alikes",           Admin,       Admin,       Pages,     Long,    look_alikes::routes()),
        page("/employees",                       Viewer,      Never,       Pages,     Normal,  employees::routes()),
        page("/employees /new-employee",         Admin,       Admin,       Pages,     Normal,  employees::admin_routes()),
        page("/holidays",                        Viewer,      Admin,       Pages,     Normal,  employees::holiday_routes()),
        page("/import /uploads",                 Admin,       Admin,       Pages,     Long,    import::routes()),
        page("/feeds",                           Scheduler,   Scheduler,   Pages,     Normal,  feeds::routes()),
        page("/feed",                            Anyone,      Never,       Pages,     Normal,  feeds::file_routes()),
        page("/help",                            Viewer,      Never,       Pages,     Normal,  help::routes()),
        page("/settings",                        Admin,       Never,       Pages,     Normal,  settings::routes()),
        page("/sign-in",                         Anyone,      Anyone,      Pages,     Normal,  sign_in::routes()),
        page("/sign-out",                        Never,       Viewer,      Pages,     Normal,  sign_in::sign_out_routes()),
        page("/welcome",                         Anyone,      Anyone,      Pages,     Normal,  one_time_link::routes()),
        page("/forgot-password",                 Anyone,      Anyone,      Pages,     Normal,  forgotten::routes()),
        page("/.well-known",                     Anyone,      Never,       Pages,     Normal,  well_known::routes()),
        page("/unsent",                          Viewer,      Never,       Pages,     Normal,  unsent::routes()),
        page("/account",                         Viewer,      Viewer,      Pages,     Normal,  account::routes()),
        page("/users",                           Admin,       Admin,       Pages,     Normal,  users::routes()),
        page("/assets",                          Anyone,      Never,       Unlimited, Normal,  assets::routes()),
        page("/health/live",                     Anyone,      Never,       Unlimited, Normal,  health::live_routes()).at_any_host(),
        page("/health/ready",                    Anyone,      Never,       Checks,    Normal,  health::ready_routes()).at_any_host(),
        page("/metrics",                         SameMachine, Never,       Unlimited, Normal,  metrics::routes()).at_any_host(),
        page("/admin",                           CommandLine, CommandLine, Unlimited, Long,    local_commands::routes()),
        api("/calendar /roster /events /employees /audit /openapi.json",
                                                 Viewer,      Never,       Api,       Normal,  api::reads()),
        api("/integrity /export",                Viewer,      Never,       Api,       Long,    api::long_reads()),
        api("/schedule_event /change_employee /trade /undo",
                                                 Never,       Scheduler,   Api,       Normal,  api::changes()),
        api("/reschedule_event /reschedule_supervisor /unschedule_event",
                                                 Never,       Scheduler,   ApiMoves,  Normal,  api::moves()),
        api("/proposals",                        Viewer,      Scheduler,   Api,       Normal,  api::proposals()),
    ]
}
