//! Pairs as the index by store and number lists them.

use std::collections::BTreeSet;

use crate::{
    domain::event::{Event, pairing::Pair},
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{events, index, keys::Key},
        transaction::{Flow, ReadTx},
    },
};

/// The pairs that events belong to, each once: all their COREs and Supervisors, by id.
pub(crate) fn of<'a>(
    tx: &dyn ReadTx,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<Vec<Vec<Event>>, StoreError> {
    let prefixes: BTreeSet<_> = events.into_iter().filter_map(events::pair_prefix).map(Key::done).collect();
    let ranges: Vec<_> = prefixes.into_iter().map(|prefix| Key::starting(prefix).prefix()).collect();
    index::events_in(tx, Table::Pairs, &ranges, events::SAME_NUMBER_MAX)
}

pub(crate) fn each(tx: &dyn ReadTx, mut visit: impl FnMut(&Pair<'_>)) -> Result<(), StoreError> {
    let (mut prefix, mut pair) = (Vec::new(), Vec::new());
    index::each(tx, Table::Pairs, everything(), |key, event| {
        let (store_and_number, _) = key.split_last_chunk::<8>().ok_or_else(|| corrupt(Table::Pairs, key))?;
        if prefix != store_and_number {
            visit(&Pair::among(&pair));
            (prefix, pair) = (store_and_number.to_vec(), Vec::new());
        }
        pair.push(event);
        Ok(Flow::Continue)
    })?;
    visit(&Pair::among(&pair));
    Ok(())
}
