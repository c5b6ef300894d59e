//! Clients of the built binary that send slowly.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use super::command_line::{Place, Server};

/// The head of a form, and the first of its thousand bytes: fewer than Rocket waits for before it says that there is one.
const SLOW_FORM: &str = "POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
    Content-Length: 1000\r\n\r\nname=a";
const SLOW_HEAD: &str = "GET /sign-in HTTP/1.1\r\nHost: a\r\nX-Slow: ";
/// How long the servers of these tests wait, in seconds.
const TIMEOUT_S: &str = "2";
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest that anything here takes on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(100);

fn impatient(place: &Place, name: &str) -> Server {
    let mut command = place.command(&["serve"]);
    command.env(name, TIMEOUT_S);
    Place::start(command)
}

fn begin(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(BETWEEN)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// Sends a byte now and then until the other end is gone; what it answered, and when it went.
fn trickle(mut stream: TcpStream) -> (String, Duration) {
    let (start, mut answer) = (Instant::now(), Vec::new());
    while start.elapsed() < LONGEST {
        let mut piece = [0; 4096];
        let gone = |kind| !matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut);
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => answer.extend(&piece[..length]),
            Err(error) if gone(error.kind()) => break,
            Err(_) => {
                if stream.write_all(b"a").is_err() {
                    break;
                }
            }
        }
    }
    (String::from_utf8(answer).unwrap(), start.elapsed())
}

/// Asks for a page on a connection that stays, and reads its whole answer.
fn ask_again(stream: &mut TcpStream) -> bool {
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
    let (mut answer, start) = (String::new(), Instant::now());
    while !answer.contains("\"live\":true") && start.elapsed() < LONGEST {
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(0) => return false,
            Ok(length) => answer.push_str(std::str::from_utf8(&piece[..length]).unwrap()),
            Err(_) => {}
        }
    }
    answer.starts_with("HTTP/1.1 200")
}

#[test]
fn a_hundred_unfinished_requests_do_not_delay_others() {
    let place = Place::new();
    let server = place.serve(&[]);
    let slow: Vec<_> = (0..100).map(|number| begin(&server, [SLOW_HEAD, SLOW_FORM][number % 2])).collect();

    let start = Instant::now();
    for _ in 0..20 {
        assert!(server.get("/sign-in", "").starts_with("HTTP/1.0 200"));
    }

    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(slow.len(), 100);
}

#[cfg(target_os = "linux")]
#[test]
fn slow_headers_and_slow_forms_are_cut_off() {
    let place = Place::new();
    let server = impatient(&place, "TANDEM_QUIET_SECONDS");

    for text in ["", SLOW_HEAD, SLOW_FORM] {
        let (answer, took) = trickle_or_wait(&server, text);

        assert_eq!(answer, "", "{text:?}");
        assert!(took >= TIMEOUT / 2 && took < LONGEST, "{text:?}: {took:?}");
    }
}

/// The form waits: once it has begun, its time is another's.
#[cfg(target_os = "linux")]
fn trickle_or_wait(server: &Server, text: &str) -> (String, Duration) {
    let mut stream = begin(server, text);
    if text != SLOW_FORM {
        return trickle(stream);
    }
    let (start, mut answer) = (Instant::now(), String::new());
    stream.set_read_timeout(Some(LONGEST)).unwrap();
    // Cut off in whatever way.
    let _ = stream.read_to_string(&mut answer);
    (answer, start.elapsed())
}

#[cfg(target_os = "linux")]
#[test]
fn active_connections_and_streams_are_not_cut_off() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.envs([("TANDEM_QUIET_SECONDS", TIMEOUT_S), ("TANDEM_SIGN_IN", "none")]);
    let server = Place::start(command);
    let mut used = begin(&server, "");
    let mut listening = begin(&server, "GET /changes HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

    let start = Instant::now();
    while start.elapsed() < TIMEOUT * 3 {
        assert!(ask_again(&mut used), "{:?}", start.elapsed());
        sleep(BETWEEN);
    }

    let mut heard = [0; 4096];
    assert!(listening.read(&mut heard).unwrap() > 0);
    let after = listening.read(&mut heard).map_err(|error| error.kind());
    assert!(!matches!(after, Ok(0)), "the stream of news has ended");
}

#[test]
fn a_slow_form_is_answered_408_and_changes_nothing() {
    let place = Place::new();
    let server = impatient(&place, "TANDEM_BODY_SECONDS");

    let (answer, took) = trickle(begin(&server, &format!("{SLOW_FORM}&password=")));

    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("took too long"), "{took:?}: {answer}");
    assert!(took >= TIMEOUT / 2 && took < LONGEST, "{took:?}");
}

#[test]
fn a_slow_call_is_answered_408() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.envs([("TANDEM_BODY_SECONDS", TIMEOUT_S), ("TANDEM_SIGN_IN", "none")]);
    let server = Place::start(command);
    let head = "POST /api/trade HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
        Content-Length: 1000\r\n\r\n{\"schedule_id\": 20";

    let (answer, took) = trickle(begin(&server, head));

    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too_slow"), "{took:?}: {answer}");
    assert!(took >= TIMEOUT / 2 && took < LONGEST, "{took:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn at_the_connection_limit_the_longest_idle_are_closed_for_new_ones() {
    const MOST: usize = 20;
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.env("TANDEM_CONNECTIONS_MAX", MOST.to_string());
    let server = Place::start(command);
    let mut first = begin(&server, SLOW_HEAD);
    let others: Vec<_> = (0..2 * MOST).map(|_| begin(&server, SLOW_HEAD)).collect();
    let are_open = || others.iter().filter(|stream| is_open(stream)).count();

    let start = Instant::now();
    while are_open() > MOST && start.elapsed() < LONGEST {
        sleep(BETWEEN);
    }

    // The requests in between take connections too.
    assert!((MOST - 2..=MOST).contains(&are_open()), "{}", are_open());
    assert_eq!(first.read(&mut [0; 1]).map_err(|error| error.kind()), Ok(0), "the oldest is ended");
    assert!(server.get("/sign-in", "").starts_with("HTTP/1.0 200"));
}

#[cfg(target_os = "linux")]
fn is_open(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let peeked = stream.peek(&mut [0; 1]).map_err(|error| error.kind());
    stream.set_nonblocking(false).unwrap();
    peeked == Err(ErrorKind::WouldBlock)
}

/// A server that may open so many files and connections.
#[cfg(target_os = "linux")]
fn with_descriptors(place: &Place, descriptors: u32, settings: &[(&str, &str)]) -> Server {
    let serve = place.command(&["serve"]);
    let mut command = Command::new("sh");
    let limited = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
    command.args(["-c", &limited]).arg(serve.get_program()).args(serve.get_args());
    command.env_clear().envs(settings.iter().copied()).current_dir(serve.get_current_dir().unwrap());
    Place::start(command)
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_out_of_file_descriptors_recovers() {
    let place = Place::new();
    let server = with_descriptors(&place, 100, &[("TANDEM_QUIET_SECONDS", TIMEOUT_S)]);
    let slow: Vec<_> = (0..150).map(|_| begin(&server, SLOW_HEAD)).collect();

    let start = Instant::now();
    assert!(server.get("/sign-in", "").starts_with("HTTP/1.0 200"), "{:?}", start.elapsed());

    assert_eq!(slow.len(), 150);
}

/// A form whose body never ends does not block others: waiting for a client is not work.
#[cfg(target_os = "linux")]
#[test]
fn more_unfinished_bodies_than_file_descriptors_do_not_block_others() {
    let place = Place::new();
    let server = with_descriptors(&place, 100, &[]);
    let call = SLOW_FORM.replace("x-www-form-urlencoded", "json").replace("/sign-in", "/api/trade");
    let heads = [format!("{SLOW_FORM}&password="), call + "{\"schedule_id\": 20"];
    let slow: Vec<_> = (0..150).map(|number| begin(&server, &heads[number % 2])).collect();

    for _ in 0..5 {
        assert!(server.get("/sign-in", "").starts_with("HTTP/1.0 200"));
    }

    assert_eq!(slow.len(), 150);
}

/// Behind a proxy all connections come from one address; each request says whose it is.
#[cfg(target_os = "linux")]
#[test]
fn only_the_connections_of_a_client_over_its_limit_are_closed() {
    const MOST: usize = 10;
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.envs([("ROCKET_IP_HEADER", "X-Real-IP"), ("TANDEM_CONNECTIONS_PER_ADDRESS_MAX", "10")]);
    let server = Place::start(command);
    let begin_for = |client: &str| {
        let head = SLOW_FORM.replace("Host: a", &format!("Host: a\r\nX-Real-IP: {client}"));
        begin(&server, &format!("{head}&password="))
    };
    let theirs: Vec<_> = (0..MOST).map(|_| begin_for("192.0.2.1")).collect();
    let many: Vec<_> = (0..5 * MOST).map(|_| begin_for("192.0.2.2")).collect();

    let start = Instant::now();
    while many.iter().filter(|stream| is_open(stream)).count() > MOST && start.elapsed() < LONGEST {
        sleep(BETWEEN);
    }

    assert_eq!(many.iter().filter(|stream| is_open(stream)).count(), MOST);
    assert!(theirs.iter().all(is_open));
}
