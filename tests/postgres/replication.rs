//! A primary that dies, and its standby that takes its place.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use tandem::store::{maintenance::check, tables::audit};

use crate::{
    cluster::{Cluster, open},
    failures::Ending,
    server::{Server, generate, wait_until},
    shared::{append_in, scheduled},
};

const WRITERS: usize = 2;

#[test]
fn a_synchronous_standby_takes_over_and_no_acknowledged_change_is_lost() {
    let primary = Cluster::start("");
    let standby = primary.standby();
    primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.sql("SELECT pg_reload_conf()");
    wait_until("replication is synchronous", 30, || {
        primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync"
    });
    let url = primary.url_with(&standby);
    let opened: Vec<_> = (0..WRITERS).map(|_| open(&url, "tandem")).collect();
    let (acknowledged, ended) = (AtomicU64::new(0), AtomicBool::new(false));
    let last_acknowledged = || acknowledged.load(Ordering::Relaxed);

    let took = thread::scope(|scope| {
        let _ending = Ending(&ended);
        for opened in &opened {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    match opened.store.write(append_in) {
                        Ok(sequence) => drop(acknowledged.fetch_max(sequence, Ordering::Relaxed)),
                        Err(_) => thread::sleep(Duration::from_millis(50)),
                    }
                }
            });
        }
        wait_until("changes are made", 60, || last_acknowledged() > 40);
        primary.kill();
        let before = last_acknowledged();
        standby.promote();
        wait_until("changes are made on the new primary", 60, || last_acknowledged() > before + 20)
    });

    println!("after its promotion changes were made on the new primary within {took:?}");
    let store = &opened[0].store;
    assert!(store.read(|tx| audit::last(tx)).unwrap() >= acknowledged.into_inner(), "an acknowledged change is lost");
    assert_eq!(store.read(|tx| check::run(tx)).unwrap().storage_problems, Vec::<String>::new());
    let gaps = "SELECT count(*) FROM (SELECT version - lag(version) OVER (ORDER BY version) AS step FROM tandem.news) AS one \
        WHERE step > 1";
    assert_eq!(standby.sql(gaps), "0");
}

#[test]
fn a_server_says_loudly_that_a_standby_that_lagged_has_lost_confirmed_changes() {
    let primary = Cluster::start("");
    generate(&primary.url(), "tandem", 60);
    let event = scheduled(&open(&primary.url(), "tandem").store).remove(0).id.0;
    let standby = primary.standby();
    let server = Server::start(&primary.url_with(&standby), "tandem");
    wait_until("a change is made", 20, || matches!(server.reschedule(event, "2025-10-20"), Some((200, _))));
    standby.sql("ALTER SYSTEM SET primary_conninfo = ''");
    standby.sql("SELECT pg_reload_conf()");
    wait_until("replication has ended", 30, || primary.sql("SELECT count(*) FROM pg_stat_replication") == "0");
    for day in ["2025-10-21", "2025-10-22", "2025-10-23"] {
        let (status, body) = server.reschedule(event, day).unwrap();
        assert_eq!(status, 200, "{body}");
    }
    let version = |cluster: &Cluster| cluster.sql("SELECT version FROM tandem.gate").parse::<u64>().unwrap();
    let confirmed = version(&primary);

    primary.kill();
    standby.promote();

    wait_until("the loss is logged", 30, || server.log().contains("the database has lost confirmed changes"));
    wait_until("the version is a new one", 10, || version(&standby) > confirmed);
    wait_until("changes go on", 20, || matches!(server.reschedule(event, "2025-10-24"), Some((200, _))));
    assert_eq!(open(&standby.url(), "tandem").store.read(|tx| check::run(tx)).unwrap().storage_problems, [""; 0]);
}
