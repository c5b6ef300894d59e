//! What does the page of a proposal of about 1 000 rows cost: checked against the store again, and rendered?
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a bench that cannot go on has failed")]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use tandem::{
    domain::{
        event::EventType,
        schedule::{Options, ROWS_MAX},
    },
    import::Incoming,
    services::proposals,
    store::Handle,
};

use support::{Filled, config, drawn, get, made_up, origin, server};

const FIRST: &str = "2025-10-15";
const LAST: &str = "2025-11-11";
/// Unscheduled events, of which every fifth keeps its type.
const EVENTS: u32 = 1_000;

/// Nothing is scheduled; most events are short, so that nearly all find a place.
fn open() -> Incoming {
    let mut incoming = made_up(EVENTS, FIRST, LAST);
    for (at, event) in incoming.events.iter_mut().map(|incoming| &mut incoming.event).enumerate() {
        event.schedule = None;
        if at % 5 != 0 {
            (event.event_type, event.minutes, event.number) = (EventType::Freeosk, 15, None);
        }
    }
    incoming
}

fn proposal(criterion: &mut Criterion) {
    let filled = Filled::empty();
    filled.add(open());
    let Filled { store, folder } = filled;
    let options = Options::between(FIRST.parse().expect("a date"), LAST.parse().expect("a date"));
    let config = config(folder.path());
    let saved = proposals::make(&store, options, &config, &origin()).expect("a proposal");
    let rows = saved.proposal.rows.len();
    println!("{rows} rows, {} not placed", saved.proposal.unplaced.len());
    assert!((ROWS_MAX * 9 / 10..=ROWS_MAX).contains(&rows), "{rows} rows");
    let (handle, page) = (Handle::new(store), format!("/auto-schedule/{}", saved.id));
    let client = server(handle.clone(), folder.path());
    assert!(get(&client, &page).contains("Accept"), "the page is the proposal");

    let mut group = criterion.benchmark_group("proposal");
    group.sample_size(20);
    group.bench_function("checked again", |bencher| {
        let check = || handle.blocking().read(|tx| proposals::dry_run(tx, saved.id, &config.policy, origin().at));
        bencher.iter(|| check().expect("a proposal"));
    });
    group.bench_function("page answered", |bencher| {
        bencher.iter_custom(|rounds| drawn(&handle, &client, &page, rounds));
    });
    group.finish();
}

criterion_group!(benches, proposal);
criterion_main!(benches);
