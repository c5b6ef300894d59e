//! Random small instances against a search that tries everything.

use chrono::{NaiveDate, Weekday};
use proptest::{prelude::*, test_runner::Config};
use tandem::domain::{
    employee::{
        JobTitle,
        availability::{DayPart, Hours, TimeOff},
    },
    event::Event,
    schedule::{Input, propose},
};

use super::{
    With,
    brute::{self, Unit},
    date, employee, event, instances, person,
    proofs::{after, check_competing, check_rows},
};

const DAYS: [&str; 3] = ["2025-10-13", "2025-10-14", "2025-10-15"];
const STORES: [&str; 3] = ["4101", "4102", "4103"];

/// A person: title, the weekdays of the three that they do not work, a day off.
fn people() -> impl Strategy<Value = Vec<(usize, [bool; 3], Option<usize>)>> {
    proptest::collection::vec((0..4_usize, any::<[bool; 3]>(), proptest::option::of(0..3_usize)), 1..=3)
}

/// An event: its kind, first day, how many days more, who holds it on which day, its store.
type Piece = (usize, usize, usize, Option<(usize, usize)>, usize);

/// At one to three stores.
fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let held = || proptest::option::weighted(0.2, (0..3_usize, 0..3_usize));
    let piece = move |stores| (0..6_usize, 0..3_usize, 0..3_usize, held(), 0..stores);
    (1..=STORES.len()).prop_flat_map(move |stores| proptest::collection::vec(piece(stores), 1..=5))
}

fn input(people: &[(usize, [bool; 3], Option<usize>)], pieces: &[Piece], short: u32) -> Input {
    let employees: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(at, (title, off, away))| {
            let mut one = person(&format!("p{at}"), JobTitle::ALL[*title]);
            for (weekday, _) in [Weekday::Mon, Weekday::Tue, Weekday::Wed].into_iter().zip(off).filter(|(_, off)| **off)
            {
                one.availability = one.availability.with(weekday, Hours::Off);
            }
            let days = away.map(|day| TimeOff {
                first: date(DAYS[day]),
                last: date(DAYS[day]),
                part: DayPart::WholeDay,
                note: None,
            });
            one.time_off.extend(days);
            one
        })
        .collect();
    let mut events: Vec<Event> = Vec::new();
    for (at, (kind, first, more, held, store)) in pieces.iter().enumerate() {
        let number = 606_001 + at;
        let word = ["CORE", "CORE", "Juicer", "Freeosk", "Digitals", "Other"][*kind];
        let last = DAYS[(first + more).min(2)];
        let id = 10 * (at as u64 + 1);
        let mut one = event(id, &format!("{number}-{word}-Gum"));
        one = one.at_store(STORES[*store]).not_before(DAYS[*first]).due(last, None);
        if let Some((who, day)) = held.filter(|(who, _)| *who < employees.len()) {
            one = one.held_by(&format!("p{who}"), &format!("{} 10:30", DAYS[day]));
        }
        events.push(one);
        if *kind == 0 {
            let supervisor = event(id + 1, &format!("{number}-Supervisor-Gum")).at_store(STORES[*store]);
            events.push(supervisor.not_before(DAYS[*first]).due(last, None));
        }
    }
    let mut input = instances::input(events, employees, 3, short);
    input.options.from = date(DAYS[0]);
    input.options.to = date(DAYS[2]);
    input.policy.usual =
        input.policy.usual.with_core(&[super::super::time("09:45"), super::super::time("11:30")]).unwrap();
    input
}

/// Units due by a day that are placed whole; Supervisors of scheduled COREs are none.
fn whole(input: &Input, after: &[Event], due_by: NaiveDate) -> usize {
    let is_placed = |event: &Event| after.iter().any(|other| other.id == event.id && other.schedule.is_some());
    let is_due = |unit: &&Unit| unit[0].last_day().is_some_and(|last| last <= due_by);
    brute::units(input).iter().filter(is_due).filter(|unit| unit.iter().all(is_placed)).count()
}

proptest! {
    #![proptest_config(Config { cases: 100, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_most_possible_units_are_placed_by_each_last_day(people in people(), pieces in pieces()) {
        let input = input(&people, &pieces, instances::SHORT_WORK_MINUTES);
        let proposal = propose(&input);
        check_rows(&input, &proposal);
        check_competing(&input, &proposal);
        let after = after(&input, &proposal);
        for day in DAYS.map(date) {
            prop_assert_eq!(whole(&input, &after, day), brute::most(&input, day), "by {}: {:#?}", day, proposal);
        }
    }

    #[test]
    fn without_short_work_the_most_possible_units_are_placed(people in people(), pieces in pieces()) {
        let input = input(&people, &pieces, 0);
        let proposal = propose(&input);
        check_rows(&input, &proposal);
        check_competing(&input, &proposal);
        let last = date(DAYS[2]);
        prop_assert_eq!(whole(&input, &after(&input, &proposal), last), brute::most(&input, last), "{:#?}", proposal);
    }

    #[test]
    fn moved_work_keeps_a_place_and_is_displaced_only_by_more_urgent_work(people in people(), pieces in pieces()) {
        let mut input = input(&people, &pieces, instances::SHORT_WORK_MINUTES);
        let stays = propose(&input).placed();
        input.options.move_scheduled = true;
        let proposal = propose(&input);
        check_rows(&input, &proposal);
        prop_assert!(proposal.placed() >= stays, "{} instead of {stays}", proposal.placed());
        let after = after(&input, &proposal);
        let kept = |event: &Event| after.iter().any(|other| other.id == event.id && other.schedule.is_some());
        prop_assert!(input.events.iter().filter(|event| event.schedule.is_some()).all(kept));
    }

    #[test]
    fn events_with_fixed_starts_are_given_to_people_who_pass_all_rules(people in people(), pieces in pieces()) {
        let mut input = input(&people, &pieces, instances::SHORT_WORK_MINUTES);
        input.options.exclude_employees.insert(employee("p0"));
        let held_by_first = |event: &&Event| event.schedule.as_ref().is_some_and(|now| now.employee.as_str() == "p0");
        let wanted: Vec<_> =
            input.events.iter().filter(held_by_first).map(|event| (event.clone(), event.start().unwrap())).collect();
        input.only = Some(wanted.iter().map(|(event, start)| (event.id, Some(*start))).collect());

        let proposal = propose(&input);

        let others: Vec<_> =
            input.events.iter().filter(|event| event.schedule.is_some() && !held_by_first(event)).cloned().collect();
        prop_assert_eq!(proposal.rows.len(), brute::most_given(&input, &others, &wanted), "{:#?}", proposal);
        prop_assert_eq!(proposal.rows.len() + proposal.unplaced.len(), wanted.len());
        for row in &proposal.rows {
            prop_assert_ne!(row.employee.as_str(), "p0");
            prop_assert!(wanted.iter().any(|(event, start)| (event.id, *start) == (row.event, row.start)));
        }
    }
}
