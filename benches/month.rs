//! What does a month of 1000 events cost, read, drawn and kept, and does it cost more when the store holds many more?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod support;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tandem::{
    domain::calendar::Month,
    store::{Handle, tables::days},
};

use support::{Filled, MONTH_EVENTS, drawn, get, server, sizes};

const PAGE: &str = "/calendar/2025/10";

fn month(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("month");
    let october = Month::new(2025, 10).expect("a month");
    for store_events in sizes() {
        let Filled { store, folder } = Filled::october(store_events);
        let handle = Handle::new(store);
        let counters = || handle.blocking().read(|view| days::month(view, october)).expect("counters");
        let count: u32 = counters().iter().map(|(_, day)| day.total() + day.unscheduled_due).sum();
        assert_eq!(count, MONTH_EVENTS, "the month has its events and no others");
        let client = server(handle.clone(), folder.path());
        assert!(get(&client, PAGE).contains("October 2025"), "the page is the month");

        let id = |what| BenchmarkId::new(what, store_events);
        group.bench_function(id("counters read"), |bencher| bencher.iter(counters));
        group.bench_function(id("page drawn"), |bencher| {
            bencher.iter_custom(|rounds| drawn(&handle, &client, PAGE, rounds));
        });
        group.bench_function(id("page kept"), |bencher| bencher.iter(|| get(&client, PAGE)));
    }
    group.finish();
}

criterion_group!(benches, month);
criterion_main!(benches);
