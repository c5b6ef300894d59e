//! Guarantees of the store: snapshots, all or nothing, durability. The helpers open stores in temporary folders.

mod archive;
mod change_feed;
mod durability;
mod folder;
mod history;
mod keys;
mod model;
mod older_format;
mod plan;
mod races;
mod roster;
mod transaction;

use std::{
    cell::Cell,
    ops::{Deref, Range},
    path::PathBuf,
};

use tandem::{
    domain::{
        calendar::Moment,
        change::{Command, Request},
        event::Event,
        ids::EventId,
    },
    services::{change, decision_context::Target},
    store::{
        FailPoints, Flow, OpenError, Options, ReadTx, ScanOrder, Snapshot, Store, StoreError, Table, tables::events,
    },
};
use tempfile::TempDir;

use crate::{
    domain::{TWO_HOURS_LATER, With, date, event},
    support,
};

/// A data folder, which outlives the stores opened in it.
struct Data {
    folder: TempDir,
    fail_points: FailPoints,
}

impl Data {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), fail_points: FailPoints::default() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn try_open(&self) -> Result<Store, OpenError> {
        let short_work_minutes = TWO_HOURS_LATER.short_work_minutes;
        let (fail_points, database) = (self.fail_points.clone(), crate::support::database(&self.path()));
        Store::open(&self.path(), &Options { fail_points, short_work_minutes, database, ..Options::default() })
    }

    fn open(&self) -> Store {
        self.try_open().unwrap()
    }
}

/// Counts the scans of one table, and the keys they visit.
struct Fresh {
    store: Store,
    _data: Data,
}
impl Deref for Fresh {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}
fn fresh() -> Fresh {
    let data = Data::new();
    Fresh { store: data.open(), _data: data }
}
struct Counting<'a> {
    tx: &'a dyn ReadTx,
    table: Table,
    scans: Cell<usize>,
    keys: Cell<usize>,
}

impl<'a> Counting<'a> {
    fn of(tx: &'a dyn ReadTx, table: Table) -> Self {
        Self { tx, table, scans: Cell::new(0), keys: Cell::new(0) }
    }
}

impl ReadTx for Counting<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.tx.get(table, key)
    }

    fn get_many(&self, table: Table, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.tx.get_many(table, keys)
    }

    fn first_keys(&self, table: Table, ranges: &[Range<Vec<u8>>], max: usize) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        let found = self.tx.first_keys(table, ranges, max)?;
        if table == self.table {
            self.scans.set(self.scans.get() + ranges.len());
            self.keys.set(self.keys.get() + found.iter().map(Vec::len).sum::<usize>());
        }
        Ok(found)
    }

    fn scan_in(
        &self,
        order: ScanOrder,
        table: Table,
        range: Range<&[u8]>,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<Flow, StoreError>,
    ) -> Result<(), StoreError> {
        let ours = usize::from(table == self.table);
        self.scans.set(self.scans.get() + ours);
        self.tx.scan_in(order, table, range, &mut |key, value| {
            self.keys.set(self.keys.get() + ours);
            visit(key, value)
        })
    }
}

fn add(store: &Store, events: &[Event]) -> Result<(), StoreError> {
    store.write(|tx| events.iter().try_for_each(|event| events::replace(tx, None, Some(event))))
}

fn read<T>(store: &Store, read: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>) -> T {
    store.read(read).unwrap()
}

/// Every event, by id.
fn all(store: &Store) -> Vec<Event> {
    read(store, |tx| all_in(tx))
}

fn all_in(tx: &dyn ReadTx) -> Result<Vec<Event>, StoreError> {
    let mut all = Vec::new();
    events::each(tx, |event| {
        all.push(event);
        Ok(Flow::Continue)
    })?;
    Ok(all)
}

/// A CORE on October 15, 2025, 10:00, and its Supervisor at 12:00, under this number.
fn pair(number: u64) -> [Event; 2] {
    [
        event(2 * number, &format!("{number}-CORE-Pretzels")).held_by("lea", "2025-10-15 10:00"),
        event(2 * number + 1, &format!("{number}-Supervisor-Pretzels")).held_by("cleo", "2025-10-15 12:00"),
    ]
}

/// Moves the pair of a CORE to another day.
fn move_pair(store: &Store, core: EventId, day: &str) -> Result<change::Made, change::ChangeError> {
    let request = Request::plain(Command::Reschedule { to: Moment::Day(date(day)), employee: None });
    change::make(store, Target::Event(core), &request, &TWO_HOURS_LATER, &support::origin())
}
