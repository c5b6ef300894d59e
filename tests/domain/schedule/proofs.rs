//! An independent checker: every proposed row passes the rules, no pair is split, every `competing` set is one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use tandem::domain::{
    event::{Event, EventType, Schedule, pairing::Pair},
    ids::{EmployeeId, EventId, ScheduleId},
    schedule::{Input, Proposal, Reason, propose},
};

use super::{
    brute::{days, given},
    instances::{self, starts},
};

/// The events as a proposal would leave them.
pub fn after(input: &Input, proposal: &Proposal) -> Vec<Event> {
    let rows: BTreeMap<_, _> = proposal.rows.iter().map(|row| (row.event, row)).collect();
    let event = |event: &Event| match rows.get(&event.id) {
        Some(row) => {
            let schedule = Schedule { id: ScheduleId(event.id.0), employee: row.employee.clone(), start: row.start };
            Event { schedule: Some(schedule), ..event.clone() }
        }
        None => event.clone(),
    };
    input.events.iter().map(event).collect()
}

/// The scheduled ones of the events around each day: all that a rule may look at there.
fn around(events: &[Event]) -> impl Fn(NaiveDate) -> Vec<Event> + '_ {
    let mut by_day: BTreeMap<NaiveDate, Vec<&Event>> = BTreeMap::new();
    for event in events {
        by_day.entry(event.date().unwrap_or_default()).or_default().push(event);
    }
    move |day| {
        let days = by_day.range(day - Days::new(2)..=day + Days::new(2));
        days.flat_map(|(_, events)| events.iter().copied().cloned()).collect()
    }
}

/// Every open event is a row or has a reason; rows pass all rules beside each other; no Supervisor is placed without its CORE.
pub fn check_rows(input: &Input, proposal: &Proposal) {
    let after = after(input, proposal);
    let near = around(&after);
    for row in &proposal.rows {
        let event = after.iter().find(|event| event.id == row.event).unwrap();
        let person = input.employees.iter().position(|one| one.id == row.employee).unwrap();
        assert!(
            given(input, &near(row.start.date()), event, person, row.start).is_some(),
            "a rule speaks about {row:?}"
        );
        for other in &row.alternatives {
            let person = input.employees.iter().position(|one| one.id == other.employee).unwrap();
            let held = near(other.start.date());
            assert!(given(input, &held, event, person, other.start).is_some(), "{other:?} of {row:?}");
        }
    }
    let told: BTreeSet<_> = proposal.rows.iter().map(|row| row.event).collect();
    let untold: BTreeSet<_> = proposal.unplaced.iter().map(|one| one.event).collect();
    assert!(told.is_disjoint(&untold));
    for event in input.events.iter().filter(|event| event.schedule.is_none()) {
        assert!(told.contains(&event.id) || untold.contains(&event.id), "nothing is said of {}", event.name);
        if event.event_type == EventType::Supervisor && told.contains(&event.id) {
            let pair = Pair::among(after.iter().filter(|other| other.number == event.number));
            let core = pair.leader_of(event).unwrap();
            let start = after.iter().find(|other| other.id == event.id).unwrap().start();
            assert_eq!(core.start().map(|core| input.policy.supervisor_start(core)), start, "{} is split", event.name);
        }
    }
}

/// The person-days on which an event could be, beside what is held, its Supervisors with someone too.
fn places(input: &Input, held: &[Event], event: &Event) -> BTreeSet<(EmployeeId, NaiveDate)> {
    let pair = Pair::among(input.events.iter().filter(|other| other.number == event.number));
    let followers: Vec<_> = match event.event_type {
        EventType::Core => pair.followers_of(event.id).into_iter().filter(|one| one.schedule.is_none()).collect(),
        _ => Vec::new(),
    };
    let (near, mut places) = (around(held), BTreeSet::new());
    for day in days(input) {
        let held = &near(day);
        for time in starts(&input.policy, event) {
            let start = day.and_time(time);
            let at = input.policy.supervisor_start(start);
            let hosted =
                |one: &&Event| (0..input.employees.len()).any(|who| given(input, held, one, who, at).is_some());
            if !followers.iter().all(hosted) {
                continue;
            }
            let may = (0..input.employees.len()).filter(|who| given(input, held, event, *who, start).is_some());
            places.extend(may.map(|who| (input.employees[who].id.clone(), day)));
        }
    }
    places
}

/// Confirms what a `competing` reason says; answers how many were proven.
pub fn check_competing(input: &Input, proposal: &Proposal) -> usize {
    let held: Vec<_> = input.events.iter().filter(|event| event.schedule.is_some()).cloned().collect();
    let mut could: BTreeMap<EventId, BTreeSet<(EmployeeId, NaiveDate)>> = BTreeMap::new();
    let mut proven_sets = 0;
    for one in &proposal.unplaced {
        let Reason::Competing { events, places: named, proven } = &one.reason else { continue };
        let event = |id: &EventId| input.events.iter().find(|event| event.id == *id).unwrap();
        if event(&one.event).event_type != EventType::Supervisor {
            assert!(events.contains(&one.event), "{one:?}");
        }
        if !proven {
            continue;
        }
        proven_sets += 1;
        let open: Vec<_> = events.iter().map(event).filter(|event| event.schedule.is_none()).collect();
        for event in &open {
            let could = could.entry(event.id).or_insert_with(|| places(input, &held, event));
            assert!(could.is_subset(named), "{} could also go elsewhere: {one:?}", event.name);
        }
        let free: BTreeSet<_> = open.iter().flat_map(|event| &could[&event.id]).collect();
        assert!(open.len() > free.len(), "{} events, {} places: {one:?}", open.len(), free.len());
    }
    proven_sets
}

#[test]
fn tx_26_an_independent_checker_confirms_every_set_of_competing_events() {
    let mut confirmed = 0;
    for (name, seed) in [("B1", 0), ("B3", 2), ("B4", 1), ("B4", 2), ("B6", 3), ("B7", 1)] {
        let input = instances::instance(name, seed, instances::SHORT_WORK_MINUTES);
        let proposal = propose(&input);
        check_rows(&input, &proposal);
        confirmed += check_competing(&input, &proposal);
    }
    assert!(confirmed > 0, "nothing competed");
}

#[test]
fn without_short_work_every_row_passes_all_rules() {
    for name in ["B1", "B2", "B4"] {
        let input = instances::instance(name, 1, 0);
        let proposal = propose(&input);
        check_rows(&input, &proposal);
        check_competing(&input, &proposal);
    }
}
