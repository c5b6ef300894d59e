//! What imports said about visits that were missing at some time: whether their files list them. The last statements
//! decide what is missing, so they are kept while an import can be undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    domain::ids::EventId,
    store::{
        catalog::Table,
        error::StoreError,
        tables::{
            events,
            issues::missing_visits,
            keys::Key,
            record::{self, decode, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Whether each import lists a visit, by its number.
pub type Statements = BTreeMap<u64, bool>;

/// Version 1: a visit, the number of an import, and whether its files list the visit.
#[derive(Serialize, Deserialize)]
pub(crate) struct VisitStatementV1 {
    event: u64,
    import: u64,
    listed: bool,
}

records!(ListedVisits: VisitStatementV1 = 1 at |one| key(EventId(one.event), one.import));

fn key(event: EventId, import: u64) -> Vec<u8> {
    Key::new().u64(event.0).u64(import).done()
}

/// Stores what an import says about a visit.
pub fn put(tx: &mut Tx<'_>, event: EventId, import: u64, listed: bool) -> Result<(), StoreError> {
    let record = VisitStatementV1 { event: event.0, import, listed };
    record::put(tx, record.key(), &record)
}

/// Every statement, by visit.
pub fn all(tx: &dyn ReadTx) -> Result<BTreeMap<EventId, Statements>, StoreError> {
    let mut found: BTreeMap<_, Statements> = BTreeMap::new();
    for VisitStatementV1 { event, import, listed } in record::all(tx, Table::ListedVisits, decode)? {
        found.entry(EventId(event)).or_default().insert(import, listed);
    }
    Ok(found)
}

/// The first import that did not list a visit after the last one that did.
fn missing_since(statements: &Statements) -> Option<u64> {
    let mut since = None;
    for (import, listed) in statements {
        since = if *listed { None } else { since.or(Some(*import)) };
    }
    since
}

/// Deletes what an import said. What is missing then follows from what the others said.
pub fn take_back(tx: &mut Tx<'_>, import: u64) -> Result<(), StoreError> {
    for (id, mut statements) in all(tx)? {
        if statements.remove(&import).is_none() {
            continue;
        }
        tx.remove(Table::ListedVisits, key(id, import));
        match (events::get(tx, id)?, missing_since(&statements)) {
            (Some(event), Some(since)) => missing_visits::put(tx, &event, since)?,
            _ => missing_visits::remove(tx, id)?,
        }
    }
    Ok(())
}

/// Deletes about `max` statements of imports before another one, which can no longer be undone, except those since which
/// a visit is missing. Returns their number.
pub fn forget_before(tx: &mut Tx<'_>, import: u64, max: usize) -> Result<usize, StoreError> {
    let mut count = 0;
    for (id, mut old) in all(tx)? {
        old.split_off(&import);
        let since = missing_since(&old);
        for old in old.into_keys().filter(|old| Some(*old) != since) {
            tx.remove(Table::ListedVisits, key(id, old));
            count += 1;
        }
        if count >= max {
            break;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_missing_since_the_first_import_that_did_not_list_it_after_the_last_that_did() {
        let since = |statements: &[(u64, bool)]| missing_since(&statements.iter().copied().collect());

        assert_eq!(since(&[]), None);
        assert_eq!(since(&[(2, false)]), Some(2));
        assert_eq!(since(&[(2, false), (3, false)]), Some(2));
        assert_eq!(since(&[(2, false), (3, true)]), None);
        assert_eq!(since(&[(2, false), (3, true), (4, false), (7, false)]), Some(4));
    }
}
