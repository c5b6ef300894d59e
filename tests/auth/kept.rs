//! Pages that are drawn once are drawn once for each who asks.

use tandem::domain::user::{Role, access::AdminCommand};

use super::of;
use crate::support::{App, Page};

const MONTH: &str = "/calendar/2025/10";
const DAY: &str = "/calendar/day/2025-10-15";

/// What somebody gets who has the word of a session.
fn get(app: &App, word: &str, address: &str) -> Page {
    app.ask_as(word, "GET", address, &[], "")
}

#[test]
fn nobody_gets_the_page_of_somebody_else() {
    let app = App::with_users();
    let words = Role::ALL.map(|role| (of(role), app.session_of(of(role))));
    for address in [MONTH, DAY] {
        for (name, word) in &words {
            let page = get(&app, word, address).status(200).says(&format!("Signed in as {name}"));
            for (other, word) in words.iter().filter(|(other, _)| other != name) {
                let theirs = get(&app, word, address).says(&format!("Signed in as {other}"));
                assert_ne!(theirs.etag, page.etag, "{address}");
                let header = [("If-None-Match", page.etag.as_deref().unwrap())];
                app.ask_as(word, "GET", address, &header, "").status(200);
            }
        }
        app.ask("GET", address, &[("Cookie", "tandem_session=nobody")], "").status(303);
    }
}

#[test]
fn two_sessions_of_one_user_have_pages_with_a_token_each() {
    let app = App::with_users();
    let (one, other) = (app.session_of("sam"), app.session_of("sam"));
    let token = |word: &str| {
        let page = get(&app, word, MONTH).status(200).body;
        page.split_once("name=\"csrf\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"').map(|(token, _)| token.to_owned()))
    };
    let first = token(&one);
    assert!(first.is_some());
    assert_ne!(first, token(&other));
    assert_eq!(first, token(&one));
}

#[test]
fn a_page_that_somebody_has_is_not_told_to_them_again_but_to_nobody_who_has_gone() {
    let app = App::with_users();
    let word = app.session_of("sam");
    get(&app, &word, MONTH);
    let tag = get(&app, &word, MONTH).etag.unwrap();
    app.ask_as(&word, "GET", MONTH, &[("If-None-Match", &tag)], "").status(304);

    app.order(&AdminCommand::EndSessions { name: "sam".parse().unwrap(), session: None, keep: None });

    let gone = app.ask_as(&word, "GET", MONTH, &[("If-None-Match", &tag)], "");
    assert_eq!(gone.status, 303, "{}", gone.body);
}

#[test]
fn whoever_leaves_has_the_browser_forget_the_pages_it_kept() {
    let app = App::with_users();
    app.sign_in("sam", super::PASSWORD).status(303);
    let left = app.post("/sign-out", &[]).status(303);
    assert_eq!(left.header("Clear-Site-Data"), Some("\"cache\""));
}
