//! Rate limits per client.

use rocket::local::blocking::LocalRequest;

use super::{JSON, PASSWORD};
use crate::support::{App, page::Page};

pub fn limited(settings: &[(&str, &str)]) -> App {
    let settings: Vec<_> = [("rate_limits", "\"on\"")].into_iter().chain(settings.iter().copied()).collect();
    App::with_users_and(&settings)
}

#[test]
fn the_eleventh_reschedule_in_a_minute_waits_and_what_was_typed_is_kept() {
    let app = limited(&[]);
    app.sign_in("sam", PASSWORD);
    let send = |date: &str| {
        let revision = app.revision(1010);
        app.post(
            "/events/1010/reschedule",
            &[("revision", &revision), ("from", "2025-10-15"), ("date", date), ("key", "k")],
        )
    };
    for day in 1..=10 {
        assert_ne!(send(&format!("2025-11-{day:02}")).status, 429, "{day}");
    }
    let before = app.bytes();

    let page = send("2025-11-20").status(429).says("Too many changes. Try again in ").says("Nothing was changed");

    assert!(page.body.contains("name=\"date\" value=\"2025-11-20\""), "{}", page.body);
    assert!(page.body.contains("action=\"/events/1010/reschedule\""));
    assert!(app.bytes() == before);
    let wait: u64 = page.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    assert_eq!((page.header("RateLimit-Limit"), page.header("RateLimit-Remaining")), (Some("10"), Some("0")));
    app.get("/calendar/2025/10").status(200);
    app.sign_in("vera", PASSWORD);
}

#[test]
fn calls_are_limited_by_hour_and_day_and_report_the_remaining_quota() {
    let app = limited(&[("calls_per_hour", "3"), ("calls_per_day", "2")]);
    let word = app.session_of("sam");
    let call = |word: &str| app.ask_as(word, "GET", "/api/calendar/2025/10", &[], "");

    assert_eq!(call(&word).header("X-RateLimit-Remaining"), Some("1"));
    call(&word).status(200);
    let refused = call(&word).status(429);

    assert!(refused.body.contains("\"code\":\"too_many\""), "{}", refused.body);
    assert_eq!(refused.header("X-RateLimit-Limit"), Some("2"));
    assert!(refused.header("Retry-After").unwrap().parse::<u64>().unwrap() > 40_000);
    call(&app.session_of("ada")).status(200);
}

#[test]
fn calls_are_counted_however_their_path_is_written() {
    let app = limited(&[("calls_per_hour", "1")]);
    let word = app.session_of("sam");
    let token = super::form_token(&word);
    let call = |path: &str| app.ask_as(&word, "POST", path, &[JSON, ("X-CSRF-Token", &token)], "{}").status;

    assert_eq!(call("/api/trade"), 400);
    for path in ["/api/trade", "//api/trade", "/%61pi/trade", "/api/%74rade"] {
        assert_eq!(call(path), 429, "{path}");
    }
}

#[test]
fn a_rate_limited_call_changes_nothing_and_succeeds_later() {
    let app = limited(&[("calls_per_hour", "1")]);
    let word = app.session_of("sam");
    let token = super::form_token(&word);
    app.ask_as(&word, "GET", "/api/calendar/2025/10", &[], "").status(200);
    let before = app.bytes();

    app.ask_as(&word, "POST", "/api/unschedule_event", &[JSON, ("X-CSRF-Token", &token)], r#"{"schedule_id":2003}"#)
        .status(429);

    assert!(app.bytes() == before);
}

#[test]
fn sign_in_attempts_are_limited_by_name() {
    let app = limited(&[("sign_ins_per_hour_and_name", "3"), ("sign_ins_per_hour", "1000")]);
    for _ in 0..3 {
        app.sign_in("sam", "wrong horse battery").status(422);
    }

    let page = app.sign_in("SAM ", PASSWORD).status(429).says("Too many attempts");

    assert!(page.body.contains("value=\"SAM \""), "what was typed is kept");
    assert!(page.header("Retry-After").is_some());
    app.sign_in("vera", PASSWORD).status(303);
}

/// Wherever a password is asked for: a session that was stolen finds it out no sooner than a stranger.
#[test]
fn attempts_at_the_current_password_are_limited_and_audited() {
    let app = limited(&[("sign_ins_per_hour_and_name", "3"), ("sign_ins_per_hour", "1000")]);
    let word = app.session_of("sam");
    let guess = |current: &str| {
        let token = super::form_token(&word);
        let body = format!("csrf={token}&current={current}&password=another+horse+battery&again=another+horse+battery");
        app.ask_as(&word, "POST", "/account/password", &[super::FORM], &body)
    };
    let wrong = |app: &App| {
        let entries = app.audit().into_iter().filter(|entry| entry.reason.as_deref() == Some("wrong password"));
        entries.map(|entry| (entry.action.slug(), entry.who)).collect::<Vec<_>>()
    };

    for _ in 0..3 {
        guess("wrong+horse+battery").status(422).says("That is not your current password.");
    }
    guess(&PASSWORD.replace(' ', "+")).status(429).says("Too many attempts");

    assert_eq!(wrong(&app), vec![("set_password", "sam".to_owned()); 3]);
    assert!(app.sessions_of("sam").len() == 1, "the session goes on");
    app.sign_in("sam", PASSWORD).status(429);
    app.sign_in("vera", PASSWORD).status(303);
}

#[test]
fn sign_in_attempts_are_limited_by_address() {
    let app = limited(&[("sign_ins_per_hour", "3")]);
    for name in ["a", "b", "c"] {
        app.sign_in(name, "wrong horse battery").status(422);
    }
    let before = app.audit().len();

    app.sign_in("sam", PASSWORD).status(429);

    assert_eq!(app.audit().len(), before, "what is not looked at is not written down");
}

#[test]
fn pages_without_sign_in_are_limited_by_address() {
    let app = limited(&[("pages_per_minute", "3")]);
    let ask = |address: &str, from: &str| app.get_from(address, &format!("{from}:9"), &[]).status;

    for address in ["/sign-in", "/welcome/none", "/feed/none.ics"] {
        assert_ne!(ask(address, "192.0.2.1"), 429, "{address}");
    }
    for address in ["/sign-in", "/welcome/none", "/feed/none.ics"] {
        assert_eq!(ask(address, "192.0.2.1"), 429, "{address}");
    }

    assert_eq!(ask("/sign-in", "192.0.2.2"), 200);
    assert_eq!(ask("/health/live", "192.0.2.1"), 200);
}

/// Whatever is asked for: a page, a call, a path that no route has, a method that none takes.
#[test]
fn requests_that_reach_no_handler_are_counted() {
    let unknown = [("GET", "/calendar/2025/10"), ("GET", "/api/events"), ("GET", "/nowhere"), ("GET", "/api/nowhere")];
    let wrong = [("PUT", "/help"), ("POST", "/help"), ("GET", "/admin/accounts"), ("PUT", "/api/trade")];
    for (method, address) in unknown.into_iter().chain(wrong) {
        let app = limited(&[("pages_per_minute", "3")]);
        let ask = || app.ask(method, address, &[], "");
        for _ in 0..3 {
            assert_ne!(ask().status, 429, "{method} {address}");
        }

        assert!(ask().status(429).header("Retry-After").is_some(), "{method} {address}");

        let word = app.session_of("vera");
        assert_ne!(app.ask_as(&word, method, address, &[], "").status, 429, "{method} {address}: a user");
    }
}

#[test]
fn requests_that_a_role_may_not_make_are_counted() {
    let app = limited(&[("pages_per_minute", "3")]);
    let word = app.session_of("vera");
    let ask = || app.ask_as(&word, "GET", "/users", &[], "").status;

    assert_eq!([ask(), ask(), ask(), ask()], [403, 403, 403, 429]);
}

#[test]
fn a_proxy_may_check_readiness_every_second_and_a_flood_is_refused() {
    let app = limited(&[("pages_per_minute", "3")]);
    let ask = |from: &str| app.get_from("/health/ready", from, &[]).status;

    assert!((0..120).all(|_| ask("192.0.2.1:9") == 200), "two minutes of checks at once");
    // Some become available while it asks.
    assert!((0..2_000).any(|_| ask("192.0.2.1:9") == 429));
    assert_eq!((ask("192.0.2.2:9"), ask("127.0.0.1:9")), (200, 200));
    assert!(app.get_from("/health/ready", "127.0.0.1:9", &[]).header("RateLimit-Limit").is_none());
}

#[test]
fn forms_without_sign_in_are_counted_by_address() {
    let app = limited(&[("pages_per_minute", "3"), ("sign_ins_per_hour", "1000")]);
    let token = super::form_token(&app.store.blocking().secret().unwrap());
    let send = |address: &str| app.ask("POST", address, &[super::FORM], &format!("csrf={token}")).status;

    for address in ["/sign-in", "/welcome/none", "/forgot-password"] {
        assert_ne!(send(address), 429, "{address}");
    }
    for address in ["/sign-in", "/sign-in/code", "/welcome/none", "/forgot-password"] {
        assert_eq!(send(address), 429, "{address}");
    }
}

fn try_from(app: &App, remote: &str, header: Option<(&'static str, &str)>) -> u16 {
    let token = super::form_token(&app.store.blocking().secret().unwrap());
    let request: LocalRequest<'_> = app.client().post("/sign-in").remote(format!("{remote}:9").parse().unwrap());
    let body = format!("name=a&password=b&csrf={token}");
    let mut request = request.header(rocket::http::ContentType::Form).body(body);
    if let Some((name, value)) = header {
        request.add_header(rocket::http::Header::new(name, value.to_owned()));
    }
    Page::of(request).status
}

#[test]
fn a_client_cannot_forge_its_address() {
    let app = limited(&[("sign_ins_per_hour", "1"), ("sign_ins_per_hour_and_name", "1000")]);

    assert_eq!(try_from(&app, "192.0.2.1", None), 422);
    for spoof in ["X-Real-IP", "X-Forwarded-For", "Forwarded", "X-Client-IP"] {
        assert_eq!(try_from(&app, "192.0.2.1", Some((spoof, "198.51.100.9"))), 429, "{spoof}");
    }
    assert_eq!(try_from(&app, "192.0.2.2", None), 422);
}

#[test]
fn behind_a_configured_proxy_its_header_gives_the_client_address() {
    let settings = [("sign_ins_per_hour", "1"), ("sign_ins_per_hour_and_name", "1000")];
    let app = limited(&settings).behind("X-Real-IP");

    assert_eq!(try_from(&app, "192.0.2.1", Some(("X-Real-IP", "198.51.100.1"))), 422);
    assert_eq!(try_from(&app, "192.0.2.1", Some(("X-Real-IP", "198.51.100.2"))), 422);
    assert_eq!(try_from(&app, "192.0.2.1", Some(("X-Real-IP", "198.51.100.1"))), 429);
    assert_eq!(try_from(&app, "192.0.2.1", Some(("X-Real-IP", "nonsense"))), 422);
    assert_eq!(try_from(&app, "192.0.2.1", Some(("X-Forwarded-For", "198.51.100.3"))), 429);
}
