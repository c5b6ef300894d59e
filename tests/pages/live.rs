//! The event stream of open pages.

use std::io::Read;

use rocket::{http::Cookie, local::blocking::LocalResponse};
use serde_json::json;
use tandem::domain::user::{Role, access::AdminCommand};

use crate::support::{App, on};

/// What a stream says next.
fn said(stream: &mut LocalResponse<'_>, end: &str) -> String {
    let (mut said, mut byte) = (Vec::new(), [0]);
    while !said.ends_with(end.as_bytes()) {
        stream.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    String::from_utf8(said).unwrap()
}

#[test]
fn a_stream_begins_with_the_page_version_and_continues_with_changes() {
    let app = App::with_acceptance_data();
    let mut stream = app.stream("/changes");
    let header = |name: &str| stream.headers().get_one(name).unwrap_or_default().to_owned();
    assert_eq!(header("Content-Type"), "text/event-stream");
    assert_eq!((header("X-Accel-Buffering"), header("Cache-Control")), ("no".into(), "no-cache".into()));

    let version = app.store.blocking().version();
    let first = said(&mut stream, "}\n");
    assert!(
        first.contains(&format!("data:{{\"version\":{version},\"days\":null,\"today\":\"2025-10-15\",")),
        "{first}"
    );
    let month = app.get("/calendar/2025/10");
    assert!(month.body.contains(&format!("data-live=\"2025-10\" data-version=\"{version}\"")));

    app.call("/api/reschedule_event", json!({"schedule_id": 2001, "new_date": "2025-10-20"})).ok();
    assert_eq!(app.assignment(1001), Some(on("2025-10-20 10:00", "101")));
    let change = said(&mut stream, "}\n");
    let wanted =
        format!("{{\"version\":{},\"days\":[\"2025-10-15\",\"2025-10-20\"],\"today\":\"2025-10-15\",", version + 1);
    assert!(change.contains(&wanted), "{change}");
}

#[test]
fn a_supervisor_that_leaves_the_day_of_its_core_changes_both_days() {
    let app = App::with_acceptance_data();
    let mut stream = app.stream("/changes");
    said(&mut stream, "}\n");
    let away = |date| json!({"schedule_id": 2002, "new_date": date, "confirm_other_date": true});
    app.call("/api/reschedule_event", away("2025-10-16")).ok();
    assert!(said(&mut stream, "}\n").contains("[\"2025-10-15\",\"2025-10-16\"]"));

    app.call("/api/reschedule_event", away("2025-10-17")).ok();

    let change = said(&mut stream, "}\n");
    assert!(change.contains("[\"2025-10-15\",\"2025-10-16\",\"2025-10-17\"]"), "its CORE names the day: {change}");
}

#[test]
fn a_holiday_changes_its_day() {
    let app = App::with_acceptance_data();
    let mut stream = app.stream("/changes");
    said(&mut stream, "}\n");

    app.post("/holidays", &[("date", "2025-10-31"), ("name", "Inventory"), ("key", "k")]).status(303);

    assert!(said(&mut stream, "}\n").contains("[\"2025-10-31\"]"));
}

#[test]
fn a_refused_change_publishes_nothing() {
    let app = App::with_acceptance_data();
    let mut stream = app.stream("/changes");
    said(&mut stream, "}\n");
    app.call("/api/reschedule_event", json!({"schedule_id": 1, "new_date": "2025-10-20"}));
    app.call("/api/unschedule_event", json!({"schedule_id": 2016})).ok();
    assert!(said(&mut stream, "}\n").contains("[\"2025-10-17\"]"), "the first news is that of the change");
}

#[test]
fn at_the_limit_of_streams_a_page_is_told_when_to_retry() {
    let app = App::empty();
    let open: Vec<_> = (0..500).map(|_| app.stream("/changes")).collect();
    let full = app.stream("/changes");
    assert_eq!((full.status().code, full.headers().get_one("Retry-After")), (503, Some("60")));
    drop((open, full));
    assert_eq!(app.stream("/changes").status().code, 200, "a place is free again");
}

/// The stream of a session.
fn stream_of<'a>(app: &'a App, word: &str) -> LocalResponse<'a> {
    app.client.get("/changes").cookie(Cookie::new("tandem_session", word.to_owned())).dispatch()
}

#[test]
fn each_user_has_a_limit_of_twenty_streams() {
    let app = App::with_users();
    let (vera, sam) = (app.session_of("vera"), app.session_of("sam"));
    let open: Vec<_> = (0..20).map(|_| stream_of(&app, &vera)).collect();
    assert!(open.iter().all(|stream| stream.status().code == 200));

    assert_eq!(stream_of(&app, &app.session_of("vera")).status().code, 503);
    assert_eq!(stream_of(&app, &sam).status().code, 200);

    drop(open);
    assert_eq!(stream_of(&app, &vera).status().code, 200, "a place is free again");
}

#[test]
fn a_stream_ends_with_its_session() {
    let app = App::with_users();
    let word = app.session_of("vera");
    let mut stream = stream_of(&app, &word);
    said(&mut stream, "}\n");

    app.order(&AdminCommand::SetActive { name: "vera".parse().unwrap(), active: false, seen: None });
    let body = json!({"schedule_id": 2001, "new_date": "2025-10-20"}).to_string();
    let bearer = format!("Bearer {}", app.token(Role::Scheduler, 1));
    let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
    app.ask("POST", "/api/reschedule_event", &headers, &body).status(200);

    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("version"), "{rest}");
}
