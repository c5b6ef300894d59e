//! Who may use which address. A route without a row here fails the test: decide who may, then add the row.

use std::collections::BTreeSet;

use crate::support::App;

/// What somebody must be to use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Everybody, signed in or not.
    Open,
    Viewer,
    Scheduler,
    Admin,
    /// This machine's own command line; for everybody else the address leads nowhere.
    CommandLine,
    /// Whoever is on this machine; for everybody else the address leads nowhere.
    SameMachine,
}
use Door::{Admin, CommandLine, Open, SameMachine, Scheduler, Viewer};

/// Every route: its method, its address, who may use it. One line a route.
pub const DOORS: &[(&str, &str, Door)] = &[
    ("GET", "/", Viewer),
    ("GET", "/account", Viewer),
    ("POST", "/account/password", Viewer),
    ("POST", "/account/sessions", Viewer),
    ("GET", "/activity.csv?<query..>", Viewer),
    ("GET", "/activity/<sequence>", Viewer),
    ("POST", "/activity/<sequence>/revert", Scheduler),
    ("POST", "/activity/<sequence>/undo", Scheduler),
    ("GET", "/activity?<query..>", Viewer),
    ("GET", "/admin/accounts", CommandLine),
    ("POST", "/admin/accounts", CommandLine),
    ("GET", "/admin/backup", CommandLine),
    ("GET", "/api/audit", Viewer),
    ("GET", "/api/calendar/<year>/<month>", Viewer),
    ("GET", "/api/calendar/day/<date>", Viewer),
    ("POST", "/api/change_employee", Scheduler),
    ("GET", "/api/employees", Viewer),
    ("GET", "/api/events", Viewer),
    ("GET", "/api/events/<event>", Viewer),
    ("GET", "/api/export/<file>", Viewer),
    ("GET", "/api/integrity", Viewer),
    ("GET", "/api/openapi.json", Viewer),
    ("POST", "/api/reschedule_event", Scheduler),
    ("POST", "/api/reschedule_supervisor", Scheduler),
    ("POST", "/api/schedule_event", Scheduler),
    ("POST", "/api/trade", Scheduler),
    ("POST", "/api/undo/<undo_id>", Scheduler),
    ("POST", "/api/unschedule_event", Scheduler),
    ("GET", "/assets/<name>", Open),
    ("GET", "/calendar/<year>/<month>", Viewer),
    ("GET", "/calendar/<year>/<month>/filter", Viewer),
    ("GET", "/calendar/<year>/<month>/print", Viewer),
    ("GET", "/calendar/daily/<date>", Viewer),
    ("GET", "/calendar/day/<date>", Viewer),
    ("GET", "/calendar/day/<date>/filter", Viewer),
    ("GET", "/calendar/day/<date>/print", Viewer),
    ("GET", "/calendar?<year>&<month>&<date>", Viewer),
    ("GET", "/changes", Viewer),
    ("GET", "/employees/<id>", Admin),
    ("POST", "/employees/<id>", Admin),
    ("GET", "/employees/<id>/deactivate", Admin),
    ("POST", "/employees/<id>/deactivate", Admin),
    ("POST", "/employees/<id>/reactivate", Admin),
    ("POST", "/employees/<id>/time-off", Admin),
    ("POST", "/employees/<id>/time-off/remove", Admin),
    ("GET", "/employees/<id>/time-off?<fields..>", Admin),
    ("GET", "/employees/<id>/week", Viewer),
    ("GET", "/employees/<id>/week/<date>", Viewer),
    ("GET", "/employees/<id>/week/<date>/print", Viewer),
    ("GET", "/employees?<query..>", Viewer),
    ("GET", "/holidays?<page>", Viewer),
    ("POST", "/holidays", Admin),
    ("POST", "/holidays/<date>/remove", Admin),
    ("GET", "/new-employee", Admin),
    ("POST", "/new-employee", Admin),
    ("GET", "/events/<event>", Viewer),
    ("POST", "/events/<event>/<change_kind>", Scheduler),
    ("GET", "/events/<event>/<change_kind>?<fields..>", Scheduler),
    ("GET", "/events/<event>/supervisor?<fields..>", Scheduler),
    ("GET", "/days/<date>/reassign?<employee>", Scheduler),
    ("POST", "/days/<date>/reassign", Scheduler),
    ("GET", "/feed/<name>", Open),
    ("GET", "/feeds", Scheduler),
    ("POST", "/feeds", Scheduler),
    ("POST", "/feeds/<id>/revoke", Scheduler),
    ("GET", "/health/live", Open),
    ("GET", "/health/ready", Open),
    ("GET", "/help", Viewer),
    ("GET", "/help/calls", Viewer),
    ("GET", "/import", Admin),
    ("POST", "/import", Admin),
    ("GET", "/import/<id>", Admin),
    ("POST", "/import/<id>/undo", Admin),
    ("GET", "/uploads/<token>", Admin),
    ("GET", "/uploads/<token>/report.csv", Admin),
    ("POST", "/uploads/<token>", Admin),
    ("GET", "/unscheduled/schedule?<event>&<back>", Scheduler),
    ("POST", "/unscheduled/schedule", Scheduler),
    ("GET", "/unscheduled/supervisors", Scheduler),
    ("GET", "/unscheduled?<query..>", Viewer),
    ("GET", "/integrity", Viewer),
    ("GET", "/integrity/<check>/<event>", Viewer),
    ("GET", "/integrity/<check>?<page>", Viewer),
    ("POST", "/integrity/repair", Scheduler),
    ("GET", "/integrity/repair?<check>&<event>", Scheduler),
    ("POST", "/integrity/run", Scheduler),
    ("POST", "/integrity/test/<channel>", Scheduler),
    ("GET", "/metrics", SameMachine),
    ("GET", "/search?<q>&<page>", Viewer),
    ("GET", "/settings", Admin),
    ("POST", "/sign-in", Open),
    ("GET", "/sign-in?<next>", Open),
    ("POST", "/sign-out", Viewer),
    ("GET", "/users", Admin),
    ("POST", "/users", Admin),
    ("GET", "/users/<name>", Admin),
    ("POST", "/users/<name>/active", Admin),
    ("POST", "/users/<name>/link", Admin),
    ("POST", "/users/<name>/role", Admin),
    ("POST", "/users/<name>/sessions", Admin),
    ("POST", "/users/tokens", Admin),
    ("POST", "/users/tokens/<id>/end", Admin),
    ("GET", "/welcome/<word>", Open),
    ("POST", "/welcome/<word>", Open),
];

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let rows: BTreeSet<_> = DOORS.iter().map(|(method, address, _)| format!("{method} {address}")).collect();

    let routes = App::empty().routes();

    let missing: Vec<_> = routes.difference(&rows).collect();
    let gone: Vec<_> = rows.difference(&routes).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a row: {missing:#?}\nwithout a route: {gone:#?}");
    assert_eq!(rows.len(), DOORS.len(), "a row stands twice");
}
