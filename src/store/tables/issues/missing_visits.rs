//! Scheduled visits that the files of their week do not name any more, until they are named again or taken back. What
//! a user has to do about them is an issue, as a finding of the rule `missing-visit`.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{event::Event, ids::EventId},
    store::{
        catalog::{Table, everything},
        error::StoreError,
        tables::{
            events,
            keys::Key,
            record::{Record, decode, encode},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Version 1: a visit, and the number of the import whose files did not name it first.
#[derive(Serialize, Deserialize)]
pub(crate) struct MissingVisitV1 {
    event: u64,
    import: u64,
}

impl Record for MissingVisitV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::MissingVisits;
}

impl MissingVisitV1 {
    pub fn key(&self) -> Vec<u8> {
        Key::new().u64(self.event).done()
    }
}

/// The import since which a visit is missing; none if it is not.
pub fn import_of(tx: &dyn ReadTx, event: EventId) -> Result<Option<u64>, StoreError> {
    let key = Key::new().u64(event.0).done();
    let Some(bytes) = tx.get(Table::MissingVisits, &key)? else { return Ok(None) };
    Ok(Some(decode::<MissingVisitV1>(&bytes, &key)?.import))
}

/// Whether any visit is missing. Mostly none is, and nothing has to be read of each event.
pub fn is_any(tx: &dyn ReadTx) -> Result<bool, StoreError> {
    let (range, mut found) = (everything(), false);
    tx.scan(Table::MissingVisits, &range.start..&range.end, &mut |_, _| {
        found = true;
        Ok(Flow::Stop)
    })?;
    Ok(found)
}

/// Every missing visit, with the import since which it is.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<(EventId, u64)>, StoreError> {
    let (range, mut found) = (everything(), Vec::new());
    tx.scan(Table::MissingVisits, &range.start..&range.end, &mut |key, bytes| {
        let MissingVisitV1 { event, import } = decode(bytes, key)?;
        found.push((EventId(event), import));
        Ok(Flow::Continue)
    })?;
    Ok(found)
}

/// Notes that an import does not name a visit.
pub fn put(tx: &mut Tx<'_>, event: &Event, import: u64) -> Result<(), StoreError> {
    let record = MissingVisitV1 { event: event.id.0, import };
    let key = record.key();
    let bytes = encode(&record, &key)?;
    tx.put(Table::MissingVisits, key, bytes)?;
    touch(tx, event);
    Ok(())
}

/// Forgets that a visit is missing.
pub fn remove(tx: &mut Tx<'_>, event: EventId) -> Result<(), StoreError> {
    tx.remove(Table::MissingVisits, Key::new().u64(event.0).done());
    if let Some(event) = events::get(tx, event)? {
        touch(tx, &event);
    }
    Ok(())
}

fn touch(tx: &mut Tx<'_>, event: &Event) {
    if let Some(touched) = tx.touched_mut() {
        touched.assignment(event);
    }
}
