//! Every route that accepts a body refuses unsupported ones of every content type.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use tandem::{domain::user::Role, routes::site_map::Access};

use super::{
    command_line::{Place, Server},
    every_route::filled,
    form_token, of,
    site_map::{ENTRIES, Entry},
};
use crate::support::App;

/// More than any form or call may hold, in bytes.
const LARGE_BYTES: usize = 1024 * 1024;
const MULTIPART: &str = "multipart/form-data; boundary=edge";
/// What one request of a stranger sends, in bytes.
const FLOOD_BYTES: usize = 300 * 1024 * 1024;
/// What the sockets of both ends may hold of it, in bytes.
const SOCKETS_BYTES: usize = 16 * 1024 * 1024;
/// What the server's memory may grow by meanwhile, in KiB.
const GROWTH_KIB_MAX: u64 = 32 * 1024;

fn part(head: &str, value: &str) -> String {
    format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
}

/// Bodies of at least 1 MiB, each with its content type, and whether it is an upload that `/import` may take.
fn bodies(token: &str) -> Vec<(&'static str, String, bool)> {
    let (large, token_part) = ("a".repeat(LARGE_BYTES), part("name=\"csrf\"", token));
    let form = |value: &str| format!("csrf={token}&name={value}");
    let many = |piece: &str| piece.repeat(LARGE_BYTES / piece.len() + 1);
    vec![
        ("application/x-www-form-urlencoded", form(&large), false),
        ("application/x-www-form-urlencoded", form(&many("&a=b")), false),
        (MULTIPART, format!("{token_part}{}--edge--\r\n", part("name=\"name\"", &large)), false),
        (MULTIPART, format!("{token_part}{}--edge--\r\n", many(&part("name=\"name\"", "a"))), false),
        (MULTIPART, format!("{token_part}{}--edge--\r\n", many(&part("name=\"files\"; filename=\"a\"", "a"))), true),
        (MULTIPART, format!("{token_part}--edge\r\nX: {large}"), false),
        (MULTIPART, large.clone(), false),
        (MULTIPART, format!("{token_part}{}--edge--\r\n", part("name=\"files\"; filename=\"a.csv\"", &large)), true),
        ("application/json", format!("{{\"reason\": \"{large}\"}}"), false),
        ("text/plain", large.clone(), false),
        ("application/octet-stream", large.clone(), false),
        ("", large, false),
    ]
}

#[test]
fn every_write_refuses_an_unsupported_body_of_any_content_type() {
    let app = App::with_users();
    let session = app.session_of(of(Role::Admin));
    let token = form_token(&session);
    let before = app.bytes();
    let mut wrong = Vec::new();
    let takes_body = |entry: &&Entry| matches!(entry.method.as_str(), "POST" | "PATCH");
    let writes = ENTRIES.iter().filter(takes_body).filter(|entry| entry.access != Access::CommandLine);
    for Entry { method, path: route, .. } in writes {
        for (content_type, body, is_upload) in bodies(&token) {
            let mut headers = vec![("X-CSRF-Token", token.as_str())];
            headers.extend((!content_type.is_empty()).then_some(("Content-Type", content_type)));

            let answer = app.ask_as(&session, method, &filled(route), &headers, &body);

            let wanted: &[u16] = if is_upload && route == "/import" { &[422] } else { &[413, 415] };
            if !wanted.contains(&answer.status) {
                let start: String = body.chars().take(200).collect();
                wrong.push(format!("{method} {route}: {} to {content_type}, {start:?}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let unchanged = app.bytes();
    assert!(before.iter().all(|(key, value)| unchanged.get(key) == Some(value)), "something was changed");
}

/// Sends one large body for as long as the server takes it: how many bytes went out, and what came back.
fn flood(server: &Server, head: &str) -> (usize, String) {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let (piece, mut sent) = (vec![b'a'; 64 * 1024], 0);
    while sent < FLOOD_BYTES && stream.write_all(&piece).is_ok() {
        sent += piece.len();
    }
    let mut answer = Vec::new();
    // What was answered is lost if the connection was cut while we wrote.
    let _ = stream.read_to_end(&mut answer);
    (sent, String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(target_os = "linux")]
fn memory_kib(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.split_whitespace().next().unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_300_mib_body_of_a_signed_out_client_is_cut_off_and_not_stored() {
    let place = Place::new();
    let server = place.serve(&[]);
    for content_type in [MULTIPART, "application/x-www-form-urlencoded", "application/json", "text/plain"] {
        for path in ["/sign-in", "/welcome/a", "/import", "/api/trade", "/admin/accounts", "/nowhere"] {
            let before = memory_kib(&server);
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\nContent-Length: {FLOOD_BYTES}\r\n\r\n\
                 --edge\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n"
            );

            let (sent, answer) = flood(&server, &head);

            let what = format!("{path} as {content_type}: {sent} bytes, {:?}", answer.lines().next());
            assert!(sent <= SOCKETS_BYTES, "{what}");
            assert!(memory_kib(&server).saturating_sub(before) < GROWTH_KIB_MAX, "{what}");
        }
    }
    assert!(server.get("/sign-in", "").starts_with("HTTP/1.0 200"));
}
