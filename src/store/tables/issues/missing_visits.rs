//! Scheduled visits that the files of their week do not name any more, until they are named again or taken back. What
//! a user has to do about them is an issue, as a finding of the rule `missing-visit`.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{event::Event, ids::EventId},
    store::{
        catalog::Table,
        error::StoreError,
        tables::{
            events,
            keys::Key,
            record::{self, decode, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Version 1: a visit, and the number of the import whose files did not name it first.
#[derive(Serialize, Deserialize)]
pub(crate) struct MissingVisitV1 {
    event: u64,
    import: u64,
}

records!(MissingVisits: MissingVisitV1 = 1 at |visit| Key::new().u64(visit.event).done());

/// The import since which a visit is missing; none if it is not.
pub fn import_of(tx: &dyn ReadTx, event: EventId) -> Result<Option<u64>, StoreError> {
    let found = record::get(tx, Table::MissingVisits, &Key::new().u64(event.0).done(), decode::<MissingVisitV1>)?;
    Ok(found.map(|visit| visit.import))
}

/// Whether any visit is missing. Mostly none is, and nothing has to be read of each event.
pub fn is_any(tx: &dyn ReadTx) -> Result<bool, StoreError> {
    Ok(!record::is_empty(tx, Table::MissingVisits)?)
}

/// Every missing visit, with the import since which it is.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<(EventId, u64)>, StoreError> {
    let visits = record::all(tx, Table::MissingVisits, decode::<MissingVisitV1>)?;
    Ok(visits.into_iter().map(|visit| (EventId(visit.event), visit.import)).collect())
}

/// Notes that an import does not name a visit.
pub fn put(tx: &mut Tx<'_>, event: &Event, import: u64) -> Result<(), StoreError> {
    let record = MissingVisitV1 { event: event.id.0, import };
    record::put(tx, record.key(), &record)?;
    tx.touch(|touched| touched.assignment(event));
    Ok(())
}

/// Forgets that a visit is missing.
pub fn remove(tx: &mut Tx<'_>, event: EventId) -> Result<(), StoreError> {
    tx.remove(Table::MissingVisits, Key::new().u64(event.0).done());
    if let Some(event) = events::get(tx, event)? {
        tx.touch(|touched| touched.assignment(&event));
    }
    Ok(())
}
