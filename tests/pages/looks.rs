//! Every page is looked at in real browsers.

#[allow(dead_code, reason = "what it shows is for the browsers")]
#[path = "../browser/pages.rs"]
mod looked_at;

use crate::auth::site_map::ENTRIES;

/// Routes that answer with no page of their own: redirects, files, streams, what machines read.
const NO_PAGES: &[&str] = &[
    "/",
    "/activity.csv",
    "/admin/accounts",
    "/admin/backup",
    "/assets/<name>",
    "/calendar",
    "/calendar/daily/<date>",
    "/changes",
    "/events/<event>",
    "/feed/<name>",
    "/health/live",
    "/health/ready",
    "/integrity/<check>/<event>",
    "/metrics",
    "/uploads/<token>/report.csv",
];
/// Pages that are there only along an import, which has a case of its own.
const ALONG_AN_IMPORT: &[&str] = &["/import/<id>", "/uploads/<token>"];

/// Whether an address is one of a route's.
fn fits(route: &str, address: &str) -> bool {
    let parts = |text: &str| text.split('?').next().unwrap().split('/').map(str::to_owned).collect::<Vec<_>>();
    let (route, address) = (parts(route), parts(address));
    route.len() == address.len() && route.iter().zip(&address).all(|(one, other)| one.starts_with('<') || one == other)
}

#[test]
fn every_route_that_answers_with_a_page_is_looked_at_in_every_look() {
    let looked_at: Vec<_> = looked_at::PAGES.iter().chain(looked_at::SIGNED_OUT).map(|(address, _)| *address).collect();
    let is_page = |route: &&str| {
        let path = route.split('?').next().unwrap();
        !path.starts_with("/api/") && !NO_PAGES.contains(&path) && !ALONG_AN_IMPORT.contains(&path)
    };
    let pages = ENTRIES.iter().filter(|entry| entry.method == "GET").map(|entry| entry.path.as_str()).filter(is_page);

    let unseen: Vec<_> = pages.filter(|route| !looked_at.iter().any(|address| fits(route, address))).collect();

    assert!(unseen.is_empty(), "no browser looks at {unseen:#?}: add an address to tests/browser/pages.rs");
}
