//! Cached pages are private to one session.

use tandem::domain::user::{Role, access::AdminCommand};

use super::of;
use crate::support::{App, Page};

const MONTH: &str = "/calendar/2025/10";
const DAY: &str = "/calendar/day/2025-10-15";

/// The page that a session gets.
fn get(app: &App, session: &str, address: &str) -> Page {
    app.ask_as(session, "GET", address, &[], "")
}

#[test]
fn a_cached_page_is_never_shared_between_users() {
    let app = App::with_users();
    let sessions = Role::ALL.map(|role| (of(role), app.session_of(of(role))));
    for address in [MONTH, DAY] {
        for (name, session) in &sessions {
            let page = get(&app, session, address).status(200).says(&format!("Signed in as {name}"));
            for (other, session) in sessions.iter().filter(|(other, _)| other != name) {
                let theirs = get(&app, session, address).says(&format!("Signed in as {other}"));
                assert_ne!(theirs.etag, page.etag, "{address}");
                let header = [("If-None-Match", page.etag.as_deref().unwrap())];
                app.ask_as(session, "GET", address, &header, "").status(200);
            }
        }
        app.ask("GET", address, &[("Cookie", "tandem_session=unknown")], "").status(303);
    }
}

#[test]
fn each_session_of_a_user_gets_its_own_form_token() {
    let app = App::with_users();
    let (one, other) = (app.session_of("sam"), app.session_of("sam"));
    let token = |session: &str| {
        let page = get(&app, session, MONTH).status(200).body;
        page.split_once("name=\"csrf\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"').map(|(token, _)| token.to_owned()))
    };
    let first = token(&one);
    assert!(first.is_some());
    assert_ne!(first, token(&other));
    assert_eq!(first, token(&one));
}

#[test]
fn an_unchanged_page_answers_304_only_to_a_valid_session() {
    let app = App::with_users();
    let session = app.session_of("sam");
    get(&app, &session, MONTH);
    let tag = get(&app, &session, MONTH).etag.unwrap();
    app.ask_as(&session, "GET", MONTH, &[("If-None-Match", &tag)], "").status(304);

    app.order(&AdminCommand::EndSessions { name: "sam".parse().unwrap(), session: None, keep: None });

    let gone = app.ask_as(&session, "GET", MONTH, &[("If-None-Match", &tag)], "");
    assert_eq!(gone.status, 303, "{}", gone.body);
}

#[test]
fn signing_out_clears_the_cache_of_the_browser() {
    let app = App::with_users();
    app.sign_in("sam", super::PASSWORD).status(303);
    let left = app.post("/sign-out", &[]).status(303);
    assert_eq!(left.header("Clear-Site-Data"), Some("\"cache\""));
}
