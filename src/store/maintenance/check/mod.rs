//! Does the store agree with itself: every index entry has its record and the reverse, counters equal a recount.
//!
//! Rule of this room: a check asks as of one moment where it can, and in slices where it must not hold anybody up; both
//! are the same [`IncrementalCheck`].

mod audit_chain;
mod incremental_check;
mod index;
#[cfg(test)]
mod tests;

pub use crate::store::maintenance::check::incremental_check::IncrementalCheck;

use crate::{
    domain::integrity::Report,
    store::tables::accounts,
    store::{Store, error::StoreError, transaction::ReadTx},
};

/// Records looked at while writers wait: a few milliseconds' worth.
const SLICE_ROWS_MAX: usize = 256;

/// What a whole check looked at and found.
#[derive(Clone, Debug, Default)]
pub struct StoreReport {
    pub pairs: Report,
    pub index_entries: usize,
    pub days: usize,
    pub audit_entries: u64,
    /// Where the store disagrees with itself, a sentence each.
    pub storage_problems: Vec<String>,
}

impl StoreReport {
    /// Nothing asks anybody to do anything.
    pub fn is_clean(&self) -> bool {
        self.storage_problems.is_empty() && self.pairs.problems().next().is_none()
    }
}

/// Checks pairs and storage as of one moment.
pub fn run(tx: &dyn ReadTx) -> Result<StoreReport, StoreError> {
    accounts::read_all(tx)?;
    let mut walk = IncrementalCheck::default();
    while walk.step(tx, usize::MAX, false)? {}
    Ok(walk.into_report())
}

/// Checks pairs and storage of a store that is in use, slice by slice: writers, and the readers behind them, wait for a
/// slice at most. Each pair, record and entry is looked at whole within one slice.
pub fn run_in_slices(store: &Store) -> Result<StoreReport, StoreError> {
    store.read(|tx| accounts::read_all(tx))?;
    let (mut walk, start) = (IncrementalCheck::default(), store.generation());
    while store.read(|tx| walk.step(tx, SLICE_ROWS_MAX, store.generation() != start))? {}
    Ok(walk.into_report())
}
