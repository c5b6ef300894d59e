//! Positions in the audit up to which employees and the webhook were notified.

use crate::store::{
    error::StoreError,
    tables::meta,
    transaction::{ReadTx, Tx},
};

/// The last audit entry reported to employees; none before notices were first enabled: earlier changes are not
/// reported.
pub fn reported(tx: &dyn ReadTx) -> Result<Option<u64>, StoreError> {
    meta::notices_reported(tx)
}

pub fn set_reported(tx: &mut Tx<'_>, sequence: u64) -> Result<(), StoreError> {
    meta::set_notices_reported(tx, sequence)
}

/// The last audit entry written to the outbox for the webhook; none before the webhook was first configured.
pub fn sent(tx: &dyn ReadTx) -> Result<Option<u64>, StoreError> {
    meta::changes_sent(tx)
}

pub fn set_sent(tx: &mut Tx<'_>, sequence: u64) -> Result<(), StoreError> {
    meta::set_changes_sent(tx, sequence)
}
