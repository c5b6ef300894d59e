//! Time off that is recorded with a change of events, and undone with it.
//!
//! Rule of this file: decide first, write last. A rejection is committed with its audit entry, and nothing else may be.

use crate::{
    domain::{
        audit::{About, Action, Entry, Fact, Topic},
        change::{
            bulk::Absence,
            employee_edit::{self, Command, Request, TIME_OFF_FACT},
        },
        employee::{Employee, availability::TimeOff},
        ids::EmployeeId,
    },
    services::change::ChangeError,
    store::{
        ReadTx, StoreError, Tx,
        tables::{audit, employees},
    },
};

/// An employee after a change of their time off.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    employee: Employee,
    /// The employee, for the audit.
    pub about: Option<About>,
    pub facts: Vec<Fact>,
}

impl Decided {
    pub fn write(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        employees::put(tx, &self.employee)
    }
}

/// Decides to record an absence.
///
/// # Errors
/// A [`Rejection`](crate::domain::change::rejection::Rejection) if some of its days are off already, or the employee is
/// unknown.
pub(crate) fn record(tx: &dyn ReadTx, Absence { employee, off }: &Absence) -> Result<Decided, ChangeError> {
    decide(tx, employee, Command::AddTimeOff(off.clone()))
}

/// Decides to remove the time off of an audit entry; none if it has none, or if it is removed already.
///
/// # Errors
/// As [`record`], if what the entry removed would be recorded again.
pub(crate) fn take_back(tx: &dyn ReadTx, sequence: u64) -> Result<Option<Decided>, ChangeError> {
    let recorded = |entry: &Entry| matches!(entry.action, Action::ReassignDay | Action::Undo | Action::Revert);
    let Some(entry) = audit::get(tx, sequence)?.filter(recorded) else { return Ok(None) };
    let about = entry.about.as_ref().filter(|about| about.topic == Topic::Employee);
    let fact = entry.facts.iter().find(|fact| fact.name == TIME_OFF_FACT);
    let Some((about, fact)) = about.zip(fact) else { return Ok(None) };
    let Ok(id) = about.id.parse::<EmployeeId>() else { return Ok(None) };
    let Some(employee) = employees::get(tx, &id)? else { return Ok(None) };
    let command = match (TimeOff::whole_days(&fact.before), TimeOff::whole_days(&fact.after)) {
        (None, Some(off)) if employee.time_off.iter().any(|one| one.has_days_of(&off)) => Command::RemoveTimeOff(off),
        (Some(off), None) => Command::AddTimeOff(off),
        _ => return Ok(None),
    };
    decide(tx, &employee.id, command).map(Some)
}

fn decide(tx: &dyn ReadTx, id: &EmployeeId, command: Command) -> Result<Decided, ChangeError> {
    let before = employees::get(tx, id)?;
    let request = Request { employee: id.clone(), command, seen: None, key: None };
    let employee = employee_edit::decide(before.as_ref(), employees::count(tx)?, &request)?;
    let facts = employee_edit::facts(before.as_ref(), &employee);
    let about = Some(About { topic: Topic::Employee, id: employee.id.to_string() });
    Ok(Decided { employee, about, facts })
}
