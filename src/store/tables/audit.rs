//! The audit: entries are appended inside every change and never altered. Each entry contains the hash of the one
//! before.

use std::ops::Range;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    domain::{
        audit::{About, Entry, Fact, Note, Outcome, REASON_CHARS_MAX, Source, State, Step, Topic},
        change::{Action, bulk::EVENTS_MAX},
        ids::{EventId, Revision},
    },
    store::{
        error::StoreError,
        tables::{
            catalog::Table,
            events::ScheduleV1,
            keys::{Key, everything, last_u64},
            meta,
            record::{Record, corrupt, decode, encode},
        },
        transaction::{Flow, ReadTx, ScanOrder, Tx},
    },
};

const SOURCES: [Source; 3] = [Source::Page, Source::Call, Source::CommandLine];
const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Refused, Outcome::Failed];
pub(crate) const ACTIONS: [Action; 32] = [
    Action::Schedule,
    Action::Reschedule,
    Action::Unschedule,
    Action::ChangeEmployee,
    Action::Import,
    Action::Undo,
    Action::Revert,
    Action::Trade,
    Action::ScheduleSeveral,
    Action::ReassignDay,
    Action::Repair,
    Action::AddEmployee,
    Action::EditEmployee,
    Action::DeactivateEmployee,
    Action::ReactivateEmployee,
    Action::AddTimeOff,
    Action::RemoveTimeOff,
    Action::AddHoliday,
    Action::RemoveHoliday,
    Action::SignIn,
    Action::SignOut,
    Action::AddUser,
    Action::ChangeUser,
    Action::SetPassword,
    Action::EndSession,
    Action::MakeToken,
    Action::EndToken,
    Action::TestAlert,
    Action::Export,
    Action::Backup,
    Action::Restore,
    Action::AcceptProposal,
];

pub(crate) const TOPICS: [Topic; 9] = [
    Topic::Employee,
    Topic::Holiday,
    Topic::User,
    Topic::Session,
    Topic::Token,
    Topic::Integrity,
    Topic::Alert,
    Topic::File,
    Topic::Proposal,
];

/// Largest entry, in bytes: the size of a bulk change of 100 events with the longest texts. Lists read many entries.
const ENTRY_BYTES_MAX: usize = 16 * 1024;
/// Most notes stored with an entry; fewer if the record is full.
const NOTES_MAX: usize = 64;
/// Size of a note in a record beside its texts: two lengths, and an event.
const NOTE_BYTES: usize = 16;
/// Most facts stored with an entry; more than the fields of one form.
const FACTS_MAX: usize = 16;

/// The hash of an entry: SHA-256 of its record, which contains the hash of the entry before.
pub(crate) type Hash = [u8; 32];

/// Version 1 of an entry's layout. Enumerations are indexes into the tables above.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryV1 {
    #[serde(with = "crate::store::tables::hex")]
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

/// Version 3: one of several records of one change. Only a change of more than [`EVENTS_MAX`] events has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryV3 {
    pub entry: EntryV2,
    /// Counts from 0; the records of a change follow one another.
    part: u16,
    parts: u16,
}

impl EntryV1 {
    pub fn key(&self) -> Vec<u8> {
        Key::new().u64(self.sequence).done()
    }
}

impl Record for EntryV1 {
    const VERSION: u8 = 1;
    const TABLE: Table = Table::Audit;
}

impl Record for EntryV2 {
    const VERSION: u8 = 2;
    const TABLE: Table = Table::Audit;
}

impl Record for EntryV3 {
    const VERSION: u8 = 3;
    const TABLE: Table = Table::Audit;
}

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

/// A record of any version, as the newest.
pub(crate) fn decode_any(bytes: &[u8], key: &[u8]) -> Result<EntryV3, StoreError> {
    match bytes.first() {
        Some(&EntryV1::VERSION) => decode::<EntryV1>(bytes, key).map(|entry| EntryV2::from(entry).into()),
        Some(&EntryV2::VERSION) => decode::<EntryV2>(bytes, key).map(EntryV3::from),
        _ => decode(bytes, key),
    }
}

/// Appends a change and returns it numbered. One of more than [`EVENTS_MAX`] events takes several records; its number is
/// that of the first.
pub fn append(tx: &mut Tx<'_>, entry: Entry) -> Result<Entry, StoreError> {
    let entry = Entry { sequence: meta::audit_last(tx)? + 1, ..entry };
    let records = split(&entry);
    let parts = u16::try_from(records.len()).map_err(|_| corrupt(Table::Audit, &[]))?;
    for (part, record) in (0..parts).zip(&records) {
        let key = Key::new().u64(record.sequence).done();
        let layout = trimmed(layout(record, meta::audit_hash(tx)?, &key)?, &key)?;
        let bytes =
            if parts == 1 { encode(&layout, &key)? } else { encode(&EntryV3 { entry: layout, part, parts }, &key)? };
        meta::set_audit_last(tx, record.sequence, hash(&bytes))?;
        tx.put(Table::Audit, key, bytes)?;
    }
    for step in &entry.steps {
        tx.put(Table::EventAudit, index_key(step.event, entry.sequence), Vec::new())?;
    }
    Ok(entry)
}

/// Splits a change into records. The first has everything but the steps of the others.
fn split(entry: &Entry) -> Vec<Entry> {
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
    /// Bytes by which the sequence and the number of notes may grow.
    const GROWTH_BYTES: usize = 16;
    Ok(ENTRY_BYTES_MAX.checked_sub(encode(record, key)?.len() + key.len() + GROWTH_BYTES))
}

/// An entry with as many of its notes as fit. The log contains every warning.
fn trimmed(mut record: EntryV2, key: &[u8]) -> Result<EntryV2, StoreError> {
    let mut notes = std::mem::take(&mut record.entry.notes);
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

pub(crate) fn index_key(event: EventId, sequence: u64) -> Vec<u8> {
    Key::new().u64(event.0).u64(sequence).done()
}

pub(crate) fn hash(record: &[u8]) -> Hash {
    Sha256::digest(record).into()
}

/// The sequence of the last entry; 0 before the first.
pub fn last(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    meta::audit_last(tx)
}

/// A change by its sequence, with the steps of all its records; none for the sequence of a later record.
pub fn get(tx: &dyn ReadTx, sequence: u64) -> Result<Option<Entry>, StoreError> {
    let key = Key::new().u64(sequence).done();
    let Some(bytes) = tx.get(Table::Audit, &key)? else { return Ok(None) };
    let record = decode_any(&bytes, &key)?;
    if record.part > 0 {
        return Ok(None);
    }
    let parts = record.parts;
    let mut entry = read(record).ok_or_else(|| corrupt(Table::Audit, &key))?;
    for part in 1..u64::from(parts) {
        let key = Key::new().u64(sequence + part).done();
        let bytes = tx.get(Table::Audit, &key)?.ok_or_else(|| corrupt(Table::Audit, &key))?;
        entry.steps.append(&mut from_bytes(&bytes, &key)?.steps);
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
    let mut entries = Vec::new();
    for sequence in sequences {
        entries.extend(get(tx, sequence)?);
    }
    Ok(entries)
}

/// Visits every change, oldest first.
pub fn each(tx: &dyn ReadTx, mut visit: impl FnMut(Entry) -> Result<Flow, StoreError>) -> Result<(), StoreError> {
    each_record(tx, |key, _| match get(tx, last_u64(key).unwrap_or_default())? {
        Some(entry) => visit(entry),
        None => Ok(Flow::Continue),
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
    fn place<T: PartialEq>(table: &[T], value: &T, key: &[u8]) -> Result<u8, StoreError> {
        let place = table.iter().position(|one| one == value).and_then(|place| u8::try_from(place).ok());
        place.ok_or_else(|| corrupt(Table::Audit, key))
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
        action: place(&ACTIONS, &entry.action, key)?,
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
    let about = match about {
        Some((topic, id)) => Some(About { topic: *TOPICS.get(usize::from(topic))?, id }),
        None => None,
    };
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
        action: *ACTIONS.get(usize::from(record.action))?,
        outcome: *OUTCOMES.get(usize::from(record.outcome))?,
        reason: record.reason,
        subject: record.subject.map(EventId),
        about,
        steps: steps.collect::<Option<_>>()?,
        facts: facts.into_iter().map(|(name, before, after)| Fact { name, before, after }).collect(),
        notes: record.notes.into_iter().map(note).collect(),
        undoes: record.undoes,
    })
}

fn state((revision, schedule): (u32, Option<ScheduleV1>)) -> Option<State> {
    let schedule = match schedule {
        Some(schedule) => Some(schedule.read()?),
        None => None,
    };
    Some(State { revision: Revision(revision), schedule })
}
