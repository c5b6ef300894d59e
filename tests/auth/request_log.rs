//! The log line of a request: route, user and client; never the values of its address.

use tandem::domain::user::Role;

use super::{FORM, of, site_map::ENTRIES};
use crate::support::{App, logs};

const SECRET: &str = "d5c1f0a7e2secret";

/// An address of a route with a secret in the place of each part that is not fixed.
fn with_secrets(route: &str) -> String {
    let path = route.split('?').next().unwrap();
    let part = |part: &str| if part.starts_with('<') { SECRET.to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn no_log_line_contains_the_values_of_an_address() {
    let app = App::with_users();
    let routes = ENTRIES.iter().map(|entry| (entry.method.as_str(), with_secrets(&entry.path)));
    let strays = [
        ("GET", format!("/feed/{SECRET}.ics")),
        ("GET", format!("/feed/{SECRET}/")),
        ("PUT", format!("/welcome/{SECRET}")),
        ("DELETE", format!("/feed/{SECRET}.ics")),
        ("GET", format!("/welcome/{SECRET}/x")),
        ("GET", format!("/welcomes/{SECRET}")),
        ("GET", format!("/{SECRET}")),
        ("GET", format!("/sign-in?next=/welcome/{SECRET}")),
        ("POST", format!("/api/{SECRET}")),
    ];
    for (method, address) in routes.chain(strays) {
        let answer = app.ask(method, &address, &[FORM], "a=b");

        let lines = logs::lines_of(&answer.request_id);
        assert!(lines.iter().any(|line| line.contains("\"route\":")), "{method} {address}: {lines:?}");
        assert!(!lines.iter().any(|line| line.contains(SECRET)), "{method} {address}: {lines:#?}");
    }
}

#[test]
fn the_log_line_of_a_request_names_route_user_and_client() {
    let app = App::with_users();
    let session = app.session_of(of(Role::Viewer));

    let known = app.ask_as(&session, "GET", "/calendar/day/2025-10-15", &[], "").status(200);
    let stranger = app.ask("GET", "/nowhere", &[], "");

    let line = |id: &str| logs::of_request(id, "INFO").into_iter().find(|line| line["message"] == "request").unwrap();
    let (known, stranger) = (line(&known.request_id), line(&stranger.request_id));
    assert_eq!((&known["route"], &known["who"]), (&"/calendar/day/<date>".into(), &"vera".into()), "{known}");
    assert_eq!((&stranger["route"], stranger.get("who")), (&"none".into(), None), "{stranger}");
    assert!(known["from"].is_string() && stranger["from"].is_string());
}
