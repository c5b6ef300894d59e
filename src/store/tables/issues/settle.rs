//! Updates the issues that a transaction affects.

use std::{collections::BTreeMap, ops::Neg};

use chrono::{Days, NaiveDate};

use crate::{
    domain::{event::counts::NO_DATE, ids::EventNumber, rules::stored::touches},
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            events,
            issues::{
                Evaluator, acceptances, all_pairs, all_rules, evaluate, event_of, pair_key, pair_row, rule_key,
                rule_row,
            },
            keys::{Key, first_date},
        },
        touched::Touched,
        transaction::{Flow, ReadTx, Tx},
    },
};

/// The rule whose findings have no facts but the employee's.
const INACTIVE: &str = "inactive";

/// Open issues for the header of every page. Assignments on days that are over are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Rules that refuse an assignment, without a reason, by day: an assignment counts once for each.
    refused: BTreeMap<NaiveDate, i64>,
    pairs: i64,
}

impl Counts {
    pub fn read(tx: &dyn ReadTx) -> Result<Self, StoreError> {
        let mut counts = Self { pairs: i64::try_from(all_pairs(tx)?.len()).unwrap_or(i64::MAX), ..Self::default() };
        for row in all_rules(tx)?.into_iter().filter(|row| row.issues.open.refuses()) {
            counts.add(row.date, i64::from(row.issues.open.refusals()));
        }
        Ok(counts)
    }

    /// Without `pairing`, pairs that are apart are no issues.
    pub fn open(&self, today: NaiveDate, pairing: bool) -> u64 {
        let refused: i64 = self.refused.range(today..).map(|(_, count)| count).sum();
        u64::try_from(refused + if pairing { self.pairs } else { 0 }).unwrap_or(0)
    }

    /// Adds the changes of a transaction.
    pub fn merge(&mut self, changes: Self) {
        self.pairs += changes.pairs;
        changes.refused.into_iter().for_each(|(date, by)| self.add(date, by));
    }

    fn add(&mut self, date: NaiveDate, by: i64) {
        let count = self.refused.entry(date).or_default();
        *count += by;
        if *count == 0 {
            self.refused.remove(&date);
        }
    }
}

/// Updates the entries that the transaction affects. Returns the change of the counts.
pub(crate) fn settle(tx: &mut Tx<'_>) -> Result<Counts, StoreError> {
    let Some(mut touched) = tx.take_touched() else { return Ok(Counts::default()) };
    let edited = touched.employees.clone();
    add_days(tx, &mut touched)?;
    let mut writes: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
    for (id, date) in touched.events {
        if let Some(date) = date.filter(|date| *date != NO_DATE) {
            writes.insert(rule_key(date, id), None);
        }
    }
    let (mut evaluator, mut of_active) = (Evaluator::new(tx), Vec::new());
    for (employee, date) in touched.days {
        evaluator.each_of_day(&employee, date, |event, findings| {
            let Some(date) = event.date() else { return Ok(()) };
            writes.insert(rule_key(date, event.id), None);
            writes.extend(evaluate::entry_of(event, findings)?.into_iter().map(|(key, bytes)| (key, Some(bytes))));
            if edited.contains(&employee) && !findings.iter().any(|one| one.finding.rule == INACTIVE) {
                of_active.push(event.clone());
            }
            Ok(())
        })?;
    }
    // Nothing tells one time of inactivity from another: its acceptances end when the employee is active again.
    for event in of_active {
        acceptances::forget_rule(tx, &event, INACTIVE)?;
    }
    for ((_, number), (location, before)) in touched.groups {
        writes.extend(evaluate::rows_of(&before).iter().map(|row| (pair_key(row), None)));
        let rows = evaluate::rows_of(&events::same_number(tx, &location, EventNumber(number))?);
        writes.extend(rows.iter().map(|row| (pair_key(row), Some(Vec::new()))));
    }
    apply(tx, writes)
}

fn apply(tx: &mut Tx<'_>, writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<Counts, StoreError> {
    let mut changes = Counts::default();
    // Known to the transaction afterwards.
    tx.get_many(Table::Issues, &writes.keys().cloned().collect::<Vec<_>>())?;
    for (key, after) in writes {
        let before = tx.get(Table::Issues, &key)?;
        if before == after {
            continue;
        }
        let (date, refuses) = describe(&key)?;
        if date != NO_DATE {
            tx.shows_on(date);
        }
        let count = |bytes: Option<&Vec<u8>>| match (bytes, refuses) {
            (None, _) => Ok(0),
            (Some(bytes), true) => Ok(i64::from(rule_row(bytes, &key)?.issues.open.refusals())),
            (Some(_), false) => Ok::<_, StoreError>(1),
        };
        let by = count(after.as_ref())? + count(before.as_ref())?.neg();
        if refuses {
            changes.add(date, by);
        } else {
            changes.pairs += by;
        }
        match after {
            Some(bytes) => tx.put(Table::Issues, key, bytes)?,
            None => tx.remove(Table::Issues, key),
        }
    }
    Ok(changes)
}

/// The day of an entry, and if it is about rules.
fn describe(key: &[u8]) -> Result<(NaiveDate, bool), StoreError> {
    let is_of_rules = key.first() == Some(&super::RULES);
    let date = if is_of_rules { key.get(1..).and_then(first_date) } else { Some(pair_row(key)?.date) };
    let date = date.ok_or_else(|| corrupt(Table::Issues, key))?;
    Ok((date, is_of_rules))
}

/// Adds the days of changed employees and around changed holidays.
fn add_days(tx: &Tx<'_>, touched: &mut Touched) -> Result<(), StoreError> {
    for id in std::mem::take(&mut touched.employees) {
        let range = Key::new().text(&id.key()).prefix();
        let prefix = range.start.len();
        tx.scan(Table::EmployeeDay, &range.start..&range.end, &mut |key, _| {
            touched.days.extend(key.get(prefix..).and_then(first_date).map(|date| (id.clone(), date)));
            Ok(Flow::Continue)
        })?;
    }
    for date in std::mem::take(&mut touched.holidays) {
        let before = date.checked_sub_days(Days::new(1)).unwrap_or(date);
        for event in events::scheduled_first(tx, (before, date), usize::MAX)? {
            if let Some(now) = event.schedule.as_ref().filter(|_| touches(&event, date)) {
                touched.days.insert((now.employee.clone(), now.start.date()));
            }
        }
    }
    Ok(())
}

/// The right value of an entry; none if nothing requires it.
pub(crate) fn right(tx: &dyn ReadTx, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(event) = event_of(key) else { return Ok(None) };
    let Some(event) = events::get(tx, event)? else { return Ok(None) };
    let (entries, _) = Evaluator::new(tx).required(&event)?;
    Ok(entries.into_iter().find(|(one, _)| one.as_slice() == key).map(|(_, bytes)| bytes))
}

/// Checks that an entry is required: an assignment without any finding has none.
pub(crate) fn check_entry(
    tx: &dyn ReadTx,
    key: &[u8],
    value: &[u8],
    problems: &mut Vec<String>,
) -> Result<(), StoreError> {
    if right(tx, key)?.as_deref() != Some(value) {
        let named = event_of(key).map_or_else(|| "no event".to_owned(), |id| format!("event {id}"));
        problems.push(format!("{} has an entry for {named} that nothing asks for", Table::Issues.name()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_forget_days_without_issues() {
        let (mut counts, date) = (Counts::default(), NaiveDate::MIN);
        counts.merge(Counts { refused: [(date, 2)].into(), pairs: 1 });
        assert_eq!((counts.open(NaiveDate::MIN, true), counts.open(NaiveDate::MAX, true)), (3, 1));
        assert_eq!(counts.open(NaiveDate::MIN, false), 2);
        counts.merge(Counts { refused: [(date, -2)].into(), pairs: -1 });
        assert_eq!(counts, Counts::default());
    }
}
