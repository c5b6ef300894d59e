//! The built binary: its first links, and commands beside a running server.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

pub struct Place {
    folder: TempDir,
}

/// What a run said, and how it ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A server, killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: String,
    /// What it said when it began to listen.
    pub said: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Place {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// The default of the commands.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
        command.env_clear().current_dir(self.folder.path()).args(arguments);
        command
    }

    /// A file in the folder where commands run.
    pub fn file(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub fn serve(&self, arguments: &[&str]) -> Server {
        Self::start(self.command(&[&["serve"], arguments].concat()))
    }

    /// A server, by the command that starts it.
    pub fn start(mut command: Command) -> Server {
        command.envs([("ROCKET_PORT", "0"), ("TANDEM_BACKUP_AT", "off"), ("TANDEM_LOG_LEVEL", "error")]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("End with Ctrl+C") {
            said.push_str(&lines.next().unwrap().unwrap());
            said.push('\n');
        }
        let address = said.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Server { child, address, said }
    }
}

impl Ran {
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{} {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text) || self.err.contains(text), "{text:?} is not in: {} {}", self.out, self.err);
        self
    }
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn get(&self, path: &str, header: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.0\r\n{header}\r\n"))
    }

    fn post(&self, path: &str, body: &str) -> String {
        let head = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.ask(&format!("POST {path} HTTP/1.0\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len()))
    }

    /// The path of the link that it printed.
    fn link(&self) -> String {
        let at = self.said.find("/welcome/").unwrap_or_else(|| panic!("no link: {}", self.said));
        self.said[at..].split_whitespace().next().unwrap().to_owned()
    }
}

/// The token that a page carries.
fn token(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap()
}

#[test]
fn only_the_first_start_prints_a_link_that_creates_the_first_admin() {
    let place = Place::new();
    let server = place.serve(&[]);
    let link = server.link();
    assert!(server.said.contains("No one can sign in yet"), "{}", server.said);

    let form = server.get(&link, "");
    let body = format!("name=ada&password={0}&again={0}&csrf={1}", PASSWORD.replace(' ', "+"), token(&form));
    let answer = server.post(&link, &body);
    assert!(answer.starts_with("HTTP/1.0 303") && answer.contains("tandem_session="), "{answer}");
    assert!(server.post(&link, &body).starts_with("HTTP/1.0 410"));
    drop(server);

    let server = place.serve(&[]);
    assert!(server.said.contains("/sign-in") && !server.said.contains("/welcome/"), "{}", server.said);
}

#[test]
fn the_demonstration_prints_a_link_that_signs_in() {
    let place = Place::new();
    let server = place.serve(&["--demo"]);
    let link = server.link();

    let form = server.get(&link, "");
    let answer = server.post(&link, &format!("csrf={}", token(&form)));
    let session =
        answer.split("tandem_session=").nth(1).unwrap_or_else(|| panic!("{answer}")).split(';').next().unwrap();
    let page = server.get("/users", &format!("Cookie: tandem_session={session}\r\n"));

    assert!(page.starts_with("HTTP/1.0 200") && page.contains("demo"), "{page}");
    assert!(server.get("/users", "").starts_with("HTTP/1.0 303"));
}

#[test]
fn users_and_tokens_are_managed_with_and_without_a_running_server() {
    let place = Place::new();
    place.run(&["user", "add", "ada", "--role", "admin"], &format!("{PASSWORD}\n")).ended(0).says("Added ada, admin.");
    let server = place.serve(&[]);

    place.run(&["user", "add", "sam"], &format!("{PASSWORD}\n")).ended(0).says("Added sam, scheduler.");
    place.run(&["user", "add", "SAM"], &format!("{PASSWORD}\n")).ended(2).says("there is already a user \"SAM\"");
    place.run(&["user", "add", "ben"], "short\n").ended(2).says("a password has 10 to 200 characters");
    place.run(&["user", "add", "two words"], "").ended(2).says("a name has 1 to 60 letters");
    place.run(&["user", "list"], "").ended(0).says("ada").says("sam");
    place.run(&["user", "disable", "ada"], "").ended(2).says("the only active admin");
    place.run(&["user", "disable", "sam"], "").ended(0);
    place.run(&["user", "list"], "").ended(0).says("disabled");
    let made = place.run(&["token", "create", "till", "--scope", "read"], "").ended(0);
    let call =
        |token: &str| server.get("/api/calendar/2025/10", &format!("Authorization: Bearer {}\r\n", token.trim()));
    assert!(call(&made.out).starts_with("HTTP/1.0 200"), "{}", call(&made.out));
    place.run(&["token", "list"], "").ended(0).says("till").says("calls, scope read");
    place.run(&["token", "revoke", "till"], "").ended(0);
    assert!(call(&made.out).starts_with("HTTP/1.0 401"));
    place.run(&["token", "revoke", "till"], "").ended(2).says("there is no such token");
    drop(server);

    place.run(&["user", "enable", "sam"], "").ended(0);
    place.run(&["user", "password", "sam", "--link"], "").ended(0).says("/welcome/");
    place.run(&["token", "list"], "").ended(0).says("There are no tokens.");
}

#[test]
fn the_address_of_the_command_line_answers_404_without_its_token() {
    let place = Place::new();
    let server = place.serve(&[]);

    for path in ["/admin/accounts", "/admin/backup"] {
        assert!(server.get(path, "").starts_with("HTTP/1.0 404"));
        assert!(server.get(path, "Authorization: Bearer 00\r\n").starts_with("HTTP/1.0 404"));
    }
    assert!(server.post("/admin/accounts", "{}").starts_with("HTTP/1.0 404"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_data_folder_and_its_secret() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let server = place.serve(&[]);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let key = || fs::read_to_string(place.data_dir().join("tandem.key")).unwrap();

    assert_eq!(mode(place.data_dir()), 0o700);
    assert_eq!(mode(place.data_dir().join("tandem.key")), 0o600);
    let before = key();
    drop(server);
    drop(place.serve(&[]));

    assert_eq!(key(), before);
    assert_eq!(before.trim().len(), 64);
}

#[cfg(unix)]
#[test]
fn a_data_folder_that_others_can_read_is_restricted() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    drop(place.serve(&[]));
    let mode = || fs::metadata(place.data_dir()).unwrap().permissions().mode() & 0o777;
    fs::set_permissions(place.data_dir(), fs::Permissions::from_mode(0o755)).unwrap();

    drop(place.serve(&[]));

    assert_eq!(mode(), 0o700);
}

#[test]
fn many_refused_requests_are_not_logged_one_by_one() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    command.env("RUST_LOG", "tandem=warn");
    let server = Place::start(command);
    let head =
        "POST /sign-in HTTP/1.0\r\nOrigin: http://evil.example\r\nContent-Type: application/x-www-form-urlencoded";

    for _ in 0..3 {
        let answer = server.ask(&format!("{head}\r\nContent-Length: 3\r\n\r\na=b"));
        assert!(answer.starts_with("HTTP/1.0 403"), "{answer}");
    }

    let log = fs::read_to_string(place.data_dir().join("logs/tandem.log")).unwrap_or_default();
    assert!(!log.contains("guard"), "{log}");
}
