//! What the rules say about the assignments that an import brings, as if all of it were written.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};

use crate::{
    domain::{
        audit::Note,
        employee::Employee,
        event::Event,
        format,
        ids::{EmployeeId, EventId},
        rules::{self, Assignment},
    },
    import::{Plan, listed::Listed},
    store::{
        ReadTx, StoreError,
        tables::{employees, events, holidays},
    },
};

type Day = (EmployeeId, NaiveDate);

/// Checks every assignment that a plan brings or changes. Those that it leaves as they are were checked before.
///
/// # Errors
/// If the store cannot be read.
pub fn find(
    view: &dyn ReadTx,
    plan: &Plan,
    short_work_minutes: u32,
    found: &mut Listed<Note>,
) -> Result<(), StoreError> {
    let mut holidays: BTreeMap<_, _> =
        holidays::all(view)?.into_iter().map(|holiday| (holiday.date, holiday.name)).collect();
    holidays.extend(plan.holidays().iter().map(|holiday| (holiday.date, holiday.name.clone())));
    let mut people: HashMap<EmployeeId, Employee> =
        plan.employees().iter().map(|(_, after)| (after.id.clone(), after.clone())).collect();
    let mut planned: HashMap<EventId, &Event> = HashMap::new();
    let mut held: BTreeMap<Day, Vec<&Event>> = BTreeMap::new();
    let mut brought: BTreeMap<Day, Vec<&Event>> = BTreeMap::new();
    for (before, after) in plan.events() {
        planned.insert(after.id, after);
        let Some(now) = &after.schedule else { continue };
        let day = (now.employee.clone(), now.start.date());
        if before.as_ref().and_then(|before| before.schedule.as_ref()) != Some(now) {
            brought.entry(day.clone()).or_default().push(after);
        }
        held.entry(day).or_default().push(after);
    }
    for ((id, date), list) in &brought {
        let days = (date.checked_sub_days(Days::new(1)), date.checked_add_days(Days::new(1)));
        let (Some(first), Some(last)) = days else { continue };
        if !people.contains_key(id) {
            people.extend(employees::get(view, id)?.map(|person| (id.clone(), person)));
        }
        let Some(employee) = people.get(id) else { continue };
        let stored = events::held_between(view, id, first, last)?;
        let around = held.range((id.clone(), first)..=(id.clone(), last)).flat_map(|(_, list)| list.iter().copied());
        let all: Vec<&Event> = stored.iter().filter(|event| !planned.contains_key(&event.id)).chain(around).collect();
        for event in list {
            let Some(start) = event.start() else { continue };
            let others: Vec<&Event> = all.iter().copied().filter(|other| other.id != event.id).collect();
            let assignment =
                Assignment { event, employee, start, held: &others, holidays: &holidays, short_work_minutes };
            for finding in rules::check(&assignment) {
                let message = format!(
                    "{} ({}) with {} on {}: {}",
                    event.name,
                    event.id,
                    employee.name,
                    format::moment(start),
                    finding.message
                );
                found.push(Note { rule: finding.rule.to_owned(), message, event: Some(event.id) });
            }
        }
    }
    Ok(())
}
