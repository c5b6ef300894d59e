//! The release binary: its data folder, its server, and its end.
//!
//! Rule of this file: whatever was started here ends here, also when a scenario fails.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// How long a start or an end may take, in seconds.
const TIMEOUT_S: u64 = 60;

/// A folder to work in, the data folder, and the binary to use it with.
pub struct Place {
    pub folder: TempDir,
    pub data_dir: PathBuf,
    /// Of the server and of every command.
    pub settings: Vec<(String, String)>,
    tandem: PathBuf,
}

/// What `tandem check --json` said.
#[derive(Debug, PartialEq)]
pub struct Checked {
    pub code: Option<i32>,
    pub report: Value,
    pub complaint: String,
}

/// A server that runs. Dropped, it is killed.
pub struct Server {
    child: Child,
    pub address: String,
    out: PathBuf,
    log: PathBuf,
}

impl Place {
    /// With an empty data folder, and the binary built from the source as it is.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { data_dir: folder.path().join("data"), folder, settings: Vec::new(), tandem: build() }
    }

    /// With the 400 events of a made-up month, 80 pairs among them.
    pub fn with_pairs() -> Self {
        let place = Self::new();
        place.generate();
        place
    }

    pub fn generate(&self) {
        let ran = self.run(&["generate", "--count", "400", "--month", "2025-10"]);
        assert!(ran.status.success(), "{ran:?}");
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.tandem);
        command.env_clear().env("TANDEM_TIMEZONE", "America/New_York").current_dir(self.folder.path());
        command.envs(self.settings.iter().cloned());
        command.arg("--data-dir").arg(&self.data_dir).args(arguments).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn check(&self) -> Checked {
        let ran = self.run(&["check", "--json"]);
        Checked {
            code: ran.status.code(),
            report: serde_json::from_slice(&ran.stdout).unwrap_or_default(),
            complaint: String::from_utf8_lossy(&ran.stderr).into_owned(),
        }
    }

    /// Starts the server and waits until it says that it listens.
    pub fn serve(&self) -> Server {
        let mut server = self.start();
        wait_until("the server listens", || {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended: {ended:?}\n{}", server.log());
            fs::read_to_string(&server.out).unwrap().contains(&server.address)
        });
        server
    }

    /// Starts the server; it need not listen yet.
    pub fn start(&self) -> Server {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let (out, log) = (self.folder.path().join("out"), self.folder.path().join("log"));
        let log_file = File::options().create(true).append(true).open(&log).unwrap();
        let mut command = self.command(&["serve"]);
        command.env("ROCKET_PORT", port.to_string()).env("ROCKET_ADDRESS", "127.0.0.1");
        command.env("TANDEM_SIGN_IN", "none").env("TANDEM_RATE_LIMITS", "off");
        let child = command.stdout(File::create(&out).unwrap()).stderr(log_file).spawn().unwrap();
        Server { child, address: format!("http://127.0.0.1:{port}"), out, log }
    }
}

impl Server {
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut ends a process: at once, nothing finished.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as a service manager does.
    pub fn stop(mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        wait_for(&mut self.child)
    }

    /// Everything the servers of this place logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl Checked {
    /// How many records the audit holds.
    pub fn audit_entries(&self) -> u64 {
        self.report["audit_entries"].as_u64().unwrap()
    }

    /// The findings that say that a pair was changed by halves.
    pub fn split_pairs(&self) -> usize {
        let split = |finding: &&Value| finding["check"] == "date-mismatch" || finding["check"] == "core-unstaffed";
        self.report["findings"].as_array().unwrap().iter().filter(split).count()
    }

    /// Asserts that the store agrees with itself.
    #[track_caller]
    pub fn sound(self) -> Self {
        assert!(matches!(self.code, Some(0 | 1)), "{self:?}");
        assert_eq!(self.report["storage_problems"], serde_json::json!([]));
        self
    }
}

/// Kills a process that may have ended already.
pub fn end(child: &mut Child) {
    // Both fail only if it has ended and was waited for.
    let _ = child.kill();
    let _ = child.wait();
}

/// Waits until a process has ended by itself.
pub fn wait_for(child: &mut Child) -> ExitStatus {
    let mut status = None;
    wait_until("a process ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

#[track_caller]
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed().as_secs() < TIMEOUT_S, "waited {TIMEOUT_S} s until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

/// The binary to try: built from the source as it is, unless another is named, to see a scenario fail.
fn build() -> PathBuf {
    if let Some(other) = std::env::var_os("TANDEM_BINARY") {
        return other.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = Command::new(env!("CARGO")).args(["build", "--release", "--locked"]).current_dir(root).status();
    assert!(built.unwrap().success(), "the release binary could not be built");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
    target.join("release/tandem")
}
