//! Two servers as processes on one database.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use tandem::{domain::integrity::Check, store::maintenance::check};

use crate::{
    cluster::{Cluster, open},
    failures::Ending,
    server::{Server, generate, wait_until},
    shared::scheduled,
};

const CLIENTS: u64 = 4;
const MOVES: u64 = 60;

/// A day of the month, by a number.
fn day(number: u64) -> String {
    format!("2025-10-{:02}", 1 + number % 28)
}

/// Pairs are whole, indexes agree with the records, the audit's chain is unbroken.
fn assert_whole(url: &str, schema: &str) {
    let report = open(url, schema).store.read(|tx| check::run(tx)).unwrap();
    assert_eq!(report.storage_problems, Vec::<String>::new());
    let split = report.pairs.findings.iter().find(|found| found.check == Check::DateMismatch);
    assert!(split.is_none(), "a split pair: {split:?}");
}

#[test]
fn moves_through_two_servers_split_no_pair_and_lose_no_change() {
    let cluster = Cluster::shared();
    generate(&cluster.url(), "moves", 200);
    let servers = [Server::start(&cluster.url(), "moves"), Server::start(&cluster.url(), "moves")];
    let opened = open(&cluster.url(), "moves");
    let events: Vec<u64> = scheduled(&opened.store).iter().map(|event| event.id.0).take(12).collect();
    let (made, sent) = (Mutex::new(BTreeMap::<u64, Vec<u64>>::new()), AtomicU64::new(0));

    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (server, events, made, sent) = (&servers[client as usize % 2], &events, &made, &sent);
            scope.spawn(move || {
                loop {
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    if number >= MOVES {
                        return;
                    }
                    let event = events[(number % events.len() as u64) as usize];
                    let (status, body) = server.reschedule(event, &day(number * 7 + client)).unwrap();
                    assert!(matches!(status, 200 | 409 | 422), "{status} {body}");
                    if status == 200 && !body["undo_id"].is_null() {
                        let revision = body["revision"].as_u64().unwrap();
                        made.lock().unwrap().entry(event).or_default().push(revision);
                    }
                }
            });
        }
    });

    let made = made.into_inner().unwrap();
    assert!(made.values().map(Vec::len).sum::<usize>() > 10, "{made:?}");
    for (event, mut revisions) in made {
        revisions.sort_unstable();
        assert!(revisions.windows(2).all(|two| two[0] < two[1]), "event {event}: two changes made {revisions:?}");
    }
    assert_whole(&cluster.url(), "moves");
}

#[test]
fn a_page_shows_the_change_of_another_server_at_the_next_request() {
    let cluster = Cluster::shared();
    generate(&cluster.url(), "pages", 100);
    let servers = [Server::start(&cluster.url(), "pages"), Server::start(&cluster.url(), "pages")];
    let event = scheduled(&open(&cluster.url(), "pages").store).remove(0);
    let target = day(event.id.0 + 11);
    let page = |server: &Server| server.get(&format!("/calendar/day/{target}")).unwrap();
    assert_eq!(page(&servers[1]).0, 200);

    let (status, body) = servers[0].reschedule(event.id.0, &target).unwrap();

    assert_eq!(status, 200, "{body}");
    let shown = format!("/events/{}/", event.id.0);
    let took = wait_until("the other server shows it", 2, || page(&servers[1]).1.contains(&shown));
    println!("another server's change was shown after {took:?}");
}

#[test]
fn a_killed_server_loses_no_acknowledged_change_and_the_other_goes_on() {
    let cluster = Cluster::shared();
    generate(&cluster.url(), "killed_server", 200);
    let (one, other) = (Server::start(&cluster.url(), "killed_server"), Server::start(&cluster.url(), "killed_server"));
    let opened = open(&cluster.url(), "killed_server");
    let events: Vec<u64> = scheduled(&opened.store).iter().map(|event| event.id.0).collect();
    let (acknowledged, ended) = (Mutex::new(BTreeMap::<u64, u64>::new()), AtomicBool::new(false));

    let took = thread::scope(|scope| {
        let _ending = Ending(&ended);
        for client in 0..CLIENTS {
            let (one, events, acknowledged, ended) = (&one.address, &events, &acknowledged, &ended);
            let caller = Server::caller(one);
            scope.spawn(move || {
                for number in (client..).step_by(CLIENTS as usize) {
                    if ended.load(Ordering::Relaxed) {
                        return;
                    }
                    let event = events[number as usize % events.len()];
                    if let Some((200, body)) = caller.reschedule(event, &day(number * 5)) {
                        let revision = body["revision"].as_u64().unwrap();
                        let mut known = acknowledged.lock().unwrap();
                        let last = known.entry(event).or_default();
                        *last = revision.max(*last);
                    }
                }
            });
        }
        wait_until("changes are made", 60, || acknowledged.lock().unwrap().len() > 10);
        one.kill();
        wait_until("the other server changes something", 10, || {
            matches!(other.reschedule(events[0], &day(3)), Some((200 | 409 | 422, _)))
        })
    });

    println!("after a kill the other server made a change within {took:?}");
    for (event, revision) in acknowledged.into_inner().unwrap() {
        let event = scheduled(&opened.store).into_iter().find(|found| found.id.0 == event).unwrap();
        assert!(u64::from(event.revision.0) >= revision, "event {} lost revision {revision}", event.id.0);
    }
    assert_whole(&cluster.url(), "killed_server");
}

#[test]
fn servers_answer_503_while_the_database_is_gone_and_work_again_afterwards() {
    let cluster = Cluster::start("");
    generate(&cluster.url(), "tandem", 60);
    let server = Server::start(&cluster.url(), "tandem");
    let event = scheduled(&open(&cluster.url(), "tandem").store).remove(0).id.0;
    assert_eq!(server.get("/health/ready").unwrap().0, 200);

    cluster.kill();

    let (status, body) = server.reschedule(event, "2025-10-20").unwrap();
    assert_eq!((status, body["code"].as_str()), (503, Some("unavailable")), "{body}");
    let (status, page) = server.get("/calendar/day/2025-10-20").unwrap();
    assert_eq!(status, 503, "{page}");
    assert_eq!(server.get("/health/ready").unwrap().0, 503);
    assert_eq!(server.get("/health/live").unwrap().0, 200);

    cluster.begin();

    wait_until("the server works again", 20, || matches!(server.reschedule(event, "2025-10-21"), Some((200, _))));
    assert_eq!(server.get("/calendar/day/2025-10-21").unwrap().0, 200);
    assert!(!server.log().contains("hidden"), "the password is in the log");
}

#[test]
fn a_server_that_stops_hands_its_jobs_over_at_once() {
    let cluster = Cluster::shared();
    generate(&cluster.url(), "handed", 5);
    let server = Server::start(&cluster.url(), "handed");
    let leases = || cluster.sql("SELECT string_agg(name, ' ') FROM handed.lease");
    wait_until("the server delivers", 20, || leases().contains("outbox"));
    let next = open(&cluster.url(), "handed");
    assert!(!next.store.lease("outbox", 60).unwrap());

    server.stop();

    assert_eq!(leases(), "");
    assert!(next.store.lease("outbox", 60).unwrap());
}

#[test]
fn requests_of_two_servers_never_have_the_same_id() {
    let cluster = Cluster::shared();
    let servers = [Server::start(&cluster.url(), "request_ids"), Server::start(&cluster.url(), "request_ids")];

    let ids = servers.each_ref().map(|server| server.request_id("/health/live"));

    let of_server = |id: &String| id.rsplit_once('-').unwrap().0.to_owned();
    assert_ne!(of_server(&ids[0]), of_server(&ids[1]), "{ids:?}");
}

#[test]
fn a_running_server_refuses_to_write_to_a_store_that_a_newer_one_has_upgraded() {
    let cluster = Cluster::shared();
    generate(&cluster.url(), "upgraded", 20);
    let server = Server::start(&cluster.url(), "upgraded");
    let event = scheduled(&open(&cluster.url(), "upgraded").store).remove(0).id.0;
    assert_eq!(server.reschedule(event, "2025-10-20").unwrap().0, 200);

    cluster.sql("UPDATE upgraded.gate SET format = format + 1");

    let (status, body) = server.reschedule(event, "2025-10-21").unwrap();
    assert_eq!((status, body["code"].as_str()), (503, Some("unavailable")), "{body}");
    assert!(server.log().contains("update this server"), "{}", server.log());
    assert_eq!(server.get("/calendar/day/2025-10-20").unwrap().0, 200);
}
