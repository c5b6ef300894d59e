//! Misuse: pages without sign-in, planted cookies, feeds of disabled users, old sessions after a new password.

use rocket::http::{Cookie, Header};
use serde_json::json;
use tandem::domain::{
    audit::Action,
    user::{
        Role,
        access::{AdminCommand, Digest},
    },
};

use super::{FORM, JSON, PASSWORD, form_token, name, of};
use crate::support::{App, page::Page};

const NEW: &str = "another long password";

#[test]
fn a_stranger_reads_no_counts_on_an_error_page() {
    let app = App::with_users();
    for (address, status) in [("/nowhere", 404), ("/feed/nowhere.ics", 404), ("/welcome/nothing", 410)] {
        let page = app.ask("GET", address, &[], "").status(status);
        for hidden in ["Unscheduled", "Integrity", "class=\"pill\"", "Sign out", "Employees"] {
            assert!(!page.body.contains(hidden), "{address} shows {hidden:?}");
        }
    }
    let known = app.ask_as(&app.session_of(of(Role::Viewer)), "GET", "/nowhere", &[], "").status(404);
    known.says("Unscheduled").says("Sign out");
}

#[test]
fn an_unsigned_message_is_not_shown() {
    let app = App::with_users();
    let token = app.session_of(of(Role::Scheduler));
    let message = json!({
        "text": "Planted", "notes": [], "link": ["Look", "https://evil.example"], "undo": {"sequence": 1, "from": ""}
    });
    for cookie in [format!("4:done{message}"), format!("4:done{:064}.{message}", 0), format!("4:done.{message}")] {
        let request = app.client().get("/activity/1").cookie(Cookie::new("tandem_session", token.clone()));
        let page = Page::of(request.cookie(Cookie::new("_flash", cookie)));
        assert!(!page.body.contains("Planted") && !page.body.contains("evil.example"), "{}", page.body);
    }
}

#[test]
fn metrics_are_served_only_on_loopback_host_names() {
    let app = App::with_users();
    app.ask("GET", "/metrics", &[("Host", "127.0.0.1:8000")], "").status(200);
    app.ask("GET", "/metrics", &[("Host", "evil.example:8000")], "").status(404);
    app.ask("GET", "/metrics", &[("Host", "127.0.0.1:8000"), ("Host", "evil.example")], "").status(404);
}

#[test]
fn strangers_are_told_whether_the_server_is_ready_and_nothing_else() {
    let app = App::with_users();
    let read = |from: &str, role: Option<Role>, header: Option<Header<'static>>| {
        let mut request = app.client().get("/health/ready").remote(from.parse().unwrap());
        if let Some(role) = role {
            request = request.cookie(Cookie::new("tandem_session", app.session_of(of(role))));
        }
        if let Some(header) = header {
            request.add_header(header);
        }
        serde_json::from_str::<serde_json::Value>(&Page::of(request).status(200).body).unwrap()
    };
    let (elsewhere, here) = ("192.0.2.7:9", "127.0.0.1:9");

    for (from, role, header) in [
        (elsewhere, None, None),
        (elsewhere, Some(Role::Viewer), None),
        (elsewhere, Some(Role::Scheduler), None),
        (here, None, Some(Header::new("X-Forwarded-For", "192.0.2.7"))),
        (here, None, Some(Header::new("Host", "evil.example"))),
    ] {
        assert_eq!(read(from, role, header.clone()), json!({"ready": true}), "{from} {role:?} {header:?}");
    }
    for (from, role) in [(here, None), (elsewhere, Some(Role::Admin))] {
        let told = read(from, role, None);
        assert!(told["integrity"].is_object() && told["store"] == "writable", "{from} {role:?}: {told}");
    }
}

/// A proxy on this machine, that sends no other header than the configured one.
#[test]
fn a_request_with_the_header_of_the_configured_proxy_is_not_of_this_machine() {
    let app = App::with_users().behind("CF-Connecting-IP");
    app.get_from("/metrics", "127.0.0.1:9", &[]).status(200);
    app.get_from("/metrics", "127.0.0.1:9", &[("CF-Connecting-IP", "192.0.2.7")]).status(404);
    app.get_from("/metrics", "127.0.0.1:9", &[("CF-Connecting-IP", "nonsense")]).status(404);
}

/// The address of a feed of the whole team that Sam makes.
fn feed(app: &App) -> String {
    let token = app.session_of(of(Role::Scheduler));
    let page = app.ask_as(&token, "POST", "/feeds", &[FORM], &format!("csrf={}", form_token(&token))).status(200);
    let (_, after) = page.body.split_once("/feed/").unwrap();
    format!("/feed/{}", after.split('"').next().unwrap())
}

#[test]
fn a_feed_stops_while_its_owner_is_disabled() {
    let app = App::with_users();
    let link = feed(&app);
    let set = |active| app.order(&AdminCommand::SetActive { name: name("sam"), active, seen: None });
    app.ask("GET", &link, &[], "").status(200);

    set(false);
    app.ask("GET", &link, &[], "").status(404);
    set(true);
    app.ask("GET", &link, &[], "").status(200);
}

#[test]
fn a_feed_ends_after_a_year() {
    let app = App::with_users();
    let link = feed(&app);
    let app = app.later(364 * 24 * 3_600);
    app.ask("GET", &link, &[], "").status(200);
    let app = app.later(366 * 24 * 3_600);
    app.ask("GET", &link, &[], "").status(404);
}

#[test]
fn two_callers_may_use_the_same_idempotency_key() {
    let app = App::with_users();
    let reschedule = |token: &str, body: &serde_json::Value| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), JSON, ("Idempotency-Key", "monday-plan")];
        app.ask("POST", "/api/reschedule_event", &headers, &body.to_string())
    };
    let (one, other) = (app.token(Role::Scheduler, 1), app.token(Role::Admin, 1));
    reschedule(&one, &json!({"schedule_id": 2001, "new_date": "2025-10-20"})).status(200);
    // The same caller and key with another request is an error; another caller may use the key.
    reschedule(&one, &json!({"schedule_id": 2001, "new_date": "2025-10-21"})).status(409);
    reschedule(&other, &json!({"schedule_id": 2001, "new_date": "2025-10-21"})).status(200);
}

#[test]
fn two_tokens_of_one_label_do_not_share_idempotency_keys() {
    let app = App::with_users();
    let reschedule = |token: &str, date: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), JSON, ("Idempotency-Key", "monday-plan")];
        let body = json!({"schedule_id": 2001, "new_date": date});
        app.ask("POST", "/api/reschedule_event", &headers, &body.to_string())
    };
    let (one, other) = (app.token(Role::Scheduler, 1), app.token(Role::Scheduler, 2));

    reschedule(&one, "2025-10-20").status(200);
    reschedule(&other, "2025-10-21").status(200);

    reschedule(&one, "2025-10-22").status(409);
    assert_eq!(app.assignment(1001).map(|(start, _)| start[..10].to_owned()).as_deref(), Some("2025-10-21"));
}

#[test]
fn two_tokens_of_one_label_have_a_rate_limit_each() {
    let app = super::limits::limited(&[("calls_per_hour", "1")]);
    let (one, other) = (app.token(Role::Viewer, 1), app.token(Role::Viewer, 2));
    let call = |token: &str| {
        let bearer = format!("Bearer {token}");
        app.ask("GET", "/api/calendar/2025/10", &[("Authorization", &bearer)], "").status
    };

    assert_eq!((call(&one), call(&one)), (200, 429));
    assert_eq!((call(&other), call(&other)), (200, 429));
}

#[test]
fn signing_in_over_a_session_ends_it() {
    let app = App::with_users();
    let old = app.session_of("sam");
    let body = format!("name=sam&password={}&csrf={}", PASSWORD.replace(' ', "+"), form_token(&old));

    app.ask_as(&old, "POST", "/sign-in", &[FORM], &body).status(303);

    assert!(app.sessions_of("sam").iter().all(|session| session.digest != Digest::of(&old)));
    assert_eq!(app.sessions_of("sam").len(), 1);
}

#[test]
fn a_new_password_gives_the_session_a_new_token() {
    let app = App::with_users();
    let old = app.session_of("sam");
    let body = format!(
        "current={}&password={1}&again={1}&csrf={2}",
        PASSWORD.replace(' ', "+"),
        NEW.replace(' ', "+"),
        form_token(&old)
    );

    let answer = app.ask_as(&old, "POST", "/account/password", &[FORM], &body).status(303);

    assert!(answer.header("Set-Cookie").is_some());
    app.ask_as(&old, "GET", "/help", &[], "").status(303);
    assert_eq!(app.sessions_of("sam").len(), 1);
}

#[test]
fn a_common_password_is_refused() {
    let app = App::with_users();
    app.sign_in("sam", PASSWORD);
    let fields = [("current", PASSWORD), ("password", "Password2025!"), ("again", "Password2025!")];
    app.post("/account/password", &fields).status(422).says("too common");
}

#[test]
fn downloads_of_one_file_are_audited_once_in_ten_minutes() {
    let app = App::with_users();
    let bearer = format!("Bearer {}", app.token(Role::Viewer, 1));
    let take = |app: &App, file: &str| app.ask("GET", file, &[("Authorization", &bearer)], "").status(200);
    let taken = |app: &App| app.audit().into_iter().filter(|entry| entry.action == Action::Export).count();

    take(&app, "/api/export/employees.csv");
    take(&app, "/api/export/employees.csv");
    assert_eq!(taken(&app), 1);
    take(&app, "/api/export/events.jsonl");
    assert_eq!(taken(&app), 2);
    let app = app.later(601);
    take(&app, "/api/export/employees.csv");
    assert_eq!(taken(&app), 3);
}

#[test]
fn an_unsupported_method_answers_405_with_the_allowed_ones() {
    let app = App::with_acceptance_data();
    for (method, path, allowed) in
        [("PUT", "/help", "GET, HEAD"), ("DELETE", "/holidays", "GET, HEAD, POST"), ("POST", "/help", "GET, HEAD")]
    {
        let page = app.ask(method, path, &[], "").status(405);
        assert_eq!(page.header("Allow"), Some(allowed), "{method} {path}");
    }
    app.ask("PUT", "/nowhere", &[], "").status(404);
}

#[test]
fn a_repeated_json_field_is_refused_at_any_depth() {
    let app = App::with_acceptance_data();
    for body in [
        r#"{"schedule_id": 2001, "new_date": "2025-10-20", "new_date": "2025-10-21"}"#,
        r#"{"schedule_id": 2001, "new_date": {"a": 1, "a": 2}}"#,
    ] {
        let refused = app.call_raw("/api/reschedule_event", body).refused(400, "malformed");
        assert!(refused.body["error"].as_str().unwrap().contains("comes twice"), "{}", refused.body);
    }
    assert_eq!(app.event(1001).revision.0, 0);
}
