//! Loads the facts that a decision needs.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::{
    domain::{
        change::{Command, alternatives::SEARCH_DAYS_MAX, context::DecisionContext, rejection::Rejection},
        employee::Employee,
        event::Event,
        ids::{EmployeeId, EventId, ScheduleId},
        policy::Policy,
    },
    services::{change::ChangeError, undo},
    store::{
        ReadTx, StoreError,
        queries::{
            employee_cache::{EmployeeCache, around},
            held::by_each,
            warm,
        },
        tables::{employees, events, holidays, meta},
    },
};

/// Lowest schedule id that we assign. Ids of imported data are lower.
pub const OWN_SCHEDULE_ID_MIN: u64 = 1 << 40;

/// Reference to the event that a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Event(EventId),
    Schedule(ScheduleId),
    /// The subject of an audit entry.
    Entry(u64),
}

/// Loads the event of a target.
///
/// # Errors
/// A [`Rejection`] names the unknown id.
pub fn find(tx: &dyn ReadTx, target: Target) -> Result<Event, ChangeError> {
    let id = match target {
        Target::Event(id) => id,
        Target::Schedule(id) => match events::of_schedule(tx, id)? {
            Some(event) => event,
            None => return Err(Rejection::UnknownSchedule(id).into()),
        },
        Target::Entry(sequence) => return undo::subject_of(tx, sequence),
    };
    Ok(events::get(tx, id)?.ok_or(Rejection::UnknownEvent(id))?)
}

/// Employees that are loaded into a context.
#[derive(Debug)]
enum EmployeeScope<'a> {
    /// Every employee: a command assigns one, or a form lists candidates.
    All(&'a mut EmployeeCache),
    /// Only employees who are assigned to the events.
    Holders,
}

pub fn load(
    tx: &dyn ReadTx,
    subject: Event,
    command: &Command,
    policy: &Policy,
) -> Result<DecisionContext, StoreError> {
    load_with(tx, &mut EmployeeCache::default(), subject, command, policy)
}

/// Same as [`load`], with a cache of employees.
pub(crate) fn load_with(
    tx: &dyn ReadTx,
    employees: &mut EmployeeCache,
    subject: Event,
    command: &Command,
    policy: &Policy,
) -> Result<DecisionContext, StoreError> {
    if let Command::Trade { with, .. } = command {
        return load_for_trade(tx, subject, *with, policy);
    }
    if command.assigns().is_some() {
        return load_everyone(tx, employees, subject, command, policy);
    }
    let date = command.start_for(&subject).map(|start| start.date());
    gather(tx, subject, date, EmployeeScope::Holders, policy)
}

/// Loads the context of a command that assigns an employee, or that a rule refuses: with all employees, for alternatives.
pub(crate) fn load_everyone(
    tx: &dyn ReadTx,
    employees: &mut EmployeeCache,
    subject: Event,
    command: &Command,
    policy: &Policy,
) -> Result<DecisionContext, StoreError> {
    let date = command.start_for(&subject).map(|start| start.date());
    let holder = subject.schedule.as_ref().map(|now| now.employee.clone());
    let mut context = gather(tx, subject, date, EmployeeScope::All(employees), policy)?;
    if let (Some(requested), Some(date)) = (command.assigns().or(holder.as_ref()), date) {
        look_ahead(tx, &mut context, requested, date)?;
    }
    Ok(context)
}

/// Adds the requested employee's events and holidays around other dates, from which alternatives are chosen.
fn look_ahead(
    tx: &dyn ReadTx,
    context: &mut DecisionContext,
    who: &EmployeeId,
    date: NaiveDate,
) -> Result<(), StoreError> {
    let last = date.checked_add_days(Days::new(SEARCH_DAYS_MAX)).and_then(around);
    if let (Some((first, _)), Some((_, last))) = (around(date), last) {
        context.held.insert(who.clone(), events::held_between(tx, who, first, last)?);
        context.holidays = holidays::between(tx, first, last)?;
    }
    Ok(())
}

/// Loads both events of a trade, their employees, and what these work around both dates.
fn load_for_trade(
    tx: &dyn ReadTx,
    subject: Event,
    with: ScheduleId,
    policy: &Policy,
) -> Result<DecisionContext, StoreError> {
    let other = match events::of_schedule(tx, with)? {
        Some(id) => events::get(tx, id)?,
        None => None,
    };
    let date = subject.date();
    let mut context = gather(tx, subject, date, EmployeeScope::Holders, policy)?;
    if let Some(other) = &other {
        let theirs = gather(tx, other.clone(), other.date(), EmployeeScope::Holders, policy)?;
        context.employees.extend(theirs.employees);
        context.holidays.extend(theirs.holidays);
    }
    for date in [date, other.as_ref().and_then(Event::date)].into_iter().flatten() {
        let Some((first, last)) = around(date) else { continue };
        for id in context.employees.keys() {
            let held = context.held.entry(id.clone()).or_default();
            for event in events::held_between(tx, id, first, last)? {
                if !held.contains(&event) {
                    held.push(event);
                }
            }
        }
    }
    Ok(DecisionContext { other, ..context })
}

/// Loads the context of a form or of a restored assignment: every employee, around a date.
pub fn load_around(
    tx: &dyn ReadTx,
    subject: Event,
    date: NaiveDate,
    policy: &Policy,
) -> Result<DecisionContext, StoreError> {
    load_around_with(tx, &mut EmployeeCache::default(), subject, date, policy)
}

/// Same as [`load_around`], with a cache of employees.
pub(crate) fn load_around_with(
    tx: &dyn ReadTx,
    employees: &mut EmployeeCache,
    subject: Event,
    date: NaiveDate,
    policy: &Policy,
) -> Result<DecisionContext, StoreError> {
    gather(tx, subject, Some(date), EmployeeScope::All(employees), policy)
}

fn gather(
    tx: &dyn ReadTx,
    subject: Event,
    date: Option<NaiveDate>,
    scope: EmployeeScope<'_>,
    policy: &Policy,
) -> Result<DecisionContext, StoreError> {
    let same_number = match subject.number {
        Some(number) => events::same_number(tx, &subject.location, number)?,
        None => Vec::new(),
    };
    warm::change(tx, std::iter::once(&subject).chain(&same_number).map(|event| (event, date)))?;
    let days = date.and_then(around);
    let (mut held, mut closed) = (BTreeMap::new(), BTreeMap::new());
    if let Some((first, last)) = days {
        closed = holidays::between(tx, first, last)?;
    }
    let everyone = matches!(scope, EmployeeScope::All(_));
    let employees = match scope {
        EmployeeScope::All(employees) => {
            if let Some((first, last)) = days {
                held = employees.held(tx, first, last)?;
            }
            employees.people(tx)?.clone()
        }
        EmployeeScope::Holders => {
            let holders = holders(tx, &subject, &same_number)?;
            if let Some((first, last)) = days {
                let ids: Vec<_> = holders.keys().collect();
                let work = by_each(tx, &ids, first, last)?;
                held.extend(ids.into_iter().cloned().zip(work));
            }
            holders
        }
    };
    let unstaffed = std::iter::once(&subject).chain(&same_number).filter(|event| event.schedule.is_none());
    let new_schedule_ids = new_schedule_ids(tx, unstaffed)?;
    let short_work_minutes = policy.short_work_minutes;
    Ok(DecisionContext {
        subject,
        same_number,
        other: None,
        employees,
        everyone,
        held,
        holidays: closed,
        new_schedule_ids,
        short_work_minutes,
    })
}

fn holders(
    tx: &dyn ReadTx,
    subject: &Event,
    same_number: &[Event],
) -> Result<BTreeMap<EmployeeId, Employee>, StoreError> {
    let schedules = std::iter::once(subject).chain(same_number).filter_map(|event| event.schedule.as_ref());
    let mut ids: Vec<&EmployeeId> = schedules.map(|schedule| &schedule.employee).collect();
    ids.sort();
    ids.dedup();
    let found = ids.into_iter().map(|id| employees::get(tx, id)).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().flatten().map(|employee| (employee.id.clone(), employee)).collect())
}

/// Gives employees the names that messages show.
pub(crate) fn show_names(
    tx: &dyn ReadTx,
    employees: &mut EmployeeCache,
    context: &mut DecisionContext,
) -> Result<(), StoreError> {
    let named = employees.people(tx)?;
    for (id, employee) in &mut context.employees {
        if let Some(known) = named.get(id) {
            employee.name.clone_from(&known.name);
        }
    }
    Ok(())
}

/// Ids for new schedules. An event's schedule gets the event's number, as in the source data. If another event uses
/// that id, it gets the next one of ours.
pub(crate) fn new_schedule_ids<'a>(
    tx: &dyn ReadTx,
    events: impl Iterator<Item = &'a Event>,
) -> Result<BTreeMap<EventId, ScheduleId>, StoreError> {
    let (mut ids, mut events) = (BTreeMap::new(), events.peekable());
    if events.peek().is_none() {
        return Ok(ids);
    }
    let mut own = meta::last(tx, meta::SCHEDULES)?.max(OWN_SCHEDULE_ID_MIN);
    for event in events {
        let same = ScheduleId(event.id.0);
        let id = if events::of_schedule(tx, same)?.is_none() {
            same
        } else {
            own += 1;
            while events::of_schedule(tx, ScheduleId(own))?.is_some() {
                own += 1;
            }
            ScheduleId(own)
        };
        ids.insert(event.id, id);
    }
    Ok(ids)
}
