//! Gathers the events, people and holidays that a proposal looks at.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::{
    domain::{
        calendar::FIRST_DAY,
        employee::Employee,
        event::{Event, EventType, counts::NO_DATE},
        ids::EventId,
        schedule::{EVENTS_MAX, Options, problem::Problem},
    },
    services::change::ChangeError,
    store::{
        Flow, ReadTx, StoreError,
        tables::{employees, events, holidays},
    },
};

/// Most scheduled events that a proposal looks at.
const HELD_EVENTS_MAX: usize = 50_000;

/// Everything that a proposal looks at in the store.
pub struct Facts {
    pub events: Vec<Event>,
    pub employees: Vec<Employee>,
    pub holidays: BTreeMap<NaiveDate, String>,
}

/// Reads what [`Input`](crate::domain::schedule::Input) asks for.
pub fn facts(tx: &dyn ReadTx, options: &Options) -> Result<Facts, ChangeError> {
    let employees = employees::all(tx)?;
    let unknown = |id: &&_| !employees.iter().any(|employee| employee.id == **id);
    if let Some(id) = options.exclude_employees.iter().find(unknown) {
        return Err(Problem::UnknownEmployee(id.clone()).into());
    }
    let first = options.from.checked_sub_days(Days::new(1)).ok_or(Problem::OutOfCalendar)?;
    let last = options.to.checked_add_days(Days::new(1)).ok_or(Problem::OutOfCalendar)?;
    let mut all: BTreeMap<EventId, Event> = BTreeMap::new();
    let open = unscheduled(tx, options)?;
    if open.len() > EVENTS_MAX {
        return Err(Problem::TooManyOpen { events: open.len() }.into());
    }
    if open.is_empty() {
        return Err(Problem::NoOpenEvents.into());
    }
    let held = events::scheduled_first(tx, (first, last), HELD_EVENTS_MAX + 1)?;
    if held.len() > HELD_EVENTS_MAX {
        return Err(Problem::TooManyHeld { max: HELD_EVENTS_MAX }.into());
    }
    all.extend(open.into_iter().chain(held).map(|event| (event.id, event)));
    add_pairs(tx, &mut all)?;
    let holidays = holidays::between(tx, first, last)?;
    Ok(Facts { events: all.into_values().collect(), employees, holidays })
}

/// The unscheduled events that are asked for.
fn unscheduled(tx: &dyn ReadTx, options: &Options) -> Result<Vec<Event>, StoreError> {
    let with_supervisors = options.types.contains(&EventType::Core);
    let mut open = Vec::new();
    events::each_unstaffed(tx, (FIRST_DAY, NO_DATE), None, |event| {
        let its_type = options.types.is_empty()
            || options.types.contains(&event.event_type)
            || event.event_type == EventType::Supervisor && with_supervisors;
        let its_store = options.stores.is_empty() || options.stores.iter().any(|store| store == event.location.key());
        if its_type && its_store && event.first_day.is_none_or(|first| first <= options.to) {
            open.push(event);
        }
        Ok(Flow::Continue)
    })?;
    Ok(open)
}

/// Adds the events that share store and number with one that is there.
fn add_pairs(tx: &dyn ReadTx, all: &mut BTreeMap<EventId, Event>) -> Result<(), StoreError> {
    let (mut looked_up, mut others) = (BTreeSet::new(), Vec::new());
    for event in all.values() {
        let Some(number) = event.number else { continue };
        if looked_up.insert((event.location.number.clone(), number.0)) {
            others.append(&mut events::same_number(tx, &event.location, number)?);
        }
    }
    all.extend(others.into_iter().map(|event| (event.id, event)));
    Ok(())
}
