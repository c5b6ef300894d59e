//! Completed integrity checks, oldest first; the oldest are deleted.

use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    domain::integrity::{
        Check,
        finding_state::{Checked, Run, Start, Trigger},
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            keys::Key,
            meta,
            record::{self, decode, places::place_in, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Most runs stored: a year of daily ones, and some on demand.
pub const KEPT_MAX: u64 = 500;
/// Longest stored cause of a failure, in characters.
const FAILED_CHARS_MAX: usize = 500;

/// Version 1 of a run's layout. Enumerations are indexes into their tables, times milliseconds since 1970, dates days
/// since 0001-01-01.
#[derive(Serialize, Deserialize)]
pub(crate) struct RunV1 {
    sequence: u64,
    trigger: u8,
    who: String,
    at_ms: i64,
    date: Option<i32>,
    elapsed_ms: u64,
    /// In the order of `places!`.
    checked: [u64; 11],
    found: Vec<(u8, u64)>,
    storage_problems: u64,
    fresh: u64,
    gone: u64,
    failed: Option<String>,
}

records!(IntegrityRuns: RunV1 = 1 at |run| Key::new().u64(run.sequence).done());

/// Declares the places of what was counted.
macro_rules! places {
    ($($field:ident)+) => {
        fn array_of(checked: &Checked) -> [u64; 11] {
            [$(checked.$field),+]
        }

        fn checked_of([$($field),+]: [u64; 11]) -> Checked {
            Checked { $($field),+ }
        }
    };
}

places!(
    events pairs pairs_scheduled pairs_half pairs_unstaffed supervisors_alone cores_alone unclassified index_entries days
    audit_entries
);

/// Appends a run and returns it numbered.
pub fn append(tx: &mut Tx<'_>, run: Run) -> Result<Run, StoreError> {
    let run = Run { sequence: meta::next(tx, meta::RUNS)?, ..run };
    if let Some(date) = run.start.date.filter(|_| run.failed.is_none()) {
        meta::set_run_date(tx, date)?;
    }
    let record = layout(&run);
    record::put(tx, record.key(), &record)?;
    if let Some(old) = run.sequence.checked_sub(KEPT_MAX) {
        tx.remove(Table::IntegrityRuns, Key::new().u64(old).done());
    }
    Ok(run)
}

/// The latest runs, newest first.
pub fn latest(tx: &dyn ReadTx, count: u64) -> Result<Vec<Run>, StoreError> {
    let last = meta::last(tx, meta::RUNS)?;
    (last.saturating_sub(count) + 1..=last).rev().filter_map(|sequence| get(tx, sequence).transpose()).collect()
}

pub fn get(tx: &dyn ReadTx, sequence: u64) -> Result<Option<Run>, StoreError> {
    record::get(tx, Table::IntegrityRuns, &Key::new().u64(sequence).done(), |bytes, key| {
        read(decode(bytes, key)?).ok_or_else(|| corrupt(Table::IntegrityRuns, key))
    })
}

fn layout(run: &Run) -> RunV1 {
    use chrono::Datelike;
    let found = run.found.iter();
    RunV1 {
        sequence: run.sequence,
        trigger: place_in(&Trigger::ALL, &run.start.trigger).unwrap_or_default(),
        who: run.start.who.clone(),
        at_ms: run.start.at.timestamp_millis(),
        date: run.start.date.map(|date| date.num_days_from_ce()),
        elapsed_ms: run.elapsed_ms,
        checked: array_of(&run.checked),
        found: found.map(|(check, count)| (place_in(&Check::ALL, check).unwrap_or_default(), *count)).collect(),
        storage_problems: run.storage_problems,
        fresh: run.fresh,
        gone: run.gone,
        failed: run.failed.as_ref().map(|why| why.chars().take(FAILED_CHARS_MAX).collect()),
    }
}

fn read(record: RunV1) -> Option<Run> {
    let date = |day| NaiveDate::from_num_days_from_ce_opt(day).ok_or(());
    let start = Start {
        trigger: *Trigger::ALL.get(usize::from(record.trigger))?,
        who: record.who,
        at: DateTime::from_timestamp_millis(record.at_ms)?,
        date: record.date.map(date).transpose().ok()?,
    };
    let found = record.found.into_iter().map(|(place, count)| Some((*Check::ALL.get(usize::from(place))?, count)));
    Some(Run {
        sequence: record.sequence,
        start,
        elapsed_ms: record.elapsed_ms,
        checked: checked_of(record.checked),
        found: found.collect::<Option<_>>()?,
        storage_problems: record.storage_problems,
        fresh: record.fresh,
        gone: record.gone,
        failed: record.failed,
    })
}
