//! Sign-in through a real `OpenID` Connect provider: oidc-provider under Node.js, on loopback.
//!
//! `cargo test --test oidc` runs every scenario; a name after `--` runs those that contain it. The modules are looked for in
//! `OIDC_PROVIDER_MODULES`, or in `~/.cache/tandem-tools/oidc`, where `.ci/run` installs them. Without them this fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::doc_markdown, reason = "engines have names like WebKit")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what passed is printed for the user")]

mod browser;
#[allow(dead_code, reason = "shared with the tests of pages in browsers")]
#[path = "../browser/engine.rs"]
mod engine;
#[allow(dead_code, reason = "shared with the tests of pages in browsers")]
#[path = "../browser/browser.rs"]
mod real_browser;
mod scenarios;

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio, exit},
};

use tempfile::TempDir;

/// A process that is ended when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A server with its provider.
struct Site {
    /// `http://127.0.0.1:…`
    address: String,
    provider: String,
    folder: TempDir,
    server: Option<Process>,
    _provider: Process,
}

/// The folder with `node_modules`.
fn modules() -> PathBuf {
    let set = env::var_os("OIDC_PROVIDER_MODULES").map(PathBuf::from);
    let cached = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache/tandem-tools/oidc");
    let folder = set.unwrap_or_else(cached);
    if !folder.join("node_modules/oidc-provider").is_dir() {
        println!("no oidc-provider in {}: npm install --prefix {0} oidc-provider@8", folder.display());
        exit(1);
    }
    folder
}

fn first_line(output: ChildStdout) -> String {
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

impl Site {
    /// A provider, and the address of a server that is not started yet.
    fn prepared() -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let address = format!("http://127.0.0.1:{port}");
        let mut command = Command::new("node");
        command.arg("tests/oidc/provider.mjs").current_dir(env!("CARGO_MANIFEST_DIR"));
        command.arg(format!("{address}/sign-in/callback")).arg(format!("{address}/sign-in"));
        command.env("OIDC_PROVIDER_MODULES", modules()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut provider = command.spawn().expect("Node.js is not installed");
        let issuer = first_line(provider.stdout.take().unwrap());
        Self { address, provider: issuer, folder: TempDir::new().unwrap(), server: None, _provider: Process(provider) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
        command.env_clear().current_dir(self.folder.path()).arg("--data-dir").arg(self.folder.path().join("data"));
        command.args(arguments);
        command
    }

    /// Adds a user with a password.
    fn add_user(&self, name: &str, role: &str, password: &str) {
        let mut command = self.command(&["user", "add", name, "--role", role]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Starts the server with further settings.
    fn serve(mut self, settings: &[(&str, &str)]) -> Self {
        let port = self.address.rsplit(':').next().unwrap();
        let usual = [
            ("ROCKET_PORT", port),
            ("TANDEM_BACKUP_AT", "off"),
            ("TANDEM_LOG_LEVEL", "error"),
            ("TANDEM_PUBLIC_URL", &self.address),
            ("TANDEM_OIDC_ISSUER", &self.provider),
            ("TANDEM_OIDC_CLIENT_ID", "tandem"),
            ("TANDEM_OIDC_CLIENT_SECRET", "a secret of twenty signs"),
            ("TANDEM_OIDC_ADMINS", "ops"),
            ("TANDEM_OIDC_SCHEDULERS", "planning"),
        ];
        let mut command = self.command(&["serve"]);
        command.envs(usual).envs(settings.iter().copied()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        while !lines.next().expect("the server did not start").unwrap().contains("End with Ctrl+C") {}
        self.server = Some(Process(child));
        self
    }
}

fn main() {
    let wanted = env::args().nth(1).unwrap_or_default();
    modules();
    // Drivers of browsers speak plain HTTP, but their client wants one named.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut ran = 0;
    for (name, scenario) in scenarios::ALL {
        if name.contains(&wanted) {
            println!("{name}");
            scenario();
            ran += 1;
        }
    }
    println!("{ran} scenarios passed");
    assert!(ran > 0, "no scenario is called {wanted:?}");
}
