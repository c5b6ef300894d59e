//! For what found no place and was not proven to have none: days are emptied and filled again in another order, as long as
//! that drops no unit for one that is due later, and places no less.
//!
//! Rule of this file: what is tried follows from the seed alone, and the search ends by its number of steps.

use crate::domain::schedule::{
    random::Random,
    search::{Search, Where},
    units::placed_by_day,
};

/// Steps in all. On the instances of `benches/schedule.rs` that is less than half a second.
const STEPS_MAX: u64 = 1_000_000;
/// Tries in a row that place nothing better after which the search ends, for each unit without a place.
const TRIES_MAX: u64 = 400;

/// Tries to place more of `open`, for which no place was found.
pub fn polish(search: &mut Search<'_, '_, '_>, open: &[usize]) {
    let mut random = Random::new(search.board.table.input.options.seed);
    let end = search.steps + STEPS_MAX;
    let is_open = |unit: &usize| search.board.spots[search.units[*unit].event].is_none();
    let hopeless: Vec<usize> = (0..search.units.len()).filter(is_open).filter(|unit| !open.contains(unit)).collect();
    let (mut worth, mut best) = (placed_by_day(search.board, search.units), search.board.mark());
    let mut tries = 0;
    loop {
        let left = left(search, &hopeless);
        if left.is_empty() || search.steps >= end || tries >= TRIES_MAX * left.len() as u64 {
            break;
        }
        tries += 1;
        let unit = left[random.below(left.len())];
        let mark = search.board.mark();
        refill(search, unit, &mut random);
        let now = placed_by_day(search.board, search.units);
        if now < worth {
            search.board.back_to(mark);
        } else if now > worth {
            (worth, best, tries) = (now, search.board.mark(), 0);
        }
    }
    // What was moved since without placing more stays where it was.
    search.board.back_to(best);
}

/// The units that could have a place with their Supervisors, and have none.
fn left(search: &Search<'_, '_, '_>, hopeless: &[usize]) -> Vec<usize> {
    let is_left = |unit: &usize| {
        let one = &search.units[*unit];
        search.board.spots[one.event].is_none() && !one.days.is_empty() && !hopeless.contains(unit)
    };
    (0..search.units.len()).filter(is_left).collect()
}

/// Empties one or two days on which a unit could be, puts it there, and fills them again.
fn refill(search: &mut Search<'_, '_, '_>, unit: usize, random: &mut Random) {
    let units = search.units;
    let one = &units[unit];
    let mut days = vec![one.days[random.below(one.days.len())].0];
    if random.below(2) == 0 {
        days.push(one.days[random.below(one.days.len())].0);
    }
    let is_there = |other: &usize| {
        let event = units[*other].event;
        let movable = search.board.table.anchors[event].is_none();
        movable && search.board.spots[event].is_some_and(|spot| days.contains(&spot.day))
    };
    let mut removed: Vec<usize> = (0..units.len()).filter(is_there).collect();
    for other in &removed {
        search.take_away(*other);
    }
    for at in (1..removed.len()).rev() {
        removed.swap(at, random.below(at + 1));
    }
    // What can go on few days or nowhere else is put back first.
    if random.below(2) == 0 {
        removed.sort_by_key(|other| units[*other].days.len());
    }
    // The best place for one may be the only place for another.
    let at_random = random.below(2) == 0;
    let mut put = |search: &mut Search<'_, '_, '_>, unit: usize| {
        let on = |day: &usize| Where::On(*day);
        if at_random {
            days.iter().any(|day| search.put_at_random(unit, on(day), random))
        } else {
            days.iter().any(|day| search.put(unit, on(day)))
        }
    };
    if !put(search, unit) {
        return;
    }
    let mut rest: Vec<usize> = Vec::new();
    for other in removed {
        if !put(search, other) {
            rest.push(other);
        }
    }
    for other in rest {
        search.put(other, Where::Anywhere);
    }
    // Other units without a place may fit beside what lies there now.
    for (other, one) in units.iter().enumerate() {
        if search.board.spots[one.event].is_none() {
            put(search, other);
        }
    }
}
