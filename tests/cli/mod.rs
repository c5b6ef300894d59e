//! The command line, as the built binary: sentences, exit codes, and what it leaves on disk.
//!
//! Exit codes: 0 done, 1 done but with findings or rejected rows, 2 could not run.

mod checks;
mod damage;
mod exports;
mod imports;
mod proposals;
mod settings;
mod upkeep;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder to work in, with a data folder below it. It goes when it is dropped.
struct Place {
    folder: TempDir,
}

/// What a run said and how it ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

const VISITS: [&str; 2] = ["visits/calendar-schedule.csv", "visits/workbank.csv"];

fn data(path: &str) -> String {
    format!("{}/tests/data/{path}", env!("CARGO_MANIFEST_DIR"))
}

impl Place {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// With the retailer's visits.
    fn with_visits() -> Self {
        let place = Self::new();
        place.import(&VISITS.map(data)).ended(0);
        place
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data folder.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Ran {
        self.run_with(&[], arguments)
    }

    /// With settings in the environment, which holds nothing else.
    fn run_with<S: AsRef<str>>(&self, settings: &[(&str, &str)], arguments: &[S]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_tandem"))
            .env_clear()
            .envs(settings.iter().copied())
            .current_dir(self.folder.path())
            .arg("--data-dir")
            .arg(self.data_dir())
            .args(arguments.iter().map(AsRef::as_ref))
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn import(&self, files: &[String]) -> Ran {
        self.run(&[&["import".to_owned(), "visits".to_owned()], files].concat())
    }

    /// What `tandem check --json` says.
    fn check(&self) -> Value {
        serde_json::from_str(&self.run(&["check", "--json"]).out).unwrap()
    }
}

impl Ran {
    #[track_caller]
    fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text), "{text:?} is not in: {}", self.out);
        self
    }

    /// Asserts one clear sentence on standard error, with this in it.
    #[track_caller]
    fn lacks(self, text: &str) -> Self {
        assert!(!self.out.contains(text) && !self.err.contains(text), "{text:?} is in: {self:?}");
        self
    }

    #[track_caller]
    fn complains(self, text: &str) -> Self {
        assert!(self.err.starts_with("tandem: ") && self.err.contains(text), "{text:?} is not in: {}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        self
    }
}

/// Every file below a folder, with its content.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            let content = fs::read(&path).unwrap();
            found.push((path, content));
        }
    }
    found.sort();
    found
}
