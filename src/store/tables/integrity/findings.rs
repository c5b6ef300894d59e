//! Open findings of the integrity check.
//!
//! Invariant: a finding is written or deleted only if that is true at the time of the transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    domain::{
        alike::number_key,
        event::{Event, pairing::Pair},
        ids::EventId,
        integrity::{
            Check, Finding, Report, StoreReport,
            finding_state::{FindingKey, OpenFinding},
            look_alikes::{self, LookAlike},
            number_in_pair,
        },
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            audit, employees, events,
            issues::Evaluator,
            keys::Key,
            record::{self, decode, places::place_in, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Most findings stored per check; a run counts them all, and the rest is listed once these are fixed.
pub const KEPT_PER_CHECK_MAX: usize = 2_000;
/// Longest stored sentence, in characters.
const MESSAGE_CHARS_MAX: usize = 1_000;
/// Stored in place of a check for findings about storage.
const STORAGE: u8 = u8::MAX;

/// Version 1 of a finding's layout. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
pub(crate) struct FindingV1 {
    check: u8,
    about: u64,
    partner: Option<u64>,
    message: String,
    first_seen_ms: i64,
    cause: Option<u64>,
    told_ms: Option<i64>,
}

records!(Findings: FindingV1 = 1 at |finding| key(finding.check, finding.about));

/// Changes of the open findings by a run.
#[derive(Clone, Debug, Default)]
pub struct FindingDiff {
    /// Problems that were not known before.
    pub fresh: Vec<OpenFinding>,
    /// Problems that were known and are still open.
    pub open: Vec<OpenFinding>,
    pub gone: Vec<OpenFinding>,
}

/// Every open finding, by check and event.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<OpenFinding>, StoreError> {
    record::all(tx, Table::Findings, from_bytes)
}

/// Number of open problems that are about no event: of the store, and of employees recorded twice.
pub fn problems_apart(tx: &dyn ReadTx) -> Result<u64, StoreError> {
    let is_counted = |one: &&OpenFinding| one.subject.is_problem() && !matches!(one.subject, FindingKey::Event(..));
    Ok(all(tx)?.iter().filter(is_counted).count() as u64)
}

/// The current findings about an event and its pair.
pub fn of_event(tx: &dyn ReadTx, id: EventId) -> Result<Report, StoreError> {
    let mut report = Report::default();
    if let Some(event) = events::get(tx, id)? {
        let group = group_of(tx, &event)?;
        report.count(&event);
        if !group.is_empty() {
            report.check_group(&Pair::among(&group));
        }
    }
    Ok(report)
}

fn group_of(tx: &dyn ReadTx, event: &Event) -> Result<Vec<Event>, StoreError> {
    let number = number_in_pair(event);
    number.map_or(Ok(Vec::new()), |number| events::same_number(tx, &event.location, number))
}

/// Removes findings of rules about days that are over, and without `pairing` those about pairs.
pub fn forget_past(tx: &mut Tx<'_>, today: NaiveDate, pairing: bool) -> Result<(), StoreError> {
    for finding in all(tx)? {
        let FindingKey::Event(check, event) = finding.subject else { continue };
        let is_past = match check.rule() {
            Some(_) => events::get(tx, event)?.and_then(|event| event.date()).is_some_and(|date| date < today),
            None => !pairing && check.is_of_pairs(),
        };
        if is_past {
            tx.remove(Table::Findings, key_of(finding.subject));
        }
    }
    Ok(())
}

/// Updates the open findings with the result of a check. An incomplete check closes nothing.
pub fn reconcile(
    tx: &mut Tx<'_>,
    report: &StoreReport,
    whole: bool,
    now: DateTime<Utc>,
) -> Result<FindingDiff, StoreError> {
    let mut known: BTreeMap<FindingKey, OpenFinding> =
        all(tx)?.into_iter().map(|finding| (finding.subject, finding)).collect();
    let (mut settled, mut counts) = (FindingDiff::default(), BTreeMap::<&str, usize>::new());
    for (subject, partner, message) in sightings(report) {
        let count = counts.entry(subject.slug()).or_default();
        let before = known.remove(&subject);
        if *count >= KEPT_PER_CHECK_MAX && before.is_none() {
            continue;
        }
        *count += 1;
        match before {
            Some(before) if before.message == message => settled.keep_open(before),
            before => {
                let Some((partner, message)) = as_it_is(tx, subject, partner, message)? else { continue };
                let cause = cause_of(tx, subject, partner)?;
                let finding = match &before {
                    Some(before) => OpenFinding { partner, message, cause, ..before.clone() },
                    None => OpenFinding { subject, partner, message, first_seen: now, cause, alerted: None },
                };
                put(tx, &finding)?;
                if before.is_some() { settled.keep_open(finding) } else { settled.begin(finding) }
            }
        }
    }
    for finding in known.into_values().filter(|_| whole) {
        if is_read_again(finding.subject) && as_it_is(tx, finding.subject, None, String::new())?.is_some() {
            settled.keep_open(finding);
            continue;
        }
        tx.remove(Table::Findings, key_of(finding.subject));
        if finding.subject.is_problem() {
            settled.gone.push(finding);
        }
    }
    Ok(settled)
}

impl FindingDiff {
    fn keep_open(&mut self, finding: OpenFinding) {
        if finding.subject.is_problem() {
            self.open.push(finding);
        }
    }

    fn begin(&mut self, finding: OpenFinding) {
        if finding.subject.is_problem() {
            self.fresh.push(finding);
        }
    }
}

pub fn mark_alerted<'a>(
    tx: &mut Tx<'_>,
    alerted: impl IntoIterator<Item = &'a OpenFinding>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    alerted.into_iter().try_for_each(|finding| put(tx, &OpenFinding { alerted: Some(now), ..finding.clone() }))
}

fn sightings(report: &StoreReport) -> impl Iterator<Item = (FindingKey, Option<EventId>, String)> {
    let cut = |message: &str| message.chars().take(MESSAGE_CHARS_MAX).collect::<String>();
    let pairs = report.pairs.findings.iter();
    let pairs = pairs.map(move |Finding { check, event, partner, message, .. }| {
        (FindingKey::Event(*check, *event), *partner, cut(message))
    });
    let storage = report.storage_problems.iter();
    let alike = report.pairs.look_alikes.iter();
    let alike = alike.map(move |LookAlike { check, key, message, event }| {
        (FindingKey::Alike(*check, number_of(key)), *event, cut(message))
    });
    pairs.chain(alike).chain(storage.map(move |problem| (FindingKey::Storage(number_of(problem)), None, cut(problem))))
}

/// A number for a sentence; equal sentences have equal numbers.
fn number_of(problem: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(problem.as_bytes()).into();
    digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// Tells if a transaction can tell whether a finding is still true.
fn is_read_again(subject: FindingKey) -> bool {
    matches!(subject, FindingKey::Event(..) | FindingKey::Alike(Check::AlikeEmployees, _))
}

/// Deletes the finding about an employee or a store that was merged.
pub(crate) fn close_look_alike(tx: &mut Tx<'_>, check: Check, written: &str) {
    tx.remove(Table::Findings, key_of(FindingKey::Alike(check, number_of(&number_key(written)))));
}

/// A finding as of this transaction; none if it is fixed. Findings about storage and stores are taken as reported.
fn as_it_is(
    tx: &dyn ReadTx,
    subject: FindingKey,
    partner: Option<EventId>,
    message: String,
) -> Result<Option<(Option<EventId>, String)>, StoreError> {
    let (check, event) = match subject {
        FindingKey::Event(check, event) => (check, event),
        FindingKey::Alike(Check::AlikeEmployees, number) => {
            let now = look_alikes::of_employees(employees::all(tx)?).into_iter();
            return Ok(now
                .map(|one| (one.event, one.key, one.message))
                .find_map(|(event, key, message)| (number_of(&key) == number).then_some((event, message))));
        }
        FindingKey::Alike(..) | FindingKey::Storage(_) => return Ok(Some((partner, message))),
    };
    let mut report = of_event(tx, event)?;
    if let Some(event) = events::get(tx, event)?.filter(|_| check.rule().is_some()) {
        report.add_rules(&event, &Evaluator::new(tx).all_findings(&event)?);
    }
    let mut now = report.findings.into_iter();
    Ok(now.find(|one| (one.check, one.event) == (check, event)).map(|one| (one.partner, one.message)))
}

/// The audit entry that last changed one event of the pair.
fn cause_of(tx: &dyn ReadTx, subject: FindingKey, partner: Option<EventId>) -> Result<Option<u64>, StoreError> {
    let FindingKey::Event(_, event) = subject else { return Ok(None) };
    let mut last = None;
    for id in [Some(event), partner].into_iter().flatten() {
        last = last.max(audit::last_of(tx, id)?.map(|entry| entry.sequence));
    }
    Ok(last)
}

fn key(check: u8, about: u64) -> Vec<u8> {
    [&[check], Key::new().u64(about).done().as_slice()].concat()
}

fn parts(subject: FindingKey) -> (u8, u64) {
    let place = |check| place_in(&Check::ALL, &check).unwrap_or(STORAGE);
    match subject {
        FindingKey::Event(check, event) => (place(check), event.0),
        FindingKey::Alike(check, number) => (place(check), number),
        FindingKey::Storage(number) => (STORAGE, number),
    }
}

fn key_of(subject: FindingKey) -> Vec<u8> {
    let (check, about) = parts(subject);
    key(check, about)
}

fn put(tx: &mut Tx<'_>, finding: &OpenFinding) -> Result<(), StoreError> {
    let (check, about) = parts(finding.subject);
    let record = FindingV1 {
        check,
        about,
        partner: finding.partner.map(|id| id.0),
        message: finding.message.clone(),
        first_seen_ms: finding.first_seen.timestamp_millis(),
        cause: finding.cause,
        told_ms: finding.alerted.map(|at| at.timestamp_millis()),
    };
    record::put(tx, record.key(), &record)
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<OpenFinding, StoreError> {
    read(decode(bytes, key)?).ok_or_else(|| corrupt(Table::Findings, key))
}

fn read(record: FindingV1) -> Option<OpenFinding> {
    let subject = match record.check {
        STORAGE => FindingKey::Storage(record.about),
        place => match *Check::ALL.get(usize::from(place))? {
            check if check.is_of_look_alikes() => FindingKey::Alike(check, record.about),
            check => FindingKey::Event(check, EventId(record.about)),
        },
    };
    Some(OpenFinding {
        subject,
        partner: record.partner.map(EventId),
        message: record.message,
        first_seen: DateTime::from_timestamp_millis(record.first_seen_ms)?,
        cause: record.cause,
        alerted: record.told_ms.map(|ms| DateTime::from_timestamp_millis(ms).ok_or(())).transpose().ok()?,
    })
}
