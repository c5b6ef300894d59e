//! A credential, a form, a key, a page or a stream of one team at the other.

use std::io::Read;

use rocket::{
    http::{Cookie, Header},
    local::blocking::LocalResponse,
};
use tandem::domain::user::Role;

use super::{NORTH, SOUTH, Two};
use crate::{
    auth::{FORM, PASSWORD, form_token},
    support::{App, page::Page, page::attribute},
};

const MOVE: &str = r#"{"schedule_id": 2001, "new_date": "2025-10-20"}"#;

#[test]
fn a_session_of_one_team_is_signed_out_at_the_other() {
    let two = Two::new();
    let session = two.north.session_of("ada");

    two.get_as(&session, NORTH, "/calendar/2025/10").status(200).says("ada");
    let elsewhere = two.get_as(&session, SOUTH, "/calendar/2025/10").status(303);

    assert!(elsewhere.location.unwrap().starts_with("/sign-in"));
}

#[test]
fn an_api_token_of_one_team_makes_no_calls_at_the_other() {
    let two = Two::new();
    let (token, before) = (two.north.token(Role::Admin, 1), two.south.bytes());

    for (method, body) in [("/api/calendar/2025/10", ""), ("/api/reschedule_event", MOVE)] {
        two.call(&token, SOUTH, method, body, &[]).status(401);
        two.call(&token, NORTH, method, body, &[]).status(200);
    }

    assert!(two.south.bytes() == before);
}

#[test]
fn a_form_token_of_one_team_is_refused_at_the_other() {
    let two = Two::new();
    let (north, south) = (two.north.session_of("ada"), two.south.session_of("ada"));
    let request = two.request(SOUTH, "POST", "/feeds").cookie(Cookie::new("tandem_session", south.clone()));
    let body = format!("csrf={}", form_token(&north));

    Page::of(request.header(Header::new(FORM.0, FORM.1)).body(body)).status(403);

    two.post_as(&south, SOUTH, "/feeds", "employee=").status(200);
}

/// The token of the sign-in form.
fn anonymous(two: &Two, host: &str) -> String {
    attribute(
        two.get(host, "/sign-in").status(200).body.split("<input").find(|tag| tag.contains("\"csrf\"")).unwrap(),
        "value",
    )
    .unwrap()
}

fn sign_in(two: &Two, host: &str, token: &str, password: &str) -> Page {
    let body = format!("name=sam&password={}&csrf={token}", password.replace(' ', "+"));
    Page::of(two.request(host, "POST", "/sign-in").header(Header::new(FORM.0, FORM.1)).body(body))
}

#[test]
fn the_token_of_a_sign_in_form_is_of_one_team_also_with_one_secret_key() {
    let two = Two::with(&[("secret_key", "\"0123456789abcdef0123456789abcdef\"")]);
    let token = anonymous(&two, NORTH);

    sign_in(&two, SOUTH, &token, PASSWORD).status(403);
    sign_in(&two, NORTH, &token, PASSWORD).status(303);
}

#[test]
fn a_form_of_a_page_of_the_other_team_is_refused() {
    let two = Two::new();
    let session = two.south.session_of("ada");
    let post = |origin: &str| {
        let request = two.request(SOUTH, "POST", "/feeds").cookie(Cookie::new("tandem_session", session.clone()));
        let request = request.header(Header::new("Origin", format!("http://{origin}")));
        Page::of(request.header(Header::new(FORM.0, FORM.1)).body(format!("csrf={}", form_token(&session))))
    };

    post(NORTH).status(403);
    post(SOUTH).status(200);
}

#[test]
fn both_teams_may_use_the_same_idempotency_key() {
    let two = Two::new();
    let key = [("Idempotency-Key", "monday-plan")];

    for (host, app) in [(NORTH, &two.north), (SOUTH, &two.south)] {
        let token = app.token(Role::Admin, 1);
        assert_eq!(app.assignment(1001).unwrap().0, "2025-10-15 10:00");
        two.call(&token, host, "/api/reschedule_event", MOVE, &key).status(200);
        assert_eq!(app.assignment(1001).unwrap().0, "2025-10-20 10:00");
    }
}

#[test]
fn a_change_of_one_team_is_not_made_at_the_other_and_not_undone_there() {
    let two = Two::new();
    let (north, south) = (two.north.token(Role::Admin, 1), two.south.token(Role::Admin, 1));
    let before = two.south.audit().len();

    let made = two.call(&north, NORTH, "/api/reschedule_event", MOVE, &[]).status(200);
    let made: serde_json::Value = serde_json::from_str(&made.body).unwrap();
    let undo = format!("/api/undo/{}", made["undo_id"]);

    assert_eq!(two.south.assignment(1001).unwrap().0, "2025-10-15 10:00");
    assert_eq!(two.south.audit().len(), before);
    assert_ne!(two.call(&south, SOUTH, &undo, "{}", &[]).status, 200);
    assert_eq!(two.north.assignment(1001).unwrap().0, "2025-10-20 10:00");
    two.call(&north, NORTH, &undo, "{}", &[]).status(200);
}

#[test]
fn a_calendar_feed_of_one_team_is_unknown_at_the_other() {
    let two = Two::new();
    let session = two.north.session_of("sam");
    let page = two.post_as(&session, NORTH, "/feeds", "employee=").status(200);
    let link = attribute(&page.element("link"), "value").unwrap();
    let path = &link[link.find("/feed/").unwrap()..];

    two.get(NORTH, path).status(200);
    two.get(SOUTH, path).status(404);
}

#[test]
fn a_kept_page_of_one_team_is_not_shown_at_the_other() {
    let two = Two::with(&[("secret_key", "\"0123456789abcdef0123456789abcdef\"")]);
    let (north, south) = (two.north.session_of("ada"), two.south.session_of("ada"));
    let token = two.north.token(Role::Admin, 1);
    two.call(&token, NORTH, "/api/unschedule_event", r#"{"schedule_id": 2001}"#, &[]).status(200);

    for _ in 0..2 {
        let one = two.get_as(&north, NORTH, "/calendar/day/2025-10-15").status(200);
        let other = two.get_as(&south, SOUTH, "/calendar/day/2025-10-15").status(200);
        assert!(!one.body.contains("/events/1001/reschedule") && other.body.contains("/events/1001/reschedule"));
    }
    let tag = two.get_as(&north, NORTH, "/calendar/2025/10").etag.unwrap();
    let request = two.request(SOUTH, "GET", "/calendar/2025/10").cookie(Cookie::new("tandem_session", south));
    Page::of(request.header(Header::new("If-None-Match", tag))).status(200);
}

/// What a stream says next.
fn said(stream: &mut LocalResponse<'_>) -> String {
    let (mut said, mut byte) = (Vec::new(), [0]);
    while !said.ends_with(b"}\n") {
        stream.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    String::from_utf8(said).unwrap()
}

#[test]
fn a_stream_tells_the_changes_of_its_own_team_alone() {
    let two = Two::new();
    let stream = |app: &App, host: &str| {
        let session = Cookie::new("tandem_session", app.session_of("ada"));
        two.request(host, "GET", "/changes").cookie(session).dispatch()
    };
    let (north, south) = (two.north.token(Role::Admin, 1), two.south.token(Role::Admin, 1));
    let mut open = stream(&two.south, SOUTH);
    said(&mut open);

    two.call(&north, NORTH, "/api/reschedule_event", MOVE, &[]).status(200);
    let other = r#"{"schedule_id": 2001, "new_date": "2025-10-21"}"#;
    two.call(&south, SOUTH, "/api/reschedule_event", other, &[]).status(200);

    let first = said(&mut open);
    assert!(first.contains("[\"2025-10-15\",\"2025-10-21\"]"), "{first}");
    let foreign = two.north.session_of("ada");
    two.get_as(&foreign, SOUTH, "/changes").status(303);
}

#[test]
fn a_message_after_a_redirect_is_of_one_team() {
    let two = Two::new();
    let (north, south) = (two.north.session_of("ada"), two.south.session_of("ada"));
    let done = two.post_as(&north, NORTH, "/integrity/test/slack", "").status(303);
    let flash = done.cookie("_flash").split(';').next().unwrap().trim_start_matches("_flash=");
    let flash = percent_encoding::percent_decode_str(flash).decode_utf8().unwrap().into_owned();
    let show = |session: &str, host: &str| {
        let request = two.request(host, "GET", "/integrity").cookie(Cookie::new("tandem_session", session.to_owned()));
        Page::of(request.cookie(Cookie::new("_flash", flash.clone()))).status(200).body.contains("No test was sent")
    };

    assert!(!show(&south, SOUTH));
    assert!(show(&north, NORTH));
}

#[test]
fn a_form_sent_after_sign_out_is_kept_for_its_team() {
    let two = Two::new();
    let request = two.request(NORTH, "POST", "/events/1001/reschedule").header(Header::new(FORM.0, FORM.1));
    let kept = Page::of(request.body("date=2025-10-20&time=10:00")).status(303);
    let cookie =
        kept.cookie("tandem_unsent").split(';').next().unwrap().trim_start_matches("tandem_unsent=").to_owned();
    let show = |app: &App, host: &str| {
        let session = Cookie::new("tandem_session", app.session_of("sam"));
        let request = two.request(host, "GET", "/unsent").cookie(session);
        Page::of(request.cookie(Cookie::new("tandem_unsent", cookie.clone()))).status
    };

    assert_eq!((show(&two.south, SOUTH), show(&two.north, NORTH)), (303, 200));
}

#[test]
fn limits_of_a_user_count_for_each_team() {
    let two = Two::with(&[("rate_limits", "\"on\""), ("sign_ins_per_hour_and_name", "1"), ("calls_per_hour", "1")]);
    let (north, south) = (anonymous(&two, NORTH), anonymous(&two, SOUTH));
    sign_in(&two, NORTH, &north, "wrong horse battery").status(422);
    sign_in(&two, NORTH, &north, PASSWORD).status(429);

    sign_in(&two, SOUTH, &south, PASSWORD).status(303);

    for (app, host) in [(&two.north, NORTH), (&two.south, SOUTH)] {
        let session = app.session_of("ada");
        let call = || two.get_as(&session, host, "/api/calendar/2025/10").status;
        assert_eq!((call(), call()), (200, 429), "{host}");
    }
}
