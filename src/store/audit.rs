//! The audit: appended to inside every change, never altered.

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::{
    error::StoreError,
    events::ScheduleV1,
    keys::{Key, everything, last_u64},
    meta,
    record::{Record, corrupt, decode, encode},
    table::Table,
    view::{Flow, Tx, View},
};
use crate::domain::{
    audit::{Entry, Outcome, REASON_CHARS_MAX, Source, State, Step},
    change::Action,
    ids::{EventId, Revision},
};

const SOURCES: [Source; 3] = [Source::Page, Source::Call, Source::CommandLine];
const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Refused, Outcome::Failed];
const ACTIONS: [Action; 5] =
    [Action::Schedule, Action::Reschedule, Action::Unschedule, Action::ChangeEmployee, Action::Import];

/// Version 1 of an entry's layout. Enumerations are places in the tables above.
#[derive(Serialize, Deserialize)]
struct EntryV1 {
    sequence: u64,
    at_ms: i64,
    who: String,
    source: u8,
    request_id: String,
    action: u8,
    outcome: u8,
    reason: Option<String>,
    subject: Option<u64>,
    steps: Vec<StepV1>,
}

#[derive(Serialize, Deserialize)]
struct StepV1 {
    event: u64,
    before: (u32, Option<ScheduleV1>),
    after: (u32, Option<ScheduleV1>),
}

impl Record for EntryV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::Audit;
}

/// Appends an entry. Its sequence is given here.
pub fn append(tx: &mut Tx<'_>, entry: Entry) -> Result<u64, StoreError> {
    let sequence = meta::audit_last(tx)? + 1;
    let key = Key::new().u64(sequence).done();
    for step in &entry.steps {
        tx.put(Table::EventAudit, Key::new().u64(step.event.0).u64(sequence).done(), Vec::new())?;
    }
    let bytes = encode(&layout(Entry { sequence, ..entry }, &key)?, &key)?;
    tx.put(Table::Audit, key, bytes)?;
    meta::set_audit_last(tx, sequence)?;
    Ok(sequence)
}

/// The sequence of the last entry; 0 before the first.
pub fn last(view: &dyn View) -> Result<u64, StoreError> {
    meta::audit_last(view)
}

/// The last entry that changed an event.
pub fn last_of(view: &dyn View, event: EventId) -> Result<Option<Entry>, StoreError> {
    let (range, mut sequence) = (Key::new().u64(event.0).prefix(), None);
    view.scan(Table::EventAudit, &range.start..&range.end, &mut |key, _| {
        sequence = last_u64(key);
        Ok(Flow::Continue)
    })?;
    sequence.map_or(Ok(None), |sequence| get(view, sequence))
}

/// An entry by its sequence.
pub fn get(view: &dyn View, sequence: u64) -> Result<Option<Entry>, StoreError> {
    let key = Key::new().u64(sequence).done();
    view.get(Table::Audit, &key)?.map(|bytes| from_bytes(&bytes, &key)).transpose()
}

/// Visits every entry, oldest first.
pub fn each(view: &dyn View, mut visit: impl FnMut(Entry) -> Result<Flow, StoreError>) -> Result<(), StoreError> {
    let all = everything();
    view.scan(Table::Audit, &all.start..&all.end, &mut |key, bytes| visit(from_bytes(bytes, key)?))
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Entry, StoreError> {
    read(decode(bytes, key)?).ok_or_else(|| corrupt(Table::Audit, key))
}

fn layout(entry: Entry, key: &[u8]) -> Result<EntryV1, StoreError> {
    fn place<T: PartialEq>(table: &[T], value: &T, key: &[u8]) -> Result<u8, StoreError> {
        let place = table.iter().position(|one| one == value).and_then(|place| u8::try_from(place).ok());
        place.ok_or_else(|| corrupt(Table::Audit, key))
    }
    let cut = |text: String| text.chars().take(REASON_CHARS_MAX).collect::<String>();
    let state = |state: &State| (state.revision.0, state.schedule.as_ref().map(ScheduleV1::of));
    let step = |step: &Step| StepV1 { event: step.event.0, before: state(&step.before), after: state(&step.after) };
    Ok(EntryV1 {
        sequence: entry.sequence,
        at_ms: entry.at.timestamp_millis(),
        source: place(&SOURCES, &entry.source, key)?,
        action: place(&ACTIONS, &entry.action, key)?,
        outcome: place(&OUTCOMES, &entry.outcome, key)?,
        who: cut(entry.who),
        request_id: cut(entry.request_id),
        reason: entry.reason.map(cut),
        subject: entry.subject.map(|id| id.0),
        steps: entry.steps.iter().map(step).collect(),
    })
}

fn read(record: EntryV1) -> Option<Entry> {
    let steps = record.steps.into_iter().map(|step| {
        let event = EventId(step.event);
        Some(Step { event, before: state(step.before)?, after: state(step.after)? })
    });
    Some(Entry {
        sequence: record.sequence,
        at: DateTime::from_timestamp_millis(record.at_ms)?,
        who: record.who,
        source: *SOURCES.get(usize::from(record.source))?,
        request_id: record.request_id,
        action: *ACTIONS.get(usize::from(record.action))?,
        outcome: *OUTCOMES.get(usize::from(record.outcome))?,
        reason: record.reason,
        subject: record.subject.map(EventId),
        steps: steps.collect::<Option<_>>()?,
    })
}

fn state((revision, schedule): (u32, Option<ScheduleV1>)) -> Option<State> {
    let schedule = match schedule {
        Some(schedule) => Some(schedule.read()?),
        None => None,
    };
    Some(State { revision: Revision(revision), schedule })
}
