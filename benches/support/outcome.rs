//! What a proposal placed, counted as `benches/reference/solve.py` counts it.

use std::collections::{BTreeMap, BTreeSet};

use tandem::domain::{
    event::{Event, EventType},
    schedule::{Input, Proposal},
};

/// The units placed whole, by their event; a Supervisor of a scheduled CORE is one.
pub fn whole<'a>(input: &'a Input, proposal: &Proposal) -> Vec<&'a Event> {
    let placed = |event: &Event| proposal.rows.iter().any(|row| row.event == event.id);
    let with_core = |event: &Event| {
        let shares = |other: &&Event| other.number == event.number && event.number.is_some();
        let mut group = input.events.iter().filter(shares);
        group.all(|other| other.schedule.is_some() || placed(other))
    };
    let goes_along = |event: &Event| {
        let shares = |other: &&Event| other.number == event.number && other.event_type == EventType::Core;
        event.event_type == EventType::Supervisor
            && input.events.iter().find(shares).is_none_or(|core| core.schedule.is_none())
    };
    let open = input.events.iter().filter(|event| event.schedule.is_none() && placed(event));
    open.filter(|event| !goes_along(event) && (event.event_type != EventType::Core || with_core(event))).collect()
}

/// Long work placed by each last day.
pub fn by_last_day(input: &Input, placed: &[&Event]) -> BTreeMap<i64, usize> {
    let is_long = |event: &&Event| event.event_type == EventType::Core || event.minutes >= 240;
    let days = (input.options.to - input.options.from).num_days();
    let last = |event: &Event| event.last_day().map_or(days, |last| (last - input.options.from).num_days().min(days));
    let open = input.events.iter().filter(|event| event.schedule.is_none()).filter(is_long);
    let lasts: BTreeSet<_> = open.map(last).filter(|last| *last >= 0).collect();
    let by = |day: &i64| placed.iter().copied().filter(is_long).filter(|event| last(event) <= *day).count();
    lasts.iter().map(|day| (*day, by(day))).collect()
}

/// Those numbers as the files of `benches/reference` write them.
pub fn vector(long: &BTreeMap<i64, usize>) -> String {
    let days: Vec<_> = long.iter().map(|(day, count)| format!("{day}:{count}")).collect();
    days.join(" ")
}

/// The hours between those who have most and fewest of each title, added up.
pub fn spread(input: &Input, proposal: &Proposal) -> f64 {
    let mut bounds: BTreeMap<_, (u32, u32)> = BTreeMap::new();
    for person in &input.employees {
        let minutes =
            proposal.loads.iter().find(|load| load.employee == person.id).map_or(0, |load| load.minutes_after);
        let (low, high) = bounds.entry(person.title).or_insert((u32::MAX, 0));
        (*low, *high) = ((*low).min(minutes), (*high).max(minutes));
    }
    bounds.values().map(|(low, high)| f64::from(high - low)).sum::<f64>() / 60.0
}
