//! The store in a PostgreSQL database, which several servers share.
//!
//! Model: one table of keys and values for all tables of the catalog, one schema for each team. A writer locks the one
//! row of `gate` for its whole transaction, so writes run one after the other and versions have no gaps. A reader reads one
//! snapshot. The closure of a write may run again, on other data.
//!
//! The begin of a transaction is a round trip, and the commit of a write. So is a read of what this process has not read
//! before, or others have changed since: the rest is answered by a copy in memory, see [`replica`].

mod begin;
mod commit;
mod connections;
mod error;
mod exchange;
mod follow;
mod news;
mod pool;
mod read;
mod replica;
mod schema;
mod session;
mod statements;
mod tls;
mod turn;
mod write;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

pub(super) use crate::store::postgres::{exchange::Exchange, read::Reading};
use crate::{
    metrics::Metrics,
    secret,
    store::{
        change_feed::Publisher,
        counters::Counters,
        error::StoreError,
        fail_points::FailPoints,
        options::{Database, Options},
        postgres::{
            news::{Doubts, Follower},
            pool::Pool,
            turn::Turn,
        },
        transaction::Snapshot,
    },
};

/// Length of the name that a server gives itself at its start, in bytes.
const SERVER_BYTES: usize = 8;

/// The engine.
pub(super) struct Postgres {
    pool: Arc<Pool>,
    /// Begins the nonce of each of our writes.
    server: [u8; SERVER_BYTES],
    writes: AtomicU64,
    /// Held by the one writer of this process that uses the database's gate.
    turn: Turn,
    /// The newest version that this process has seen.
    known: Arc<AtomicU64>,
    commits: AtomicU64,
    doubts: Arc<Doubts>,
    /// Seed of the form tokens of requests without a session, equal on all servers.
    pub secret: String,
    metrics: Metrics,
    fail_points: FailPoints,
    closed: Arc<AtomicBool>,
}

impl Postgres {
    /// Connects, and makes the schema if it is missing and may be made.
    pub fn open(database: &Database, options: &Options) -> Result<Self, StoreError> {
        let pool = Arc::new(Pool::start(database, options.cache_bytes)?);
        let secret = schema::prepare(&pool, database)?;
        let server = secret::random().map_err(|error| StoreError::Database(error.to_string()))?;
        let postgres = Self {
            pool,
            server,
            writes: AtomicU64::new(0),
            turn: Turn::default(),
            known: Arc::default(),
            commits: AtomicU64::new(0),
            doubts: Arc::default(),
            secret,
            metrics: options.metrics.clone(),
            fail_points: options.fail_points.clone(),
            closed: Arc::default(),
        };
        postgres.begin()?.end();
        Ok(postgres)
    }

    /// Reads one snapshot.
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, E>) -> Result<T, E> {
        let reading = self.begin()?;
        let found = read(&Snapshot::new(&reading, reading.version));
        reading.end();
        found
    }

    fn begin(&self) -> Result<Reading, StoreError> {
        let reading = Reading::begin(&self.pool)?;
        self.saw(reading.version);
        Ok(reading)
    }

    /// A snapshot on a connection of its own, for as long as it is needed.
    pub fn long_read(&self) -> Result<Reading, StoreError> {
        Reading::begin_long(&self.pool)
    }

    /// Publishes changes that other servers make.
    pub fn follow(&self, publisher: Publisher) -> Result<(), StoreError> {
        let follower = Follower {
            pool: Arc::clone(&self.pool),
            server: self.server,
            known: Arc::clone(&self.known),
            doubts: Arc::clone(&self.doubts),
            publisher,
            closed: Arc::clone(&self.closed),
            seen: self.known.load(Ordering::Acquire),
            is_lost: false,
        };
        self.pool.connections.follow(follower)
    }

    /// Number of changes ever made, as far as this process has seen. A read sees a later one at the latest.
    pub fn version(&self) -> u64 {
        self.known.load(Ordering::Acquire)
    }

    fn saw(&self, version: u64) {
        self.known.fetch_max(version, Ordering::AcqRel);
    }

    /// The size of the tables and their indexes, in bytes.
    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        let place = self.pool.take()?;
        let row = place.trip(place.client().query_one(&place.sql().bytes, &[]))?;
        place.give_back();
        Ok(row.get::<_, i64>(0).unsigned_abs())
    }

    /// Checks that the server answers and accepts changes.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.begin().map(Reading::end)
    }

    /// Takes, or keeps, a lease of this server. False while another server has it. It ends by itself.
    pub fn lease(&self, name: &str, seconds: u32) -> Result<bool, StoreError> {
        let place = self.pool.take()?;
        let (holder, seconds) = (self.server.as_slice(), f64::from(seconds));
        let taken = place.trip(place.client().execute(&place.sql().lease, &[&name, &holder, &seconds]));
        if taken.is_ok() {
            place.give_back();
        }
        taken.map(|rows| rows == 1)
    }

    /// Gives up every lease of this server, as it stops.
    pub fn release_leases(&self) -> Result<(), StoreError> {
        let place = self.pool.take()?;
        place.trip(place.client().execute(&place.sql().release, &[&self.server.as_slice()]))?;
        place.give_back();
        Ok(())
    }

    /// A commit counts as a sync.
    pub fn counters(&self) -> Counters {
        let counts = &self.pool.counts;
        Counters {
            point_reads: counts.keys.load(Ordering::Relaxed),
            read_calls: counts.calls.load(Ordering::Relaxed),
            round_trips: counts.trips.load(Ordering::Relaxed),
            syncs: self.commits.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Release);
    }
}
