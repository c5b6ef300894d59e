//! Keys sort in reading order.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use proptest::prelude::*;
use tandem::{
    domain::{
        event::{Due, Event, Schedule},
        ids::ScheduleId,
    },
    store::{ReadTx, StoreError, tables::events},
};

use super::{add, all, move_pair, pair, read};
use crate::domain::{With, date, employee, event};

const FIRST: &str = "1970-01-01";
const LAST: &str = "2200-12-31";

/// Any minute of the calendar; often one of a few, so that events share it.
fn moment() -> impl Strategy<Value = NaiveDateTime> {
    let days = (date(LAST) - date(FIRST)).num_days().unsigned_abs();
    let day = prop_oneof![Just(0), Just(days), Just(20_000), 0..=days];
    (day, prop_oneof![Just(0), Just(1439), 0..1440_i64]).prop_map(|(day, minute)| {
        (date(FIRST) + Days::new(day)).and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute)
    })
}

/// Ids on both sides of a byte boundary, each once.
fn some_events() -> impl Strategy<Value = Vec<Event>> {
    let id = prop_oneof![1..600_u64, 1..(1_u64 << 53), Just((1 << 53) - 1)];
    let who = prop_oneof![Just("1"), Just("11"), Just("1-1"), Just("e"), Just("é"), Just("E10001")];
    let one = (moment(), who, any::<bool>());
    proptest::collection::btree_map(id, one, 1..20).prop_map(|events| {
        let made = events.into_iter().map(|(id, (moment, who, scheduled))| {
            let schedule = Schedule { id: ScheduleId(id), employee: employee(who), start: moment };
            let due = Some(Due { date: moment.date(), time: None });
            Event { schedule: scheduled.then_some(schedule), due, ..event(id, "Inventory") }
        });
        made.collect()
    })
}

/// The events that have a key, in the order of the key.
fn sorted<K: Ord>(events: &[Event], key: impl Fn(&Event) -> Option<K>) -> Vec<Event> {
    let mut kept: Vec<_> = events.iter().filter_map(|event| Some((key(event)?, event.clone()))).collect();
    kept.sort_by(|(one, _), (other, _)| one.cmp(other));
    kept.into_iter().map(|(_, event)| event).collect()
}

fn assert_order(tx: &dyn ReadTx, events: &[Event]) -> Result<(), StoreError> {
    let (first, last) = (date(FIRST), date(LAST));
    let due = |event: &Event| event.schedule.is_none().then(|| (event.due.unwrap().date, event.id));
    let scheduled = sorted(events, |event| event.start().map(|start| (start, event.id)));
    assert_eq!(events::scheduled_first(tx, (first, last), usize::MAX)?, scheduled);
    assert_eq!(events::due_first(tx, (first, last), usize::MAX)?, sorted(events, due));
    for now in events.iter().filter_map(|event| event.schedule.as_ref()) {
        let held = |from: NaiveDate, to: NaiveDate| {
            sorted(events, |event| {
                let theirs = event.schedule.as_ref().filter(|other| other.employee == now.employee)?.start.date();
                (from <= theirs && theirs <= to).then_some((theirs, event.id))
            })
        };
        assert_eq!(events::held_between(tx, &now.employee, first, last)?, held(first, last));
        let day = now.start.date();
        assert_eq!(events::held_between(tx, &now.employee, day, day)?, held(day, day));
        let that_day = sorted(events, |event| event.start().filter(|at| at.date() == day).map(|at| (at, event.id)));
        assert_eq!(events::scheduled_first(tx, (day, day), usize::MAX)?, that_day);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_scan_of_a_day_or_employee_is_ordered_and_exact(events in some_events()) {
        let store = super::fresh();
        add(&store, &events).unwrap();

        read(&store, |tx| assert_order(tx, &events));
        prop_assert_eq!(all(&store), events);
    }

    #[test]
    fn stores_with_a_common_number_prefix_do_not_mix(stores in proptest::collection::btree_set("[1\0\u{1}]{0,3}", 1..6)) {
        let store = super::fresh();
        let numbers = [1, 256, 606_001, u32::MAX];
        let places: Vec<_> = stores.iter().flat_map(|place| numbers.map(|number| (place, number))).collect();
        let events: Vec<_> = (1..).zip(&places).map(|(id, (place, number))| {
            let core = event(id, "606001-CORE-Pretzels").at_store(place);
            Event { number: Some(tandem::domain::ids::EventNumber(*number)), ..core }
        }).collect();
        add(&store, &events).unwrap();

        for one in events {
            let found = read(&store, |tx| events::same_number(tx, &one.location, one.number.unwrap()));
            prop_assert_eq!(found, vec![one]);
        }
    }
}

/// TX-03
#[test]
fn tx_03_the_same_number_at_two_stores_is_two_pairs() {
    let store = super::fresh();
    let ours = pair(606_001).map(|event| event.at_store("1"));
    let theirs = pair(606_001).map(|other| {
        let id = other.id.0 + 10;
        let moved = Event { id: tandem::domain::ids::EventId(id), ..other.at_store("11") };
        Event { schedule: moved.schedule.map(|now| Schedule { id: ScheduleId(id), ..now }), ..moved }
    });
    add(&store, &[ours.clone(), theirs.clone()].concat()).unwrap();

    let made = move_pair(&store, ours[0].id, "2025-10-20").unwrap();

    assert_eq!(made.entry.unwrap().steps.iter().map(|step| step.event).collect::<Vec<_>>(), [ours[0].id, ours[1].id]);
    assert_eq!(all(&store)[2..], theirs);
    let day = read(&store, |tx| events::scheduled_on(tx, date("2025-10-20")));
    assert_eq!(day.iter().map(|event| event.id).collect::<Vec<_>>(), [ours[0].id, ours[1].id]);
}
