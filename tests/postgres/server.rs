//! Servers as processes of the built binary, on a store in a database.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const START_SECONDS_MAX: u64 = 60;
const CALL_SECONDS_MAX: u64 = 40;

/// A server that runs. Dropped, it is killed.
pub struct Server {
    child: Child,
    pub address: String,
    folder: TempDir,
}

/// The command line with a store in a database.
pub fn command(url: &str, schema: &str, folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command.env_clear().env("TANDEM_TIMEZONE", "America/New_York").current_dir(folder.path());
    command.env("TANDEM_STORE_URL", url).env("TANDEM_STORE_SCHEMA", schema);
    command.arg("--data-dir").arg(folder.path().join("data")).args(arguments).stdin(Stdio::null());
    command
}

pub fn run(url: &str, schema: &str, arguments: &[&str]) -> Output {
    command(url, schema, &TempDir::new().unwrap(), arguments).output().unwrap()
}

/// Fills a schema with the events of a made-up month.
pub fn generate(url: &str, schema: &str, count: u32) {
    let made = run(url, schema, &["generate", "--count", &count.to_string(), "--month", "2025-10"]);
    assert!(made.status.success(), "{made:?}");
}

impl Server {
    pub fn start(url: &str, schema: &str) -> Self {
        Self::start_with(url, schema, &[])
    }

    pub fn start_with(url: &str, schema: &str, settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let (out, log) = (folder.path().join("out"), folder.path().join("log"));
        let mut command = command(url, schema, &folder, &["serve"]);
        command.env("ROCKET_PORT", port.to_string()).env("TANDEM_SIGN_IN", "none").env("TANDEM_RATE_LIMITS", "off");
        command.envs(settings.iter().copied());
        let child = command.stdout(File::create(&out).unwrap()).stderr(File::create(log).unwrap()).spawn().unwrap();
        let mut server = Self { child, address: format!("http://127.0.0.1:{port}"), folder };
        let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while !fs::read_to_string(&out).unwrap().contains(&server.address) {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "the server did not start: {}", server.log());
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Ends it as a power cut ends a process.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
    }

    /// The id that it gives a request.
    pub fn request_id(&self, path: &str) -> String {
        let answer = agent().get(format!("{}{path}", self.address)).call().unwrap();
        answer.headers()["X-Request-Id"].to_str().unwrap().to_owned()
    }

    /// Calls this server, also while another thread ends it.
    pub fn caller(address: &str) -> Caller {
        Caller { address: address.to_owned() }
    }

    pub fn reschedule(&self, schedule: u64, date: &str) -> Option<(u16, Value)> {
        Self::caller(&self.address).reschedule(schedule, date)
    }

    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut answer = agent().get(format!("{}{path}", self.address)).call().ok()?;
        Some((answer.status().as_u16(), answer.body_mut().read_to_string().ok()?))
    }
}

/// Calls a server.
pub struct Caller {
    address: String,
}

impl Caller {
    /// Moves a scheduled event. The status and the body of the answer; none if there was no whole answer.
    pub fn reschedule(&self, schedule: u64, date: &str) -> Option<(u16, Value)> {
        let body = json!({ "schedule_id": schedule, "new_date": date, "override_reason": "trial" });
        let request = agent().post(format!("{}/api/reschedule_event", self.address));
        let mut answer = request.header("Content-Type", "application/json").send(body.to_string()).ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    config.timeout_global(Some(Duration::from_secs(CALL_SECONDS_MAX))).build().new_agent()
}

/// Waits until something is so, and returns how long that took.
pub fn wait_until(what: &str, seconds_max: u64, mut is_so: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(seconds_max), "{what}: not within {seconds_max} s");
        thread::sleep(Duration::from_millis(20));
    }
    began.elapsed()
}
