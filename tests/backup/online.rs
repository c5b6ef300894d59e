//! Backups of a store that a server uses.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use super::{PRIMARY, Place, stored};

/// A server for a place's data folder, on a free port; killed when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(place: &Place) -> Self {
        let mut command = place.command("data", &["serve"]);
        command.envs([("ROCKET_PORT", "0"), ("TANDEM_BACKUP_AT", "off"), ("TANDEM_INTEGRITY_AT", "off")]);
        command.env("TANDEM_LOG_LEVEL", "error");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().trim().trim_end_matches('/').to_owned();
        Self { child, address }
    }

    /// The head of the response to a backup request.
    fn ask(&self, header: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET /admin/backup HTTP/1.0\r\n{header}\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).split("\r\n\r\n").next().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_running_server_is_backed_up_and_the_restored_store_is_equal() {
    let place = Place::with_backup(300);
    let before = stored(&place.data_dir(), &PRIMARY);
    let server = Server::start(&place);

    place.run(&["backup", "online.gz"], 0).says("online.gz holds 300 events");
    place.run_on("other", &["restore", "online.gz"], 0).says("restored 300 events");
    let pid = format!("is in use by another tandem (process {})", server.child.id());
    place.run(&["restore", "online.gz", "--replace"], 2).complains(&pid);

    assert!(stored(&place.path("other"), &PRIMARY) == before);
    assert_eq!(place.names(), ["b.gz", "data", "online.gz", "other"]);
}

#[test]
fn without_the_token_the_page_is_not_found() {
    let place = Place::with_backup(20);
    let server = Server::start(&place);
    let lock = fs::read_to_string(place.data_dir().join("tandem.lock")).unwrap();
    let token = lock.lines().nth(2).unwrap();
    let (half, longer) = (&token[..32], format!("{token}0"));

    for header in [
        String::new(),
        "Authorization: Bearer \r\n".to_owned(),
        format!("Authorization: Bearer {half}\r\n"),
        format!("Authorization: Bearer {longer}\r\n"),
        format!("Authorization: Basic {token}\r\n"),
        format!("Authorization: Bearer {}\r\n", "0".repeat(64)),
    ] {
        assert!(server.ask(&header).starts_with("HTTP/1.0 404"), "{header:?}");
    }
    assert!(server.ask(&format!("Authorization: Bearer {token}\r\n")).starts_with("HTTP/1.0 200"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_token() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_backup(20);
    let _server = Server::start(&place);

    let mode = fs::metadata(place.data_dir().join("tandem.lock")).unwrap().permissions().mode();

    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn each_start_has_its_own_token_and_a_stopped_server_removes_it() {
    let place = Place::with_backup(20);
    let token = || fs::read_to_string(place.data_dir().join("tandem.lock")).unwrap().lines().nth(2).unwrap().to_owned();
    let first = Server::start(&place);
    let old = token();
    drop(first);

    place.run(&["backup", "offline.gz"], 0);
    let second = Server::start(&place);

    assert_ne!(token(), old);
    assert!(second.ask(&format!("Authorization: Bearer {old}\r\n")).starts_with("HTTP/1.0 404"));
}

#[cfg(unix)]
#[test]
fn a_server_can_be_stopped_during_a_missed_backup() {
    let place = Place::with_backup(50);
    let mut command = place.command("data", &["serve"]);
    command.envs([("ROCKET_PORT", "0")]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);

    let made = lines.find(|line| line.contains("nightly backup")).unwrap();

    assert!(made.contains("made and verified") && made.contains("events=50"), "{made}");
    let told = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(told.success() && child.wait().unwrap().success());
    assert_eq!(fs::read_dir(place.data_dir().join("backups")).unwrap().count(), 1);
}
