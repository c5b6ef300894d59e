//! Consistency checks of the store: every index entry has its record and the reverse, counters equal a recount.
//!
//! A check runs in one snapshot if it can, and in slices if it must not delay others; both use [`IncrementalCheck`].

mod audit_chain;
mod incremental_check;
mod index;
mod listings;
#[cfg(test)]
mod seal_tests;
mod stage;
#[cfg(test)]
mod tests;

pub use crate::store::maintenance::check::incremental_check::IncrementalCheck;

use crate::{
    domain::integrity::StoreReport,
    store::{Store, error::StoreError, tables::accounts, transaction::ReadTx},
};

/// Records checked while writers wait: a few milliseconds.
const SLICE_ROWS_MAX: usize = 256;

/// Checks pairs and storage in one snapshot.
pub fn run(tx: &dyn ReadTx) -> Result<StoreReport, StoreError> {
    accounts::read_all(tx)?;
    let mut walk = IncrementalCheck::default();
    while walk.step(tx, usize::MAX, false)? {}
    Ok(walk.into_report())
}

/// Checks pairs and storage of a store in use, in slices: writers, and the readers behind them, wait for one slice at
/// most. Each pair, record and entry is checked within one slice.
pub fn run_in_slices(store: &Store) -> Result<StoreReport, StoreError> {
    store.read(|tx| accounts::read_all(tx))?;
    let (mut walk, start) = (IncrementalCheck::with_keys(store.audit_keys().cloned()), store.version());
    while store.read(|tx| walk.step(tx, SLICE_ROWS_MAX, tx.version() != start))? {}
    Ok(walk.into_report())
}
