//! Random small instances against a search that tries everything.

use chrono::Weekday;
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
    With, brute, date, employee, event, instances, person,
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

/// At one to three stores; `scheduled` is the share that someone holds.
fn pieces(scheduled: f64) -> impl Strategy<Value = Vec<Piece>> {
    let held = move || proptest::option::weighted(scheduled, (0..3_usize, 0..3_usize));
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

/// How many units due on each day are placed whole.
fn whole(input: &Input, after: &[Event]) -> Vec<usize> {
    let is_placed = |event: &Event| after.iter().any(|other| other.id == event.id && other.schedule.is_some());
    let units = brute::units(input);
    brute::by_last_day(input, units.iter().filter(|unit| unit.events.iter().all(is_placed)))
}

/// A proposal places as many units as can be, the earliest last day first.
fn check_most(input: &Input) {
    let proposal = propose(input);
    check_rows(input, &proposal);
    check_competing(input, &proposal);
    assert_eq!(whole(input, &after(input, &proposal)), brute::most(input), "{proposal:#?}");
}

/// Scheduled work that may move keeps a place, and no less is placed than if nothing moves.
fn check_moves(mut input: Input) {
    let without = whole(&input, &after(&input, &propose(&input)));
    input.options.move_scheduled = true;
    let proposal = propose(&input);
    check_rows(&input, &proposal);
    let after = after(&input, &proposal);
    assert!(whole(&input, &after) >= without, "{proposal:#?} instead of {without:?}");
    let kept = |event: &Event| after.iter().any(|other| other.id == event.id && other.schedule.is_some());
    assert!(input.events.iter().filter(|event| event.schedule.is_some()).all(kept));
}

#[test]
fn nothing_moves_if_that_places_less() {
    let people = [(3, [false; 3], None), (0, [false, false, true], None)];
    let held = (1, 0, 0, Some((0, 0)), 1);
    let pieces = [(0, 0, 0, None, 0), held, (0, 0, 1, None, 0), (1, 0, 1, None, 0)];
    check_moves(input(&people, &pieces, instances::SHORT_WORK_MINUTES));
}

#[test]
fn long_work_is_chosen_so_that_short_work_finds_a_place_beside_it() {
    let (person, other_store, own_store) = ((3, [false, false, true], None), (2, 1, 0, None, 0), (2, 1, 0, None, 1));
    let freeosk = (3, 1, 0, None, 1);
    check_most(&input(&[person], &[other_store, freeosk, own_store], instances::SHORT_WORK_MINUTES));
}

#[test]
fn no_unit_is_dropped_for_two_that_are_due_later() {
    let person = (3, [false, false, true], Some(0));
    let (later, beside, earlier) = ((2, 0, 2, None, 1), (3, 1, 1, None, 1), (2, 0, 1, None, 0));
    check_most(&input(&[person], &[later, beside, earlier], instances::SHORT_WORK_MINUTES));
}

#[test]
fn a_core_without_its_supervisor_takes_no_place_of_whole_units() {
    let person = (2, [false, true, false], Some(0));
    let (core, other) = ((0, 0, 2, None, 0), (5, 2, 0, None, 1));
    check_most(&input(&[person], &[core, other], instances::SHORT_WORK_MINUTES));
}

#[test]
fn the_best_place_of_one_unit_may_be_the_only_place_of_another() {
    let people = [(3, [true, false, false], None), (2, [false; 3], None)];
    let (pair, juicer, core) = ((0, 2, 0, None, 1), (2, 2, 0, None, 0), (1, 2, 0, None, 0));
    check_most(&input(&people, &[pair, juicer, core], instances::SHORT_WORK_MINUTES));
}

#[test]
fn without_short_work_the_supervisor_of_a_scheduled_core_is_a_unit_like_any_other() {
    let people = [(0, [false, false, true], None), (1, [false; 3], None), (0, [false; 3], None)];
    let pieces = [(1, 2, 0, None, 0), (0, 0, 2, Some((2, 2)), 0)];
    check_most(&input(&people, &pieces, 0));
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_most_possible_units_are_placed_the_earliest_last_day_first(people in people(), pieces in pieces(0.2)) {
        check_most(&input(&people, &pieces, instances::SHORT_WORK_MINUTES));
    }

    #[test]
    fn without_short_work_the_most_possible_units_are_placed(people in people(), pieces in pieces(0.2)) {
        check_most(&input(&people, &pieces, 0));
    }

    #[test]
    fn moved_work_keeps_a_place_and_is_displaced_only_by_more_urgent_work(people in people(), pieces in pieces(0.5)) {
        check_moves(input(&people, &pieces, instances::SHORT_WORK_MINUTES));
    }

    #[test]
    fn events_with_fixed_starts_are_given_to_people_who_pass_all_rules(people in people(), pieces in pieces(0.2)) {
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
