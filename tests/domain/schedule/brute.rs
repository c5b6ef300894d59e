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
pub struct Unit {
    pub events: Vec<Event>,
    /// The start of a Supervisor whose CORE is scheduled.
    fixed: Option<NaiveDateTime>,
}

impl Unit {
    fn starts(&self, input: &Input, day: NaiveDate) -> Vec<NaiveDateTime> {
        match self.fixed {
            Some(start) => Vec::from_iter((start.date() == day).then_some(start)),
            None => starts(&input.policy, &self.events[0]).into_iter().map(|time| day.and_time(time)).collect(),
        }
    }
}

/// The open units of an input; Supervisors whose CORE has no date, or none of the window's, are not among them.
pub fn units(input: &Input) -> Vec<Unit> {
    let (open, days) = (|event: &&Event| event.schedule.is_none(), days(input));
    let group = |event: &Event| -> Vec<&Event> {
        let same = |other: &&Event| event.number.is_some() && other.number == event.number;
        input.events.iter().filter(same).collect()
    };
    let unit = |event: &Event| -> Option<Unit> {
        let (mut events, group) = (vec![event.clone()], group(event));
        let pair = Pair::among(group.iter().copied());
        match event.event_type {
            EventType::Core => {
                events.extend(pair.followers_of(event.id).into_iter().filter(open).cloned());
                Some(Unit { events, fixed: None })
            }
            EventType::Supervisor => {
                let start = input.policy.supervisor_start(pair.leader_of(event)?.start()?);
                days.contains(&start.date()).then_some(Unit { events, fixed: Some(start) })
            }
            _ => Some(Unit { events, fixed: None }),
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
fn ways(input: &Input, held: &[Event], unit: &Unit) -> Vec<Vec<Event>> {
    let (mut ways, first) = (Vec::new(), &unit.events[0]);
    for person in 0..input.employees.len() {
        for day in days(input) {
            for start in unit.starts(input, day) {
                let Some(placed) = given(input, held, first, person, start) else { continue };
                let mut here = vec![[held, &[placed]].concat()];
                for supervisor in &unit.events[1..] {
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

/// The most units that can be placed whole, the earliest last day first: how many that are due on each of the days.
pub fn most(input: &Input) -> Vec<usize> {
    let held: Vec<_> = input.events.iter().filter(|event| event.schedule.is_some()).cloned().collect();
    search(input, &held, &units(input))
}

/// How many of these units are due on each day that is asked for.
pub fn by_last_day<'u>(input: &Input, units: impl Iterator<Item = &'u Unit>) -> Vec<usize> {
    let days = days(input);
    let mut counts = vec![0; days.len()];
    for last in units.filter_map(|unit| unit.events[0].last_day()) {
        if let Some(at) = days.iter().position(|day| *day == last) {
            counts[at] += 1;
        }
    }
    counts
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

fn search(input: &Input, held: &[Event], units: &[Unit]) -> Vec<usize> {
    let Some((unit, rest)) = units.split_first() else { return vec![0; days(input).len()] };
    let with = |counts: Vec<usize>| -> Vec<usize> {
        counts.iter().zip(by_last_day(input, [unit].into_iter())).map(|(rest, one)| rest + one).collect()
    };
    let (all, without) = (by_last_day(input, units.iter()), by_last_day(input, rest.iter()));
    let mut best = vec![0; all.len()];
    for way in ways(input, held, unit) {
        best = best.max(with(search(input, &way, rest)));
        if best == all {
            return best;
        }
    }
    // Without it no more than the rest can be placed.
    if best >= without { best } else { best.max(search(input, held, rest)) }
}
