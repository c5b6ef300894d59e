//! What is placed together: a CORE with its Supervisors, or one event.

use std::{borrow::Cow, collections::HashMap};

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{
    alike::number_key,
    event::{Event, EventType, pairing::Pair},
    ids::EventNumber,
    rules,
    schedule::{
        board::Board,
        random::Random,
        table::{Starts, Table},
    },
};

/// Work from so many minutes on fills a person's day.
const DAY_MINUTES_MIN: u32 = 240;

/// Whether an event fills a person's day.
pub fn is_long(event: &Event) -> bool {
    event.event_type == EventType::Core || event.minutes >= DAY_MINUTES_MIN
}

/// A CORE with its Supervisors, or one event.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The CORE, or the one event.
    pub event: usize,
    /// The open Supervisors that go with it.
    pub followers: Vec<usize>,
    /// It fills a person's day.
    pub is_long: bool,
    /// The days and starts on which it lies in its window and its Supervisors find someone.
    pub days: Vec<(usize, Starts)>,
    /// The days and starts without regard to Supervisors.
    pub alone: Vec<(usize, Starts)>,
    /// The CORE of a Supervisor whose CORE is scheduled.
    pub core: Option<usize>,
    /// The start that follows from it, or that was asked for.
    pub fixed: Option<NaiveDateTime>,
    /// The last day of the CORE or the event; the end of time where it is due at no time.
    pub last_day: NaiveDate,
    /// What is left when all else is equal.
    pub tie: u64,
}

/// Open events that are not searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    WindowPassed,
    NoCore,
}

#[derive(Debug, Default)]
pub struct Units {
    /// Earliest last day first.
    pub all: Vec<Unit>,
    pub left: Vec<(usize, Left)>,
}

/// The open events that are asked for, as units.
pub fn gather(table: &Table<'_>) -> Units {
    let groups = same_number(table);
    let mut units = Units::default();
    for at in 0..table.events.len() {
        let event = &table.events[at];
        if event.schedule.is_some() || !is_asked_for(table, event) {
            continue;
        }
        let pair = event.number.and_then(|number| groups.get(&(event.location.key(), number)));
        let pair = pair.filter(|_| table.input.policy.pairing);
        if let Some(start) = table.input.given_start(event.id) {
            given(table, at, pair, start, &mut units);
            continue;
        }
        match event.event_type {
            EventType::Supervisor if table.input.policy.pairing => supervisor(table, at, pair, &mut units),
            EventType::Core => {
                let followers = pair.map(|events| followers(table, event, events)).unwrap_or_default();
                add(table, at, followers, &mut units);
            }
            _ => add(table, at, Vec::new(), &mut units),
        }
    }
    units.all.sort_by_key(|unit| (unit.last_day, unit.tie, table.events[unit.event].id));
    units
}

type Groups<'t> = HashMap<(Cow<'t, str>, EventNumber), Vec<&'t Event>>;

fn same_number<'t>(table: &'t Table<'_>) -> Groups<'t> {
    let mut groups: Groups<'t> = HashMap::new();
    for event in &table.events {
        if let Some(number) = event.number {
            groups.entry((event.location.key(), number)).or_default().push(event);
        }
    }
    groups
}

/// Whether the options ask for an event.
pub fn is_asked_for(table: &Table<'_>, event: &Event) -> bool {
    let options = &table.input.options;
    let type_asked = options.types.is_empty()
        || options.types.contains(&event.event_type)
        // A pair is placed whole: asking for COREs asks for their Supervisors.
        || event.event_type == EventType::Supervisor && options.types.contains(&EventType::Core);
    let store_asked =
        options.stores.is_empty() || options.stores.iter().any(|store| number_key(store) == event.location.key());
    let later = event.first_day.is_some_and(|first| first > options.to);
    table.input.is_wanted(event.id)
        && type_asked
        && store_asked
        && !later
        && !options.exclude_events.contains(&event.id)
}

fn followers(table: &Table<'_>, core: &Event, events: &[&Event]) -> Vec<usize> {
    let pair = Pair::among(events.iter().copied());
    let followers = pair.followers_of(core.id).into_iter();
    followers.filter_map(|event| table.by_id.get(&event.id).copied()).collect()
}

/// A Supervisor by itself: it has its day if its CORE has one.
fn supervisor(table: &Table<'_>, at: usize, pair: Option<&Vec<&Event>>, units: &mut Units) {
    let event = &table.events[at];
    let core = pair.and_then(|events| Pair::among(events.iter().copied()).leader_of(event));
    let Some(core) = core else { return units.left.push((at, Left::NoCore)) };
    // It goes with its CORE, unless that is not asked for.
    let Some(core_start) = core.start() else {
        if !is_asked_for(table, core) {
            units.left.push((at, Left::NoCore));
        }
        return;
    };
    let start = table.input.policy.supervisor_start(core_start);
    let Some(day) = table.day(start.date()) else {
        if start.date() < table.input.options.from {
            units.left.push((at, Left::WindowPassed));
        }
        return;
    };
    if !rules::is_in_window(event, start) {
        return units.left.push((at, Left::WindowPassed));
    }
    let Some(core) = table.by_id.get(&core.id).copied() else { return };
    let unit = unit(table, at, Vec::new(), vec![(day, 1)]);
    units.all.push(Unit { core: Some(core), fixed: Some(start), is_long: false, ..unit });
}

/// An event that must start then.
fn given(table: &Table<'_>, at: usize, pair: Option<&Vec<&Event>>, start: NaiveDateTime, units: &mut Units) {
    let Some(day) = table.day(start.date()) else { return units.left.push((at, Left::WindowPassed)) };
    let core = pair.and_then(|events| Pair::among(events.iter().copied()).leader_of(&table.events[at]));
    let core = core.and_then(|core| table.by_id.get(&core.id).copied());
    let unit = unit(table, at, Vec::new(), vec![(day, 1)]);
    units.all.push(Unit { core, fixed: Some(start), is_long: false, ..unit });
}

fn add(table: &Table<'_>, at: usize, followers: Vec<usize>, units: &mut Units) {
    let is_open = |follower: &usize| table.events[*follower].schedule.is_none();
    // A Supervisor that has its day already holds the CORE to it.
    let held_to = followers.iter().find(|one| !is_open(one)).and_then(|one| table.events[*one].date());
    let asked = |follower: &usize| !table.input.options.exclude_events.contains(&table.events[*follower].id);
    let followers: Vec<_> = followers.into_iter().filter(is_open).filter(asked).collect();
    let days = (0..table.days.len()).filter(|day| held_to.is_none_or(|date| table.days[*day] == date));
    let alone: Vec<_> = days.map(|day| (day, table.in_window(at, day))).filter(|(_, starts)| *starts != 0).collect();
    // What may move has a place, whatever its window says.
    if alone.is_empty() && table.anchors[at].is_none() {
        units.left.push((at, Left::WindowPassed));
        units.left.extend(followers.into_iter().map(|follower| (follower, Left::WindowPassed)));
        return;
    }
    units.all.push(unit(table, at, followers, alone));
}

fn unit(table: &Table<'_>, at: usize, followers: Vec<usize>, alone: Vec<(usize, Starts)>) -> Unit {
    let event = &table.events[at];
    let hosted = |(day, starts): &(usize, Starts)| {
        let starts = followers.iter().fold(*starts, |starts, one| starts & hosts(table, *one, *day));
        (starts != 0).then_some((*day, starts))
    };
    Unit {
        event: at,
        days: alone.iter().filter_map(hosted).collect(),
        alone,
        is_long: is_long(event),
        followers,
        core: None,
        fixed: None,
        last_day: event.last_day().unwrap_or(NaiveDate::MAX),
        tie: mixed(table.input.options.seed, event.id.0),
    }
}

/// The starts of a CORE after which someone may take this Supervisor of its.
fn hosts(table: &Table<'_>, supervisor: usize, day: usize) -> Starts {
    let any_person = (0..table.people.len()).fold(0, |all, person| all | table.fits(supervisor, person, day));
    any_person & table.in_window(supervisor, day)
}

/// How many open units are placed whole that are due on each day asked for, the first of them or before it first, and after
/// the last. The greater list is better.
pub fn placed_by_day(board: &Board<'_, '_>, units: &[Unit]) -> Vec<usize> {
    let table = board.table;
    let (first, last) = (table.input.options.from, table.days.len());
    let is_whole =
        |unit: &&Unit| std::iter::once(&unit.event).chain(&unit.followers).all(|event| board.spots[*event].is_some());
    let mut placed = vec![0; last + 1];
    for unit in units.iter().filter(|unit| table.anchors[unit.event].is_none()).filter(is_whole) {
        let days = usize::try_from((unit.last_day - first).num_days()).unwrap_or(0);
        placed[days.min(last)] += 1;
    }
    placed
}

/// The id under seed 0, else a number that the seed and the id decide.
fn mixed(seed: u64, id: u64) -> u64 {
    if seed == 0 {
        return id;
    }
    Random::new(id.wrapping_add(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))).next()
}
