//! A durable move of a pair in Tandem, beside the same keys and values written to SQLite, and to a plain file, in one run.
//!
//! SQLite writes what the move writes and decides nothing: one table for each of ours, WAL, `synchronous = FULL`. The
//! rounds of all take turns, so that a disk that changes its mind slows all of them.

use std::{
    collections::BTreeMap,
    env, fs,
    fs::File,
    io::Write,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use chrono::Days;
use rusqlite::{Connection, TransactionBehavior, params};
use tandem::{
    demo::generate::{Plan, generate},
    domain::{
        audit::{Origin, Source},
        calendar::Moment,
        change::{Command, Request},
        event::{Event, EventType, default_start::UsualStarts},
        policy::{Policy, SupervisorTime, Tz},
    },
    import,
    services::{change, decision_context::Target},
    store::{Flow, Options, ReadTx, Store, StoreError, Table, tables::events},
};

const EVENTS: u32 = 1000;
const WRITERS: usize = 50;
const ROUNDS: usize = 7;
/// Changes of a round.
const ALONE: u64 = 400;
const TOGETHER: u64 = 20;
const ONE_CONNECTION: &str = "sqlite 50, one connection";
const MANY_CONNECTIONS: &str = "sqlite 50, 50 connections";
const BUSY_MS: u64 = 60_000;
/// Numbers of records that a replayed move adds, beyond those of the recorded one.
const NUMBERS_FROM: u64 = 1_000_000;
const POLICY: Policy = Policy {
    pairing: true,
    supervisor_time: SupervisorTime::After { minutes: 120 },
    usual: UsualStarts::NONE,
    short_work_minutes: 0,
    zone: Tz::UTC,
};

type Content = BTreeMap<(Table, Vec<u8>), Vec<u8>>;
/// A value to put under a key of a table, or none to remove.
type Writes = Vec<(Table, Vec<u8>, Option<Vec<u8>>)>;

/// A CORE, moved a week on and back again.
struct Mover {
    core: Event,
    turn: u64,
}

impl Mover {
    fn step(&mut self, store: &Store) {
        let from = self.core.date().expect("a scheduled CORE");
        let date = from + Days::new(if self.turn.is_multiple_of(2) { 7 } else { 0 });
        let command = Command::Reschedule { to: Moment::Day(date), employee: None };
        let request = Request { override_reason: Some("trial".to_owned()), ..Request::plain(command) };
        let made = change::make(store, Target::Event(self.core.id), &request, &POLICY, &origin()).expect("a move");
        assert_eq!(made.followers(), 1, "the pair moves");
        self.turn += 1;
    }
}

fn origin() -> Origin {
    let at = "2025-10-15T13:00:00Z".parse().expect("a moment");
    Origin::new("bench", Source::CommandLine, "bench", at)
}

fn pairs(store: &Store) -> Vec<Event> {
    let mut groups: BTreeMap<_, Vec<Event>> = BTreeMap::new();
    let read = store.read(|view| {
        events::each(view, |event| {
            if let (Some(number), true) = (event.number, event.schedule.is_some()) {
                groups.entry((event.location.number.clone(), number)).or_default().push(event);
            }
            Ok(Flow::Continue)
        })
    });
    read.expect("events");
    let whole = groups.into_values().filter(|group| {
        let has = |kind| group.iter().filter(|event| event.event_type == kind).count() == 1;
        has(EventType::Core) && has(EventType::Supervisor)
    });
    whole.filter_map(|group| group.into_iter().find(|event| event.event_type == EventType::Core)).collect()
}

fn content(store: &Store) -> Content {
    let mut all = Content::new();
    for table in Table::ALL {
        let scan = store.read::<(), StoreError>(|view| {
            view.scan(table, &[]..&[255; 64], &mut |key, value| {
                all.insert((table, key.to_vec()), value.to_vec());
                Ok(Flow::Continue)
            })
        });
        scan.expect("a scan");
    }
    all
}

/// What one move writes.
fn writes_of_a_move(store: &Store, mover: &mut Mover) -> Writes {
    let before = content(store);
    mover.step(store);
    let after = content(store);
    let put = after.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    let put = put.map(|((table, key), value)| (*table, key.clone(), Some(value.clone())));
    let removed = before.keys().filter(|key| !after.contains_key(*key)).map(|(table, key)| (*table, key.clone(), None));
    put.chain(removed).collect()
}

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a database");
    connection.busy_timeout(Duration::from_millis(BUSY_MS)).expect("a setting");
    connection.pragma_update(None, "journal_mode", "wal").expect("a setting");
    connection.pragma_update(None, "synchronous", "full").expect("a setting");
    connection.set_prepared_statement_cache_capacity(128);
    connection
}

/// Everything that the store holds.
fn fill(connection: &mut Connection, all: &Content) {
    for table in Table::ALL {
        let sql = format!("create table {} (key blob primary key, value blob not null) without rowid", table.name());
        connection.execute(&sql, []).expect("a table");
    }
    let transaction = connection.transaction().expect("a transaction");
    for ((table, key), value) in all {
        let sql = format!("insert into {} values (?1, ?2)", table.name());
        transaction.execute(&sql, params![key, value]).expect("a row");
    }
    transaction.commit().expect("a commit");
}

fn write(connection: &mut Connection, writes: &Writes, number: &AtomicU64) {
    let number = number.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction");
    for (table, key, value) in writes {
        let mut key = key.clone();
        // Records of the audit are new in every move.
        if matches!(table, Table::Audit | Table::EventAudit) {
            let end = key.len() - number.len();
            key[end..].copy_from_slice(&number);
        }
        let done = match value {
            Some(value) => {
                let sql = format!("insert or replace into {} values (?1, ?2)", table.name());
                transaction.prepare_cached(&sql).and_then(|mut put| put.execute(params![key, value]))
            }
            None => {
                let sql = format!("delete from {} where key = ?1", table.name());
                transaction.prepare_cached(&sql).and_then(|mut remove| remove.execute(params![key]))
            }
        };
        done.expect("a write");
    }
    transaction.commit().expect("a commit");
}

/// Changes a second of a piece of work.
fn rate(changes: u64, work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    changes as f64 / begun.elapsed().as_secs_f64()
}

/// A piece of work in as many threads as there are parts of it.
fn together<T: Send>(parts: &mut [T], work: impl Fn(&mut T) + Sync) {
    thread::scope(|scope| {
        for part in parts {
            let work = &work;
            scope.spawn(move || work(part));
        }
    });
}

fn median(rates: &[f64]) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// What takes turns.
struct Bench {
    folder: tempfile::TempDir,
    store: Store,
    movers: Vec<Mover>,
    /// What each writer writes: a move, and the move back.
    moves: Vec<[Writes; 2]>,
    connections: Vec<(usize, Connection)>,
    bytes: usize,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::TempDir::new_in(env::temp_dir()).expect("a folder");
        let store = Store::open(&folder.path().join("data"), &Options::default()).expect("a store");
        let date = |text: &str| text.parse().expect("a date");
        let made_up = generate(&Plan { count: EVENTS, first: date("2025-10-01"), last: date("2025-10-31"), seed: 1 }, None, None);
        import::apply(&store, made_up, &origin()).expect("made-up events");
        let cores = pairs(&store).into_iter().take(WRITERS);
        let mut movers: Vec<Mover> = cores.map(|core| Mover { core, turn: 0 }).collect();
        assert_eq!(movers.len(), WRITERS, "every writer has a pair of its own");
        let path = folder.path().join("sqlite");
        fill(&mut connect(&path), &content(&store));
        let both = |mover: &mut Mover| [writes_of_a_move(&store, mover), writes_of_a_move(&store, mover)];
        let moves: Vec<[Writes; 2]> = movers.iter_mut().map(both).collect();
        let bytes =
            |(_, key, value): &(Table, Vec<u8>, Option<Vec<u8>>)| key.len() + value.as_ref().map_or(0, Vec::len);
        let bytes = moves[0][0].iter().map(bytes).sum();
        let connections = (0..WRITERS).map(|writer| (writer, connect(&path))).collect();
        Self { folder, store, movers, moves, connections, bytes }
    }

    /// Changes a second of each kind of work, by its name.
    fn run(&mut self) -> BTreeMap<&'static str, f64> {
        let Self { folder, store, movers, moves, connections, bytes } = self;
        let path = folder.path().join("sqlite");
        let (mut alone, shared, number) = (connect(&path), Mutex::new(connect(&path)), AtomicU64::new(NUMBERS_FROM));
        let mut writers: Vec<usize> = (0..WRITERS).collect();
        let (mut raw, appended) = (File::create(folder.path().join("raw")).expect("a file"), vec![b'x'; *bytes]);
        let (all, of) = (TOGETHER * WRITERS as u64, |turn: u64| usize::from(turn % 2 == 1));
        let mut rates: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for _ in 0..ROUNDS {
            let mut note = |name, rate| rates.entry(name).or_default().push(rate);
            let append = |_| raw.write_all(&appended).and_then(|()| raw.sync_data()).expect("a sync");
            note("raw", rate(ALONE, || (0..ALONE).for_each(append)));
            note("tandem 1", rate(ALONE, || (0..ALONE).for_each(|_| movers[0].step(store))));
            let one = |turn| write(&mut alone, &moves[0][of(turn)], &number);
            note("sqlite 1", rate(ALONE, || (0..ALONE).for_each(one)));
            let step = |mover: &mut Mover| (0..TOGETHER).for_each(|_| mover.step(store));
            note("tandem 50", rate(all, || together(movers, step)));
            let in_turn = |writer: &mut usize| {
                (0..TOGETHER).for_each(|turn| {
                    write(&mut shared.lock().expect("a connection"), &moves[*writer][of(turn)], &number);
                });
            };
            note(ONE_CONNECTION, rate(all, || together(&mut writers, in_turn)));
            let own = |(writer, connection): &mut (usize, Connection)| {
                (0..TOGETHER).for_each(|turn| write(connection, &moves[*writer][of(turn)], &number));
            };
            note(MANY_CONNECTIONS, rate(all, || together(connections, own)));
        }
        rates.into_iter().map(|(name, rates)| (name, median(&rates))).collect()
    }
}

fn main() {
    let mut bench = Bench::new();
    let (rates, keys, bytes) = (bench.run(), bench.moves[0][0].len(), bench.bytes);
    let best = rates[ONE_CONNECTION].max(rates[MANY_CONNECTIONS]);
    let row = |what: &str, name: &str, sqlite: Option<f64>| {
        let ratio = sqlite.map_or(String::new(), |sqlite| format!("{:.2} ×", rates[name] / sqlite));
        format!("| {what} | {:.0} | {ratio} | {:.2} × |", rates[name], rates[name] / rates["raw"])
    };
    let version = rusqlite::version();
    let lines = [
        format!("{keys} keys, {bytes} bytes a move; SQLite {version}, WAL, `synchronous = FULL`; medians of {ROUNDS} rounds, in turns"),
        String::new(),
        "| a durable move of a pair | changes/s | against SQLite | against raw |".to_owned(),
        "|---|---|---|---|".to_owned(),
        row("raw append and fdatasync", "raw", None),
        row("Tandem, 1 writer", "tandem 1", Some(rates["sqlite 1"])),
        row("SQLite, 1 writer", "sqlite 1", None),
        row("Tandem, 50 writers", "tandem 50", Some(best)),
        row("SQLite, 50 writers, one connection", ONE_CONNECTION, None),
        row("SQLite, 50 writers, 50 connections", MANY_CONNECTIONS, None),
    ]
    .join("\n");
    println!("{lines}");
    if let Some(readme) = env::args().nth(1) {
        let (begin, end) = ("<!-- sqlite: begin -->\n", "<!-- sqlite: end -->");
        let text = fs::read_to_string(&readme).expect("the page with the table");
        let (before, rest) = text.split_once(begin).expect("the place of the table");
        let (_, after) = rest.split_once(end).expect("the end of the table");
        fs::write(readme, format!("{before}{begin}{lines}\n{end}{after}")).expect("the table is written");
    }
}
