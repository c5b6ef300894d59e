//! How much of a change fits into its records.

use std::mem;

use crate::{
    domain::{audit::Entry, change::bulk::EVENTS_MAX},
    store::{
        error::StoreError,
        tables::{
            audit::{EntryV2, layout},
            keys::Key,
            record::encode,
        },
    },
};

/// Largest entry, in bytes: the size of a bulk change of 100 events with the longest texts. Lists read many entries.
const ENTRY_BYTES_MAX: usize = 16 * 1024;
/// Size of a note in a record beside its texts: two lengths, and an event.
const NOTE_BYTES: usize = 16;

/// Splits a change into records. The first has everything but the steps of the others.
pub(super) fn split(entry: &Entry) -> Vec<Entry> {
    let Some((first, rest)) = entry.steps.split_at_checked(EVENTS_MAX) else { return vec![entry.clone()] };
    let bare = Entry { reason: None, facts: Vec::new(), notes: Vec::new(), steps: Vec::new(), ..entry.clone() };
    let mut records = vec![Entry { steps: first.to_vec(), ..entry.clone() }];
    for (steps, sequence) in rest.chunks(EVENTS_MAX).zip(entry.sequence + 1..) {
        records.push(Entry { sequence, steps: steps.to_vec(), ..bare.clone() });
    }
    records
}

/// Tells if each record of a change fits without its notes.
pub(crate) fn fits(entry: &Entry) -> Result<bool, StoreError> {
    split(entry).into_iter().try_fold(true, |all, part| {
        let key = Key::new().u64(part.sequence).done();
        let record = layout(&Entry { notes: Vec::new(), ..part }, [0; 32], &key)?;
        Ok(all && bytes_left(&record, &key)?.is_some())
    })
}

/// The bytes left in a record; none if it is too large by itself.
fn bytes_left(record: &EntryV2, key: &[u8]) -> Result<Option<usize>, StoreError> {
    const GROWTH_BYTES: usize = 16; // of the sequence and the number of notes
    Ok(ENTRY_BYTES_MAX.checked_sub(encode(record, key)?.len() + key.len() + GROWTH_BYTES))
}

/// An entry with as many of its notes as fit. The log contains every warning.
pub(super) fn trimmed(mut record: EntryV2, key: &[u8]) -> Result<EntryV2, StoreError> {
    let mut notes = mem::take(&mut record.entry.notes);
    let mut room = bytes_left(&record, key)?.unwrap_or(0);
    let fits = |(rule, message, _): &(String, String, Option<u64>)| {
        let bytes = rule.len() + message.len() + NOTE_BYTES;
        let fits = bytes <= room;
        room = room.saturating_sub(bytes);
        fits
    };
    let kept = notes.iter().map(fits).take_while(|fits| *fits).count();
    notes.truncate(kept);
    record.entry.notes = notes;
    Ok(record)
}
