//! What the benches share: a store in a folder of its own, with made-up events, and a server over it without a socket.
#![allow(dead_code, reason = "each bench is a crate of its own and uses a part")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rocket::{figment::Figment, http::Header, local::blocking::Client};
use tandem::{
    app,
    clock::Clock,
    config::Config,
    context::Context,
    demo::generate::{Plan, generate},
    domain::{
        audit::{Origin, Source},
        employee::holiday::Holiday,
        event::default_start::UsualStarts,
        ids::{EventId, ScheduleId},
        policy::{Policy, SupervisorTime},
    },
    import::{self, Incoming},
    store::{Handle, Options, Store, tables::holidays},
};
use tempfile::TempDir;

/// Events of the month that is looked at.
pub const MONTH_EVENTS: u32 = 1000;
/// What the ids of one set of made-up events differ by from those of the next.
const IDS_APART: u64 = 10_000_000;
/// Sizes of the store, where they matter.
const SIZES: [u32; 3] = [MONTH_EVENTS, 100_000, 1_000_000];
/// Set to measure a million events too: making them takes minutes.
const LARGE: &str = "BENCH_LARGE";

pub const POLICY: Policy = Policy {
    pairing: true,
    supervisor_time: SupervisorTime::After { minutes: 120 },
    usual: UsualStarts::NONE,
    short_work_minutes: 0,
    zone: chrono_tz::UTC,
};

/// Where a sync costs nothing, so that what is left is the work itself.
const MEMORY: &str = "/dev/shm";

/// A store and its folder, which goes with it.
pub struct Filled {
    pub store: Store,
    pub folder: TempDir,
}

impl Filled {
    pub fn empty() -> Self {
        Self::empty_in(TempDir::new().expect("a temporary folder"))
    }

    /// In memory, where the machine has a place for that.
    pub fn empty_in_memory() -> Option<Self> {
        TempDir::new_in(MEMORY).ok().map(Self::empty_in)
    }

    fn empty_in(folder: TempDir) -> Self {
        let store = Store::open(&folder.path().join("data"), &Options::default()).expect("a new store");
        Self { store, folder }
    }

    /// Holds `count` events from `first` to `last`, both included.
    pub fn with(count: u32, first: &str, last: &str) -> Self {
        let filled = Self::empty();
        filled.add(made_up(count, first, last));
        filled
    }

    /// October 2025 with [`MONTH_EVENTS`], alone or with the nine years before it.
    pub fn october(store_events: u32) -> Self {
        let filled = Self::with(MONTH_EVENTS, "2025-10-01", "2025-10-31");
        if store_events > MONTH_EVENTS {
            filled.add(renumbered(made_up(store_events - MONTH_EVENTS, "2016-09-01", "2025-09-20"), 1));
        }
        filled
    }

    pub fn add(&self, incoming: Incoming) {
        import::apply(&self.store, incoming, &origin()).expect("made-up events can be imported");
    }
}

/// Sizes of the store that a run looks at.
pub fn sizes() -> impl Iterator<Item = u32> {
    let most = if std::env::var_os(LARGE).is_some() { SIZES.len() } else { SIZES.len() - 1 };
    SIZES.into_iter().take(most)
}

/// Made-up events; the same arguments make the same ones.
pub fn made_up(count: u32, first: &str, last: &str) -> Incoming {
    let date = |text: &str| text.parse().expect("a date");
    generate(&Plan { count, first: date(first), last: date(last), seed: 1 }, None, None)
}

/// The same events under other ids and at other stores, so that they can stand beside the first ones: one number at one
/// store is one pair.
pub fn renumbered(mut incoming: Incoming, set: u64) -> Incoming {
    for event in incoming.events.iter_mut().map(|incoming| &mut incoming.event) {
        event.id = EventId(event.id.0 + set * IDS_APART);
        event.location.number.insert_str(0, &set.to_string());
        if let Some(now) = &mut event.schedule {
            now.id = ScheduleId(now.id.0 + set * IDS_APART);
        }
    }
    incoming
}

pub fn origin() -> Origin {
    let at = "2025-10-15T13:00:00Z".parse().expect("a moment");
    Origin::new("bench", Source::CommandLine, "bench", at)
}

/// The server without a socket, as a browser's request meets it. Nobody signs in, and no job runs.
pub fn server(store: Handle, folder: &Path) -> Client {
    let context = Context::new(config(folder), Clock::Fixed(origin().at), store);
    Client::untracked(app::build(figment(), context)).expect("a server")
}

/// The settings of that server.
pub fn config(folder: &Path) -> Config {
    Config::read(&figment(), Some(&folder.join("data"))).expect("settings")
}

fn figment() -> Figment {
    let quiet = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::release_default() };
    Figment::from(quiet)
        .merge(("tandem.timezone", "America/New_York"))
        .merge(("tandem.sign_in", "none"))
        .merge(("tandem.rate_limits", "off"))
        .merge(("tandem.backup_at", "off"))
        .merge(("tandem.integrity_at", "off"))
}

/// The body of a page without compression.
pub fn get(client: &Client, address: &str) -> String {
    client.get(address.to_owned()).dispatch().into_string().expect("a page")
}

/// Any change at all: what was drawn before it is drawn again.
pub fn touch(store: &Handle, turn: u64) {
    let holiday = Holiday { date: "2030-12-25".parse().expect("a date"), name: format!("turn {turn}") };
    store.blocking().write(|tx| holidays::put(tx, &holiday)).expect("a change");
}

/// Time to respond with a page that was not requested since the last change, with compression.
pub fn drawn(store: &Handle, client: &Client, address: &str, rounds: u64) -> Duration {
    let once = |turn| {
        touch(store, turn);
        let begun = Instant::now();
        let request = client.get(address.to_owned()).header(Header::new("Accept-Encoding", "gzip"));
        let body = request.dispatch().into_bytes();
        assert!(body.is_some_and(|body| !body.is_empty()), "a page");
        begun.elapsed()
    };
    (0..rounds).map(once).sum()
}
