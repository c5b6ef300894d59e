//! What the audit says of an import.

use crate::{
    domain::{
        audit::{Action, Entry, Note, Origin, Outcome, State, Step},
        event::Event,
        format,
    },
    import::Plan,
};

/// Most notes of one entry, and the most bytes of their texts: the rest goes into further entries.
const ENTRY_NOTES_MAX: usize = 50;
const ENTRY_NOTE_BYTES_MAX: usize = 10 * 1024;

/// What a batch did to an event: a change of it like any other, so that an undo, a calendar feed and a form that is out of
/// date know of it. None for a new event that is not scheduled.
pub fn step(before: Option<&Event>, after: &Event) -> Option<Step> {
    let is_told = before.is_some() || after.schedule.is_some();
    let before = before.map_or_else(|| State { revision: after.revision, schedule: None }, State::from);
    is_told.then(|| Step { event: after.id, before, after: after.into() })
}

/// The entry of one batch.
pub fn of_batch(plan: &Plan, origin: &Origin, batch: usize, batches: usize) -> Entry {
    let part = if batches == 1 { String::new() } else { format!("part {batch} of {batches}: ") };
    let released = match plan.released_events() {
        0 => String::new(),
        count => format!("{count} released, "),
    };
    let mut reason = format!(
        "{part}{} new, {} changed, {released}{} unchanged, {} rejected",
        plan.new_events(),
        plan.changed_events(),
        plan.unchanged(),
        plan.rejected.len()
    );
    for (count, what) in [(plan.found.findings.len(), "rule finding"), (plan.found.splits.len(), "split pair")] {
        if count > 0 {
            reason = format!("{reason}; {}", format::count(count as u64, what));
        }
    }
    Entry { reason: Some(reason), ..Entry::new(origin, Action::Import, Outcome::Done) }
}

/// The entries of the first batch: its own, and apart from it as many more as it takes to name what was found and what changes: of each kind
/// the first that are held in memory.
pub fn of_first_batch(plan: &Plan, origin: &Origin, batches: usize) -> (Entry, Vec<Entry>) {
    let first = of_batch(plan, origin, 1, batches);
    let found = &plan.found;
    let notes = found.splits.iter().chain(found.findings.iter()).chain(found.changes.iter()).cloned();
    let mut parts = in_parts(notes).into_iter();
    let first = Entry { notes: parts.next().unwrap_or_default(), ..first };
    let more = parts.map(|notes| {
        let reason = Some("more that was found about the same import".to_owned());
        Entry { reason, notes, ..Entry::new(origin, Action::Import, Outcome::Done) }
    });
    (first, more.collect())
}

fn in_parts(notes: impl Iterator<Item = Note>) -> Vec<Vec<Note>> {
    let (mut parts, mut bytes): (Vec<Vec<Note>>, usize) = (Vec::new(), 0);
    for note in notes {
        let size = note.rule.len() + note.message.len();
        match parts.last_mut() {
            Some(part) if part.len() < ENTRY_NOTES_MAX && bytes + size <= ENTRY_NOTE_BYTES_MAX => {
                bytes += size;
                part.push(note);
            }
            _ => {
                bytes = size;
                parts.push(vec![note]);
            }
        }
    }
    parts
}
