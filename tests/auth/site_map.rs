//! The site map compared with the mounted routes, and its limits with answers.

use std::{collections::BTreeSet, sync::LazyLock};

use tandem::{
    domain::user::Role,
    routes::{
        self,
        site_map::{Access, Limit, Row},
    },
};

use super::{
    every_route::{Asker, How, Who},
    limits::limited,
};
use crate::support::App;

/// A route of the map.
pub struct Entry {
    pub method: String,
    pub path: String,
    pub access: Access,
    pub limit: Limit,
}

/// Every route of the map.
pub static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| routes::map().iter().flat_map(entries).collect());

fn entries(row: &Row) -> Vec<Entry> {
    let base = row.base.trim_end_matches('/');
    let entry = |route: &rocket::Route| Entry {
        method: route.method.to_string(),
        path: format!("{base}{}", route.uri),
        access: if route.method == rocket::http::Method::Get { row.get } else { row.post },
        limit: row.limit,
    };
    row.routes.iter().map(entry).collect()
}

#[test]
fn the_map_has_each_mounted_route_once() {
    let mapped: Vec<_> = ENTRIES.iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect();

    assert_eq!(mapped.iter().cloned().collect::<BTreeSet<_>>(), App::empty().routes());
    assert_eq!(mapped.len(), App::empty().routes().len(), "a route is mapped twice");
}

#[test]
fn every_row_has_exactly_its_paths_and_methods() {
    for row in routes::map() {
        let paths: Vec<_> = row.paths.split(' ').collect();
        let is_below = |route: &rocket::Route, path: &str| {
            let rest = route.uri.path().strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || path != "/" && rest.starts_with('/'))
        };
        for route in &row.routes {
            assert!(paths.iter().any(|path| is_below(route, path)), "{} is not below {paths:?}", route.uri);
        }
        for path in &paths {
            assert!(row.routes.iter().any(|route| is_below(route, path)), "no route is below {path}");
        }
        for (method, access) in [("GET", row.get), ("POST", row.post)] {
            let has_routes = row.routes.iter().any(|route| route.method.as_str() == method);
            assert_eq!(has_routes, access != Access::Never, "{method} {paths:?}: {access:?}");
        }
    }
}

#[test]
fn every_route_that_needs_a_role_has_a_limit() {
    for Entry { method, path, access, limit } in ENTRIES.iter() {
        let needs_role = matches!(access, Access::Viewer | Access::Scheduler | Access::Admin);
        assert!(!needs_role || *limit != Limit::Unlimited, "{method} {path}");
        assert_eq!(
            path.starts_with("/api/"),
            matches!(limit, Limit::Api | Limit::ApiMoves),
            "{method} {path}: {limit:?}"
        );
    }
}

/// The limit that the headers of an answer tell, with the settings of [`every_answer_reports_the_limit_of_its_row`].
fn told(limit: Limit, method: &str, path: &str) -> Option<&'static str> {
    let is_move = method == "POST" && (path.ends_with("/reschedule") || path.ends_with("/unschedule"));
    match limit {
        // Checks of clients on this machine are not counted.
        Limit::Unlimited | Limit::Checks => None,
        Limit::PageMoves if is_move => Some("200"),
        Limit::Pages | Limit::PageMoves => Some("1000"),
        Limit::ApiMoves if method == "POST" => Some("200"),
        Limit::Api | Limit::ApiMoves => Some("2000"),
    }
}

#[test]
fn every_answer_reports_the_limit_of_its_row() {
    let app = limited(&[
        ("writes_per_minute", "200"),
        ("pages_per_minute", "1000"),
        ("calls_per_hour", "2000"),
        ("calls_per_day", "3000"),
    ]);
    let asker = Asker::of(&app);
    let mut wrong = Vec::new();
    for Entry { method, path, limit, .. } in ENTRIES.iter() {
        let changes = ["schedule", "reschedule", "employee", "trade", "unschedule"];
        let kinds = if path.contains("<change_kind>") { &changes[..] } else { &[""] };
        for kind in kinds {
            let path = path.replace("<change_kind>", kind);
            let answer = asker.ask(Who::User(Role::Admin), How::Page, method, &path);

            // What no handler answers is an unknown path, as are the routes of the command line to all others.
            let is_unknown = *limit == Limit::Unlimited && answer.status == 404;
            let limit = if is_unknown { Limit::Pages } else { *limit };
            let expected = told(limit, method, path.split('?').next().unwrap());
            if answer.header("RateLimit-Limit") != expected {
                wrong.push(format!("{method} {path}: {:?} ({})", answer.header("RateLimit-Limit"), answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
