//! Does the store agree with itself: every index entry has its record and the reverse, counters equal a recount.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    audit::{self, EntryV1},
    days,
    error::StoreError,
    events,
    keys::{everything, last_u64},
    meta,
    table::Table,
    view::{Flow, View},
    words,
};
use crate::domain::{
    audit::Entry,
    counts::{DayCounts, NO_DATE},
    event::Event,
    ids::EventId,
    integrity::{self, Report},
};

/// The tables whose entries follow from events.
const INDEXES: [Table; 6] =
    [Table::Schedules, Table::ByDay, Table::Due, Table::Pairs, Table::EmployeeDay, Table::StoreDay];

/// What a whole check looked at and found.
#[derive(Debug, Default)]
pub struct StoreReport {
    pub pairs: Report,
    pub index_entries: usize,
    pub days: usize,
    pub audit_entries: u64,
    /// Where the store disagrees with itself, a sentence each.
    pub storage_problems: Vec<String>,
}

impl StoreReport {
    /// Nothing asks anybody to do anything.
    pub fn is_clean(&self) -> bool {
        self.storage_problems.is_empty() && self.pairs.problems().next().is_none()
    }
}

/// Checks pairs and storage.
pub fn run(view: &dyn View) -> Result<StoreReport, StoreError> {
    let mut report = StoreReport::default();
    let mut recount: BTreeMap<NaiveDate, DayCounts> = BTreeMap::new();
    let mut all: Vec<Event> = Vec::new();
    let mut words = words::Check::default();
    events::each(view, |event| {
        check_entries(view, &event, &mut report)?;
        words.add(view, &event, &mut report.storage_problems)?;
        for (date, slot) in DayCounts::slots(&event) {
            *recount.entry(date).or_default().slot_mut(slot) += 1;
        }
        all.push(event);
        Ok(Flow::Continue)
    })?;
    for table in INDEXES {
        check_index(view, table, &mut report)?;
    }
    report.index_entries += words.finish(view, &mut report.storage_problems)?;
    check_counters(view, recount, &mut report)?;
    check_audit(view, &mut report)?;
    report.pairs = integrity::check(&all);
    Ok(report)
}

/// Record to index.
fn check_entries(view: &dyn View, event: &Event, report: &mut StoreReport) -> Result<(), StoreError> {
    for (table, key, value) in events::entries(event) {
        if view.get(table, &key)?.as_ref() != Some(&value) {
            report.storage_problems.push(format!("event {} has no entry in {}", event.id, table.name()));
        }
    }
    Ok(())
}

/// Index to record.
fn check_index(view: &dyn View, table: Table, report: &mut StoreReport) -> Result<(), StoreError> {
    let all = everything();
    view.scan(table, &all.start..&all.end, &mut |key, value| {
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
        Ok(Flow::Continue)
    })
}

fn check_counters(
    view: &dyn View,
    mut recount: BTreeMap<NaiveDate, DayCounts>,
    report: &mut StoreReport,
) -> Result<(), StoreError> {
    days::each_counts(view, |date, stored| {
        report.days += usize::from(date != NO_DATE);
        let counted = recount.remove(&date).unwrap_or_default();
        if counted != stored {
            report
                .storage_problems
                .push(format!("the counters of {} say {stored:?}, a recount says {counted:?}", day_words(date)));
        }
        Ok(Flow::Continue)
    })?;
    for date in recount.keys() {
        report.storage_problems.push(format!("{} has events but no counters", day_words(*date)));
    }
    Ok(())
}

fn day_words(date: NaiveDate) -> String {
    if date == NO_DATE { "the whole calendar".to_owned() } else { date.to_string() }
}

/// The chain: every entry is there, in order, and sealed by the next one; the last by the store itself.
fn check_audit(view: &dyn View, report: &mut StoreReport) -> Result<(), StoreError> {
    let mut seal = Some([0; 32]);
    audit::each_record(view, |key, bytes| {
        let (expected, sequence) = (report.audit_entries + 1, last_u64(key).unwrap_or_default());
        if sequence != expected {
            report.storage_problems.push(format!("audit entry {expected} is missing"));
            seal = None;
        }
        match read_entry(key, bytes) {
            Err(_) => report.storage_problems.push(format!("audit entry {sequence} cannot be read")),
            Ok((record, _)) if record.sequence != sequence => {
                let problem = format!("audit entry {sequence} says that it is entry {}", record.sequence);
                report.storage_problems.push(problem);
            }
            Ok((record, entry)) => {
                if seal.is_some_and(|seal| record.previous != seal) {
                    report.storage_problems.push(format!("audit entry {} was altered", sequence.saturating_sub(1)));
                }
                check_listed(view, &entry, report)?;
            }
        }
        (seal, report.audit_entries) = (Some(audit::seal(bytes)), sequence);
        Ok(Flow::Continue)
    })?;
    let last = audit::last(view)?;
    if last != report.audit_entries {
        report.storage_problems.push(format!("the audit ends at {}, it should at {last}", report.audit_entries));
    } else if seal.is_some_and(|seal| meta::audit_seal(view).ok() != Some(seal)) {
        report.storage_problems.push(format!("audit entry {last} was altered"));
    }
    check_lists(view, report)
}

fn read_entry(key: &[u8], bytes: &[u8]) -> Result<(EntryV1, Entry), StoreError> {
    Ok((audit::decode_any(bytes, key)?.entry, audit::from_bytes(bytes, key)?))
}

/// Entry to list: it stands under each event that it changed.
fn check_listed(view: &dyn View, entry: &Entry, report: &mut StoreReport) -> Result<(), StoreError> {
    for step in &entry.steps {
        if view.get(Table::EventAudit, &audit::index_key(step.event, entry.sequence))?.is_none() {
            let problem = format!("audit entry {} is not listed under event {}", entry.sequence, step.event);
            report.storage_problems.push(problem);
        }
    }
    Ok(())
}

/// List to entry: what stands under an event changed it. An entry that cannot be read was reported before.
fn check_lists(view: &dyn View, report: &mut StoreReport) -> Result<(), StoreError> {
    let all = everything();
    view.scan(Table::EventAudit, &all.start..&all.end, &mut |key, _| {
        report.index_entries += 1;
        let event = EventId(key.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)));
        let sequence = last_u64(key).unwrap_or_default();
        let entry = audit::get(view, sequence);
        if entry.is_ok_and(|entry| entry.is_none_or(|entry| entry.step(event).is_none())) {
            let problem = format!("audit entry {sequence} is listed under event {event}, which it did not change");
            report.storage_problems.push(problem);
        }
        Ok(Flow::Continue)
    })
}
