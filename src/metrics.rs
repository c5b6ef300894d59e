//! Metrics of the server in the `OpenMetrics` format. No names, no ids: only routes, kinds and rules.
//!
//! Counters are updated as events happen. Gauges are read when the metrics are requested.

use std::{fmt, sync::Arc, time::Duration};

use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

type Labels<const N: usize> = [(&'static str, String); N];

/// From 0.1 ms to about 3 s.
const BUCKETS: (f64, f64, u16) = (0.0001, 2.0, 16);

/// The last line of the text format.
const END: &str = "# EOF";

/// The counters of a team since the start of this process.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Counters>);

#[derive(Default)]
struct Counters {
    requests: Family<Labels<3>, Counter>,
    durations: Durations,
    changes: Family<Labels<2>, Counter>,
    refusals: Family<Labels<1>, Counter>,
    pairs_moved: Counter,
    deliveries: Family<Labels<2>, Counter>,
    commits: Timer,
    syncs: Timer,
    proposals: Timer,
    proposed: Family<Labels<1>, Counter>,
    hand_changes: Counter,
}

struct Durations(Family<Labels<2>, Histogram, fn() -> Histogram>);

impl Default for Durations {
    fn default() -> Self {
        Self(Family::new_with_constructor(histogram))
    }
}

struct Timer(Histogram);

impl Default for Timer {
    fn default() -> Self {
        Self(histogram())
    }
}

fn histogram() -> Histogram {
    let (first, factor, count) = BUCKETS;
    Histogram::new(exponential_buckets(first, factor, count))
}

/// Values read at each request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Readings {
    pub store_bytes: u64,
    pub messages_waiting: u64,
    /// In seconds; none if no message waits.
    pub oldest_message_seconds: Option<i64>,
    pub integrity_age_seconds: Option<i64>,
    pub integrity_problems: Option<u64>,
    pub backup_age_seconds: Option<i64>,
    pub writable: bool,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// A request that was answered. `route` is its pattern, never the address that was sent.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (("method", method.to_owned()), ("route", route.to_owned()));
        self.0.requests.get_or_create(&[method.clone(), route.clone(), ("status", status.to_string())]).inc();
        self.0.durations.0.get_or_create(&[method, route]).observe(took.as_secs_f64());
    }

    /// Counts a change by its outcome: `done`, `refused`, `failed`, `in_doubt`.
    pub fn change(&self, action: &str, outcome: &'static str) {
        self.0.changes.get_or_create(&[("action", action.to_owned()), ("outcome", outcome.to_owned())]).inc();
    }

    /// Counts a rejected change by rule or other reason.
    pub fn refusal(&self, rule: &str) {
        self.0.refusals.get_or_create(&[("rule", rule.to_owned())]).inc();
    }

    /// Counts Supervisor events that changed along with their CORE.
    pub fn pairs_moved(&self, count: u64) {
        self.0.pairs_moved.inc_by(count);
    }

    /// Counts a delivery attempt: `delivered`, `retried`, `stopped`.
    pub fn delivery(&self, channel: &'static str, outcome: &'static str) {
        self.0.deliveries.get_or_create(&[("channel", channel.to_owned()), ("outcome", outcome.to_owned())]).inc();
    }

    /// Counts a transaction that was applied; it is not on disk yet.
    pub fn commit(&self, took: Duration) {
        self.0.commits.0.observe(took.as_secs_f64());
    }

    /// Counts a sync of transactions to disk.
    pub fn sync(&self, took: Duration) {
        self.0.syncs.0.observe(took.as_secs_f64());
    }

    /// A proposal of the auto-scheduler was made in this time.
    pub fn proposal(&self, took: Duration) {
        self.0.proposals.0.observe(took.as_secs_f64());
    }

    /// Events that a proposal placed, or did not place for a reason.
    pub fn proposed(&self, outcome: &'static str, events: u64) {
        self.0.proposed.get_or_create(&[("outcome", outcome.to_owned())]).inc_by(events);
    }

    /// Rows that were changed by hand before a proposal was accepted.
    pub fn hand_changes(&self, rows: u64) {
        self.0.hand_changes.inc_by(rows);
    }

    /// All metrics in the text format of `OpenMetrics`, with the team as a label if it has a name.
    pub fn text(&self, readings: &Readings, team: Option<String>) -> Result<String, fmt::Error> {
        let team = team.map(|team| ("team".into(), team.into()));
        let mut registry = Registry::with_prefix_and_labels("tandem", team.into_iter());
        self.register(&mut registry);
        read(&mut registry, readings);
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }

    fn register(&self, registry: &mut Registry) {
        let Counters { requests, durations, changes, refusals, pairs_moved, deliveries, commits, syncs, .. } = &*self.0;
        registry.register("requests", "Requests answered", requests.clone());
        let seconds = Unit::Seconds;
        registry.register_with_unit("request_duration", "Time to answer", seconds.clone(), durations.0.clone());
        registry.register("changes", "Changes by kind and outcome", changes.clone());
        registry.register("refusals", "Refused changes by rule", refusals.clone());
        registry.register("pairs_moved", "Supervisor events changed along with their CORE", pairs_moved.clone());
        registry.register("letters", "Deliveries of alerts and notices", deliveries.clone());
        registry.register_with_unit("commit", "Time to apply a transaction", seconds.clone(), commits.0.clone());
        registry.register_with_unit("fdatasync", "Time to sync transactions to disk", seconds.clone(), syncs.0.clone());
        let Counters { proposals, proposed, hand_changes, .. } = &*self.0;
        registry.register_with_unit("proposal", "Time to make a proposal", seconds, proposals.0.clone());
        registry.register("proposed_events", "Events in proposals, by outcome", proposed.clone());
        registry.register("proposal_hand_changes", "Rows changed by hand before accepting", hand_changes.clone());
    }
}

/// The metrics of several teams as one text: `OpenMetrics` has all samples of a metric below one head.
pub fn merged(texts: &[String]) -> String {
    let mut metrics: Vec<(&str, String)> = Vec::new();
    for text in texts {
        let (mut at, mut is_known) = (0, false);
        for line in text.lines().filter(|line| *line != END) {
            if let Some(name) = line.strip_prefix("# HELP ").and_then(|rest| rest.split(' ').next()) {
                let found = metrics.iter().position(|(other, _)| *other == name);
                (at, is_known) = (found.unwrap_or(metrics.len()), found.is_some());
                if !is_known {
                    metrics.push((name, String::new()));
                }
            }
            // An earlier text has the head of this metric.
            if is_known && line.starts_with('#') {
                continue;
            }
            if let Some((_, lines)) = metrics.get_mut(at) {
                lines.push_str(line);
                lines.push('\n');
            }
        }
    }
    metrics.into_iter().map(|(_, lines)| lines).chain([format!("{END}\n")]).collect()
}

fn read(registry: &mut Registry, readings: &Readings) {
    let mut gauge = |name: &str, help: &str, unit: Option<Unit>, value: Option<i64>| {
        let Some(value) = value else { return };
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        match unit {
            Some(unit) => registry.register_with_unit(name, help, unit, gauge),
            None => registry.register(name, help, gauge),
        }
    };
    let number = |number: u64| Some(i64::try_from(number).unwrap_or(i64::MAX));
    let seconds = || Some(Unit::Seconds);
    gauge("store", "Size of the store on disk", Some(Unit::Bytes), number(readings.store_bytes));
    gauge("store_writable", "1 while changes can be saved", None, Some(readings.writable.into()));
    gauge("outbox_letters", "Messages that wait", None, number(readings.messages_waiting));
    gauge("outbox_oldest", "Age of the oldest waiting message", seconds(), readings.oldest_message_seconds);
    gauge("integrity_age", "Since the last complete integrity check", seconds(), readings.integrity_age_seconds);
    gauge("integrity_problems", "Problems at the last check", None, readings.integrity_problems.and_then(number));
    gauge("backup_age", "Since the last nightly backup", seconds(), readings.backup_age_seconds);
}
