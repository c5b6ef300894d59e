//! Pages offer only links, buttons and forms that their user may use.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tandem::{domain::user::Role, routes::site_map::Access};

use super::{
    every_route::filled,
    of,
    site_map::{ENTRIES, Entry},
};
use crate::support::{App, Page, page::attribute};

/// Most addresses that are looked at of one route: months and days go on for ever.
const ADDRESSES_OF_ROUTE_MAX: usize = 6;

/// A way that a page offers: `("GET", "/unscheduled?page=2")`.
pub type Way = (&'static str, String);

/// Where links, forms and htmx lead.
fn ways(page: &Page) -> BTreeSet<Way> {
    let tags =
        page.body.match_indices('<').filter_map(|(at, _)| Some(&page.body[at..=at + page.body[at..].find('>')?]));
    let mut ways = BTreeSet::new();
    for tag in tags {
        let is_form = tag.starts_with("<form");
        let posts = attribute(tag, "method").is_some_and(|method| method == "post");
        let method = if is_form && posts { "POST" } else { "GET" };
        let found = [
            attribute(tag, "href").map(|to| ("GET", to)),
            attribute(tag, "action").or_else(|| attribute(tag, "formaction")).map(|to| (method, to)),
            attribute(tag, "hx-get").map(|to| ("GET", to)),
            attribute(tag, "hx-post").map(|to| ("POST", to)),
        ];
        ways.extend(found.into_iter().flatten().filter(|(_, to)| to.starts_with('/')));
    }
    ways
}

/// The row of the route that an address leads to: the one with the most literal parts.
pub fn row_of((method, to): &Way) -> Option<&'static Entry> {
    let parts = |address: &'static str| address.split('?').next().unwrap().split('/');
    let path: Vec<&str> = to.split(['?', '#']).next().unwrap().split('/').collect();
    let fits = |route: &'static str| {
        let route: Vec<_> = parts(route).collect();
        let all = route.iter().zip(&path).all(|(part, given)| part.starts_with('<') || part == given);
        (route.len() == path.len() && all).then(|| route.iter().filter(|part| !part.starts_with('<')).count())
    };
    let rows = ENTRIES.iter().filter(|entry| entry.method == *method);
    rows.filter_map(|row| Some((fits(&row.path)?, row))).max_by_key(|(literal, _)| *literal).map(|(_, row)| row)
}

fn lets_in(access: Access, role: Role) -> bool {
    match access {
        Access::Anyone | Access::SameMachine => true,
        Access::Viewer => role >= Role::Viewer,
        Access::Scheduler => role >= Role::Scheduler,
        Access::Admin => role >= Role::Admin,
        Access::CommandLine | Access::Never => false,
    }
}

/// Every page that a role can reach, by links and by its own addresses.
pub fn walk(app: &App, role: Role) -> BTreeMap<String, Page> {
    let session = app.session_of(of(role));
    let own = ENTRIES.iter().filter(|entry| entry.method == "GET" && lets_in(entry.access, role));
    let calls = |address: &str| ["/api/", "/assets/", "/changes"].iter().any(|start| address.starts_with(start));
    let mut next: VecDeque<String> = own.map(|entry| filled(&entry.path)).filter(|address| !calls(address)).collect();
    let (mut seen, mut of_route, mut pages) = (BTreeSet::new(), BTreeMap::<_, usize>::new(), BTreeMap::new());
    while let Some(address) = next.pop_front() {
        let Some(Entry { path: route, .. }) = row_of(&("GET", address.clone())) else { continue };
        let count = of_route.entry(route.as_str()).or_default();
        if *count == ADDRESSES_OF_ROUTE_MAX || !seen.insert(address.clone()) {
            continue;
        }
        *count += 1;
        let page = app.ask_as(&session, "GET", &address, &[], "");
        next.extend(page.location.clone());
        next.extend(ways(&page).into_iter().filter(|(method, to)| *method == "GET" && !calls(to)).map(|(_, to)| to));
        pages.insert(address, page);
    }
    pages
}

/// What each of those pages offers.
fn offers(app: &App, role: Role) -> BTreeMap<String, BTreeSet<Way>> {
    walk(app, role).into_iter().map(|(address, page)| (address, ways(&page))).collect()
}

/// An app where there is something to be done everywhere.
fn busy() -> App {
    let app = App::with_users();
    app.sign_in("sam", super::PASSWORD);
    app.post("/events/1003/unschedule", &[("revision", &app.revision(1003)), ("from", "2025-10-15")]).status(303);
    app.post("/integrity/run", &[]).status(303);
    app.post("/feeds", &[("employee", "")]).status(200);
    app.post("/sign-out", &[]).status(303);
    app
}

#[test]
fn pages_offer_only_permitted_actions() {
    let app = busy();
    let mut wrong = Vec::new();
    for role in Role::ALL {
        for (address, ways) in offers(&app, role) {
            for way in ways {
                match row_of(&way) {
                    Some(entry) if lets_in(entry.access, role) => {}
                    row => wrong.push(format!("{role}, {address}: {way:?} is {:?}", row.map(|entry| entry.access))),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} offers: {wrong:#?}", wrong.len());
}

#[test]
fn every_permitted_page_and_form_is_linked() {
    let app = busy();
    let offered = |role: Role| -> BTreeSet<String> {
        let all = offers(&app, role).into_values().flatten();
        all.filter_map(|way| row_of(&way).map(|entry| format!("{} {}", entry.method, entry.path))).collect()
    };

    let (viewer, scheduler, admin) = (offered(Role::Viewer), offered(Role::Scheduler), offered(Role::Admin));

    for route in
        ["GET /unscheduled?<query..>", "GET /employees/<id>/week/<date>", "POST /account/password", "POST /sign-out"]
    {
        assert!(viewer.contains(route), "{route} is not in {viewer:#?}");
    }
    for route in [
        "GET /events/<event>/<change_kind>?<fields..>",
        "GET /events/<event>/supervisor?<fields..>",
        "GET /unscheduled/schedule?<event>&<back>",
        "GET /unscheduled/supervisors",
        "GET /days/<date>/reassign?<query..>",
        "POST /activity/<sequence>/undo",
        "POST /integrity/run",
        "GET /integrity/repair?<check>&<event>&<import>",
        "POST /feeds/<id>/revoke",
    ] {
        assert!(scheduler.contains(route) && !viewer.contains(route), "{route} is not in {scheduler:#?}");
    }
    for route in
        ["GET /import", "GET /users", "GET /settings", "GET /new-employee", "POST /employees/<id>", "POST /holidays"]
    {
        assert!(admin.contains(route) && !scheduler.contains(route), "{route} is not in {admin:#?}");
    }
}
