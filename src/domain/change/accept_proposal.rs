//! Accepting a proposal: its rows are checked against the events, people and holidays as they are now.
//!
//! Invariant: all rows are written or none. A row is refused if its event changed since it was proposed, if a rule has a
//! finding about it, or if a pair would be split.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use crate::domain::{
    audit::Action,
    change::{Change, Edit, Warning, bulk::Refusal, rejection::Rejection},
    employee::Employee,
    event::{
        Event, Schedule,
        pairing::{Pair, apart},
    },
    ids::{EmployeeId, EventId, ScheduleId},
    policy::Policy,
    rules::{self, Assignment, Finding},
    schedule::{Row, problem::Problem},
};

/// The state of the store that rows are checked against.
#[derive(Debug)]
pub struct Now<'a> {
    pub policy: &'a Policy,
    /// The events of the rows, as far as they exist.
    pub events: BTreeMap<EventId, Event>,
    pub employees: BTreeMap<EmployeeId, Employee>,
    /// The events of these people, from the day before the first row to the day after the last.
    pub held: BTreeMap<EmployeeId, Vec<Event>>,
    pub holidays: BTreeMap<NaiveDate, String>,
    /// For each event with a number, every event with its store and number.
    pub same_number: BTreeMap<EventId, Vec<Event>>,
    /// The id of the schedule that each event would get.
    pub new_schedule_ids: BTreeMap<EventId, ScheduleId>,
}

/// Decides whether rows are accepted. `left` are the events that the proposal lists as not placed.
///
/// # Errors
/// A [`Refusal`] for each row that no longer holds.
pub fn decide(rows: &[&Row], left: &BTreeSet<EventId>, now: &Now<'_>) -> Result<Change, Vec<Refusal>> {
    let (mut edits, mut refusals) = (Vec::new(), Vec::new());
    for row in rows {
        match edit(row, now) {
            Ok(edit) => edits.push(edit),
            Err(why) => refusals.push(refusal(row, now, why)),
        }
    }
    let planned = Planned::of(&edits);
    let mut warnings = Vec::new();
    for row in rows.iter().filter(|row| planned.events.contains_key(&row.event)) {
        match check(row, &planned, left, now) {
            Ok(said) => {
                let name = now.events.get(&row.event).map_or_else(String::new, Event::label);
                warnings.extend(said.into_iter().map(|finding| Warning::Rule(finding).about(row.event, &name)));
            }
            Err(why) => refusals.push(refusal(row, now, why)),
        }
    }
    let subject = edits.first().map(|edit| edit.before.id);
    match subject.filter(|_| refusals.is_empty()) {
        Some(subject) => Ok(Change { action: Action::AcceptProposal, subject, edits, warnings, overridden: false }),
        None => Err(refusals),
    }
}

fn refusal(row: &Row, now: &Now<'_>, why: Rejection) -> Refusal {
    let name = now.events.get(&row.event).map_or_else(|| format!("Event {}", row.event), Event::label);
    Refusal { event: row.event, name, why }
}

/// The event of a row before and after, unless it changed since it was proposed.
fn edit(row: &Row, now: &Now<'_>) -> Result<Edit, Rejection> {
    let before = now.events.get(&row.event).ok_or(Rejection::UnknownEvent(row.event))?;
    if before.revision != row.revision {
        return Err(Rejection::Stale { event: Box::new(before.clone()), seen: row.revision, last: None });
    }
    let id = before.schedule.as_ref().map(|was| was.id).or_else(|| now.new_schedule_ids.get(&row.event).copied());
    let schedule =
        Schedule { id: id.unwrap_or(ScheduleId(row.event.0)), employee: row.employee.clone(), start: row.start };
    Ok(Edit { before: before.clone(), after: before.with_schedule(Some(schedule)) })
}

/// The events as the rows would leave them.
struct Planned<'a> {
    events: BTreeMap<EventId, &'a Event>,
    of_person: BTreeMap<&'a EmployeeId, Vec<&'a Event>>,
}

impl<'a> Planned<'a> {
    fn of(edits: &'a [Edit]) -> Self {
        let mut planned = Self { events: BTreeMap::new(), of_person: BTreeMap::new() };
        for Edit { after, .. } in edits {
            planned.events.insert(after.id, after);
            if let Some(schedule) = &after.schedule {
                planned.of_person.entry(&schedule.employee).or_default().push(after);
            }
        }
        planned
    }

    fn after<'b>(&'b self, event: &'b Event) -> &'b Event {
        self.events.get(&event.id).copied().unwrap_or(event)
    }
}

/// Findings of the rules about an acceptable row: none, except for a locked one.
fn check(row: &Row, planned: &Planned<'_>, left: &BTreeSet<EventId>, now: &Now<'_>) -> Result<Vec<Finding>, Rejection> {
    let Some(event) = planned.events.get(&row.event) else { return Ok(Vec::new()) };
    let findings = findings(row, event, planned, now)?;
    if findings.iter().any(|finding| finding.refuses || !row.locked) {
        let findings = findings.into_iter().map(|finding| Finding { refuses: true, ..finding }).collect();
        return Err(Rejection::Refused { findings, alternatives: Vec::new() });
    }
    let group = now.same_number.get(&row.event).filter(|_| now.policy.pairing);
    let group: Vec<Event> = group.into_iter().flatten().map(|event| planned.after(event).clone()).collect();
    let pair = Pair::among(&group);
    for supervisor in &pair.supervisors {
        let Some(core) = pair.leader_of(supervisor) else { continue };
        let other = if core.id == row.event { supervisor } else { &core };
        if core.id != row.event && supervisor.id != row.event {
            continue;
        }
        let alone = if core.id == row.event {
            supervisor.schedule.is_none() && !left.contains(&supervisor.id)
        } else {
            core.schedule.is_none()
        };
        if alone || apart(core, supervisor) {
            return Err(Rejection::Proposal(Problem::SplitsPair { other: other.label() }));
        }
    }
    Ok(findings)
}

fn findings(row: &Row, event: &Event, planned: &Planned<'_>, now: &Now<'_>) -> Result<Vec<Finding>, Rejection> {
    let employee = now.employees.get(&row.employee).ok_or_else(|| Rejection::UnknownEmployee(row.employee.clone()))?;
    let near = |other: &&Event| {
        other.id != row.event && other.start().is_some_and(|start| (start - row.start).abs() <= TimeDelta::days(2))
    };
    let stored = now.held.get(&row.employee).into_iter().flatten();
    let stored = stored.filter(|other| !planned.events.contains_key(&other.id));
    let mine = planned.of_person.get(&row.employee).into_iter().flatten().copied();
    let held: Vec<&Event> = stored.chain(mine).filter(near).collect();
    Ok(rules::check(&Assignment {
        event,
        employee,
        start: row.start,
        held: &held,
        holidays: &now.holidays,
        short_work_minutes: now.policy.short_work_minutes,
    }))
}
