//! Hostile input: scripts, headers, paths and large bodies.

use super::{FORM, JSON, PASSWORD, form_token};
use crate::support::App;

const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// Asserts that nothing typed became markup.
#[track_caller]
fn harmless(page: &crate::support::Page) {
    assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{}", page.body);
}

#[test]
fn scripts_in_fields_of_sign_in_and_accounts_are_shown_as_text() {
    let app = App::with_users();
    harmless(&app.sign_in(SCRIPT, SCRIPT));
    harmless(&app.get(&format!("/sign-in?{}", tandem::views::urls::query(&[("next", SCRIPT)]))));
    app.sign_in("ada", PASSWORD);

    for (address, fields) in [
        ("/users", vec![("name", SCRIPT), ("role", SCRIPT)]),
        ("/users/tokens", vec![("label", SCRIPT), ("role", SCRIPT), ("ends", SCRIPT)]),
        ("/users/tokens", vec![("label", SCRIPT), ("role", "viewer")]),
        ("/users/sam/role", vec![("role", SCRIPT), ("revision", SCRIPT)]),
        ("/account/sessions", vec![("session", SCRIPT)]),
        ("/account/password", vec![("current", SCRIPT), ("password", SCRIPT), ("again", "x")]),
        (
            "/events/1001/reschedule",
            vec![("date", SCRIPT), ("time", SCRIPT), ("override_reason", SCRIPT), ("revision", "1")],
        ),
    ] {
        harmless(&app.post(address, &fields));
    }
    harmless(&app.get("/users"));
    harmless(&app.get("/activity"));
    harmless(&app.get(&format!("/activity?{}", tandem::views::urls::query(&[("who", SCRIPT), ("event", SCRIPT)]))));
}

#[test]
fn a_user_agent_is_shown_as_text() {
    let app = App::with_users();
    let body = format!(
        "name=sam&password={}&csrf={}",
        PASSWORD.replace(' ', "+"),
        form_token(&app.store.blocking().secret().unwrap())
    );
    app.ask("POST", "/sign-in", &[FORM, ("User-Agent", SCRIPT)], &body).status(303);

    harmless(&app.get("/account").status(200));
}

#[test]
fn every_page_has_the_security_and_privacy_headers() {
    let app = App::with_users();
    for address in ["/sign-in", "/help", "/nowhere", "/welcome/x", "/api/nowhere", "/api/calendar/2025/10"] {
        let page = app.get(address);

        let policy = page.header("Content-Security-Policy").unwrap();
        for part in
            ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{address}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ] {
            assert_eq!(page.header(name), Some(value), "{address}: {name}");
        }
    }
}

#[test]
fn months_and_days_are_cached_privately_and_revalidated() {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD);
    for address in ["/calendar/2025/10", "/calendar/day/2025-10-15"] {
        assert_eq!(app.get(address).status(200).header("Cache-Control"), Some("private, no-cache"), "{address}");
    }
}

#[test]
fn no_path_escapes_assets_uploads_and_exports() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2fCargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/assets/....//Cargo.toml",
        "/assets/%00",
        "/assets/..%5c..%5ctandem.key",
        "/assets//etc/passwd",
        "/tandem.key",
        "/data/tandem.key",
        "/backups/",
        "/uploads/..",
        "/uploads/..%2f..%2ftandem.key",
        "/uploads/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e",
        "/api/export/..%2f..%2ftandem.key",
        "/api/export/%2fetc%2fpasswd.csv",
    ] {
        app.get(path).status(404);
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_and_changes_nothing() {
    let app = App::with_users();
    let session = app.session_of("sam");
    let large = "a".repeat(10 * 1024 * 1024);
    let before = app.bytes();

    let form = format!("csrf={}&override_reason={large}", form_token(&session));
    app.ask_as(&session, "POST", "/events/1001/unschedule", &[FORM], &form).status(413);
    app.ask_as(&session, "POST", "/api/unschedule_event", &[JSON, ("X-CSRF-Token", &form_token(&session))], &large)
        .status(413);
    app.ask("POST", "/sign-in", &[FORM], &format!("name={large}")).status(413);

    assert!(app.bytes() == before);
}

#[test]
fn no_value_in_an_address_is_copied_into_a_header() {
    let app = App::with_users();
    app.sign_in("ada", PASSWORD);
    for address in [
        "/users/x%0d%0aSet-Cookie:%20a=b",
        "/calendar?year=2025%0d%0aX-Evil:%201&month=10",
        "/sign-in?next=/%0d%0aX-Evil:%201",
        "/events/1001%0d%0aX-Evil:%201",
    ] {
        let page = app.get(address);

        assert_eq!(page.header("X-Evil"), None, "{address}");
        assert!(page.status < 500, "{address}: {}", page.status);
        assert!(!page.header("Set-Cookie").is_some_and(|cookie| cookie.starts_with("a=b")), "{address}");
    }
}
