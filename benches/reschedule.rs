//! What does moving a pair cost, acknowledged on disk, against appending the same bytes to a file and syncing it?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod support;

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    thread,
    time::{Duration, Instant},
};

use chrono::{Days, NaiveDate};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use tandem::{
    domain::{
        calendar::Moment,
        change::{Command, Request},
        event::{Event, EventType},
        ids::{EventId, EventNumber},
    },
    services::{change, decision_context::Target},
    store::{Flow, ReadTx, Store, StoreError, Table, tables::events},
};

use support::{Filled, POLICY, made_up, origin, sizes};

const EVENTS: u32 = 1000;
const WRITERS: usize = 50;
/// Moves that each of many writers makes in a round.
const ROUND_MOVES: u64 = 20;

/// The COREs of pairs that are wholly scheduled, by id.
fn pairs(store: &Store) -> Vec<Event> {
    let mut groups: BTreeMap<(String, EventNumber), Vec<Event>> = BTreeMap::new();
    let read = |view: &tandem::store::Snapshot<'_>| {
        events::each(view, |event| {
            if let (Some(number), true) = (event.number, event.schedule.is_some()) {
                groups.entry((event.location.number.clone(), number)).or_default().push(event);
            }
            Ok(Flow::Continue)
        })
    };
    store.read(read).expect("events");
    let pairs = groups.into_values().filter(|group| {
        let has = |event_type| group.iter().filter(|event| event.event_type == event_type).count() == 1;
        has(EventType::Core) && has(EventType::Supervisor)
    });
    let core = |group: Vec<Event>| group.into_iter().find(|event| event.event_type == EventType::Core);
    pairs.filter_map(core).collect()
}

/// The `turn`th move of a CORE: a week on, and back again.
fn to(from: NaiveDate, turn: u64) -> Request {
    let date = from + Days::new(if turn.is_multiple_of(2) { 7 } else { 0 });
    let command = Command::Reschedule { to: Moment::Day(date), employee: None };
    Request { override_reason: Some("trial".to_owned()), ..Request::plain(command) }
}

/// A CORE that is moved back and forth.
struct Mover<'a> {
    store: &'a Store,
    id: EventId,
    from: NaiveDate,
    turn: u64,
}

impl<'a> Mover<'a> {
    fn of(store: &'a Store, core: &Event) -> Self {
        Self { store, id: core.id, from: core.date().expect("a scheduled CORE"), turn: 0 }
    }

    fn move_on(&mut self) {
        let request = to(self.from, self.turn);
        let made = change::make(self.store, Target::Event(self.id), &request, &POLICY, &origin()).expect("a move");
        assert_eq!(made.followers(), 1, "the pair moves");
        self.turn += 1;
    }
}

/// Every record and index entry.
fn content(store: &Store) -> BTreeMap<(Table, Vec<u8>), Vec<u8>> {
    let mut all = BTreeMap::new();
    for table in Table::ALL {
        let scan = |view: &tandem::store::Snapshot<'_>| {
            view.scan(table, &[]..&[255; 64], &mut |key, value| {
                all.insert((table, key.to_vec()), value.to_vec());
                Ok(Flow::Continue)
            })
        };
        store.read::<(), StoreError>(scan).expect("a scan");
    }
    all
}

/// Bytes of the keys and values that one move writes.
fn bytes_of_a_move(mover: &mut Mover<'_>) -> usize {
    let before = content(mover.store);
    mover.move_on();
    let after = content(mover.store);
    let put = after.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    let removed = before.keys().filter(|key| !after.contains_key(*key));
    put.map(|((_, key), value)| key.len() + value.len()).sum::<usize>()
        + removed.map(|(_, key)| key.len()).sum::<usize>()
}

/// All movers at once, each in a thread of its own.
fn together(movers: &mut [Mover<'_>], moves_each: u64) -> Duration {
    let begun = Instant::now();
    thread::scope(|scope| {
        for mover in movers {
            scope.spawn(move || (0..moves_each).for_each(|_| mover.move_on()));
        }
    });
    begun.elapsed()
}

fn reschedule(criterion: &mut Criterion) {
    let Filled { store, folder } = Filled::with(EVENTS, "2025-10-01", "2025-10-31");
    let cores = pairs(&store);
    let mut movers: Vec<_> = cores.iter().take(WRITERS).map(|core| Mover::of(&store, core)).collect();
    assert_eq!(movers.len(), WRITERS, "every writer has a pair of its own");
    let bytes = vec![b'x'; bytes_of_a_move(&mut movers[0])];
    let mut raw = File::options().append(true).create(true).open(folder.path().join("raw")).expect("a file");

    let mut group = criterion.benchmark_group("reschedule");
    group.throughput(Throughput::Elements(1));
    let append = format!("append {} bytes and fdatasync", bytes.len());
    group.bench_function(append, |bencher| {
        bencher.iter(|| {
            raw.write_all(&bytes).expect("room on the disk");
            raw.sync_data().expect("a sync");
        });
    });
    group.bench_function("1 writer", |bencher| bencher.iter(|| movers[0].move_on()));
    let (target, request) = (Target::Event(movers[0].id), to(movers[0].from, movers[0].turn));
    group.bench_function("decided, not written", |bencher| {
        bencher.iter(|| store.read(|view| change::preview(view, target, &request, &POLICY)).expect("a decision"));
    });
    // A round is long enough that all writers write most of its time; ten of them are enough to tell.
    group
        .throughput(Throughput::Elements(WRITERS as u64 * ROUND_MOVES))
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat);
    group.bench_function(format!("{WRITERS} writers, {ROUND_MOVES} moves each"), |bencher| {
        bencher.iter_custom(|rounds| together(&mut movers, rounds * ROUND_MOVES));
    });
    group.finish();
}

/// One writer whose syncs cost nothing: deciding, the transaction, and the engine.
fn without_disk(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reschedule, in memory");
    for store_events in sizes() {
        let Some(filled) = Filled::empty_in_memory() else { return };
        filled.add(made_up(store_events, "2016-01-01", "2025-12-31"));
        let cores = pairs(&filled.store);
        let mut mover = Mover::of(&filled.store, &cores[cores.len() / 2]);
        group.bench_function(BenchmarkId::new("1 writer", store_events), |bencher| bencher.iter(|| mover.move_on()));
    }
    group.finish();
}

criterion_group!(benches, reschedule, without_disk);
criterion_main!(benches);
