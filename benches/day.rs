//! What does a day of 50 and of 300 events cost, read, drawn and kept?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod support;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tandem::store::{
    Handle,
    queries::day_cards::{self, Show},
};

use support::{Filled, drawn, get, server};

const DAY: &str = "2025-10-15";

fn day(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("day");
    for events in [50, 300] {
        let Filled { store, folder } = Filled::with(events, DAY, DAY);
        let handle = Handle::new(store);
        let (date, page) = (DAY.parse().expect("a date"), format!("/calendar/day/{DAY}"));
        let show = Show { pairing: true, undo: None, findings: "2025-10-15".parse().ok() };
        let cards = || handle.blocking().read(|view| day_cards::day(view, date, show)).expect("cards");
        assert_eq!(cards().total, events as usize, "the day has its events");
        let client = server(handle.clone(), folder.path());
        assert!(get(&client, &page).contains("October 15, 2025"), "the page is the day");

        let id = |what| BenchmarkId::new(what, events);
        group.bench_function(id("cards read"), |bencher| bencher.iter(cards));
        group.bench_function(id("page drawn"), |bencher| {
            bencher.iter_custom(|rounds| drawn(&handle, &client, &page, rounds));
        });
        group.bench_function(id("page kept"), |bencher| bencher.iter(|| get(&client, &page)));
    }
    group.finish();
}

criterion_group!(benches, day);
criterion_main!(benches);
