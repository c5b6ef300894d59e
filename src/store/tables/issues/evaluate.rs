//! Computes issues from the records they follow from.

use std::{collections::BTreeMap, rc::Rc};

use chrono::{Days, NaiveDate, NaiveTime};

use crate::{
    domain::{
        employee::Employee,
        event::{Event, counts::NO_DATE, pairing::Pair},
        ids::{EmployeeId, EventId},
        integrity::{Check, Report, number_in_pair},
        rules::{
            Finding,
            stored::{self, Facts, RuleIssues, RuleSet, StoredFinding, touches},
        },
    },
    store::{
        error::StoreError,
        tables::{
            employees, events, holidays,
            issues::{AcceptanceReader, Entry, PairRow, missing_visits, pair_key, rule_bytes, rule_key},
            meta,
        },
        transaction::ReadTx,
    },
};

/// Evaluates the rules on one [`ReadTx`], with employees, their work and holidays read once.
pub struct Evaluator<'a> {
    tx: &'a dyn ReadTx,
    acceptances: AcceptanceReader<'a>,
    short_work_minutes: Option<u32>,
    is_any_missing: Option<bool>,
    employees: BTreeMap<EmployeeId, Option<Employee>>,
    holidays: BTreeMap<NaiveDate, BTreeMap<NaiveDate, String>>,
    /// See [`held_around`].
    held: BTreeMap<(EmployeeId, NaiveDate), Rc<[Event]>>,
}

impl std::fmt::Debug for Evaluator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator").finish_non_exhaustive()
    }
}

impl<'a> Evaluator<'a> {
    pub fn new(tx: &'a dyn ReadTx) -> Self {
        Self {
            tx,
            acceptances: AcceptanceReader::new(tx),
            short_work_minutes: None,
            is_any_missing: None,
            employees: BTreeMap::new(),
            holidays: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// Same for pages: its messages tell people of one name apart.
    pub fn for_pages(tx: &'a dyn ReadTx) -> Result<Self, StoreError> {
        let employees = employees::all_named(tx)?.into_iter().map(|one| (one.id.clone(), Some(one))).collect();
        Ok(Self { employees, ..Self::new(tx) })
    }

    pub fn tx(&self) -> &'a dyn ReadTx {
        self.tx
    }

    /// The findings about a stored event as of a day, each with its acceptance.
    pub fn findings(&mut self, event: &Event, today: NaiveDate) -> Result<Vec<StoredFinding>, StoreError> {
        let mut findings = self.all_findings(event)?;
        let matters = |rule| event.date().is_some_and(|date| stored::matters(rule, date, today));
        findings.retain(|one| matters(one.finding.rule));
        Ok(findings)
    }

    /// Same on any day.
    pub fn all_findings(&mut self, event: &Event) -> Result<Vec<StoredFinding>, StoreError> {
        let Some(now) = &event.schedule else { return Ok(Vec::new()) };
        let held = self.held(&now.employee, now.start.date())?;
        let found = self.check(event, &now.employee, &held)?;
        self.acceptances.with(event, found, &held)
    }

    /// Visits the events of an employee that take place on a day, each with its findings.
    pub fn each_of_day(
        &mut self,
        employee: &EmployeeId,
        date: NaiveDate,
        mut visit: impl FnMut(&Event, &[StoredFinding]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let held = self.held(employee, date)?;
        for event in held.iter().filter(|event| touches(event, date)) {
            let findings = self.check(event, employee, &held)?;
            visit(event, &self.acceptances.with(event, findings, &held)?)?;
        }
        Ok(())
    }

    fn held(&mut self, employee: &EmployeeId, date: NaiveDate) -> Result<Rc<[Event]>, StoreError> {
        let place = (employee.clone(), date);
        if let Some(held) = self.held.get(&place) {
            return Ok(Rc::clone(held));
        }
        let held: Rc<[Event]> = held_around(self.tx, employee, date)?.into();
        self.held.insert(place, Rc::clone(&held));
        Ok(held)
    }

    fn check(&mut self, event: &Event, id: &EmployeeId, held: &[Event]) -> Result<Vec<Finding>, StoreError> {
        let short_work_minutes = match self.short_work_minutes {
            Some(minutes) => minutes,
            None => *self.short_work_minutes.insert(meta::short_work_minutes(self.tx)?.unwrap_or_default()),
        };
        if !self.employees.contains_key(id) {
            self.employees.insert(id.clone(), employees::get(self.tx, id)?);
        }
        let date = event.date().unwrap_or(NO_DATE);
        if !self.holidays.contains_key(&date) {
            let last = date.checked_add_days(Days::new(1)).unwrap_or(date);
            self.holidays.insert(date, holidays::between(self.tx, date, last)?);
        }
        let (Some(Some(employee)), Some(holidays)) = (self.employees.get(id), self.holidays.get(&date)) else {
            return Ok(Vec::new());
        };
        let is_any_missing = match self.is_any_missing {
            Some(any) => any,
            None => *self.is_any_missing.insert(missing_visits::is_any(self.tx)?),
        };
        let missing_since = if is_any_missing { missing_visits::import_of(self.tx, event.id)? } else { None };
        Ok(Facts { employee, held, holidays, short_work_minutes }.findings(event, missing_since))
    }

    /// The entries that an event requires, and what its assignment violates.
    pub(crate) fn required(&mut self, event: &Event) -> Result<(Vec<Entry>, Vec<StoredFinding>), StoreError> {
        let findings = self.all_findings(event)?;
        let mut entries: Vec<Entry> =
            pair_rows(self.tx, event)?.iter().map(|row| (pair_key(row), Vec::new())).collect();
        entries.extend(entry_of(event, &findings)?);
        Ok((entries, findings))
    }
}

/// The entry that the findings about an assignment require; none without findings.
pub(crate) fn entry_of(event: &Event, findings: &[StoredFinding]) -> Result<Vec<Entry>, StoreError> {
    let issues = issues(findings);
    let Some(date) = event.date().filter(|_| !issues.is_empty()) else { return Ok(Vec::new()) };
    let key = rule_key(date, event.id);
    let bytes = rule_bytes(issues, &key)?;
    Ok(vec![(key, bytes)])
}

/// The entries that the pairs of a store and number require, each with its event.
pub(crate) fn entries_of_pair(group: &[Event]) -> Vec<(EventId, Entry)> {
    rows_of(group).iter().map(|row| (row.event, (pair_key(row), Vec::new()))).collect()
}

/// The rules of findings.
pub fn issues(findings: &[StoredFinding]) -> RuleIssues {
    let rules = |accepted: bool| {
        let these = findings.iter().filter(|one| one.accepted.is_some() == accepted);
        RuleSet::of(these.map(|one| one.finding.rule))
    };
    RuleIssues { open: rules(false), accepted: rules(true) }
}

/// The findings about an event and its pair whose entry names this event.
fn pair_rows(tx: &dyn ReadTx, event: &Event) -> Result<Vec<PairRow>, StoreError> {
    let Some(number) = number_in_pair(event) else { return Ok(Vec::new()) };
    let group = events::same_number(tx, &event.location, number)?;
    let is_own = |row: &PairRow| row.event == event.id;
    Ok(rows_of(&group).into_iter().filter(is_own).collect())
}

/// The findings about the pairs of a store and number.
pub(super) fn rows_of(group: &[Event]) -> Vec<PairRow> {
    let mut report = Report::default();
    report.check_group(&Pair::among(group));
    let date_of = |id: EventId| group.iter().find(|event| event.id == id).and_then(Event::date);
    let row = |check: Check, event: EventId, partner: Option<EventId>| {
        // The partner of a Supervisor is its CORE.
        let date = partner.and_then(date_of).or_else(|| date_of(event)).unwrap_or(NO_DATE);
        PairRow { date, event, check }
    };
    report.problems().map(|one| row(one.check, one.event, one.partner)).collect()
}

/// The events of an employee that may be in conflict with those that take place on a day.
fn held_around(tx: &dyn ReadTx, employee: &EmployeeId, date: NaiveDate) -> Result<Vec<Event>, StoreError> {
    let before = date.checked_sub_days(Days::new(1)).unwrap_or(date);
    let mut held = events::held_between(tx, employee, before, date)?;
    let lasts = |event: &Event, after: NaiveDate| {
        event.start().is_some_and(|start| event.end_from(start) > after.and_time(NaiveTime::MIN))
    };
    // Neighbouring days matter only to work that crosses midnight.
    if held.iter().any(|event| event.date() == Some(before) && lasts(event, date)) {
        let earlier = before.checked_sub_days(Days::new(1)).unwrap_or(before);
        let mut more = events::held_between(tx, employee, earlier, earlier)?;
        more.append(&mut held);
        held = more;
    }
    if let Some(after) =
        date.checked_add_days(Days::new(1)).filter(|after| held.iter().any(|event| lasts(event, *after)))
    {
        held.extend(events::held_between(tx, employee, after, after)?);
    }
    Ok(held)
}
