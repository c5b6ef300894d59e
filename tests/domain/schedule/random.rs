//! Random small instances against a search that tries everything.

use chrono::Weekday;
use proptest::{prelude::*, test_runner::Config};
use tandem::domain::{
    employee::{
        JobTitle,
        availability::{Hours, TimeOff},
    },
    event::{Event, EventType},
    schedule::{Input, propose},
};

use super::{
    With, brute, date, event, instances, person,
    proofs::{check_competing, check_rows},
};

const DAYS: [&str; 3] = ["2025-10-13", "2025-10-14", "2025-10-15"];

/// A person: title, the weekdays of the three that they do not work, a day off.
fn people() -> impl Strategy<Value = Vec<(usize, [bool; 3], Option<usize>)>> {
    proptest::collection::vec((0..4_usize, any::<[bool; 3]>(), proptest::option::of(0..3_usize)), 1..=3)
}

/// An event: its kind, first day, how many days more, who holds it on which day.
type Piece = (usize, usize, usize, Option<(usize, usize)>);

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let held = proptest::option::weighted(0.2, (0..3_usize, 0..3_usize));
    proptest::collection::vec((0..6_usize, 0..3_usize, 0..3_usize, held), 1..=5)
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
            let days = away.map(|day| TimeOff { first: date(DAYS[day]), last: date(DAYS[day]), note: None });
            one.time_off.extend(days);
            one
        })
        .collect();
    let mut events: Vec<Event> = Vec::new();
    for (at, (kind, first, more, held)) in pieces.iter().enumerate() {
        let number = 606_001 + at;
        let word = ["CORE", "CORE", "Juicer", "Freeosk", "Digitals", "Other"][*kind];
        let last = DAYS[(first + more).min(2)];
        let id = 10 * (at as u64 + 1);
        let mut one = event(id, &format!("{number}-{word}-Gum")).not_before(DAYS[*first]).due(last, None);
        if let Some((who, day)) = held.filter(|(who, _)| *who < employees.len()) {
            one = one.held_by(&format!("p{who}"), &format!("{} 10:30", DAYS[day]));
        }
        events.push(one);
        if *kind == 0 {
            events.push(event(id + 1, &format!("{number}-Supervisor-Gum")).not_before(DAYS[*first]).due(last, None));
        }
    }
    let mut input = instances::input(events, employees, 3, short);
    input.options.from = date(DAYS[0]);
    input.options.to = date(DAYS[2]);
    input.policy.usual =
        input.policy.usual.with_core(&[super::super::time("09:45"), super::super::time("11:30")]).unwrap();
    input
}

/// Units that are placed whole; Supervisors of scheduled COREs are none.
fn whole(input: &Input, after: &[Event]) -> usize {
    let is_placed = |event: &Event| after.iter().any(|other| other.id == event.id && other.schedule.is_some());
    brute::units(input).iter().filter(|unit| unit.iter().all(is_placed)).count()
}

proptest! {
    #![proptest_config(Config { cases: 100, failure_persistence: None, ..Config::default() })]

    #[test]
    fn as_many_units_are_placed_as_can_be_and_every_claim_holds(people in people(), pieces in pieces()) {
        let input = input(&people, &pieces, instances::SHORT_WORK_MINUTES);
        let proposal = propose(&input);
        check_rows(&input, &proposal);
        check_competing(&input, &proposal);
        let after = super::proofs::after(&input, &proposal);
        prop_assert_eq!(whole(&input, &after), brute::most(&input), "{:#?}", proposal);
    }

    #[test]
    fn where_no_work_counts_as_short_every_claim_holds_too(people in people(), pieces in pieces()) {
        let input = input(&people, &pieces, 0);
        let proposal = propose(&input);
        check_rows(&input, &proposal);
        check_competing(&input, &proposal);
        let after = super::proofs::after(&input, &proposal);
        prop_assert!(whole(&input, &after) <= brute::most(&input));
        let supervised = |event: &Event| event.event_type == EventType::Supervisor;
        prop_assert!(proposal.unplaced.len() <= input.events.len(), "{}", input.events.iter().any(supervised));
    }
}
