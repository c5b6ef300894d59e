//! Forms and calls that do not come from our own pages.

use super::{FORM, JSON, PASSWORD, form_token};
use crate::support::{App, page::attribute};

fn unschedule(app: &App) -> String {
    format!("revision={}&from=2025-10-15", app.revision(1003))
}

#[test]
fn a_form_of_an_ended_session_is_refused_and_says_why() {
    let app = App::with_users();
    let session = app.session_of("sam");
    let old = form_token(&session);
    app.sign_in("sam", PASSWORD);

    let body = format!("{}&reason=They+asked&csrf={old}", unschedule(&app));
    let page = app.ask("POST", "/events/1003/unschedule", &[FORM], &body).status(403);

    let page = page.says("You have signed in again since this form was opened.");
    assert!(app.assignment(1003).is_some());
    assert_eq!(attribute(&page.element("reason"), "value").as_deref(), Some("They asked"));
    page.form("/events/1003/unschedule").send(&app).status(303);
    assert!(app.assignment(1003).is_none());
}

#[test]
fn a_form_sent_again_after_signing_out_leads_to_signing_in() {
    let app = App::with_users();
    let session = app.session_of("sam");
    let body = format!("{}&csrf={}", unschedule(&app), form_token(&session));
    app.ask_as(&session, "POST", "/sign-out", &[FORM], &format!("csrf={}", form_token(&session))).status(303);

    let page = app.ask_as(&session, "POST", "/events/1003/unschedule", &[FORM], &body).status(303);

    assert!(page.location.unwrap().starts_with("/sign-in"));
    assert!(app.assignment(1003).is_some());
}

#[test]
fn a_call_from_a_session_needs_the_token_and_one_with_a_bearer_does_not() {
    let app = App::with_users();
    let session = app.session_of("sam");
    let call = |headers: &[(&str, &str)]| {
        app.ask_as(&session, "POST", "/api/unschedule_event", headers, r#"{"schedule_id":2003}"#)
    };

    let refused = call(&[JSON]).status(403);
    let done = call(&[JSON, ("X-CSRF-Token", &form_token(&session))]).status(200);

    assert!(refused.body.contains("\"code\":\"wrong_token\""), "{}", refused.body);
    assert!(done.body.contains("\"success\":true"));
}

#[test]
fn without_sign_in_forms_need_a_token_of_this_server_and_calls_their_content_type() {
    let app = App::with_acceptance_data();

    app.ask("POST", "/events/1003/unschedule", &[FORM], &unschedule(&app)).status(403);
    app.ask("POST", "/api/unschedule_event", &[FORM], "{\"schedule_id\":2003}").status(415);
    let cross = [JSON, ("Host", "127.0.0.1:8000"), ("Origin", "https://evil.example")];
    app.ask("POST", "/api/unschedule_event", &cross, r#"{"schedule_id":2003}"#).status(403);

    assert!(app.assignment(1003).is_some());
    app.call("/api/unschedule_event", serde_json::json!({ "schedule_id": 2003 })).ok();
}

#[test]
fn without_sign_in_an_unknown_host_name_is_refused() {
    let app = App::with_acceptance_data();

    for host in ["evil.example", "evil.example:8000", "192.168.1.5:8000", "localhost.evil.example"] {
        app.ask("GET", "/calendar/2025/10", &[("Host", host)], "").status(403).says("only addresses of this machine");
        app.ask("GET", "/api/calendar/2025/10", &[("Host", host)], "").status(403);
    }
    for host in ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"] {
        app.ask("GET", "/calendar/2025/10", &[("Host", host)], "").status(200);
    }
}

#[test]
fn behind_a_proxy_the_public_address_is_the_allowed_origin() {
    let app = App::with_users_and(&[("public_url", "\"http://tandem.example\"")]);
    let session = app.session_of("sam");
    let send = |origin: &str| {
        let body = format!("{}&csrf={}", unschedule(&app), form_token(&session));
        app.ask_as(
            &session,
            "POST",
            "/events/1003/unschedule",
            &[FORM, ("Host", "backend:8000"), ("Origin", origin)],
            &body,
        )
    };

    send("http://evil.example").status(403).says("public_url");
    send("http://tandem.example").status(303);
}
