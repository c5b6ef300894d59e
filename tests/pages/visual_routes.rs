//! Every page route is covered by the browser tests.

#[allow(dead_code, reason = "what it shows is for the browsers")]
#[path = "../browser/pages.rs"]
mod looked_at;

use std::collections::BTreeSet;

use crate::{auth::site_map::ENTRIES, support::App};

/// Routes that answer with no page of their own: redirects, files, streams, what machines read.
const NO_PAGES: &[&str] = &[
    "/.well-known/change-password",
    "/.well-known/security.txt",
    "/",
    "/activity.csv",
    "/admin/accounts",
    "/admin/backup",
    "/admin/ready",
    "/assets/<name>",
    "/calendar",
    "/calendar/daily/<date>",
    "/changes",
    "/events/<event>",
    "/events/<event>/fits",
    "/feed/<name>",
    "/health/live",
    "/health/ready",
    "/import/<id>/report.csv",
    "/integrity/<check>/<event>",
    "/roster",
    "/reports/<file>",
    "/sign-in/callback",
    "/sign-in/provider",
    "/metrics",
    "/uploads/<token>/report.csv",
];
/// Pages that are there only along an import, which has a case of its own.
const ALONG_AN_IMPORT: &[&str] = &["/import/<id>", "/import/<id>/undo", "/uploads/<token>"];

/// Whether an address is one of a route's.
fn fits(route: &str, address: &str) -> bool {
    let parts = |text: &str| text.split('?').next().unwrap().split('/').map(str::to_owned).collect::<Vec<_>>();
    let (route, address) = (parts(route), parts(address));
    route.len() == address.len() && route.iter().zip(&address).all(|(one, other)| one.starts_with('<') || one == other)
}

#[test]
fn every_page_route_is_covered_by_the_visual_tests() {
    let looked_at: Vec<_> = looked_at::PAGES.iter().chain(looked_at::SIGNED_OUT).map(|(address, _)| *address).collect();
    let is_page = |route: &&str| {
        let path = route.split('?').next().unwrap();
        !path.starts_with("/api/") && !NO_PAGES.contains(&path) && !ALONG_AN_IMPORT.contains(&path)
    };
    let pages = ENTRIES.iter().filter(|entry| entry.method == "GET").map(|entry| entry.path.as_str()).filter(is_page);

    let unseen: Vec<_> = pages.filter(|route| !looked_at.iter().any(|address| fits(route, address))).collect();

    assert!(unseen.is_empty(), "no browser looks at {unseen:#?}: add an address to tests/browser/pages.rs");
}

#[test]
fn no_id_stands_twice_on_a_page() {
    let app = App::with_acceptance_data();
    let pages = looked_at::PAGES.iter().map(|(address, _)| app.get(address)).filter(|page| page.status == 200);
    let mut looked_through = 0;
    for page in pages {
        let ids = page.body.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = ids.filter(|id| !seen.insert(*id)).collect();
        assert!(twice.is_empty(), "{twice:?} in {}", page.text().chars().take(80).collect::<String>());
        looked_through += usize::from(seen.len() > 1);
    }
    assert!(looked_through > looked_at::PAGES.len() / 2, "{looked_through} pages with ids");
}
