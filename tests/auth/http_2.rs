//! The server speaks HTTP/1.1 only.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::command_line::{Place, Server};

/// The client preface of HTTP/2 (RFC 9113, 3.4) and an empty SETTINGS frame after it.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// Asks for HTTP/2 as RFC 7540 did.
const UPGRADE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\n\
    Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";

fn say(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    // Whether it is closed or cut makes no difference.
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn http_2_is_refused_and_an_upgrade_is_ignored() {
    let place = Place::new();
    let server = place.serve(&[]);

    let refused = say(&server, PREFACE);
    let stays = String::from_utf8(say(&server, UPGRADE)).unwrap();

    let is_http_1 = refused.starts_with(b"HTTP/1.1 4");
    assert!(refused.is_empty() || is_http_1, "{:?}", String::from_utf8_lossy(&refused));
    assert!(stays.starts_with("HTTP/1.1 200"), "{stays}");
}

/// A feature of one dependency can bring it back into another; nothing of it is locked while none asks for it.
#[test]
fn no_dependency_enables_http_2() {
    let locked = include_str!("../../Cargo.lock");

    assert!(!locked.contains("name = \"h2\""), "`cargo tree -i h2 -e features` says who asks for it");
}
