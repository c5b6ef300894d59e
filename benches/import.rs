//! How long do 10 000 rows of a retailer's export take, from bytes to disk, and again when nothing has changed?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod support;

use std::fmt::Write;

use criterion::{BatchSize, Criterion, SamplingMode, criterion_group, criterion_main};
use tandem::import::{self, Incoming, visits};

use support::{Filled, made_up, origin};

const ROWS: u32 = 10_000;
const HEADINGS: &str = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,\
    Estimated Time,Rep Name,Employee ID,Schedule Date/Time";

/// A file as the retailer writes it, of made-up events.
fn file() -> Vec<u8> {
    let mut text = format!("{HEADINGS}\r\n");
    for event in made_up(ROWS, "2025-10-01", "2025-12-31").events.into_iter().map(|incoming| incoming.event) {
        let day = event.date().unwrap_or_else(|| "2025-10-01".parse().expect("a date")).format("%m/%d/%Y");
        let (id, store, name) = (event.id, &event.location.number, &event.location.name);
        let _ = write!(text, "\"{}\",{id},\"{store}\",\"{name}\",{day} 12:00:00 AM,{day} 11:59:00 PM,", event.name);
        let _ = match &event.schedule {
            Some(now) => {
                let start = now.start.format("%m/%d/%Y %-I:%M:%S %p");
                write!(text, "{},REP {},{},{start}\r\n", event.minutes, now.employee, now.employee)
            }
            None => write!(text, "{}\r\n", event.minutes),
        };
    }
    text.into_bytes()
}

fn rows(criterion: &mut Criterion) {
    let files = [("calendar-schedule.csv".to_owned(), file())];
    let read = || visits::read(Incoming::default(), &files).expect("a file of visits");
    let incoming = read();
    assert_eq!((incoming.events.len(), incoming.rejected.len()), (ROWS as usize, 0), "every row can be read");

    let mut group = criterion.benchmark_group("import of 10 000 rows");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("read", |bencher| bencher.iter(read));
    group.bench_function("read and written", |bencher| {
        let write = |filled: Filled| {
            import::apply(&filled.store, read(), &origin()).expect("an import");
            filled
        };
        bencher.iter_batched(Filled::empty, write, BatchSize::PerIteration);
    });
    let filled = Filled::empty();
    filled.add(incoming);
    group.bench_function("again, nothing changed", |bencher| {
        bencher.iter(|| import::apply(&filled.store, read(), &origin()).expect("an import"));
    });
    group.finish();
}

criterion_group!(benches, rows);
criterion_main!(benches);
