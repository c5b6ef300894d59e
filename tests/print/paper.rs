//! A server with made-up events, and the paper that Chromium makes of its pages.
//!
//! Rule of this file: whatever was started here ends here, also when a test fails.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// How long a start or a print may take, in seconds.
const TIMEOUT_S: u64 = 60;

/// A running server. Dropped, it ends.
pub struct Press {
    folder: TempDir,
    server: Child,
    address: String,
}

impl Drop for Press {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn tandem(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command
        .env_clear()
        .env("TANDEM_TIMEZONE", "America/New_York")
        .env("TANDEM_SIGN_IN", "none")
        .current_dir(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Press {
    /// So many events in October 2025.
    pub fn with_events(count: &str) -> Self {
        Self::with(&["--count", count])
    }

    /// The same for a number of people.
    pub fn with_people(people: &str, events: &str) -> Self {
        Self::with(&["--people", people, "--count", events])
    }

    fn with(plan: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let made = tandem(&folder).args(["generate", "--month", "2025-10"]).args(plan).status().unwrap();
        assert!(made.success());
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let server = tandem(&folder).env("ROCKET_PORT", port.to_string()).arg("serve").spawn().unwrap();
        let press = Self { folder, server, address: format!("http://127.0.0.1:{port}") };
        let start = Instant::now();
        while ureq::get(format!("{}/health/live", press.address)).call().is_err() {
            assert!(start.elapsed() < Duration::from_secs(TIMEOUT_S), "the server does not answer");
            thread::sleep(Duration::from_millis(50));
        }
        press
    }

    pub fn call(&self, address: &str) -> Value {
        let body =
            ureq::get(format!("{}{address}", self.address)).call().unwrap().into_body().read_to_string().unwrap();
        serde_json::from_str(&body).unwrap()
    }

    pub fn print(&self, address: &str) -> Paper {
        let pdf = self.folder.path().join("paper.pdf");
        let profile = TempDir::new().unwrap();
        let quiet = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
                     --disable-background-networking --disable-component-update --disable-sync --no-pdf-header-footer";
        let mut chromium = Command::new("chromium")
            .args(quiet.split_whitespace())
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("--print-to-pdf={}", pdf.display()))
            .arg(format!("{}{address}", self.address))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromium: apt-get install chromium");
        let start = Instant::now();
        let ended = loop {
            if let Some(ended) = chromium.try_wait().unwrap() {
                break ended;
            }
            if start.elapsed() > Duration::from_secs(TIMEOUT_S) {
                let _ = chromium.kill();
                let _ = chromium.wait();
                panic!("chromium does not end");
            }
            thread::sleep(Duration::from_millis(50));
        };
        assert!(ended.success(), "chromium: {ended}");
        let paper = Paper::read(&fs::read(&pdf).unwrap(), &pdf);
        fs::remove_file(pdf).unwrap();
        paper
    }
}

/// What stands on printed pages.
pub struct Paper {
    pub pages: usize,
    /// In the order of the document.
    pub text: String,
    /// As it lies on the sheet.
    layout: String,
}

fn pdftotext(pdf: &std::path::Path, how: &str) -> String {
    let ran = Command::new("pdftotext").arg(how).arg(pdf).arg("-").output();
    let ran = ran.expect("pdftotext: apt-get install poppler-utils");
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// Without blanks, for lines break anywhere.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

impl Paper {
    fn read(bytes: &[u8], pdf: &std::path::Path) -> Self {
        assert!(bytes.starts_with(b"%PDF"));
        let (text, layout) = (pdftotext(pdf, "-raw"), pdftotext(pdf, "-layout"));
        // Each page ends with a form feed.
        Self { pages: text.matches('\u{c}').count(), text, layout }
    }

    /// How often a text stands on the paper, however its lines break.
    pub fn count(&self, text: &str) -> usize {
        dense(&self.text).matches(&dense(text)).count()
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.count(text) > 0, "{text:?} is not on the paper:\n{}", self.text);
        self
    }

    #[track_caller]
    pub fn lacks(&self, text: &str) -> &Self {
        assert_eq!(self.count(text), 0, "{text:?} is on the paper:\n{}", self.text);
        self
    }

    /// The counts behind a type's sign, wherever they stand.
    pub fn badges(&self, sign: &str) -> Vec<u64> {
        let words: Vec<&str> = self.layout.split_whitespace().collect();
        // A sign and a single digit may stand close enough to be read as one word.
        let joined = words.iter().filter_map(|word| word.strip_prefix(sign)?.parse().ok());
        let pairs = words.windows(2).filter(|pair| pair[0] == sign);
        pairs.filter_map(|pair| pair[1].parse().ok()).chain(joined).collect()
    }

    /// The sum of all warnings: "▲ 3 unscheduled due".
    pub fn due(&self) -> u64 {
        let words: Vec<&str> = self.layout.split_whitespace().collect();
        let due = words.windows(3).filter(|three| three[1..] == ["unscheduled", "due"]);
        due.filter_map(|three| three[0].parse::<u64>().ok()).sum()
    }

    /// A group's heading is followed by a card on its own page.
    #[track_caller]
    pub fn assert_no_heading_stands_alone(&self) {
        for page in self.text.split('\u{c}') {
            let last = page.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            assert!(!last.contains("events ("), "the heading {last:?} stands alone at the end of a page");
        }
    }
}
