//! Records against index entries, both ways.

use super::StoreReport;
use crate::{
    domain::{event::Event, ids::EventId},
    store::{error::StoreError, events, keys::last_u64, table::Table, view::View},
};

/// Record to index.
pub fn check_record(view: &dyn View, event: &Event, report: &mut StoreReport) -> Result<(), StoreError> {
    for (table, key, value) in events::entries(event) {
        if view.get(table, &key)?.as_ref() != Some(&value) {
            report.storage_problems.push(format!("event {} has no entry in {}", event.id, table.name()));
        }
    }
    Ok(())
}

/// Index to record.
pub fn check_entry(
    view: &dyn View,
    table: Table,
    key: &[u8],
    value: &[u8],
    report: &mut StoreReport,
) -> Result<(), StoreError> {
    report.index_entries += 1;
    let named = last_u64(if table == Table::Schedules { value } else { key });
    let event = match named {
        Some(id) => events::get(view, EventId(id))?,
        None => None,
    };
    let belongs = |event: Event| events::entries(&event).iter().any(|entry| entry.0 == table && entry.1 == key);
    if !event.is_some_and(belongs) {
        let named = named.map_or_else(|| "no event".to_owned(), |id| format!("event {id}"));
        report
            .storage_problems
            .push(format!("{} has an entry for {named} that its record does not ask for", table.name()));
    }
    Ok(())
}
