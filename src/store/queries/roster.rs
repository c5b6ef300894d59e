//! The roster of a week, or of one day. Each record is read once: people, events and holidays by ranges.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::{
    domain::{
        day::roster::{PersonWeek, Roster, RosterFilter, Shift},
        employee::{Employee, JobTitle, name::Namesakes},
        event::Event,
        ids::EmployeeId,
        rules::stored::{self, Facts},
    },
    store::{
        error::StoreError,
        tables::{
            employees, events, holidays,
            issues::{self, AcceptanceReader, missing_visits},
            meta,
        },
        transaction::ReadTx,
    },
};

/// Most scheduled events read for a week, and as many unscheduled ones. The busiest week of a real year has some hundreds.
pub const WEEK_EVENTS_MAX: usize = 10_000;

/// Everything that the rules need to know about people around some days.
#[derive(Debug)]
pub struct AllHeld {
    pub people: BTreeMap<EmployeeId, Employee>,
    /// Events from the day before the first day to the day after the last, by start.
    pub held: BTreeMap<EmployeeId, Vec<Event>>,
    pub holidays: BTreeMap<NaiveDate, String>,
    complete: bool,
}

impl AllHeld {
    pub fn read(tx: &dyn ReadTx, first: NaiveDate, last: NaiveDate) -> Result<Self, StoreError> {
        let day = Days::new(1);
        let first = first.checked_sub_days(day).unwrap_or(first);
        let last = last.checked_add_days(day).unwrap_or(last);
        let mut found = events::scheduled_first(tx, (first, last), WEEK_EVENTS_MAX + 1)?;
        let complete = found.len() <= WEEK_EVENTS_MAX;
        found.truncate(WEEK_EVENTS_MAX);
        let mut held: BTreeMap<EmployeeId, Vec<Event>> = BTreeMap::new();
        for (id, event) in
            found.into_iter().filter_map(|event| Some((event.schedule.as_ref()?.employee.clone(), event)))
        {
            held.entry(id).or_default().push(event);
        }
        let mut people: BTreeMap<_, _> = employees::all(tx)?.into_iter().map(|one| (one.id.clone(), one)).collect();
        for id in held.keys().filter(|id| !people.contains_key(id)).cloned().collect::<Vec<_>>() {
            let unknown = Employee::new(id.clone(), id.to_string(), JobTitle::EventSpecialist);
            people.insert(id, Employee { active: false, ..unknown });
        }
        Ok(Self { people, held, holidays: holidays::between(tx, first, last)?, complete })
    }
}

/// The roster of days that follow one another, as of `today`.
pub fn of(tx: &dyn ReadTx, dates: &[NaiveDate], filter: &RosterFilter, today: NaiveDate) -> Result<Roster, StoreError> {
    let (first, last) = (dates.first().copied().unwrap_or(today), dates.last().copied().unwrap_or(today));
    let AllHeld { people, mut held, holidays, complete } = AllHeld::read(tx, first, last)?;
    let short_work_minutes = meta::short_work_minutes(tx)?.unwrap_or_default();
    let with_issues: BTreeSet<_> = issues::rules_between(tx, first, last)?.iter().map(|row| row.event).collect();
    let namesakes = Namesakes::among(people.values());
    let (mut weeks, mut acceptances) = (Vec::with_capacity(people.len()), AcceptanceReader::new(tx));
    for (id, employee) in people {
        let held = held.remove(&id).unwrap_or_default();
        // Findings name their person.
        let named = Employee { name: namesakes.name_of(&employee), ..employee.clone() };
        let mut findings = BTreeMap::new();
        for event in held.iter().filter(|event| with_issues.contains(&event.id)) {
            let facts = Facts { employee: &named, held: &held, holidays: &holidays, short_work_minutes };
            let found = facts.findings(event, missing_visits::import_of(tx, event.id)?);
            let mut found = acceptances.with(event, found, &held)?;
            found.retain(|one| event.date().is_some_and(|date| stored::matters(one.finding.rule, date, today)));
            findings.insert(event.id, found);
        }
        let overnight = held.iter().filter(|event| event.end_after_midnight(first).is_some()).cloned().collect();
        let is_shown = |event: &Event| event.date().is_some_and(|date| (first..=last).contains(&date));
        let shift = |event: Event| Shift { findings: findings.remove(&event.id).unwrap_or_default(), event };
        let shifts = held.into_iter().filter(is_shown).map(shift).collect();
        weeks.push(PersonWeek { name: named.name, employee, shifts, overnight });
    }
    let mut open = events::due_first(tx, (first, last), WEEK_EVENTS_MAX + 1)?;
    let complete = complete && open.len() <= WEEK_EVENTS_MAX;
    open.truncate(WEEK_EVENTS_MAX);
    Ok(Roster { dates: dates.to_vec(), people: weeks, open, holidays, complete }.filtered(filter))
}
