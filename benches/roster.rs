//! What does a week of 15 people and 250 events cost, read, drawn and kept, and how large is its page?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "the size is printed for the user")]

mod support;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rocket::http::Header;
use tandem::{
    demo::generate::{Plan, generate},
    domain::{calendar::week_of, day::roster::RosterFilter},
    store::{Handle, queries::roster},
};

use support::{Filled, drawn, get, server};

const PAGE: &str = "/roster/2025-10-15";
const EVENTS: u32 = 250;

fn week(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("roster");
    for people in [15, 300] {
        let (filled, date) = (Filled::empty(), |text: &str| text.parse::<chrono::NaiveDate>().expect("a date"));
        let plan = Plan { count: EVENTS, first: date("2025-10-12"), last: date("2025-10-18"), seed: 1 };
        filled.add(generate(&plan, Some(people), None));
        let Filled { store, folder } = filled;
        let handle = Handle::new(store);
        let dates = week_of(date("2025-10-15"), chrono::Weekday::Sun);
        let all = RosterFilter::default();
        let read = || handle.blocking().read(|view| roster::of(view, &dates, &all, dates[3])).expect("a roster");
        let shown: usize = read().people.iter().map(|one| one.shifts.len()).sum();
        assert_eq!(shown + read().open.len(), EVENTS as usize, "the week has its events and no others");
        let client = server(handle.clone(), folder.path());
        assert!(get(&client, PAGE).contains("Oct 12 – 18, 2025"), "the page is the week");
        let gzip = client.get(PAGE).header(Header::new("Accept-Encoding", "gzip")).dispatch().into_bytes();
        println!("{people} people: {} bytes compressed", gzip.map_or(0, |bytes| bytes.len()));

        let id = |what| BenchmarkId::new(what, people);
        group.bench_function(id("roster read"), |bencher| bencher.iter(read));
        group.bench_function(id("page drawn"), |bencher| {
            bencher.iter_custom(|rounds| drawn(&handle, &client, PAGE, rounds));
        });
        group.bench_function(id("page kept"), |bencher| bencher.iter(|| get(&client, PAGE)));
    }
    group.finish();
}

criterion_group!(benches, week);
criterion_main!(benches);
