//! How far employees, and the webhook, have been told of changes.

use crate::store::{
    error::StoreError,
    tables::meta,
    transaction::{ReadTx, Tx},
};

/// The last audit entry that was told of; none before notices were first on: what was before is nobody's news.
pub fn told(tx: &dyn ReadTx) -> Result<Option<u64>, StoreError> {
    meta::notices_told(tx)
}

pub fn set_told(tx: &mut Tx<'_>, sequence: u64) -> Result<(), StoreError> {
    meta::set_notices_told(tx, sequence)
}

/// The last audit entry whose letter for the webhook is written; none before the webhook was first on.
pub fn sent(tx: &dyn ReadTx) -> Result<Option<u64>, StoreError> {
    meta::changes_sent(tx)
}

pub fn set_sent(tx: &mut Tx<'_>, sequence: u64) -> Result<(), StoreError> {
    meta::set_changes_sent(tx, sequence)
}
