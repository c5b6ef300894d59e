//! Issues of the stored schedule: assignments that a rule refuses or warns about, and pairs that are
//! apart. Pages and calls count and list it without checking every event.
//!
//! Invariant: entries follow from events, employees, holidays, acceptances and `short_work_minutes`. Each transaction
//! updates them ([`settle()`]) before it is applied.

pub mod acceptances;
mod evaluate;
pub mod listed_visits;
pub mod missing_visits;
mod settle;

use std::{collections::BTreeMap, ops::Range};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub(crate) use crate::store::tables::issues::evaluate::{entries_of_pair, entry_of};
pub(crate) use crate::store::tables::issues::settle::{Counts, check_entry, right, settle};
pub use crate::store::tables::issues::{acceptances::AcceptanceReader, evaluate::Evaluator};
use crate::{
    domain::{
        calendar::{FIRST_DAY, LAST_DAY},
        event::{Event, counts::NO_DATE},
        ids::EventId,
        integrity::Check,
        rules::stored::{DayIssues, RuleIssues, RuleSet},
    },
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            keys::{Key, first_date},
            record::{self, decode, encode, places::place_in, records},
        },
        transaction::ReadTx,
    },
};

/// The first byte of a key: rules, or pairs.
const RULES: u8 = 0;
const PAIRS: u8 = 1;

/// Version 1 of an entry about an assignment: sets of rules by their numbers.
#[derive(Serialize, Deserialize)]
struct RuleIssuesV1 {
    open: u16,
    accepted: u16,
}

records!(Issues: RuleIssuesV1 = 1);

/// An assignment with findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleRow {
    pub date: NaiveDate,
    pub event: EventId,
    pub issues: RuleIssues,
}

/// A finding about a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairRow {
    /// The day of the event that is scheduled, the CORE's if both are; [`NO_DATE`] if none is.
    pub date: NaiveDate,
    /// The event that the finding is about.
    pub event: EventId,
    pub check: Check,
}

fn start(kind: u8, date: NaiveDate) -> Vec<u8> {
    [&[kind], Key::new().date(date).done().as_slice()].concat()
}

fn days(kind: u8, first: NaiveDate, last: NaiveDate) -> Range<Vec<u8>> {
    let end = Key::new().date(last).prefix().end;
    start(kind, first)..[&[kind], end.as_slice()].concat()
}

fn rule_key(date: NaiveDate, event: EventId) -> Vec<u8> {
    [start(RULES, date).as_slice(), &event.0.to_be_bytes()].concat()
}

fn rule_bytes(issues: RuleIssues, key: &[u8]) -> Result<Vec<u8>, StoreError> {
    encode(&RuleIssuesV1 { open: issues.open.bits(), accepted: issues.accepted.bits() }, key)
}

fn pair_key(row: &PairRow) -> Vec<u8> {
    let place = place_in(&Check::ALL, &row.check).unwrap_or(u8::MAX);
    [start(PAIRS, row.date).as_slice(), &row.event.0.to_be_bytes(), &[place]].concat()
}

fn rule_row(bytes: &[u8], key: &[u8]) -> Result<RuleRow, StoreError> {
    let RuleIssuesV1 { open, accepted } = decode(bytes, key)?;
    let issues = RuleIssues { open: RuleSet::from_bits(open), accepted: RuleSet::from_bits(accepted) };
    let (date, event, _) = parts(key).ok_or_else(|| corrupt(Table::Issues, key))?;
    Ok(RuleRow { date, event, issues })
}

fn pair_row(key: &[u8]) -> Result<PairRow, StoreError> {
    let read = || {
        let (date, event, rest) = parts(key)?;
        let [place] = rest else { return None };
        Some(PairRow { date, event, check: *Check::ALL.get(usize::from(*place))? })
    };
    read().ok_or_else(|| corrupt(Table::Issues, key))
}

/// Day and event of a key, and the rest.
fn parts(key: &[u8]) -> Option<(NaiveDate, EventId, &[u8])> {
    let (_, rest) = key.split_first()?;
    let date = first_date(rest)?;
    let (event, rest) = rest.get(4..)?.split_first_chunk::<8>()?;
    Some((date, EventId(u64::from_be_bytes(*event)), rest))
}

/// The assignments with findings from `first` to `last`, by day.
pub fn rules_between(tx: &dyn ReadTx, first: NaiveDate, last: NaiveDate) -> Result<Vec<RuleRow>, StoreError> {
    record::all_in(tx, Table::Issues, &days(RULES, first, last), rule_row)
}

/// Every assignment with findings, by day.
pub fn all_rules(tx: &dyn ReadTx) -> Result<Vec<RuleRow>, StoreError> {
    rules_between(tx, FIRST_DAY, LAST_DAY)
}

/// Every finding about a pair, by day.
pub fn all_pairs(tx: &dyn ReadTx) -> Result<Vec<PairRow>, StoreError> {
    record::all_in(tx, Table::Issues, &days(PAIRS, FIRST_DAY, NO_DATE), |_, key| pair_row(key))
}

/// Findings of the rules about the wanted assignments of each day from `first` to `last`; only days with findings.
pub fn by_day(
    tx: &dyn ReadTx,
    (first, last): (NaiveDate, NaiveDate),
    today: NaiveDate,
    wants: impl Fn(EventId) -> Result<bool, StoreError>,
) -> Result<BTreeMap<NaiveDate, DayIssues>, StoreError> {
    let mut found: BTreeMap<NaiveDate, DayIssues> = BTreeMap::new();
    for RuleRow { date, event, issues } in rules_between(tx, first, last)? {
        if wants(event)? {
            found.entry(date).or_default().count(issues.as_of(date, today));
        }
    }
    found.retain(|_, day| *day != DayIssues::default());
    Ok(found)
}

/// Key and value of an entry.
pub(crate) type Entry = (Vec<u8>, Vec<u8>);

pub(crate) fn required(tx: &dyn ReadTx, event: &Event) -> Result<Vec<Entry>, StoreError> {
    Ok(Evaluator::new(tx).required(event)?.0)
}

pub(crate) fn event_of(key: &[u8]) -> Option<EventId> {
    parts(key).map(|(_, event, _)| event)
}
