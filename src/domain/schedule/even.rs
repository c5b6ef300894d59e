//! Even hours within each title, which is more than few squares: a title's hours are even once its work divides by its people.
//!
//! Rule of this file: what gets worse for a while is taken back unless something better comes of it.

use crate::domain::{
    employee::JobTitle,
    schedule::{
        board::{Board, Spot},
        even,
        improve::{Loads, versatility},
        matching::{Graph, Matching},
        random::Random,
        table::Table,
        units::Unit,
    },
};

/// Steps over places, and ways that are tried: on two hundred units a few hundredths of a second.
const STEPS_MAX: u64 = 3_000_000;
const TRIES_MAX: u32 = 8_000;
/// So many tries begin with the best that is known, and let things get less and less worse.
const CYCLE_TRIES: u32 = 2_000;
/// Other people who are tried for short work.
const SHORT_TRIES_MAX: usize = 20_000;
/// How often all short work is gone through.
const ROUNDS_MAX: usize = 4;
/// How much worse things may get for a while at first, in minutes of spread.
const SLACK_MINUTES: i64 = 500;

/// Days too many; minutes between the most and the fewest of each title, added up; then hours of those who can do more.
type Energy = (i64, i64, i64);

pub fn even_within_titles(
    table: &Table<'_>,
    graph: &Graph,
    units: &[Unit],
    matching: &mut Matching,
    loads: &mut Loads<'_, '_>,
) {
    let mut random = Random::new(table.input.options.seed);
    let end = matching.steps + STEPS_MAX;
    let mut energy = energy(table, loads);
    let (mut best, mut best_places) = (energy, matching.of_unit.clone());
    for attempt in 0..TRIES_MAX {
        if best.1 == 0 || matching.steps >= end {
            break;
        }
        if attempt % CYCLE_TRIES == 0 {
            go_to(table, units, matching, loads, &best_places);
            energy = best;
        }
        let Some(path) = way(table, graph, matching, loads, &mut random) else { continue };
        let before = apply(table, units, matching, loads, &path);
        let now = even::energy(table, loads);
        let slack = SLACK_MINUTES * i64::from(CYCLE_TRIES - attempt % CYCLE_TRIES) / i64::from(CYCLE_TRIES);
        if now.0 > energy.0 || now.1 > energy.1 + slack {
            apply(table, units, matching, loads, &before);
            continue;
        }
        energy = now;
        if energy < best {
            (best, best_places) = (energy, matching.of_unit.clone());
        }
    }
    go_to(table, units, matching, loads, &best_places);
}

/// Puts every unit where it was.
fn go_to(
    table: &Table<'_>,
    units: &[Unit],
    matching: &mut Matching,
    loads: &mut Loads<'_, '_>,
    places: &[Option<usize>],
) {
    let here = places.iter().enumerate().filter_map(|(unit, place)| Some((unit, (*place)?)));
    let moved: Vec<_> = here.filter(|(unit, place)| matching.of_unit[*unit] != Some(*place)).collect();
    apply(table, units, matching, loads, &moved);
}

/// A way by which someone with the most of their title gives a piece of work to someone, or one with the fewest gets one.
fn way(
    table: &Table<'_>,
    graph: &Graph,
    matching: &mut Matching,
    loads: &Loads<'_, '_>,
    random: &mut Random,
) -> Option<Vec<(usize, usize)>> {
    let people = table.people.len();
    let (mut giver, mut taker) = (random.below(people), random.below(people));
    match random.below(3) {
        0 => giver = extreme(table, loads, table.title(giver), -1),
        1 => taker = extreme(table, loads, table.title(taker), 1),
        _ => {}
    }
    if giver == taker {
        return None;
    }
    let places = (0..table.days.len()).map(|day| table.place(giver, day));
    let own: Vec<_> =
        places.filter_map(|place| matching.of_place[place]).filter(|unit| !matching.fixed[*unit]).collect();
    let unit = *own.get(random.below(own.len()))?;
    let shift = random.below(table.days.len());
    let cost = |place: usize| {
        let (person, day) = table.of_place(place);
        (person == taker).then_some((loads.one_day_too_many(place), (day + shift) % table.days.len()))
    };
    matching.reach(graph, &[unit], cost).ok()
}

/// Who of a title has the most minutes (-1) or the fewest (1).
fn extreme(table: &Table<'_>, loads: &Loads<'_, '_>, title: JobTitle, sign: i64) -> usize {
    let same = (0..table.people.len()).filter(|person| table.title(*person) == title);
    same.min_by_key(|person| sign * loads.minutes[*person]).unwrap_or_default()
}

/// Moves units; answers the way back.
fn apply(
    table: &Table<'_>,
    units: &[Unit],
    matching: &mut Matching,
    loads: &mut Loads<'_, '_>,
    path: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let minutes = |unit: usize| table.events[units[unit].event].minutes;
    let before: Vec<_> = path.iter().filter_map(|(unit, _)| Some((*unit, matching.of_unit[*unit]?))).collect();
    for (unit, place) in &before {
        loads.remove(*place, minutes(*unit));
    }
    for (unit, place) in path {
        loads.add(*place, minutes(*unit));
    }
    matching.shift(path);
    before
}

fn energy(table: &Table<'_>, loads: &Loads<'_, '_>) -> Energy {
    let mut spread = 0;
    for title in JobTitle::ALL {
        let same = |one: &usize| table.title(*one) == title && table.people[*one].active;
        let minutes = (0..table.people.len()).filter(same).map(|one| loads.minutes[one]);
        let bounds = minutes.fold(None, |bounds: Option<(i64, i64)>, minutes| {
            Some(bounds.map_or((minutes, minutes), |(low, high)| (low.min(minutes), high.max(minutes))))
        });
        spread += bounds.map_or(0, |(low, high)| high - low);
    }
    let versatile = (0..table.people.len()).map(|one| loads.minutes[one] * versatility(table.title(one))).sum();
    (loads.days_too_many(), spread, versatile)
}

/// Gives short work to others at the same time where that makes hours within titles more even; what follows the rotation
/// stays.
pub fn even_short(board: &mut Board<'_, '_>, units: &[Unit]) {
    let table = board.table;
    let short = |unit: &Unit| if unit.is_long { None } else { Some(unit.event) };
    let movable = |event: &usize| table.anchors[*event].is_none();
    let events = units.iter().flat_map(|unit| short(unit).into_iter().chain(unit.followers.iter().copied()));
    let events: Vec<_> = events.filter(movable).collect();
    let mut tries = 0;
    for _ in 0..ROUNDS_MAX {
        let mut moved = false;
        for event in &events {
            let Some(now) = board.spots[*event] else { continue };
            let turn = table.input.rotation.turn_for(&table.events[*event], table.days[now.day], false);
            if turn.is_some_and(|turn| turn.person == &table.people[now.person].id) {
                continue;
            }
            for person in (0..table.people.len()).filter(|person| *person != now.person) {
                let spot = Spot { person, ..now };
                let may = table.title(person).may_work(table.events[*event].event_type)
                    && table.may(*event, spot)
                    && board.clashes(*event, spot).next().is_none();
                if !may {
                    continue;
                }
                tries += 1;
                if tries > SHORT_TRIES_MAX {
                    return;
                }
                if better(board, *event, spot) {
                    moved = true;
                    break;
                }
            }
        }
        if !moved {
            return;
        }
    }
}

/// Moves an event if hours are more even then.
fn better(board: &mut Board<'_, '_>, event: usize, spot: Spot) -> bool {
    let weigh = |board: &Board<'_, '_>| {
        let (days, spread, _) = energy(board.table, &board.loads);
        let squares: i64 = board.loads.minutes.iter().map(|minutes| minutes * minutes).sum();
        (days, spread, squares)
    };
    let (before, mark) = (weigh(board), board.mark());
    board.put(event, Some(spot));
    let is_better = weigh(board) < before;
    if !is_better {
        board.back_to(mark);
    }
    is_better
}
