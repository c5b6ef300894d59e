//! What the benches share: a store in a folder of its own, with made-up events.

use tandem::{
    domain::audit::{Origin, Source},
    import::{
        self, Incoming,
        generated::{Plan, generate},
    },
    store::{Options, Store},
};
use tempfile::TempDir;

/// A store and its folder, which goes with it.
pub struct Filled {
    pub store: Store,
    pub folder: TempDir,
}

impl Filled {
    /// Holds `count` events from `first` to `last`, both included.
    pub fn with(count: u32, first: &str, last: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("data"), &Options::default()).expect("a new store");
        let filled = Self { store, folder };
        filled.add(made_up(count, first, last));
        filled
    }

    pub fn add(&self, incoming: Incoming) {
        import::apply(&self.store, incoming, &origin()).expect("made-up events can be imported");
    }
}

/// Made-up events; the same arguments make the same ones.
pub fn made_up(count: u32, first: &str, last: &str) -> Incoming {
    let date = |text: &str| text.parse().expect("a date");
    generate(&Plan { count, first: date(first), last: date(last), seed: 1 })
}

pub fn origin() -> Origin {
    let at = "2025-10-15T13:00:00Z".parse().expect("a moment");
    Origin { who: "bench".into(), source: Source::CommandLine, request_id: "bench".into(), at }
}
