//! Transactions that the database gives up, commits in doubt, and writers that wait.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tandem::{
    domain::{
        calendar::Moment,
        change::{Command, Request},
    },
    metrics::Readings,
    services::{
        change::{self, ChangeError},
        decision_context::Target,
    },
    store::{StoreError, maintenance::check, tables::audit},
};

use crate::{
    cluster::{Cluster, Opened, open, url},
    proxy::{Fault, Proxy},
    server::{Server, generate, wait_until},
    shared::{append_in, fill, origin, policy, scheduled},
};

/// Lets one statement of a later write fail with an error of the database, once: when it inserts its news, or when it commits.
fn fail_once(cluster: &Cluster, schema: &str, code: &str, at_commit: bool) {
    let trigger = if at_commit {
        format!("CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON {schema}.news DEFERRABLE INITIALLY DEFERRED")
    } else {
        format!("CREATE TRIGGER fails BEFORE INSERT ON {schema}.news")
    };
    cluster.sql(&format!(
        "DROP SEQUENCE IF EXISTS {schema}.failures; CREATE SEQUENCE {schema}.failures; \
         CREATE OR REPLACE FUNCTION {schema}.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('{schema}.failures') = 1 THEN RAISE EXCEPTION 'forced' USING ERRCODE = '{code}'; END IF; \
         RETURN NEW; END $$; DROP TRIGGER IF EXISTS fails ON {schema}.news; \
         {trigger} FOR EACH ROW EXECUTE FUNCTION {schema}.fail()"
    ));
}

#[test]
fn a_change_that_the_database_gives_up_is_made_again_exactly_once() {
    let cluster = Cluster::shared();
    let opened = open(&cluster.url(), "given_up");
    let cases = [("40001", false), ("40P01", false), ("40001", true), ("40P01", true)];
    for (number, (code, at_commit)) in cases.into_iter().enumerate() {
        fail_once(&cluster, "given_up", code, at_commit);
        let (version, runs) = (opened.store.version(), AtomicU64::new(0));

        let sequence = opened.store.write(|tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            append_in(tx)
        });

        assert_eq!(sequence.unwrap(), number as u64 + 1, "{code}");
        assert_eq!((runs.into_inner(), opened.store.version()), (2, version + 1), "{code}");
        assert_eq!(opened.store.read(|tx| audit::last(tx)).unwrap(), number as u64 + 1, "{code}");
    }
    assert_eq!(opened.store.read(|tx| check::run(tx)).unwrap().storage_problems, [""; 0]);
}

#[test]
fn a_change_in_doubt_that_was_made_reaches_the_pages_of_its_own_server_and_is_not_called_failed() {
    let cluster = Cluster::shared();
    let proxy = Proxy::to(cluster.port());
    let Opened { store, .. } = open(&url(proxy.port), "doubtful");
    fill(&store, 40);
    let (event, entries) = (scheduled(&store).remove(0), store.read(|tx| audit::last(tx)).unwrap());
    let mut subscriber = store.listen();
    let (before, date) = (store.version(), "2025-10-20".parse().unwrap());
    let request = Request {
        override_reason: Some("trial".to_owned()),
        ..Request::plain(Command::Reschedule { to: Moment::Day(date), employee: None })
    };
    proxy.arm(Fault::Gone);

    let made = change::make(&store, Target::Event(event.id), &request, &policy(), &origin());

    assert!(matches!(made, Err(ChangeError::Store(StoreError::InDoubt(_)))), "{made:?}");
    let metrics = store.metrics().text(&Readings::default(), None).unwrap();
    assert!(metrics.contains("outcome=\"in_doubt\"") && !metrics.contains("outcome=\"failed\""), "{metrics}");
    proxy.heal();
    let runtime = rocket::tokio::runtime::Runtime::new().unwrap();
    let next = async { rocket::tokio::time::timeout(Duration::from_secs(20), subscriber.next(|| 0)).await };
    let news = runtime.block_on(next).unwrap().unwrap();
    assert_eq!(news.version, before + 1);
    assert!(matches!(&news.days, tandem::store::Days::These(days) if days.contains(&date)), "{news:?}");
    // One entry, of the change that was made.
    assert_eq!(store.read(|tx| audit::last(tx)).unwrap(), entries + 1);
    assert_eq!(store.version(), before + 1);
}

#[test]
fn writers_wait_for_the_gate_for_a_limited_time_and_are_told_that_nothing_was_done() {
    let cluster = Cluster::shared();
    generate(&cluster.url(), "waiting", 20);
    let server = Server::start(&cluster.url(), "waiting");
    let event = scheduled(&open(&cluster.url(), "waiting").store).remove(0).id.0;
    let holder = cluster.session("BEGIN; SELECT version FROM waiting.gate FOR UPDATE;");
    let began = Instant::now();

    let answers: Vec<_> = std::thread::scope(|scope| {
        let ask = || Server::caller(&server.address).reschedule(event, "2025-10-20").unwrap();
        let asked: Vec<_> = (0..3).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });

    for (status, body) in answers {
        assert_eq!((status, body["code"].as_str()), (503, Some("busy")), "{body}");
    }
    assert!(began.elapsed() < Duration::from_secs(35), "{:?}", began.elapsed());
    assert_eq!(server.get("/calendar/day/2025-10-20").unwrap().0, 200, "reading needs no gate");
    drop(holder);
    wait_until("changes go on", 10, || matches!(server.reschedule(event, "2025-10-20"), Some((200, _))));
}
