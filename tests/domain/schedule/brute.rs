//! The most units that can be placed, found by trying everything: only for a handful of events.

use chrono::{NaiveDate, NaiveDateTime};
use tandem::domain::{
    event::{Event, EventType, Schedule, pairing::Pair},
    ids::ScheduleId,
    rules::{Assignment, check},
    schedule::Input,
};

use super::instances::starts;

/// What goes together: a CORE and its open Supervisors, or one event.
pub type Unit = Vec<Event>;

/// The open units of an input; Supervisors whose CORE is scheduled, and those without one, are not among them.
pub fn units(input: &Input) -> Vec<Unit> {
    let open = |event: &&Event| event.schedule.is_none();
    let group = |event: &Event| -> Vec<&Event> {
        let same = |other: &&Event| event.number.is_some() && other.number == event.number;
        input.events.iter().filter(same).collect()
    };
    let unit = |event: &Event| -> Option<Unit> {
        let mut unit = vec![event.clone()];
        match event.event_type {
            EventType::Core => {
                let group = group(event);
                let pair = Pair::among(group.iter().copied());
                unit.extend(pair.followers_of(event.id).into_iter().filter(open).cloned());
                Some(unit)
            }
            EventType::Supervisor => None,
            _ => Some(unit),
        }
    };
    input.events.iter().filter(open).filter_map(unit).collect()
}

pub fn days(input: &Input) -> Vec<NaiveDate> {
    input.options.from.iter_days().take_while(|day| *day <= input.options.to).collect()
}

/// An event as someone would have it, if no rule speaks against it beside `held`.
pub fn given(input: &Input, held: &[Event], event: &Event, person: usize, start: NaiveDateTime) -> Option<Event> {
    let employee = &input.employees[person];
    let theirs = |other: &&Event| other.schedule.as_ref().is_some_and(|now| now.employee == employee.id);
    let held: Vec<_> = held.iter().filter(theirs).filter(|other| other.id != event.id).collect();
    let short_work_minutes = input.policy.short_work_minutes;
    let assignment = Assignment { event, employee, start, held: &held, holidays: &input.holidays, short_work_minutes };
    let schedule = Schedule { id: ScheduleId(event.id.0), employee: employee.id.clone(), start };
    check(&assignment).is_empty().then(|| Event { schedule: Some(schedule), ..event.clone() })
}

/// Every way to place a unit beside `held`: what is held then.
fn ways(input: &Input, held: &[Event], unit: &[Event]) -> Vec<Vec<Event>> {
    let (mut ways, first) = (Vec::new(), &unit[0]);
    for person in 0..input.employees.len() {
        for day in days(input) {
            for time in starts(&input.policy, first) {
                let start = day.and_time(time);
                let Some(placed) = given(input, held, first, person, start) else { continue };
                let mut here = vec![[held, &[placed]].concat()];
                for supervisor in &unit[1..] {
                    let at = input.policy.supervisor_start(start);
                    let mut next = Vec::new();
                    for held in &here {
                        let hosts =
                            (0..input.employees.len()).filter_map(|host| given(input, held, supervisor, host, at));
                        next.extend(hosts.map(|placed| [held.as_slice(), &[placed]].concat()));
                    }
                    here = next;
                }
                ways.extend(here);
            }
        }
    }
    ways
}

/// The most units that can be placed whole, of those that are due by a day.
pub fn most(input: &Input, due_by: NaiveDate) -> usize {
    let held: Vec<_> = input.events.iter().filter(|event| event.schedule.is_some()).cloned().collect();
    let mut units = units(input);
    units.retain(|unit| unit[0].last_day().is_some_and(|last| last <= due_by));
    search(input, &held, &units, 0)
}

/// The most events that people can have at the starts that are given, whatever their windows say.
pub fn most_given(input: &Input, held: &[Event], wanted: &[(Event, NaiveDateTime)]) -> usize {
    let Some(((event, start), rest)) = wanted.split_first() else { return 0 };
    let event = Event { first_day: None, due: None, schedule: None, ..event.clone() };
    let excluded = |who: &usize| input.options.exclude_employees.contains(&input.employees[*who].id);
    let hosts = (0..input.employees.len()).filter(|who| !excluded(who));
    let placed = hosts.filter_map(|who| given(input, held, &event, who, *start));
    let with = placed.map(|placed| 1 + most_given(input, &[held, &[placed]].concat(), rest)).max();
    with.unwrap_or(0).max(most_given(input, held, rest))
}

fn search(input: &Input, held: &[Event], units: &[Unit], at_least: usize) -> usize {
    let Some((unit, rest)) = units.split_first() else { return 0 };
    let mut best = 0;
    for way in ways(input, held, unit) {
        best = best.max(1 + search(input, &way, rest, at_least.saturating_sub(1)));
        if best == units.len() {
            return best;
        }
    }
    // Without it no more than the rest can be placed.
    if best > rest.len() { best } else { best.max(search(input, held, rest, best)) }
}
