//! Does a month of 1000 events cost more when the store holds 100 000?
#![allow(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod support;

use std::{hint::black_box, path::Path};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rocket::{figment::Figment, local::blocking::Client};
use tandem::{
    app,
    clock::Clock,
    config::Config,
    context::Context,
    domain::{
        calendar::Month,
        ids::{EventId, ScheduleId},
        user::Role,
    },
    import::Incoming,
    store::{Handle, days},
    views::{
        FormKeys,
        filter::Narrowing,
        layout::{self, Around},
        month::{self, MonthView},
    },
};

use support::{Filled, made_up, origin};

const MONTH_EVENTS: u32 = 1000;
const STORE_EVENTS: u32 = 100_000;
/// What the others' ids differ by from the month's own.
const OTHERS_ID_SHIFT: u64 = 1_000_000;

/// October 2025, alone or with the nine years before it.
fn october(store_events: u32) -> Filled {
    let filled = Filled::with(MONTH_EVENTS, "2025-10-01", "2025-10-31");
    if store_events > MONTH_EVENTS {
        let others = made_up(store_events - MONTH_EVENTS, "2016-09-01", "2025-09-20");
        filled.add(renumbered(others, OTHERS_ID_SHIFT));
    }
    filled
}

/// The same events under other ids, so that they can stand beside the first ones.
fn renumbered(mut incoming: Incoming, by: u64) -> Incoming {
    for event in incoming.events.iter_mut().map(|incoming| &mut incoming.event) {
        event.id = EventId(event.id.0 + by);
        if let Some(now) = &mut event.schedule {
            now.id = ScheduleId(now.id.0 + by);
        }
    }
    incoming
}

/// The server without a socket, as a browser's request meets it.
fn server(store: Handle, folder: &Path) -> Client {
    let quiet = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::release_default() };
    let figment = Figment::from(quiet).merge(("tandem.timezone", "America/New_York"));
    let config = Config::read(&figment, Some(folder.join("data"))).expect("settings");
    let context = Context::new(config, Clock::Fixed(origin().at), store);
    Client::untracked(app::build(figment, context)).expect("a server")
}

fn month(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("month");
    let month = Month::new(2025, 10).expect("a month");
    for store_events in [MONTH_EVENTS, STORE_EVENTS] {
        let Filled { store, folder } = october(store_events);
        let handle = Handle::new(store);
        let counters = || handle.blocking().read(|view| days::month(view, month)).expect("counters");
        let (today, week_start) = (month.first(), chrono::Weekday::Sun);
        let around = Around {
            keys: FormKeys::new("bench".to_owned(), "0".repeat(64), Role::Scheduler),
            unscheduled: 0,
            problems: 0,
            who: None,
        };
        group.bench_function(BenchmarkId::new("counters", store_events), |bencher| bencher.iter(counters));
        group.bench_function(BenchmarkId::new("counters and page", store_events), |bencher| {
            bencher.iter(|| {
                let view = MonthView {
                    month,
                    today,
                    week_start,
                    version: 0,
                    days: counters(),
                    narrowing: Narrowing::default(),
                    complete: true,
                };
                layout::document(&month::page(&view), &around).into_string()
            });
        });
        let client = server(handle.clone(), folder.path());
        let ask = || client.get("/calendar/2025/10").dispatch().into_string().expect("a page");
        let october_has =
            |count: u32| counters().iter().map(|(_, day)| day.total() + day.unscheduled_due).sum::<u32>() == count;
        assert!(october_has(MONTH_EVENTS), "the month has its events and no others");
        assert!(ask().contains("October 2025"), "the page is the month");
        group.bench_function(BenchmarkId::new("request", store_events), |bencher| bencher.iter(|| black_box(ask())));
    }
    group.finish();
}

criterion_group!(benches, month);
criterion_main!(benches);
