//! Even hours within each title, which is more than few squares: a title's hours are even once its work divides by its people.
//!
//! Rule of this file: what gets worse for a while is taken back unless something better comes of it.

use crate::domain::{
    employee::JobTitle,
    schedule::{
        board::{Board, Spot},
        even,
        improve::{Exchange, Loads, versatility},
        random::Random,
        table::Table,
        units::Unit,
    },
};

/// Steps over places, and tries: on two hundred units a few hundredths of a second.
const STEPS_MAX: u64 = 9_000_000;
const TRIES_MAX: u32 = 48_000;
/// So many tries begin with the best that is known, and let things get less and less worse.
const CYCLE_TRIES: u32 = 8_000;
/// Other people who are tried for short work.
const SHORT_TRIES_MAX: usize = 20_000;
/// What is left over is at most one part in so many of the fewest hours.
const LEFTOVER_SHARE: i64 = 20;
/// Places for one piece of short work of which the best is taken.
const SPOTS_MAX: usize = 200;
/// One try in so many gives work away; the others change places.
const SWAP_EVERY: u32 = 3;
/// How often all short work is gone through.
const ROUNDS_MAX: usize = 4;
/// How much worse things may get for a while at first, in minutes of spread.
const SLACK_MINUTES: i64 = 500;

/// What people work too much in a week; minutes between the most and the fewest of each title, added up; then hours of those who can do more.
type Energy = (i64, i64, i64);

impl Exchange<'_, '_, '_> {
    pub fn even_within_titles(&mut self) {
        let mut random = Random::new(self.table.input.options.seed);
        let end = self.matching.steps + STEPS_MAX;
        let mut energy = energy(self.table, &self.loads);
        let (mut best, mut best_places) = (energy, self.matching.of_unit.clone());
        for attempt in 0..TRIES_MAX {
            if (best.0, best.1) == (0, 0) || self.matching.steps >= end {
                break;
            }
            if attempt % CYCLE_TRIES == 0 {
                self.go_to(&best_places);
                energy = best;
            }
            let gives = attempt % SWAP_EVERY == 0;
            let Some(path) = (if gives { self.way(&mut random) } else { self.swap(&mut random) }) else { continue };
            let before = self.apply(&path);
            let now = even::energy(self.table, &self.loads);
            let slack = SLACK_MINUTES * i64::from(CYCLE_TRIES - attempt % CYCLE_TRIES) / i64::from(CYCLE_TRIES);
            if now.0 > energy.0 || now.1 > energy.1 + slack {
                self.apply(&before);
                continue;
            }
            energy = now;
            if energy < best {
                (best, best_places) = (energy, self.matching.of_unit.clone());
            }
        }
        self.go_to(&best_places);
    }

    /// Puts every unit where it was.
    fn go_to(&mut self, places: &[Option<usize>]) {
        let here = places.iter().enumerate().filter_map(|(unit, place)| Some((unit, (*place)?)));
        let moved: Vec<_> = here.filter(|(unit, place)| self.matching.of_unit[*unit] != Some(*place)).collect();
        self.apply(&moved);
    }

    /// Two people, often one with the most hours of their title, or one with the fewest.
    fn pair(&self, random: &mut Random) -> Option<(usize, usize)> {
        let (table, people) = (self.table, self.table.people.len());
        let (mut giver, mut taker) = (random.below(people), random.below(people));
        match random.below(3) {
            0 => giver = extreme(table, &self.loads, table.title(giver), -1),
            1 => taker = extreme(table, &self.loads, table.title(taker), 1),
            _ => {}
        }
        (giver != taker).then_some((giver, taker))
    }

    /// Some piece of a person's work that may move.
    fn piece(&self, person: usize, random: &mut Random) -> Option<usize> {
        let days = self.table.days.len();
        let first = random.below(days);
        let mut places = (0..days).map(|day| self.table.place(person, (first + day) % days));
        places.find_map(|place| self.matching.of_place[place].filter(|unit| !self.matching.fixed[*unit]))
    }

    /// A way by which one person gives a piece of work to another.
    fn way(&mut self, random: &mut Random) -> Option<Vec<(usize, usize)>> {
        let (giver, taker) = self.pair(random)?;
        let unit = self.piece(giver, random)?;
        let (table, loads, days) = (self.table, &self.loads, self.table.days.len());
        let (shift, minutes) = (random.below(days), self.minutes(unit));
        let cost = |place: usize| {
            let (person, day) = table.of_place(place);
            (person == taker).then_some((loads.too_much(place, minutes), (day + shift) % days))
        };
        self.matching.reach(self.graph, &[unit], cost).ok()
    }

    /// A way by which two people change places.
    fn swap(&self, random: &mut Random) -> Option<Vec<(usize, usize)>> {
        let (giver, taker) = self.pair(random)?;
        let (one, other) = (self.piece(giver, random)?, self.piece(taker, random)?);
        let (here, there) = (self.matching.of_unit[one]?, self.matching.of_unit[other]?);
        let suits = |unit: usize, place: usize| self.graph.suits(unit, place, self.table.of_place(place).1);
        (suits(one, there) && suits(other, here)).then(|| vec![(one, there), (other, here)])
    }
}

/// Who of a title has the most minutes (-1) or the fewest (1).
fn extreme(table: &Table<'_>, loads: &Loads<'_, '_>, title: JobTitle, sign: i64) -> usize {
    let same = (0..table.people.len()).filter(|person| table.title(*person) == title);
    same.min_by_key(|person| sign * loads.minutes[*person]).unwrap_or_default()
}

fn energy(table: &Table<'_>, loads: &Loads<'_, '_>) -> Energy {
    let versatile = (0..table.people.len()).map(|one| loads.minutes[one] * versatility(table.title(one))).sum();
    (loads.excess(), spread(table, loads).0, versatile)
}

/// The minutes between the most and the fewest of each title, and those that all others have more than the fewest; both
/// added up.
fn spread(table: &Table<'_>, loads: &Loads<'_, '_>) -> (i64, i64) {
    let of_title = JobTitle::ALL.map(|title| Hours::of(table, loads, title));
    of_title.iter().fold((0, 0), |(spread, excess), one| (spread + one.high - one.low, excess + one.excess))
}

/// Minutes of the people of a title: the fewest, the most, and what all of them have more than the fewest, added up.
#[derive(Clone, Copy, Default)]
struct Hours {
    low: i64,
    high: i64,
    excess: i64,
}

impl Hours {
    fn of(table: &Table<'_>, loads: &Loads<'_, '_>, title: JobTitle) -> Self {
        let same = |one: &usize| table.title(*one) == title && table.people[*one].active;
        let minutes = || (0..table.people.len()).filter(same).map(|one| loads.minutes[one]);
        let Some(low) = minutes().min() else { return Self::default() };
        minutes().fold(Self { low, high: low, excess: 0 }, |Self { high, excess, .. }, one| Self {
            low,
            high: high.max(one),
            excess: excess + one - low,
        })
    }
}

/// Gives short work to others where that makes hours within titles more even: at the same time, or what is a unit by itself
/// at another. What follows the rotation stays.
pub fn even_short(board: &mut Board<'_, '_>, units: &[Unit]) {
    even_by_piece(board, units);
    let weigh = |board: &Board<'_, '_>| (board.loads.excess(), spread(board.table, &board.loads).0);
    for title in JobTitle::ALL {
        let (before, mark) = (weigh(board), board.mark());
        hand_over_excess(board, units, title);
        if board.mark() > mark {
            even_by_piece(board, units);
            if weigh(board) >= before {
                board.back_to(mark);
            }
        }
    }
}

/// Each piece by itself.
fn even_by_piece(board: &mut Board<'_, '_>, units: &[Unit]) {
    let table = board.table;
    let mut tries = 0;
    for _ in 0..ROUNDS_MAX {
        let mut moved = false;
        for unit in units {
            for event in short_work(unit) {
                let Some(now) = board.spots[event].filter(|_| table.anchors[event].is_none()) else { continue };
                moved |= other_spots(table, unit, event, now).into_iter().any(|spot| {
                    let free = table.may(event, spot) && board.clashes(event, spot).next().is_none();
                    tries += usize::from(free);
                    free && tries <= SHORT_TRIES_MAX && better(board, event, spot)
                });
            }
        }
        if !moved || tries > SHORT_TRIES_MAX {
            return;
        }
    }
}

fn short_work(unit: &Unit) -> impl Iterator<Item = usize> + use<'_> {
    let own = if unit.is_long { None } else { Some(unit.event) };
    own.into_iter().chain(unit.followers.iter().copied())
}

/// Gives other titles the short work that people of a title have beyond the one with the fewest hours: a step of several
/// pieces, none of which makes hours more even by itself. Only what is left over once hours are nearly even: else the only
/// person of a title would be given what others do as well.
fn hand_over_excess(board: &mut Board<'_, '_>, units: &[Unit], title: JobTitle) {
    let table = board.table;
    let Hours { low, high, .. } = Hours::of(table, &board.loads, title);
    if high == low || (high - low) * LEFTOVER_SHARE > low {
        return;
    }
    for unit in units {
        for event in short_work(unit) {
            let Some(now) = board.spots[event].filter(|_| table.anchors[event].is_none()) else { continue };
            if table.title(now.person) != title || board.loads.minutes[now.person] <= low {
                continue;
            }
            let spots = other_spots(table, unit, event, now).into_iter();
            let free = spots.filter(|spot| {
                let goes_over = table.title(spot.person) != title && table.may(event, *spot);
                goes_over && board.clashes(event, *spot).next().is_none()
            });
            let mut free: Vec<_> = free.take(SPOTS_MAX).collect();
            free.sort_by_cached_key(|spot| {
                let mark = board.mark();
                board.put(event, Some(*spot));
                let worst = (board.loads.excess(), spread(table, &board.loads).0);
                board.back_to(mark);
                worst
            });
            board.put(event, free.first().copied().or(Some(now)));
        }
    }
}

/// Where else an event could be, before anyone is asked whether they are free: at its time, then at others.
fn other_spots(table: &Table<'_>, unit: &Unit, event: usize, now: Spot) -> Vec<Spot> {
    let may = |person: &usize| table.title(*person).may_work(table.events[event].event_type);
    let people = || (0..table.people.len()).filter(may);
    let mut spots: Vec<_> = people().map(|person| Spot { person, ..now }).collect();
    if unit.fixed.is_none() && unit.followers.is_empty() {
        for (day, starts) in &unit.days {
            let usual = table.starts(event).iter().enumerate().filter(|(nth, _)| starts & (1 << nth) != 0);
            for (_, time) in usual {
                let start = table.days[*day].and_time(*time);
                spots.extend(people().map(|person| Spot { person, day: *day, start }));
            }
        }
    }
    let has_turn = |day: usize| table.input.rotation.turn_for(&table.events[event], table.days[day], false).is_some();
    spots.retain(|spot| *spot != now && !has_turn(spot.day));
    spots
}

/// Moves an event if hours are more even then. A spread gets less only once everyone who has most has less, so less excess
/// is better too, within a title: else the only person of a title would be given what others do as well.
fn better(board: &mut Board<'_, '_>, event: usize, spot: Spot) -> bool {
    let title = |spot: Spot| board.table.title(spot.person);
    let within_title = board.spots[event].is_some_and(|now| title(now) == title(spot));
    let weigh = |board: &Board<'_, '_>| {
        let (spread, excess) = spread(board.table, &board.loads);
        let squares: i64 = board.loads.minutes.iter().map(|minutes| minutes * minutes).sum();
        (board.loads.excess(), spread, if within_title { excess } else { 0 }, squares)
    };
    let (before, mark) = (weigh(board), board.mark());
    board.put(event, Some(spot));
    let is_better = weigh(board) < before;
    if !is_better {
        board.back_to(mark);
    }
    is_better
}
