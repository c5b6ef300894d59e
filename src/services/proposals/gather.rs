//! Gathers the events, people and holidays that a proposal looks at.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::{
    domain::{
        alike::number_key,
        calendar::FIRST_DAY,
        employee::Employee,
        event::{Event, EventType, counts::NO_DATE},
        ids::EventId,
        policy::Policy,
        schedule::{EVENTS_MAX, Input, Lock, Options, Rotation, problem::Problem},
    },
    services::change::ChangeError,
    store::{
        Flow, ReadTx, StoreError,
        tables::{employees, events, holidays, rotations},
    },
};

/// Most scheduled events that a proposal looks at.
const HELD_EVENTS_MAX: usize = 50_000;

/// Everything that a proposal looks at in the store.
pub struct Facts {
    pub events: Vec<Event>,
    /// Under the names that pages show: reasons name people.
    pub employees: Vec<Employee>,
    pub holidays: BTreeMap<NaiveDate, String>,
    pub rotation: Rotation,
}

impl Facts {
    /// The input of a proposal, with the weekly maximum of those people who have one of their own.
    pub fn input(
        self,
        mut options: Options,
        locks: Vec<Lock>,
        only: Option<BTreeMap<EventId, Option<NaiveDateTime>>>,
        policy: Policy,
    ) -> Input {
        let Self { events, employees, holidays, rotation } = self;
        let own = employees.iter().filter(|one| one.weekly_hours_max.is_some());
        options.minutes_max = own.map(|one| (one.id.clone(), one.weekly_minutes_max())).collect();
        Input { events, employees, holidays, policy, rotation, options, locks, only }
    }
}

/// Reads what [`Input`] asks for.
pub fn facts(tx: &dyn ReadTx, options: &Options) -> Result<Facts, ChangeError> {
    let open = unscheduled(tx, options)?;
    if open.len() > EVENTS_MAX {
        return Err(Problem::TooManyOpen { events: open.len() }.into());
    }
    let is_over = |event: &Event| event.last_day().is_some_and(|last| last < options.from);
    let nothing_left = open.iter().all(is_over);
    let facts = around(tx, options, open)?;
    let unknown = |id: &&_| !facts.employees.iter().any(|employee| employee.id == **id);
    if let Some(id) = options.exclude_employees.iter().find(unknown) {
        return Err(Problem::UnknownEmployee(id.clone()).into());
    }
    if nothing_left {
        return Err(Problem::NoOpenEvents.into());
    }
    Ok(facts)
}

/// Adds what is held around the days, the rest of each pair, and people to some events.
pub fn around(tx: &dyn ReadTx, options: &Options, events: Vec<Event>) -> Result<Facts, ChangeError> {
    let first = options.from.checked_sub_days(Days::new(1)).ok_or(Problem::OutOfCalendar)?;
    let last = options.to.checked_add_days(Days::new(1)).ok_or(Problem::OutOfCalendar)?;
    let (week_first, week_last) = options.whole_weeks().ok_or(Problem::OutOfCalendar)?;
    let held = events::scheduled_first(tx, (first.min(week_first), last.max(week_last)), HELD_EVENTS_MAX + 1)?;
    if held.len() > HELD_EVENTS_MAX {
        return Err(Problem::TooManyHeld { max: HELD_EVENTS_MAX }.into());
    }
    let mut all: BTreeMap<EventId, Event> = held.into_iter().map(|event| (event.id, event)).collect();
    all.extend(events.into_iter().map(|event| (event.id, event)));
    add_pairs(tx, &mut all)?;
    Ok(Facts {
        events: all.into_values().collect(),
        employees: employees::all_named(tx)?,
        holidays: holidays::between(tx, first, last)?,
        rotation: rotations::all(tx)?,
    })
}

fn unscheduled(tx: &dyn ReadTx, options: &Options) -> Result<Vec<Event>, StoreError> {
    let with_supervisors = options.types.contains(&EventType::Core);
    let mut open = Vec::new();
    events::each_unstaffed(tx, (FIRST_DAY, NO_DATE), None, |event| {
        let its_type = options.types.is_empty()
            || options.types.contains(&event.event_type)
            || event.event_type == EventType::Supervisor && with_supervisors;
        let its_store =
            options.stores.is_empty() || options.stores.iter().any(|store| number_key(store) == event.location.key());
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
        if looked_up.insert((event.location.key().into_owned(), number.0)) {
            others.append(&mut events::same_number(tx, &event.location, number)?);
        }
    }
    for event in others {
        all.entry(event.id).or_insert(event);
    }
    Ok(())
}
