//! The engines: how each is started, and that nothing of it is left running.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{Capabilities, WebDriver};
use tokio::runtime::Runtime;

/// How often a browser is started until it gives a session.
const STARTS_MAX: usize = 3;
/// How long a driver may take to listen, in seconds.
const START_S_MAX: u64 = 30;
/// The file in its folder that a driver writes to.
const LOG: &str = "driver.log";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    Chromium,
    Firefox,
    /// WebKitGTK: the engine of Safari, not Safari.
    WebKit,
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scripts {
    On,
    Off,
}

/// A driver that listens. Dropped, it is ended, with its browser.
pub struct Driver {
    pub url: String,
    pub capabilities: Value,
    children: Vec<Child>,
    /// The browser's profile and home; every process that it starts names it.
    folder: TempDir,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// The programs that it needs, where Debian installs them.
    fn programs(self) -> Vec<String> {
        let named = |variable: &str, default: &str| env::var(variable).unwrap_or_else(|_| default.to_owned());
        match self {
            Self::Chromium => vec!["/usr/bin/chromium".to_owned(), "/usr/bin/chromedriver".to_owned()],
            Self::Firefox => vec!["/usr/bin/firefox-esr".to_owned(), named("GECKODRIVER", "geckodriver")],
            Self::WebKit => vec![
                format!("/usr/lib/{}-linux-gnu/webkit2gtk-4.1/MiniBrowser", env::consts::ARCH),
                "/usr/bin/WebKitWebDriver".to_owned(),
                "Xvfb".to_owned(),
            ],
        }
    }

    /// The first program that is not there.
    pub fn missing(self) -> Option<String> {
        let path = env::var("PATH").unwrap_or_default();
        let is_there = |program: &String| {
            Path::new(program).is_file() || path.split(':').any(|folder| Path::new(folder).join(program).is_file())
        };
        self.programs().into_iter().find(|program| !is_there(program))
    }

    /// A browser with a session. What is tested is the page, not the driver: a driver that gives no session is started
    /// again, with another port and an empty profile.
    pub fn session(self, scripts: Scripts, runtime: &Runtime) -> (Driver, WebDriver) {
        let mut failures = Vec::new();
        while failures.len() < STARTS_MAX {
            match self.try_session(scripts, runtime) {
                Ok(session) => return session,
                Err(why) => {
                    println!("!!! {} gave no session: {why}", self.name());
                    failures.push(why);
                }
            }
        }
        panic!("no session in {STARTS_MAX} starts:\n{}", failures.join("\n"))
    }

    fn try_session(self, scripts: Scripts, runtime: &Runtime) -> Result<(Driver, WebDriver), String> {
        let process = self.start(scripts)?;
        let Value::Object(capabilities) = process.capabilities.clone() else { unreachable!() };
        match runtime.block_on(WebDriver::new(process.url.clone(), Capabilities::from(capabilities))) {
            Ok(driver) => Ok((process, driver)),
            Err(error) => Err(format!("{error:?}\n{}", process.log())),
        }
    }

    /// # Errors
    /// The driver ended, or does not listen in time: with what it said.
    fn start(self, scripts: Scripts) -> Result<Driver, String> {
        let folder = TempDir::new().unwrap();
        let (port, programs) = (free_port(), self.programs());
        let (browser, driver) = (&programs[0], &programs[1]);
        let mut command = Command::new(driver);
        command.env("HOME", folder.path()).env("LANG", "C.UTF-8");
        let mut children = Vec::new();
        match self {
            Self::Chromium => {
                command.arg(format!("--port={port}"));
            }
            Self::Firefox => {
                command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
                command.args(["--websocket-port", &free_port().to_string(), "--profile-root"]).arg(folder.path());
            }
            Self::WebKit => {
                let (screen, display) = screen();
                children.push(screen);
                command.args(["--host=127.0.0.1".to_owned(), format!("--port={port}")]).env("DISPLAY", display);
                command.env("GDK_BACKEND", "x11").env("XDG_RUNTIME_DIR", folder.path());
                command.env("LIBGL_ALWAYS_SOFTWARE", "1").env("NO_AT_BRIDGE", "1");
            }
        }
        let log = fs::File::create(folder.path().join(LOG)).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        children.push(command.spawn().unwrap());
        let capabilities = self.capabilities(scripts, browser, folder.path());
        let mut driver = Driver { url: format!("http://127.0.0.1:{port}"), capabilities, children, folder };
        let start = Instant::now();
        loop {
            let is_listening = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            // Another program may have taken the port in between: the driver ends then.
            if let Some(status) = driver.ended() {
                return Err(format!("the driver ended with {status}\n{}", driver.log()));
            }
            if is_listening {
                return Ok(driver);
            }
            if start.elapsed().as_secs() >= START_S_MAX {
                return Err(format!("the driver does not listen\n{}", driver.log()));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn capabilities(self, scripts: Scripts, browser: &str, folder: &Path) -> Value {
        match self {
            Self::Chromium => json!({
                "browserName": "chrome",
                "goog:loggingPrefs": { "browser": "ALL" },
                "goog:chromeOptions": { "binary": browser, "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1440,900",
                    format!("--user-data-dir={}", folder.join("profile").display()),
                ] },
            }),
            Self::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": { "binary": browser, "args": ["-headless"], "prefs": {
                    "app.update.enabled": false, "datareporting.policy.dataSubmissionEnabled": false,
                    "toolkit.telemetry.enabled": false, "network.captive-portal-service.enabled": false,
                    "network.connectivity-service.enabled": false, "browser.safebrowsing.malware.enabled": false,
                    "extensions.update.enabled": false, "app.normandy.enabled": false,
                    "services.settings.server": "http://127.0.0.1:9/", "accessibility.tabfocus": 7,
                    "javascript.enabled": scripts == Scripts::On,
                } },
            }),
            Self::WebKit => json!({
                "webkitgtk:browserOptions": { "binary": browser, "args":
                    ["--automation", "--full-screen", "--javascript-can-open-windows-automatically=true"] },
            }),
        }
    }
}

impl Driver {
    fn ended(&mut self) -> Option<ExitStatus> {
        self.children.last_mut().and_then(|driver| driver.try_wait().unwrap())
    }

    /// What the driver and its browser have written.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join(LOG)).unwrap_or_default()).into_owned()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // Both fail only if it has ended and was waited for.
            let _ = child.kill();
            let _ = child.wait();
        }
        for process in started_in(self.folder.path()) {
            let _ = Command::new("kill").args(["-KILL", &process]).stderr(Stdio::null()).status();
        }
    }
}

/// The processes whose command line or surroundings name a folder: those that were started for it.
fn started_in(folder: &Path) -> Vec<String> {
    let mark = folder.display().to_string();
    let names = |process: &String| {
        ["cmdline", "environ"].iter().any(|file| {
            let text = fs::read(format!("/proc/{process}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&text).contains(&mark)
        })
    };
    let processes =
        fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    processes.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(names).collect()
}

/// A virtual screen; it reports its number.
fn screen() -> (Child, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "2000x1200x24", "-nolisten", "tcp"]);
    let mut screen =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb starts");
    let mut number = String::new();
    BufReader::new(screen.stdout.take().unwrap()).read_line(&mut number).unwrap();
    (screen, format!(":{}", number.trim()))
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
