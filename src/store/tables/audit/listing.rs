//! The index of changes by event: which of its entries belong to it.

use std::collections::BTreeSet;

use crate::{
    domain::{change::bulk::EVENTS_MAX, ids::EventId},
    store::{
        error::StoreError,
        tables::{audit, keys::last_u64},
        transaction::ReadTx,
    },
};

/// Compares entries of the index with the changes that they name. The events of the last change of several records are
/// kept, because they are listed side by side.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    kept: Option<(u64, BTreeSet<EventId>)>,
}

impl Listing {
    /// Tells if the change that a key names changed the event of the key.
    pub fn is_right(&mut self, tx: &dyn ReadTx, key: &[u8]) -> Result<bool, StoreError> {
        let event = key.first_chunk().map(|bytes| EventId(u64::from_be_bytes(*bytes)));
        let (Some(event), Some(sequence)) = (event, last_u64(key)) else { return Ok(false) };
        if let Some((kept, events)) = &self.kept
            && *kept == sequence
        {
            return Ok(events.contains(&event));
        }
        let Some(entry) = audit::get(tx, sequence)? else { return Ok(false) };
        let is_right = entry.step(event).is_some();
        if entry.steps.len() > EVENTS_MAX {
            self.kept = Some((sequence, entry.steps.iter().map(|step| step.event).collect()));
        }
        Ok(is_right)
    }
}
