//! Tells which change of an event can be undone, and until when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        audit::{Action, Entry, Outcome, Step},
        change::undo,
        event::Event,
    },
    store::{
        ReadTx, StoreError,
        tables::{audit, events},
    },
};

/// The entry that undid this one, if any: the next that changed its events, because nothing is undone once something
/// has changed since.
pub fn undone_by(tx: &dyn ReadTx, entry: &Entry) -> Result<Option<Entry>, StoreError> {
    let Some(step) = entry.steps.first() else { return Ok(None) };
    let next = audit::next_of(tx, step.event, entry.sequence)?;
    Ok(next.filter(|later| later.undoes == Some(entry.sequence) && later.outcome == Outcome::Done))
}

/// Entries that were looked at before, by sequence, and whether an Undo would take each back: one entry may have changed
/// all events of a day.
pub type Known = BTreeMap<u64, bool>;

/// The entry that an Undo on an event's card would undo: its last change, if the window is open and none of its other
/// events has changed since.
pub fn open_for(
    tx: &dyn ReadTx,
    event: &Event,
    window_minutes: u32,
    now: DateTime<Utc>,
    known: &mut Known,
) -> Result<Option<u64>, StoreError> {
    let Some(sequence) = audit::last_sequence_of(tx, event.id)? else { return Ok(None) };
    if let Some(is_open) = known.get(&sequence) {
        return Ok(is_open.then_some(sequence));
    }
    let is_open = is_open(tx, sequence, window_minutes, now)?;
    known.insert(sequence, is_open);
    Ok(is_open.then_some(sequence))
}

fn is_open(tx: &dyn ReadTx, sequence: u64, window_minutes: u32, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let last = audit::get(tx, sequence)?;
    let open = |entry: &Entry| entry.action != Action::Undo && undo::is_open(entry, window_minutes, now);
    let Some(entry) = last.filter(open) else { return Ok(false) };
    let ids: Vec<_> = entry.steps.iter().map(|step| step.event).collect();
    let now = events::get_many(tx, &ids)?;
    let is_left = |(step, now): (&Step, Option<Event>)| now.is_some_and(|now| now.revision == step.after.revision);
    Ok(entry.steps.iter().zip(now).all(is_left))
}

/// The earliest time at which the undo window of one of these entries closes.
pub fn first_to_close(
    tx: &dyn ReadTx,
    sequences: impl Iterator<Item = u64>,
    window_minutes: u32,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let entries = audit::get_many(tx, &sequences.collect::<Vec<_>>())?;
    Ok(entries.iter().map(|entry| undo::closes(entry, window_minutes)).min())
}
