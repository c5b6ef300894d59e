//! Brings a store of an older format to this version.
//!
//! Invariant: the version is written last, so that an interrupted migration starts again at the next start. No record
//! changes, so no backup is needed.

use tracing::{info, warn};

use crate::{
    domain::integrity::look_alikes::{self, StoreSpellings},
    store::{
        FORMAT_VERSION, Flow, ReadTx, Store, StoreError, Table,
        error::corrupt,
        maintenance::repair::{self, Rebuilt, Repaired},
        tables::{employees, events, meta},
    },
};

/// Most look-alikes that are logged; the Issues page lists all.
const LOGGED_MAX: usize = 50;
/// Long records migrated in one transaction.
const MIGRATED_RECORDS: usize = 50;

/// Migrates a store of the format `from`. Servers of that format may be using it: if one changes it meanwhile, this begins
/// again.
pub(super) fn run(store: &Store, from: u32) -> Result<(), StoreError> {
    repair::again_if_outpaced(|| migrate(store, from))
}

fn migrate(store: &Store, from: u32) -> Result<(), StoreError> {
    let Rebuilt { repaired, changes } = if from < 3 { repair::run_once(store)? } else { repair::run_events(store)? };
    for Repaired { table, written, removed } in repaired {
        info!(table = table.name(), written, removed, "rebuilt an index of the older store");
    }
    if from < 4 {
        split_long_records(store)?;
    }
    log_look_alikes(store)?;
    store.write(|tx| {
        // Stores that servers share are newer, and have no long records to split.
        if from >= 4 {
            repair::unchanged(tx, changes)?;
        }
        // The next check is due at once: it lists the look-alikes.
        meta::forget_run_date(tx);
        meta::set_format(tx, FORMAT_VERSION)
    })
}

/// Logs the employees and stores of which the older version had several.
fn log_look_alikes(store: &Store) -> Result<(), StoreError> {
    let mut stores = StoreSpellings::default();
    let mut found = store.read(|tx| {
        events::each(tx, |event| {
            stores.add(&event);
            Ok(Flow::Continue)
        })?;
        employees::all(tx).map(look_alikes::of_employees)
    })?;
    found.extend(stores.found());
    for one in found.iter().take(LOGGED_MAX) {
        warn!(check = one.check.slug(), "{} The page Issues offers to merge them.", one.message);
    }
    Ok(())
}

/// Rewrites long records, which splits them into chunks; their content stays.
fn split_long_records(store: &Store) -> Result<(), StoreError> {
    for table in Table::ALL {
        for keys in store.engine.oversized(table)?.chunks(MIGRATED_RECORDS) {
            store.write(|tx| {
                for key in keys {
                    let record = tx.get(table, key)?.ok_or_else(|| corrupt(table, key))?;
                    tx.put(table, key.clone(), record)?;
                }
                Ok::<_, StoreError>(())
            })?;
        }
    }
    Ok(())
}
