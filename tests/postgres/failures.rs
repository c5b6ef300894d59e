//! Connections that break, and a database server that dies.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use tandem::store::{StoreError, maintenance::check, tables::audit};

use crate::{
    cluster::{Cluster, open, url},
    proxy::{Fault, Proxy},
    server::wait_until,
    shared::append_in,
};

#[test]
fn a_change_whose_commit_was_cut_off_is_made_exactly_once() {
    let cluster = Cluster::shared();
    let proxy = Proxy::to(cluster.port());
    let opened = open(&url(proxy.port), "doubt");
    for (number, fault) in [Fault::CutAnswer, Fault::CutBefore, Fault::CutAnswer].into_iter().enumerate() {
        let version = opened.store.version();
        proxy.arm(fault);
        let runs = AtomicU64::new(0);

        let sequence = opened.store.write(|tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            append_in(tx)
        });

        assert!(!proxy.is_armed(), "{fault:?} did not strike");
        assert_eq!(sequence.unwrap(), number as u64 + 1, "{fault:?}");
        assert_eq!(opened.store.version(), version + 1, "{fault:?}");
        assert_eq!(runs.into_inner(), if fault == Fault::CutBefore { 2 } else { 1 }, "{fault:?}");
        assert_eq!(opened.store.read(|tx| audit::last(tx)).unwrap(), number as u64 + 1, "{fault:?}");
    }
}

#[test]
fn a_connection_that_stalls_at_a_commit_neither_loses_nor_repeats_a_change() {
    let cluster = Cluster::shared();
    let proxy = Proxy::to(cluster.port());
    let opened = open(&url(proxy.port), "stall");
    proxy.arm(Fault::Stall);

    let sequence = opened.store.write(append_in).unwrap();

    assert_eq!((sequence, proxy.is_armed()), (1, false));
    assert_eq!(opened.store.read(|tx| audit::last(tx)).unwrap(), 1);
}

#[test]
fn a_database_that_lost_changes_gets_a_version_that_no_server_has_seen() {
    let cluster = Cluster::shared();
    let opened = open(&cluster.url(), "lost");
    let before = opened.store.version();
    for _ in 0..3 {
        opened.store.write(append_in).unwrap();
    }
    let seen = opened.store.version();
    assert_eq!(seen, before + 3);
    thread::sleep(Duration::from_secs(1));

    cluster.sql(&format!("UPDATE lost.gate SET version = {before}; DELETE FROM lost.news WHERE version > {before}"));

    wait_until("a later version", 10, || opened.store.version() > seen);
    opened.store.write(append_in).unwrap();
}

/// Ends the writers, also if the test fails.
pub struct Ending<'a>(pub &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_killed_database_is_reconnected_and_loses_no_acknowledged_change() {
    let cluster = Cluster::start("");
    let opened = [open(&cluster.url(), "killed"), open(&cluster.url(), "killed")];
    let (acknowledged, refused, ended) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let _ending = Ending(&ended);
        for opened in &opened {
            let (acknowledged, refused, ended) = (&acknowledged, &refused, &ended);
            scope.spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    match opened.store.write(append_in) {
                        Ok(sequence) => {
                            acknowledged.fetch_max(sequence, Ordering::Relaxed);
                        }
                        Err(error) => {
                            assert!(error.is_unavailable() || matches!(error, StoreError::Busy), "{error}");
                            refused.fetch_add(1, Ordering::Relaxed);
                            thread::sleep(Duration::from_millis(50));
                        }
                    }
                }
            });
        }
        for _ in 0..2 {
            let before = acknowledged.load(Ordering::Relaxed);
            wait_until("changes are made", 60, || acknowledged.load(Ordering::Relaxed) > before + 20);
            cluster.kill();
            cluster.begin();
        }
        let before = acknowledged.load(Ordering::Relaxed);
        wait_until("changes are made again", 60, || acknowledged.load(Ordering::Relaxed) > before + 20);
    });

    let last = opened[0].store.read(|tx| audit::last(tx)).unwrap();
    assert!(last >= acknowledged.into_inner(), "an acknowledged change is lost");
    assert_eq!(opened[1].store.read(|tx| check::run(tx)).unwrap().storage_problems, Vec::<String>::new());
}
