//! One store that several servers have open, in one process.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use tandem::{
    demo::generate,
    domain::{
        audit::{Action, Entry, Origin, Outcome, Source},
        calendar::Month,
        event::{Event, default_start::UsualStarts},
        policy::{Policy, SupervisorTime},
    },
    import,
    store::{
        Flow, ReadTx, Store, StoreError, Table,
        maintenance::check,
        tables::{audit, days, events},
    },
};

use crate::{
    cluster::{Cluster, open},
    server::wait_until,
};

const WRITERS: usize = 4;
const WRITES_EACH: u64 = 40;

pub fn origin() -> Origin {
    Origin::new("test", Source::CommandLine, "test", "2025-10-15T13:00:00Z".parse().unwrap())
}

pub fn policy() -> Policy {
    Policy {
        pairing: true,
        supervisor_time: SupervisorTime::After { minutes: 120 },
        usual: UsualStarts::default(),
        short_work_minutes: 30,
        zone: chrono_tz::UTC,
    }
}

fn append(store: &Store) -> u64 {
    store.write(append_in).unwrap()
}

pub fn append_in(tx: &mut tandem::store::Tx<'_>) -> Result<u64, StoreError> {
    Ok(audit::append(tx, Entry::new(&origin(), Action::TestAlert, Outcome::Done))?.sequence)
}

pub fn fill(store: &Store, count: u32) {
    let month = Month::new(2025, 10).unwrap();
    let plan = generate::Plan { count, first: month.first(), last: month.last(), seed: 1 };
    import::apply(store, generate::generate(&plan, None, None), &origin()).unwrap();
}

pub fn events(store: &Store) -> Vec<Event> {
    let mut found = Vec::new();
    let each = |event: Event| {
        found.push(event);
        Ok(Flow::Continue)
    };
    store.read(|tx| events::each(tx, each)).unwrap();
    found
}

pub fn scheduled(store: &Store) -> Vec<Event> {
    let mut found = events(store);
    found.retain(|event| event.schedule.is_some());
    found
}

#[test]
fn writers_of_two_servers_form_one_history_without_a_gap() {
    let cluster = Cluster::shared();
    let stores = [open(&cluster.url(), "history"), open(&cluster.url(), "history")];
    let (version, runs) = (stores[0].store.version(), AtomicU64::new(0));

    thread::scope(|scope| {
        for number in 0..WRITERS {
            let (store, runs) = (&stores[number % 2].store, &runs);
            scope.spawn(move || {
                for _ in 0..WRITES_EACH {
                    let count = |tx: &mut tandem::store::Tx<'_>| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        append_in(tx)
                    };
                    store.write(count).unwrap();
                }
            });
        }
    });

    let made = WRITERS as u64 * WRITES_EACH;
    for opened in &stores {
        assert_eq!(opened.store.read(|tx| audit::last(tx)).unwrap(), made);
        assert_eq!(opened.store.version(), version + made);
        assert_eq!(opened.store.read(|tx| check::run(tx)).unwrap().storage_problems, Vec::<String>::new());
    }
    assert_eq!(runs.into_inner(), made, "the gate lets no closure run in vain");
}

#[test]
fn a_read_sees_one_moment_while_another_server_writes() {
    let cluster = Cluster::shared();
    let (one, other) = (open(&cluster.url(), "moment"), open(&cluster.url(), "moment"));
    append(&one.store);

    let seen = one.store.read(|tx| {
        let before = (audit::last(tx)?, tx.version());
        append(&other.store);
        Ok::<_, StoreError>((before, (audit::last(tx)?, tx.version())))
    });
    let (before, after) = seen.unwrap();
    assert_eq!(before, after);

    let long = one.store.moment();
    assert_eq!(audit::last(&long).unwrap(), 2);
    append(&other.store);
    assert_eq!(audit::last(&long).unwrap(), 2);
    assert_eq!(one.store.read(|tx| audit::last(tx)).unwrap(), 3);
}

#[test]
fn a_closure_that_fails_changes_nothing() {
    let cluster = Cluster::shared();
    let opened = open(&cluster.url(), "failing");

    let failed = opened.store.write(|tx| {
        append_in(tx)?;
        Err::<(), _>(StoreError::CutOff("a test".to_owned()))
    });

    assert!(matches!(failed, Err(StoreError::CutOff(_))), "{failed:?}");
    assert_eq!(opened.store.read(|tx| audit::last(tx)).unwrap(), 0);
    assert_eq!(append(&opened.store), 1);
}

#[test]
fn records_of_every_size_are_read_by_key_by_range_and_backwards() {
    let cluster = Cluster::shared();
    let opened = open(&cluster.url(), "ranges");
    fill(&opened.store, 1500);
    let all = |backwards: bool| {
        let mut keys = Vec::new();
        let order = if backwards { tandem::store::ScanOrder::Descending } else { tandem::store::ScanOrder::Ascending };
        let scanned = opened.store.read(|tx| {
            tx.scan_in(order, Table::Events, &[]..&[255; 64], &mut |key, value| {
                assert_eq!(tx.get(Table::Events, key)?.as_deref(), Some(value), "a read inside a scan");
                keys.push(key.to_vec());
                Ok(if keys.len() == 1400 { Flow::Stop } else { Flow::Continue })
            })
        });
        scanned.unwrap();
        keys
    };

    let (forwards, backwards) = (all(false), all(true));

    assert!(forwards.is_sorted() && forwards.len() == 1400);
    assert!(backwards.iter().rev().is_sorted() && backwards.len() == 1400);
    let asked = [forwards[3].clone(), vec![1], forwards[1].clone(), forwards[3].clone()];
    let found = opened.store.read(|tx| tx.get_many(Table::Events, &asked)).unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!(found[0], found[3]);
    let ranges = [forwards[5].clone()..forwards[9].clone(), vec![1]..vec![0], forwards[1].clone()..forwards[2].clone()];
    let first = opened.store.read(|tx| tx.first_keys(Table::Events, &ranges, 3)).unwrap();
    assert_eq!(first, [forwards[5..8].to_vec(), Vec::new(), forwards[1..2].to_vec()]);
}

#[test]
fn a_change_reaches_the_pages_of_another_server_with_its_days_and_counts() {
    let cluster = Cluster::shared();
    let (one, other) = (open(&cluster.url(), "news"), open(&cluster.url(), "news"));
    let mut subscriber = other.store.listen();
    fill(&one.store, 60);
    let event = scheduled(&one.store).remove(0);
    let date = event.date().unwrap();
    let runtime = rocket::tokio::runtime::Runtime::new().unwrap();
    // What came before this change.
    let heard = |subscriber: &mut tandem::store::Subscriber, store: &Store| {
        let next = async {
            rocket::tokio::time::timeout(std::time::Duration::from_secs(10), subscriber.next(|| store.version())).await
        };
        runtime.block_on(next).unwrap().unwrap()
    };
    while heard(&mut subscriber, &other.store).version < one.store.version() {}
    let count = other.store.read(|tx| days::unscheduled(tx)).unwrap();
    assert_eq!(other.store.unscheduled(), count);

    let after = Event { schedule: None, ..event.clone() };
    one.store.write(|tx| events::replace(tx, Some(&event), Some(&after))).unwrap();

    let news = heard(&mut subscriber, &other.store);
    assert_eq!(news.version, one.store.version());
    assert!(matches!(&news.days, tandem::store::Days::These(days) if days.contains(&date)), "{news:?}");
    let counted = wait_until("the header counts", 5, || {
        other.store.read(|_| Ok::<_, StoreError>(())).unwrap();
        other.store.unscheduled() == count + 1
    });
    assert_eq!(one.store.unscheduled(), count + 1, "{counted:?}");
}

#[test]
fn a_lease_belongs_to_one_server_until_it_ends() {
    let cluster = Cluster::shared();
    let (one, other) = (open(&cluster.url(), "leases"), open(&cluster.url(), "leases"));

    assert!(one.store.lease("job", 60).unwrap());
    assert!(one.store.lease("job", 60).unwrap(), "kept");
    assert!(!other.store.lease("job", 60).unwrap(), "taken");
    assert!(other.store.lease("another job", 60).unwrap());
    assert!(one.store.lease("job", 0).unwrap(), "given up");
    wait_until("the lease ends", 5, || other.store.lease("job", 60).unwrap());
}

#[test]
fn form_tokens_have_the_same_secret_on_every_server() {
    let cluster = Cluster::shared();
    let (one, other) = (open(&cluster.url(), "secret"), open(&cluster.url(), "secret"));

    assert_eq!(one.store.secret().unwrap(), other.store.secret().unwrap());
    assert_eq!(one.store.secret().unwrap().len(), 64);
}

#[test]
fn many_stores_of_a_database_share_a_few_connections_and_hear_of_changes() {
    const STORES: usize = 40;
    let cluster = Cluster::start("");
    let opened = |_| (0..STORES).map(|number| open(&cluster.url(), &format!("team_{number}"))).collect::<Vec<_>>();
    let (ours, others) = (opened("ours"), opened("others"));
    thread::scope(|scope| {
        for one in ours.iter().flat_map(|one| [one, one, one]) {
            scope.spawn(|| (0..5).map(|_| append(&one.store)).max());
        }
    });

    // Those of all stores, and one that asks for news.
    let connections = "SELECT count(*) <= 33 FROM pg_stat_activity WHERE application_name = 'tandem'";
    wait_until("few connections stay", 10, || cluster.sql(connections) == "t");
    let heard = || ours.iter().zip(&others).all(|(one, other)| other.store.version() == one.store.version());
    wait_until("every store hears of its changes", 20, heard);
    assert!(ours.iter().all(|one| one.store.version() >= 5));

    // A store that is locked or gone takes no news from the others.
    let lock = cluster.session("BEGIN; LOCK TABLE team_5.gate IN ACCESS EXCLUSIVE MODE;");
    append(&ours[6].store);
    wait_until("the others hear beside a lock", 10, || others[6].store.version() == ours[6].store.version());
    drop(lock);
    cluster.sql("ALTER SCHEMA team_7 RENAME TO elsewhere");
    append(&ours[8].store);
    wait_until("the others still hear", 20, || others[8].store.version() == ours[8].store.version());
    cluster.sql("ALTER SCHEMA elsewhere RENAME TO team_7");
    append(&ours[7].store);
    wait_until("it hears again", 20, || others[7].store.version() == ours[7].store.version());
}
