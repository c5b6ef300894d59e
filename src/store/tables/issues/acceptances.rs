//! Findings of the rules that were accepted with an override reason.
//!
//! An acceptance is about an event, its employee, its day, and the facts of the finding: it ends with these, and holds
//! again if an undo brings them back. It holds however the event writes the employee's id: keys have what ids are compared
//! by. Older ones have the id as the event wrote it.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        alike::number_key,
        event::Event,
        ids::EventId,
        rules::{
            Finding,
            stored::{self, Acceptance, StoredFinding},
        },
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            events,
            keys::{Key, first_date, first_text},
            record::{self, Record, decode, records},
        },
        transaction::{Flow, ReadTx, Tx},
    },
};

/// Length of an event in a key.
const EVENT_BYTES: usize = size_of::<u64>();

/// Version 1 of the acceptances of an event with an employee on a day. The date is in days since 0001-01-01.
#[derive(Serialize, Deserialize)]
pub(crate) struct AcceptancesV1 {
    event: u64,
    employee: String,
    date: i32,
    accepted: Vec<AcceptanceV1>,
}

/// Version 1 of an acceptance: the number of the rule, the event in conflict, who accepted it, why, and the time in
/// milliseconds since 1970.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AcceptanceV1 {
    rule: u8,
    clash: Option<u64>,
    by: String,
    reason: String,
    at_ms: i64,
}

/// Version 2 of the acceptances of an event with an employee on a day. The date is in days since 0001-01-01.
#[derive(Serialize, Deserialize)]
pub(crate) struct AcceptancesV2 {
    event: u64,
    employee: String,
    date: i32,
    accepted: Vec<AcceptanceV2>,
}

/// Version 2 of an acceptance, with the facts of the finding. Those of version 1 have none, and hold for all.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AcceptanceV2 {
    rule: u8,
    clash: Option<u64>,
    facts: Option<String>,
    by: String,
    reason: String,
    at_ms: i64,
}

records!(Acceptances: AcceptancesV1 = 1, AcceptancesV2 = 2);

impl AcceptancesV1 {
    /// None for an invalid date.
    pub fn key(&self) -> Option<Vec<u8>> {
        key_of_record(self.event, &self.employee, self.date)
    }
}

impl AcceptancesV2 {
    /// None for an invalid date.
    pub fn key(&self) -> Option<Vec<u8>> {
        key_of_record(self.event, &self.employee, self.date)
    }
}

fn key_of_record(event: u64, employee: &str, date: i32) -> Option<Vec<u8>> {
    let date = NaiveDate::from_num_days_from_ce_opt(date)?;
    Some(Key::new().u64(event).text(employee).date(date).done())
}

impl From<AcceptanceV1> for AcceptanceV2 {
    fn from(old: AcceptanceV1) -> Self {
        let AcceptanceV1 { rule, clash, by, reason, at_ms } = old;
        Self { rule, clash, facts: None, by, reason, at_ms }
    }
}

/// Accepts findings about a scheduled event.
pub fn accept(tx: &mut Tx<'_>, event: &Event, findings: &[Finding], acceptance: &Acceptance) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let mut accepted = stored(tx, event)?;
    for finding in findings {
        let Some(rule) = stored::code_of(finding.rule) else { continue };
        accepted.retain(|one| !one.is_about(finding, finding.clash));
        let Acceptance { by, reason, at } = acceptance.clone();
        let (clash, facts) = (finding.clash.map(|id| id.0), Some(finding.facts.clone()));
        accepted.push(AcceptanceV2 { rule, clash, facts, by, reason, at_ms: at.timestamp_millis() });
    }
    write(tx, event, accepted)
}

/// Opens findings about a scheduled event again, whichever of two events in conflict they were accepted for.
pub fn take_back(tx: &mut Tx<'_>, event: &Event, findings: &[Finding]) -> Result<(), StoreError> {
    for finding in findings {
        forget(tx, event, finding, finding.clash)?;
        if let Some(other) = finding.clash.map_or(Ok(None), |clash| events::get(tx, clash))? {
            forget(tx, &other, finding, Some(event.id))?;
        }
    }
    Ok(())
}

fn forget(tx: &mut Tx<'_>, event: &Event, finding: &Finding, clash: Option<EventId>) -> Result<(), StoreError> {
    retain(tx, event, |one| !one.is_about(finding, clash))
}

/// Opens all findings of a rule about a scheduled event again.
pub(super) fn forget_rule(tx: &mut Tx<'_>, event: &Event, rule: &str) -> Result<(), StoreError> {
    retain(tx, event, |one| Some(one.rule) != stored::code_of(rule))
}

fn retain(tx: &mut Tx<'_>, event: &Event, stays: impl Fn(&AcceptanceV2) -> bool) -> Result<(), StoreError> {
    let mut accepted = stored(tx, event)?;
    let all = accepted.len();
    accepted.retain(stays);
    if accepted.len() == all { Ok(()) } else { write(tx, event, accepted) }
}

fn write(tx: &mut Tx<'_>, event: &Event, accepted: Vec<AcceptanceV2>) -> Result<(), StoreError> {
    let Some(now) = &event.schedule else { return Ok(()) };
    tx.touch(|touched| touched.assignment(event));
    for record in records(tx, event)? {
        tx.remove(Table::Acceptances, record.key);
    }
    if accepted.is_empty() {
        return Ok(());
    }
    let (employee, date) = (now.employee.key().into_owned(), now.start.date().num_days_from_ce());
    let record = AcceptancesV2 { event: event.id.0, employee, date, accepted };
    let key = record.key().ok_or_else(|| corrupt(Table::Acceptances, &event.id.0.to_be_bytes()))?;
    record::put(tx, key, &record)
}

/// Reads acceptances, those of each event once.
pub struct AcceptanceReader<'a> {
    tx: &'a dyn ReadTx,
    known: BTreeMap<EventId, Vec<AcceptanceV2>>,
}

impl<'a> AcceptanceReader<'a> {
    pub fn new(tx: &'a dyn ReadTx) -> Self {
        Self { tx, known: BTreeMap::new() }
    }

    /// Findings about a scheduled event, each with its acceptance. `held` are events of its employee: those in conflict are
    /// looked for there first.
    pub fn with(
        &mut self,
        event: &Event,
        found: Vec<Finding>,
        held: &[Event],
    ) -> Result<Vec<StoredFinding>, StoreError> {
        let with = |finding: Finding| {
            let accepted = if finding.refuses { self.of(event, &finding, held)? } else { None };
            Ok(StoredFinding { finding, accepted })
        };
        found.into_iter().map(with).collect()
    }

    /// Of two events in conflict, one acceptance holds for both.
    pub fn of(&mut self, event: &Event, finding: &Finding, held: &[Event]) -> Result<Option<Acceptance>, StoreError> {
        if let Some(own) = self.accepted(event, finding, finding.clash)? {
            return Ok(Some(own));
        }
        let Some(clash) = finding.clash else { return Ok(None) };
        if let Some(other) = held.iter().find(|other| other.id == clash) {
            return self.accepted(other, finding, Some(event.id));
        }
        match events::get(self.tx, clash)? {
            Some(other) => self.accepted(&other, finding, Some(event.id)),
            None => Ok(None),
        }
    }

    fn accepted(
        &mut self,
        event: &Event,
        finding: &Finding,
        clash: Option<EventId>,
    ) -> Result<Option<Acceptance>, StoreError> {
        let of_event = match self.known.entry(event.id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(stored(self.tx, event)?),
        };
        let found = of_event.iter().find(|one| one.is_about(finding, clash));
        found.map(|one| one.read().ok_or_else(|| corrupt(Table::Acceptances, &event.id.0.to_be_bytes()))).transpose()
    }
}

impl std::fmt::Debug for AcceptanceReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcceptanceReader").finish_non_exhaustive()
    }
}

/// The acceptances of the current assignment of an event.
fn stored(tx: &dyn ReadTx, event: &Event) -> Result<Vec<AcceptanceV2>, StoreError> {
    Ok(records(tx, event)?.into_iter().flat_map(|record| record.accepted).collect())
}

/// A record, with its key.
struct StoredRecord {
    key: Vec<u8>,
    accepted: Vec<AcceptanceV2>,
}

/// The records about the assignment that an event has now: at most one for each way to write the employee's id.
fn records(tx: &dyn ReadTx, event: &Event) -> Result<Vec<StoredRecord>, StoreError> {
    let Some(now) = &event.schedule else { return Ok(Vec::new()) };
    let (range, mut found) = (Key::new().u64(event.id.0).prefix(), Vec::new());
    tx.scan(Table::Acceptances, &range.start..&range.end, &mut |key, bytes| {
        let (employee, date) =
            key.get(EVENT_BYTES..).and_then(first_text).ok_or_else(|| corrupt(Table::Acceptances, key))?;
        if number_key(&employee) == now.employee.key() && first_date(date) == Some(now.start.date()) {
            found.push(StoredRecord { key: key.to_vec(), accepted: from_bytes(bytes, key)? });
        }
        Ok(Flow::Continue)
    })?;
    Ok(found)
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<Vec<AcceptanceV2>, StoreError> {
    Ok(match bytes.first() {
        Some(&AcceptancesV1::VERSION) => {
            decode::<AcceptancesV1>(bytes, key)?.accepted.into_iter().map(AcceptanceV2::from).collect()
        }
        _ => decode::<AcceptancesV2>(bytes, key)?.accepted,
    })
}

impl AcceptanceV2 {
    /// Tells if it was given for a finding; `clash` is the other event, seen from the event that holds the acceptance.
    fn is_about(&self, finding: &Finding, clash: Option<EventId>) -> bool {
        Some(self.rule) == stored::code_of(finding.rule)
            && self.clash == clash.map(|id| id.0)
            && self.facts.as_ref().is_none_or(|facts| *facts == finding.facts)
    }

    fn read(&self) -> Option<Acceptance> {
        let at: DateTime<Utc> = DateTime::from_timestamp_millis(self.at_ms)?;
        Some(Acceptance { by: self.by.clone(), reason: self.reason.clone(), at })
    }
}
