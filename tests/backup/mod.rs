//! Backups through the built binary, with real files and a running server.

mod damage;
mod nightly;
mod online;
mod restore;

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::json;
use sha2::{Digest, Sha256};
use tandem::{
    domain::{
        audit::Action,
        change::{Command as Change, Request},
        ids::ScheduleId,
    },
    services::{change::make, decision_context::Target},
    store::{Flow, Options, ReadTx, Store, StoreError, Table, tables::audit},
};
use tempfile::TempDir;

use crate::support::{App, origin, visits_data};

/// The tables whose records cannot be rebuilt.
const PRIMARY: [Table; 8] = [
    Table::Events,
    Table::Employees,
    Table::Audit,
    Table::Replies,
    Table::Meta,
    Table::Findings,
    Table::IntegrityRuns,
    Table::Outbox,
];

type Bytes = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

/// Every record of some tables, byte for byte.
fn bytes(store: &Store, tables: &[Table]) -> Bytes {
    let mut all = Bytes::new();
    for table in tables {
        let read = store.read(|tx| {
            tx.scan(*table, &[]..&[255; 64], &mut |key, value| {
                // The number of changes is bound to one store, and so do entries about backups and restores,
                // which come after the backup that they tell of.
                let is_own = match table {
                    Table::Audit => is_about_a_file(tx, key)?,
                    _ => [&b"changes"[..], b"audit_last", b"audit_seal"].contains(&key),
                };
                if !is_own {
                    all.insert((*table, key.to_vec()), value.to_vec());
                }
                Ok(Flow::Continue)
            })
        });
        read.unwrap_or_else(|error: StoreError| panic!("{error}"));
    }
    all
}

/// Tells the audit entries about backups and restores.
fn is_about_a_file(view: &dyn ReadTx, key: &[u8]) -> Result<bool, StoreError> {
    let sequence = u64::from_be_bytes(key.try_into().unwrap());
    let entry = audit::get(view, sequence)?.unwrap();
    Ok(matches!(entry.action, Action::Backup | Action::Restore))
}

fn stored(data_dir: &Path, tables: &[Table]) -> Bytes {
    bytes(&Store::open(data_dir, &Options::default()).unwrap(), tables)
}

/// A store with records in every table: the old application's data, a change with a key, and a rejected change.
fn busy_app() -> App {
    let app = App::with_acceptance_data();
    app.import(visits_data());
    let request = Request { key: Some("the-first".parse().unwrap()), ..Request::plain(Change::Unschedule) };
    let target = Target::Schedule(ScheduleId(2001));
    make(app.store.blocking(), target, &request, &app.context.config.policy, &origin()).unwrap();
    app.call("/api/unschedule_event", json!({ "schedule_id": 999_999 })).refused(404, "unknown_schedule");
    app
}

/// A temporary working folder.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    fn command(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
        command.env_clear().current_dir(self.0.path()).args(["--data-dir", folder]).args(arguments);
        command
    }

    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) -> Ran {
        self.run_on("data", arguments, code)
    }

    #[track_caller]
    fn run_on(&self, folder: &str, arguments: &[&str], code: i32) -> Ran {
        let Output { status, stdout, stderr } = self.command(folder, arguments).output().unwrap();
        let ran = Ran { out: String::from_utf8(stdout).unwrap(), err: String::from_utf8(stderr).unwrap() };
        assert_eq!(status.code(), Some(code), "{ran:?}");
        ran
    }

    /// A store of generated events, and its backup `b.gz`.
    fn with_backup(count: u32) -> Self {
        let place = Self::new();
        place.run(&["generate", "--month", "2025-10", "--count", &count.to_string()], 0);
        place.run(&["backup", "b.gz"], 0);
        place
    }

    /// Names of the files in the folder, including temporary ones.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

#[derive(Debug)]
struct Ran {
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        assert!(self.out.contains(text), "{text:?} is not in: {self:?}");
        self
    }

    /// Asserts one clear message on standard error.
    #[track_caller]
    fn complains(&self, text: &str) -> &Self {
        assert!(self.err.starts_with("tandem: ") && self.err.contains(text), "{text:?} is not in: {self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        self
    }
}

/// The lines of a backup.
fn unpack(packed: &[u8]) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn pack(lines: &[String]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    for line in lines {
        writeln!(out, "{line}").unwrap();
    }
    out.finish().unwrap()
}

/// Corrects the checksum in the last line, as an attacker would.
fn seal(lines: &mut [String]) {
    let (last, before) = lines.split_last_mut().unwrap();
    let mut hash = Sha256::new();
    for line in before {
        hash.update(format!("{line}\n"));
    }
    let mut footer: serde_json::Value = serde_json::from_str(last).unwrap();
    footer["end"]["sha256"] = format!("{:x}", hash.finalize()).into();
    *last = footer.to_string();
}
