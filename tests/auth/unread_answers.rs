//! Clients of the built binary that do not read their answers.

use std::{
    io::Write,
    net::TcpStream,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use super::command_line::{Place, Server};

/// A day of about 300 events: more than the kernel keeps for a connection once it is asked for often.
const ASK: &str = "GET /calendar/day/2025-10-15/print HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
/// More than a connection and the server's buffer for it hold together, so that the server waits within an answer.
const ASK_FOR_ALL: &str = "GET /api/export/events.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const ASKED_TIMES: usize = 40;
const LONGEST: Duration = Duration::from_secs(30);
/// Many times as many as the server has threads for requests.
const READERS: usize = 60;

/// A server with a full month.
fn full(settings: &[(&str, &str)]) -> (Place, Server) {
    let place = Place::new();
    let generate = ["generate", "--count", "9000", "--month", "2025-10"];
    assert!(place.command(&generate).stdout(Stdio::null()).status().unwrap().success());
    let mut command = place.command(&["serve"]);
    command.envs([("TANDEM_SIGN_IN", "none"), ("TANDEM_RATE_LIMITS", "off")]).envs(settings.iter().copied());
    let server = Place::start(command);
    (place, server)
}

#[cfg(target_os = "linux")]
#[test]
fn an_unread_answer_is_dropped() {
    let (_place, server) = full(&[("TANDEM_READING_SECONDS", "2")]);
    let mut reader = TcpStream::connect(&server.address).unwrap();
    reader.write_all(ASK_FOR_ALL.repeat(ASKED_TIMES).as_bytes()).unwrap();

    // What is asked on a connection that has ended is refused.
    let start = Instant::now();
    while reader.write_all(b"\r\n").is_ok() {
        assert!(start.elapsed() < LONGEST, "it is still waited for");
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn clients_that_read_nothing_do_not_delay_others() {
    let (_place, server) = full(&[]);
    let readers: Vec<_> = (0..READERS).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    for mut reader in &readers {
        reader.write_all(ASK.repeat(ASKED_TIMES).as_bytes()).unwrap();
    }

    let start = Instant::now();
    for _ in 0..20 {
        assert!(server.get("/health/live", "").starts_with("HTTP/1.0 200"));
        assert!(server.get("/calendar/2025/10", "Host: 127.0.0.1\r\n").starts_with("HTTP/1.0 200"));
    }

    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(readers.len(), READERS);
}
