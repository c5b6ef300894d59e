//! Compares the index of audit entries by event with the entries: as a whole, and one by one if that differs.

use std::hash::{BuildHasher, RandomState};

use crate::{
    domain::{audit::Entry, ids::EventId, integrity::StoreReport},
    store::{
        catalog::Table,
        error::StoreError,
        tables::{
            audit::{self, Listing},
            keys::last_u64,
        },
        transaction::ReadTx,
    },
};

/// Keys in any order: their number, and the sum of their hashes. Equal sets have equal sums; with a hash that is seeded
/// at random, others practically never do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct KeySum {
    keys: usize,
    hashes: u64,
}

/// The keys that the entries require, and those of the index.
#[derive(Debug, Default)]
pub(super) struct Listings {
    seed: RandomState,
    required: KeySum,
    found: KeySum,
    listing: Listing,
}

impl Listings {
    fn add(&self, sum: KeySum, key: &[u8]) -> KeySum {
        KeySum { keys: sum.keys + 1, hashes: sum.hashes.wrapping_add(self.seed.hash_one(key)) }
    }

    /// Adds the keys under which an entry must be listed.
    pub fn require(&mut self, entry: &Entry) {
        for step in &entry.steps {
            self.required = self.add(self.required, &audit::index_key(step.event, entry.sequence));
        }
    }

    /// Adds a key of the index, unless it rightly names an entry after `last`, which was appended since.
    pub fn find(&mut self, tx: &dyn ReadTx, key: &[u8], last: u64) {
        let is_later = last_u64(key).is_some_and(|sequence| sequence > last);
        if !(is_later && self.listing.is_right(tx, key).is_ok_and(|is_right| is_right)) {
            self.found = self.add(self.found, key);
        }
    }

    /// Tells if the index has the keys that the entries require, and no others.
    pub fn fit(&self) -> bool {
        self.found == self.required
    }

    /// Checks that an entry indexed under an event changed it. Unreadable entries were reported before.
    pub fn check(&mut self, tx: &dyn ReadTx, key: &[u8], report: &mut StoreReport) {
        if self.listing.is_right(tx, key).is_ok_and(|is_right| !is_right) {
            let event = EventId(key.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)));
            let sequence = last_u64(key).unwrap_or_default();
            let problem = format!("audit entry {sequence} is listed under event {event}, which it did not change");
            report.storage_problems.push(problem);
        }
    }
}

/// Checks that an entry is indexed under each event that it changed.
pub(super) fn check_listed(tx: &dyn ReadTx, entry: &Entry, report: &mut StoreReport) -> Result<(), StoreError> {
    for step in &entry.steps {
        if tx.get(Table::EventAudit, &audit::index_key(step.event, entry.sequence))?.is_none() {
            let problem = format!("audit entry {} is not listed under event {}", entry.sequence, step.event);
            report.storage_problems.push(problem);
        }
    }
    Ok(())
}
