//! Compares records with index entries, in both directions.

use crate::{
    domain::{event::Event, ids::EventId},
    store::{
        catalog::Table,
        error::StoreError,
        tables::{events, keys::last_u64},
        transaction::ReadTx,
    },
};

/// Checks the index entries of a record. Returns the tables of the entries that the record requires.
pub fn check_record(tx: &dyn ReadTx, event: &Event, problems: &mut Vec<String>) -> Result<Vec<Table>, StoreError> {
    let mut tables = Vec::new();
    for (table, key, value) in events::entries(event) {
        if tx.get(table, &key)?.as_ref() != Some(&value) {
            problems.push(format!("event {} has no entry in {}", event.id, table.name()));
        }
        tables.push(table);
    }
    Ok(tables)
}

/// Checks that the record of an index entry requires it.
pub fn check_entry(
    tx: &dyn ReadTx,
    table: Table,
    key: &[u8],
    value: &[u8],
    problems: &mut Vec<String>,
) -> Result<(), StoreError> {
    let named = last_u64(if table == Table::Schedules { value } else { key });
    let event = match named {
        Some(id) => events::get(tx, EventId(id))?,
        None => None,
    };
    let belongs = |event: Event| events::entries(&event).iter().any(|entry| entry.0 == table && entry.1 == key);
    if !event.is_some_and(belongs) {
        let named = named.map_or_else(|| "no event".to_owned(), |id| format!("event {id}"));
        problems.push(format!("{} has an entry for {named} that its record does not ask for", table.name()));
    }
    Ok(())
}
