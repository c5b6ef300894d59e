//! What a request costs, counted: records read, reads of the engine, and allocations; and what a password does. A timed test would depend on the machine.
//!
//! Rule of this target: it is one test in a process of its own, because allocations are counted for the whole process. What
//! costs more than `expected.tsv` says fails; what costs much less does too, so that the file stays true.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../../benches/support/mod.rs"]
mod support;

use std::{alloc::System, fmt::Write};

use rocket::{
    http::{ContentType, Header},
    local::blocking::{Client, LocalRequest},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tandem::{
    assets,
    domain::{
        day::{Group, PairLine},
        employee::holiday::Holiday,
        event::EventType,
    },
    secret,
    store::{
        Handle,
        queries::day_cards::{self, Show},
        tables::holidays,
    },
};

use support::{Filled, MONTH_EVENTS, made_up, renumbered, server, touch};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Requests of a kind; the cheapest counts, because buffers grow and caches fill now and then.
const ROUNDS: usize = 12;
/// How far a count may be from what is expected: the standard library, dependencies and threads move a little.
const TOLERANCE_PERCENT: u64 = 10;
const TOLERANCE: u64 = 10;
const EXPECTED: &str = include_str!("expected.tsv");

/// What a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    /// Records read by their keys.
    records: u64,
    /// Reads of the engine, of one key, of several keys, or of a range: each would be a round trip to a database server.
    reads: u64,
    allocations: u64,
}

struct Counted {
    store: Handle,
    client: Client,
}

impl Counted {
    fn cost(&self, request: impl Fn(&Client, usize) -> LocalRequest<'_>) -> Cost {
        let once = |turn| {
            let request = request(&self.client, turn);
            let store = self.store.blocking();
            let (records, reads, region) =
                (store.counters().point_reads, store.counters().read_calls, Region::new(ALLOCATOR));
            let response = request.dispatch();
            let status = response.status();
            let body = response.into_bytes().unwrap_or_default();
            let allocations = region.change().allocations as u64;
            assert_eq!(status.code, 200, "{}", String::from_utf8_lossy(&body));
            Cost {
                records: store.counters().point_reads - records,
                reads: store.counters().read_calls - reads,
                allocations,
            }
        };
        let costs: Vec<_> = (0..ROUNDS).map(once).collect();
        let least = |part: fn(&Cost) -> u64| costs.iter().map(part).min().unwrap_or_default();
        Cost {
            records: least(|cost| cost.records),
            reads: least(|cost| cost.reads),
            allocations: least(|cost| cost.allocations),
        }
    }

    fn page(&self, address: &str) -> Cost {
        self.cost(|client, _| client.get(address.to_owned()).header(Header::new("Accept-Encoding", "gzip")))
    }

    /// A page that was not requested since the last change.
    fn page_after_change(&self, address: &str) -> Cost {
        self.cost(|client, turn| {
            touch(&self.store, turn as u64);
            client.get(address.to_owned()).header(Header::new("Accept-Encoding", "gzip"))
        })
    }

    fn reschedule(&self, schedule: u64) -> Cost {
        self.cost(|client, turn| {
            let date = if turn % 2 == 0 { "2025-10-22" } else { "2025-10-15" };
            let body =
                format!("{{\"schedule_id\": {schedule}, \"new_date\": \"{date}\", \"override_reason\": \"trial\"}}");
            client.post("/api/reschedule_event").header(ContentType::JSON).body(body)
        })
    }
}

/// The schedule of a CORE on the 15th whose Supervisor is scheduled too.
fn a_pair(store: &Handle) -> u64 {
    let show = Show { pairing: true, undo: None, findings: None };
    let day = store.blocking().read(|view| day_cards::day(view, "2025-10-15".parse().unwrap(), show)).unwrap();
    let cores = day.cards(Group::Of(EventType::Core)).iter();
    let mut pairs = cores.filter(
        |card| matches!(&card.pair, PairLine::Supervisors(found) if found.iter().any(|one| one.scheduled.is_some())),
    );
    pairs.next().unwrap().event.schedule.as_ref().unwrap().id.0
}

fn measured() -> Vec<(&'static str, Cost)> {
    let filled = Filled::with(MONTH_EVENTS, "2025-10-01", "2025-10-31");
    filled.add(renumbered(made_up(50, "2025-11-05", "2025-11-05"), 1));
    let Filled { store, folder } = filled;
    let store = Handle::new(store);
    let client = server(store.clone(), folder.path());
    let schedule = a_pair(&store);
    let counted = Counted { store, client };
    let (month, day) = ("/calendar/2025/10", "/calendar/day/2025-11-05");
    let mut costs = vec![
        ("month kept", counted.page(month)),
        ("month drawn", counted.page_after_change(month)),
        ("day of 50 kept", counted.page(day)),
        ("day of 50 drawn", counted.page_after_change(day)),
        ("asset", counted.page(assets::address("tandem.css"))),
        ("reschedule of a pair", counted.reschedule(schedule)),
    ];
    // A rule refuses both days from here on; the reason overrides it.
    for date in ["2025-10-15", "2025-10-22"] {
        let holiday = Holiday { date: date.parse().unwrap(), name: "Closed".to_owned() };
        counted.store.blocking().write(|tx| holidays::put(tx, &holiday)).unwrap();
    }
    costs.push(("reschedule against a rule", counted.reschedule(schedule)));
    costs
}

fn expected(name: &str) -> Option<Cost> {
    let line = EXPECTED.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'))?;
    let mut numbers = line.split('\t').map(str::parse);
    let mut number = || numbers.next()?.ok();
    Some(Cost { records: number()?, reads: number()?, allocations: number()? })
}

fn is_near(found: u64, wanted: u64) -> bool {
    found.abs_diff(wanted) <= TOLERANCE + wanted * TOLERANCE_PERCENT / 100
}

/// What is allocated for ten passwords more, in bytes: the first made the buffers.
fn hashing_bytes() -> usize {
    let kept = secret::hash("correct horse battery").unwrap();
    let region = Region::new(ALLOCATOR);
    for number in 0..10 {
        assert!(!secret::is_password(&number.to_string(), Some(&kept)));
    }
    region.change().bytes_allocated
}

#[test]
fn no_request_costs_more_reads_or_allocations_than_expected() {
    let (mut found, mut off) = (String::new(), Vec::new());
    for (name, cost) in measured() {
        let Cost { records, reads, allocations } = cost;
        let _ = writeln!(found, "{name}\t{records}\t{reads}\t{allocations}");
        let is_same = |wanted: Cost| {
            (wanted.records, wanted.reads) == (records, reads) && is_near(allocations, wanted.allocations)
        };
        if !expected(name).is_some_and(is_same) {
            off.push(format!("{name}: {cost:?}, expected {:?}", expected(name)));
        }
    }
    assert_eq!(hashing_bytes() / (1024 * 1024), 0, "each password takes its memory anew");
    assert!(off.is_empty(), "{}\nif that is meant to be, tests/costs/expected.tsv becomes\n\n{found}", off.join("\n"));
}
