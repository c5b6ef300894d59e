//! The audit: entries are appended inside every change and never altered. Each entry contains the hash of the one
//! before.

mod listing;
mod size;

use std::ops::Range;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use crate::store::tables::audit::{listing::Listing, size::fits};
use crate::{
    domain::{
        audit::seal::{AuditKeys, Compared, KeyId, Seal},
        audit::{About, Action, Entry, Fact, Note, REASON_CHARS_MAX, State, Step},
        ids::{EventId, Revision},
    },
    store::{
        catalog::{Table, everything},
        error::{StoreError, corrupt},
        tables::{
            audit::size::{split, trimmed},
            events::ScheduleV1,
            keys::{Key, last_u64},
            meta,
            record::{
                Record, decode, encode,
                places::{OUTCOMES, SOURCES, TOPICS, place_in},
                records,
            },
        },
        transaction::{Flow, ReadTx, ScanOrder, Tx},
    },
};

/// Most notes stored with an entry; fewer if the record is full.
const NOTES_MAX: usize = 64;
/// Most facts stored with an entry; more than the fields of one form.
const FACTS_MAX: usize = 16;

/// The hash of an entry: SHA-256 of its record, which contains the hash of the entry before.
pub(crate) type Hash = [u8; 32];

/// Version 1 of an entry's layout. Enumerations are indexes into the tables above.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryV1 {
    #[serde(with = "crate::store::tables::record::hex")]
    pub previous: Hash,
    pub sequence: u64,
    at_ms: i64,
    who: String,
    source: u8,
    request_id: String,
    action: u8,
    outcome: u8,
    reason: Option<String>,
    subject: Option<u64>,
    steps: Vec<StepV1>,
    notes: Vec<(String, String, Option<u64>)>,
    undoes: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct StepV1 {
    event: u64,
    before: (u32, Option<ScheduleV1>),
    after: (u32, Option<ScheduleV1>),
}

/// Version 2 adds the subject of entries that are not about an event.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryV2 {
    pub entry: EntryV1,
    about: Option<(u8, String)>,
    facts: Vec<(String, String, String)>,
}

/// Version 3: one of several records of one change. Only a change of more than [`EVENTS_MAX`](crate::domain::change::bulk::EVENTS_MAX) events has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryV3 {
    pub entry: EntryV2,
    /// Counts from 0; the records of a change follow one another.
    part: u16,
    parts: u16,
}

records!(Audit:
    EntryV1 = 1 at |entry| Key::new().u64(entry.sequence).done(),
    EntryV2 = 2 at |entry| entry.entry.key(),
    EntryV3 = 3 at |entry| entry.entry.key(),
    EntryV4 = 4 at |entry| entry.entry.key()
);

impl From<EntryV2> for EntryV3 {
    fn from(entry: EntryV2) -> Self {
        Self { entry, part: 0, parts: 1 }
    }
}

impl From<EntryV1> for EntryV2 {
    fn from(entry: EntryV1) -> Self {
        Self { entry, about: None, facts: Vec::new() }
    }
}

/// Version 4: a record sealed with a key. Only stores with a key have it.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryV4 {
    pub entry: EntryV3,
    key_id: KeyId,
    #[serde(with = "crate::store::tables::record::hex")]
    seal: Seal,
}

impl EntryV4 {
    fn new(entry: EntryV3, keys: &AuditKeys, key: &[u8]) -> Result<Self, StoreError> {
        let sealed = keys.seal(&encode(&entry, key)?);
        let (key_id, seal) = sealed.ok_or_else(|| corrupt(Table::Audit, key))?;
        Ok(Self { entry, key_id, seal })
    }

    /// Compares the seal with that of the record.
    pub fn compare(&self, keys: &AuditKeys, key: &[u8]) -> Result<Compared, StoreError> {
        Ok(keys.compare(&encode(&self.entry, key)?, self.key_id, &self.seal))
    }
}

/// The bytes of a record: sealed if there is a key, otherwise in the oldest layout that holds it.
fn record_bytes(keys: Option<&AuditKeys>, entry: EntryV3, key: &[u8]) -> Result<Vec<u8>, StoreError> {
    match keys {
        Some(keys) => encode(&EntryV4::new(entry, keys, key)?, key),
        None if entry.parts == 1 => encode(&entry.entry, key),
        None => encode(&entry, key),
    }
}

/// A record of any version, as the newest.
pub(crate) fn decode_any(bytes: &[u8], key: &[u8]) -> Result<EntryV3, StoreError> {
    match bytes.first() {
        Some(&EntryV1::VERSION) => decode::<EntryV1>(bytes, key).map(|entry| EntryV2::from(entry).into()),
        Some(&EntryV2::VERSION) => decode::<EntryV2>(bytes, key).map(EntryV3::from),
        Some(&EntryV4::VERSION) => decode::<EntryV4>(bytes, key).map(|sealed| sealed.entry),
        _ => decode(bytes, key),
    }
}

/// Appends a change and returns it numbered. One of more than [`EVENTS_MAX`](crate::domain::change::bulk::EVENTS_MAX) events takes several records; its number is
/// that of the first.
pub fn append(tx: &mut Tx<'_>, entry: Entry) -> Result<Entry, StoreError> {
    let entry = Entry { sequence: last(tx)? + 1, ..entry };
    let records = split(&entry);
    let parts = u16::try_from(records.len()).map_err(|_| corrupt(Table::Audit, &[]))?;
    for (part, record) in (0..parts).zip(&records) {
        let key = Key::new().u64(record.sequence).done();
        let layout = trimmed(layout(record, meta::audit_hash(tx)?, &key)?, &key)?;
        let bytes = record_bytes(tx.audit_keys(), EntryV3 { entry: layout, part, parts }, &key)?;
        meta::set_audit_last(tx, record.sequence, hash(&bytes))?;
        tx.put(Table::Audit, key, bytes)?;
    }
    for step in &entry.steps {
        tx.put(Table::EventAudit, index_key(step.event, entry.sequence), Vec::new())?;
    }
    Ok(entry)
}

pub(crate) fn index_key(event: EventId, sequence: u64) -> Vec<u8> {
    Key::new().u64(event.0).u64(sequence).done()
}

pub(crate) fn hash(record: &[u8]) -> Hash {
    Sha256::digest(record).into()
}

/// The sequence of the last entry; 0 before the first.
pub fn last(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    meta::last(tx, meta::AUDIT)
}

/// A change by its sequence, with the steps of all its records; none for the sequence of a later record.
pub fn get(tx: &dyn ReadTx, sequence: u64) -> Result<Option<Entry>, StoreError> {
    let key = Key::new().u64(sequence).done();
    tx.get(Table::Audit, &key)?.map_or(Ok(None), |bytes| whole(tx, &key, &bytes))
}

/// The changes with these sequences that there are, in their order.
pub fn get_many(tx: &dyn ReadTx, sequences: &[u64]) -> Result<Vec<Entry>, StoreError> {
    let keys: Vec<_> = sequences.iter().map(|sequence| Key::new().u64(*sequence).done()).collect();
    let mut entries = Vec::with_capacity(keys.len());
    for (key, bytes) in keys.iter().zip(tx.get_many(Table::Audit, &keys)?) {
        entries.extend(bytes.map_or(Ok(None), |bytes| whole(tx, key, &bytes))?);
    }
    Ok(entries)
}

/// The change that a record begins, with the steps of its other records; none for one of those.
fn whole(tx: &dyn ReadTx, key: &[u8], bytes: &[u8]) -> Result<Option<Entry>, StoreError> {
    let record = decode_any(bytes, key)?;
    if record.part > 0 {
        return Ok(None);
    }
    let (first, parts) = (record.entry.entry.sequence, u64::from(record.parts));
    let mut entry = read(record).ok_or_else(|| corrupt(Table::Audit, key))?;
    let others: Vec<_> = (first + 1..first + parts).map(|sequence| Key::new().u64(sequence).done()).collect();
    for (key, bytes) in others.iter().zip(tx.get_many(Table::Audit, &others)?) {
        let bytes = bytes.ok_or_else(|| corrupt(Table::Audit, key))?;
        entry.steps.append(&mut from_bytes(&bytes, key)?.steps);
    }
    Ok(Some(entry))
}

/// The last entries that changed an event, newest first, at most `most`.
pub fn recent_of(tx: &dyn ReadTx, event: EventId, most: usize) -> Result<Vec<Entry>, StoreError> {
    let range = Key::new().u64(event.0).prefix();
    entries(tx, ScanOrder::Descending, &range, most)
}

/// The sequence of the last entry that changed an event.
pub fn last_sequence_of(tx: &dyn ReadTx, event: EventId) -> Result<Option<u64>, StoreError> {
    let (range, mut last) = (Key::new().u64(event.0).prefix(), None);
    tx.scan_in(ScanOrder::Descending, Table::EventAudit, &range.start..&range.end, &mut |key, _| {
        last = last_u64(key);
        Ok(Flow::Stop)
    })?;
    Ok(last)
}

/// The last entry that changed an event.
pub fn last_of(tx: &dyn ReadTx, event: EventId) -> Result<Option<Entry>, StoreError> {
    Ok(recent_of(tx, event, 1)?.pop())
}

/// The first entry after another that changed an event.
pub fn next_of(tx: &dyn ReadTx, event: EventId, after: u64) -> Result<Option<Entry>, StoreError> {
    let range = index_key(event, after.saturating_add(1))..Key::new().u64(event.0).prefix().end;
    Ok(entries(tx, ScanOrder::Ascending, &range, 1)?.pop())
}

/// The entries in a range of the index by event, at most `most`.
fn entries(tx: &dyn ReadTx, order: ScanOrder, range: &Range<Vec<u8>>, most: usize) -> Result<Vec<Entry>, StoreError> {
    let mut sequences = Vec::new();
    tx.scan_in(order, Table::EventAudit, &range.start..&range.end, &mut |key, _| {
        sequences.extend(last_u64(key));
        Ok(if sequences.len() < most { Flow::Continue } else { Flow::Stop })
    })?;
    get_many(tx, &sequences)
}

/// Visits every change, oldest first.
pub fn each(tx: &dyn ReadTx, mut visit: impl FnMut(Entry) -> Result<Flow, StoreError>) -> Result<(), StoreError> {
    each_record(tx, |key, bytes| whole(tx, key, bytes)?.map_or(Ok(Flow::Continue), &mut visit))
}

/// Visits the records from `first` to `last`: their sequence, and the change that each begins; none for a later
/// record of a change.
pub fn each_between(
    tx: &dyn ReadTx,
    (first, last): (u64, u64),
    mut visit: impl FnMut(u64, Option<Entry>) -> Result<Flow, StoreError>,
) -> Result<(), StoreError> {
    let (start, end) = (Key::new().u64(first).done(), Key::new().u64(last).prefix().end);
    tx.scan(Table::Audit, &start..&end, &mut |key, bytes| {
        let sequence = last_u64(key).ok_or_else(|| corrupt(Table::Audit, key))?;
        visit(sequence, whole(tx, key, bytes)?)
    })
}

/// Visits every record, oldest first.
pub(crate) fn each_record(
    tx: &dyn ReadTx,
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<Flow, StoreError>,
) -> Result<(), StoreError> {
    let all = everything();
    tx.scan(Table::Audit, &all.start..&all.end, &mut visit)
}

fn layout(entry: &Entry, previous: Hash, key: &[u8]) -> Result<EntryV2, StoreError> {
    fn place<T: PartialEq>(list: &[T], value: &T, key: &[u8]) -> Result<u8, StoreError> {
        place_in(list, value).ok_or_else(|| corrupt(Table::Audit, key))
    }
    let cut = |text: &String| text.chars().take(REASON_CHARS_MAX).collect::<String>();
    let state = |state: &State| (state.revision.0, state.schedule.as_ref().map(ScheduleV1::of));
    let step = |step: &Step| StepV1 { event: step.event.0, before: state(&step.before), after: state(&step.after) };
    let note = |note: &Note| (note.rule.clone(), cut(&note.message), note.event.map(|id| id.0));
    let fact = |fact: &Fact| (cut(&fact.name), cut(&fact.before), cut(&fact.after));
    let about =
        entry.about.as_ref().map(|about| Ok::<_, StoreError>((place(&TOPICS, &about.topic, key)?, cut(&about.id))));
    let events = EntryV1 {
        previous,
        sequence: entry.sequence,
        at_ms: entry.at.timestamp_millis(),
        who: cut(&entry.who),
        source: place(&SOURCES, &entry.source, key)?,
        request_id: cut(&entry.request_id),
        action: entry.action as u8,
        outcome: place(&OUTCOMES, &entry.outcome, key)?,
        reason: entry.reason.as_ref().map(cut),
        subject: entry.subject.map(|id| id.0),
        steps: entry.steps.iter().map(step).collect(),
        notes: entry.notes.iter().take(NOTES_MAX).map(note).collect(),
        undoes: entry.undoes,
    };
    let facts = entry.facts.iter().take(FACTS_MAX).map(fact).collect();
    Ok(EntryV2 { entry: events, about: about.transpose()?, facts })
}

/// One record: the number of its change, and the steps of this record.
pub(crate) fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Entry, StoreError> {
    read(decode_any(bytes, key)?).ok_or_else(|| corrupt(Table::Audit, key))
}

fn read(record: EntryV3) -> Option<Entry> {
    let EntryV3 { entry: EntryV2 { entry: record, about, facts }, part, .. } = record;
    let about = about.map(|(topic, id)| TOPICS.get(usize::from(topic)).map(|topic| About { topic: *topic, id }));
    let steps = record.steps.into_iter().map(|step| {
        let event = EventId(step.event);
        Some(Step { event, before: state(step.before)?, after: state(step.after)? })
    });
    let note =
        |(rule, message, event): (String, String, Option<u64>)| Note { rule, message, event: event.map(EventId) };
    Some(Entry {
        sequence: record.sequence.checked_sub(part.into())?,
        at: DateTime::from_timestamp_millis(record.at_ms)?,
        who: record.who,
        source: *SOURCES.get(usize::from(record.source))?,
        request_id: record.request_id,
        action: Action::numbered(record.action)?,
        outcome: *OUTCOMES.get(usize::from(record.outcome))?,
        reason: record.reason,
        subject: record.subject.map(EventId),
        about: match about {
            Some(about) => Some(about?),
            None => None,
        },
        steps: steps.collect::<Option<_>>()?,
        facts: facts.into_iter().map(|(name, before, after)| Fact { name, before, after }).collect(),
        notes: record.notes.into_iter().map(note).collect(),
        undoes: record.undoes,
    })
}

fn state((revision, schedule): (u32, Option<ScheduleV1>)) -> Option<State> {
    let schedule = schedule.map(|schedule| schedule.read().ok_or(())).transpose().ok()?;
    Some(State { revision: Revision(revision), schedule })
}
