//! Databases that cannot hold a store, each refused with its sentence.

use crate::{
    cluster::{Cluster, url},
    server::run,
};

const GENERATE: [&str; 5] = ["generate", "--count", "1", "--month", "2025-10"];

#[track_caller]
fn assert_refused(url: &str, schema: &str, arguments: &[&str], says: &[&str]) {
    let ran = run(url, schema, arguments);
    let error = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(2), "{error}");
    assert!(error.starts_with("tandem: ") && error.lines().count() == 1, "{error}");
    assert!(says.iter().all(|part| error.contains(part)), "{says:?} is not in: {error}");
    assert!(!error.contains("hidden"), "the password is in: {error}");
}

#[test]
fn a_server_without_fsync_is_refused() {
    let cluster = Cluster::start("fsync = off");

    assert_refused(&cluster.url(), "tandem", &GENERATE, &["fsync = on"]);
}

#[test]
fn a_standby_is_refused() {
    let cluster = Cluster::start("");
    cluster.become_standby();

    assert_refused(&cluster.url(), "tandem", &GENERATE, &["standby", "primary"]);
}

#[test]
fn an_address_that_leads_nowhere_is_refused() {
    let cluster = Cluster::shared();
    assert_refused(&url(1), "tandem", &GENERATE, &["cannot be reached", "refused"]);
    assert_refused(&cluster.url(), "no schema", &GENERATE, &["store_schema"]);
    assert_refused("mysql://somewhere/db", "tandem", &GENERATE, &["store_url", "postgres://"]);
    let nowhere = cluster.url().replace("/postgres", "/nowhere");
    assert_refused(&nowhere, "tandem", &GENERATE, &["nowhere"]);
}

#[test]
fn a_schema_without_a_store_is_not_made_by_a_command_that_reads() {
    let cluster = Cluster::shared();

    for arguments in [&["check"][..], &["backup", "b.jsonl.gz"], &["export", "events"]] {
        assert_refused(&cluster.url(), "missing", arguments, &["no store in the schema missing"]);
    }
    assert_eq!(cluster.sql("SELECT to_regnamespace('missing') IS NULL"), "t");
}

#[test]
fn tables_and_formats_of_a_newer_version_are_refused() {
    let cluster = Cluster::shared();
    crate::server::generate(&cluster.url(), "newer", 2);

    cluster.sql("UPDATE newer.gate SET layout = 2");
    assert_refused(&cluster.url(), "newer", &["check"], &["version 2", "newer tandem"]);
    cluster.sql("UPDATE newer.gate SET layout = 1, format = 999");
    assert_refused(&cluster.url(), "newer", &["check"], &["format 999"]);
}
