//! The engine that holds the store: embedded in this process, or a database server.

use std::{fmt, ops::Range};

use crate::store::{
    catalog::Table,
    change_feed::{News, Publisher},
    counters::Counters,
    embedded::Embedded,
    engine::rebuild::Rebuild,
    error::StoreError,
    options::Options,
    postgres::Postgres,
    transaction::{Prepared, ReadTx, ScanOrder, Snapshot, Visit},
};

pub(super) enum Backend {
    Embedded(Box<Embedded>),
    Postgres(Postgres),
}

impl Backend {
    /// The engine of this process; none if others may change the store as well.
    pub fn embedded(&self) -> Option<&Embedded> {
        match self {
            Self::Embedded(embedded) => Some(embedded),
            Self::Postgres(_) => None,
        }
    }

    /// See [`Embedded::rebuilt`]. A database server frees space by itself.
    pub fn rebuilt(self, rebuild: Rebuild, options: &Options) -> Result<Self, StoreError> {
        match self {
            Self::Embedded(embedded) => Ok(Self::Embedded(Box::new(embedded.rebuilt(rebuild, options)?))),
            Self::Postgres(_) => Ok(self),
        }
    }

    /// Publishes changes that other servers make; there are none for an embedded engine.
    pub fn follow(&self, publisher: Publisher) -> Result<(), StoreError> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::Postgres(postgres) => postgres.follow(publisher),
        }
    }

    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, E>) -> Result<T, E> {
        match self {
            Self::Embedded(embedded) => embedded.read(read),
            Self::Postgres(postgres) => postgres.read(read),
        }
    }

    /// Applies the writes that `prepare` returns, see [`Embedded::write`] and [`Postgres::write`]. `applied` is passed
    /// the version of a shared store, if anything changed.
    pub fn write<T, U, E: From<StoreError>>(
        &self,
        prepare: impl FnMut(&Snapshot<'_>) -> Result<Prepared<T>, E>,
        applied: impl FnOnce(T, Option<u64>) -> U,
    ) -> Result<(U, News), E> {
        match self {
            Self::Embedded(embedded) => embedded.write(prepare, |rest| applied(rest, None)),
            Self::Postgres(postgres) => postgres.write(prepare, applied),
        }
    }

    /// The store as it is now, for a read of all tables.
    pub fn moment(&self) -> Moment<'_> {
        Moment(match self {
            Self::Embedded(embedded) => Ok(Box::new(embedded.moment())),
            Self::Postgres(postgres) => match postgres.long_read() {
                Ok(reading) => Ok(Box::new(reading)),
                Err(error) => Err(error.to_string()),
            },
        })
    }

    pub fn version(&self) -> u64 {
        match self {
            Self::Embedded(embedded) => embedded.version(),
            Self::Postgres(postgres) => postgres.version(),
        }
    }

    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        match self {
            Self::Embedded(embedded) => embedded.engine.bytes_on_disk(),
            Self::Postgres(postgres) => postgres.bytes_on_disk(),
        }
    }

    pub fn counters(&self) -> Counters {
        match self {
            Self::Embedded(embedded) => embedded.counters(),
            Self::Postgres(postgres) => postgres.counters(),
        }
    }

    /// See `Engine::oversized`.
    pub fn oversized(&self, table: Table) -> Result<Vec<Vec<u8>>, StoreError> {
        self.embedded().map_or(Ok(Vec::new()), |embedded| embedded.engine.oversized(table))
    }

    /// See [`Postgres::lease`]. The only process that uses a store has every lease.
    pub fn lease(&self, name: &str, seconds: u32) -> Result<bool, StoreError> {
        match self {
            Self::Embedded(_) => Ok(true),
            Self::Postgres(postgres) => postgres.lease(name, seconds),
        }
    }

    pub fn release_leases(&self) -> Result<(), StoreError> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::Postgres(postgres) => postgres.release_leases(),
        }
    }

    pub fn check_writable(&self) -> Result<(), StoreError> {
        match self {
            Self::Embedded(embedded) => embedded.check_writable(),
            Self::Postgres(postgres) => postgres.check_writable(),
        }
    }
}

/// The store as of the moment when this was created; a sentence if that cannot be read.
pub struct Moment<'a>(Result<Box<dyn ReadTx + 'a>, String>);

impl fmt::Debug for Moment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Moment")
    }
}

impl Moment<'_> {
    fn source(&self) -> Result<&dyn ReadTx, StoreError> {
        self.0.as_deref().map_err(|why| StoreError::Unreachable(why.clone()))
    }
}

impl ReadTx for Moment<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.source()?.get(table, key)
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.source()?.get_many(table, keys)
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        self.source()?.first_keys(table, ranges, max)
    }

    fn scan_in(&self, order: ScanOrder, table: Table, range: Range<&[u8]>, visit: Visit<'_>) -> Result<(), StoreError> {
        self.source()?.scan_in(order, table, range, visit)
    }
}
