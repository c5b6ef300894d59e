//! From a store in a data folder to a database and back, by backup and restore.

use std::{fs, io::Read, path::Path, process::Command};

use flate2::read::GzDecoder;
use tandem::store::tables::audit;
use tempfile::TempDir;

use crate::{
    cluster::{Cluster, open},
    server::{command, generate},
    shared::append_in,
};

fn succeeds(command: &mut Command) -> String {
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// The command line with a store in the data folder.
fn embedded(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command.env_clear().env("TANDEM_TIMEZONE", "America/New_York").current_dir(folder.path());
    command.arg("--data-dir").arg(folder.path().join("data")).args(arguments);
    command
}

/// The events and employees of a backup. The audit differs: it tells of the backup and the restore.
fn records(path: &Path) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let kept = |line: &&str| line.starts_with("{\"event_") || line.starts_with("{\"employee_");
    text.lines().filter(kept).map(str::to_owned).collect()
}

#[test]
fn records_are_the_same_from_a_folder_to_a_database_and_back() {
    let cluster = Cluster::shared();
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    succeeds(&mut embedded(&folder, &["generate", "--count", "700", "--month", "2025-10"]));
    succeeds(&mut embedded(&folder, &["backup", "before.jsonl.gz"]));

    succeeds(&mut command(&cluster.url(), "crossing", &folder, &["restore", "before.jsonl.gz"]));
    succeeds(&mut command(&cluster.url(), "crossing", &folder, &["check"]));
    succeeds(&mut command(&cluster.url(), "crossing", &folder, &["backup", "between.jsonl.gz"]));
    succeeds(&mut embedded(&folder, &["restore", "--replace", "between.jsonl.gz"]));
    succeeds(&mut embedded(&folder, &["check"]));
    succeeds(&mut embedded(&folder, &["backup", "after.jsonl.gz"]));

    let before = records(&path("before.jsonl.gz"));
    assert!(before.len() > 700);
    assert!(before == records(&path("between.jsonl.gz")) && before == records(&path("after.jsonl.gz")));
}

#[test]
fn a_restore_replaces_the_store_of_servers_that_run_and_keeps_the_old_one() {
    let cluster = Cluster::shared();
    let folder = TempDir::new().unwrap();
    generate(&cluster.url(), "replaced", 50);
    succeeds(&mut command(&cluster.url(), "replaced", &folder, &["backup", "b.jsonl.gz"]));
    let running = open(&cluster.url(), "replaced");
    let entries = running.store.read(|tx| audit::last(tx)).unwrap();
    for _ in 0..5 {
        running.store.write(append_in).unwrap();
    }
    let (version, secret) = (running.store.version(), running.store.secret().unwrap());

    let refused = command(&cluster.url(), "replaced", &folder, &["restore", "b.jsonl.gz"]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("holds a store already") && error.contains("--replace"), "{error}");
    let said = succeeds(&mut command(&cluster.url(), "replaced", &folder, &["restore", "--replace", "b.jsonl.gz"]));

    let kept = said.lines().find_map(|line| line.strip_prefix("the previous store is in the schema ")).unwrap();
    // With the entry of the restore in place of that of the backup; the five are in the old schema.
    assert_eq!(running.store.read(|tx| audit::last(tx)).unwrap(), entries);
    assert!(running.store.version() > version);
    assert_eq!(running.store.write(append_in).unwrap(), entries + 1);
    assert_eq!(open(&cluster.url(), "replaced").store.secret().unwrap(), secret);
    assert_eq!(cluster.sql(&format!("SELECT replaced FROM {kept}.gate")), "t");
    let left = cluster.sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'replaced_new%'");
    assert_eq!(left, "0");
}

#[test]
fn a_restore_waits_a_limited_time_for_transactions_and_says_for_which() {
    let cluster = Cluster::shared();
    let folder = TempDir::new().unwrap();
    generate(&cluster.url(), "used", 5);
    succeeds(&mut command(&cluster.url(), "used", &folder, &["backup", "b.jsonl.gz"]));
    let running = open(&cluster.url(), "used");
    let long = running.store.moment();
    audit::last(&long).unwrap();
    let restore = || command(&cluster.url(), "used", &folder, &["restore", "--replace", "b.jsonl.gz"]);

    let refused = restore().output().unwrap();

    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && error.lines().count() == 2, "{error}");
    for line in error.lines() {
        assert!(
            line.contains("transactions in the schema used") && line.contains("of tandem (idle in transaction"),
            "{line}"
        );
    }
    let left = cluster.sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'used_new%'");
    assert_eq!(left, "0");
    drop(long);
    succeeds(&mut restore());
}
