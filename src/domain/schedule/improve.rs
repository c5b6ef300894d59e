//! The later goals, once it is settled which long work has a place: rotation, days a week, even hours, versatile people free,
//! earlier days.
//!
//! Rule of this file: units change places along alternating ways, so that none loses its place.

use std::collections::BTreeSet;

use crate::domain::{
    employee::JobTitle,
    event::EventType,
    schedule::{
        matching::{Graph, Matching},
        rotation::Role,
        table::Table,
        units::Unit,
    },
};

/// Most ways that are tried to make hours even: bounds the work, not the result, for the sizes in `benches/schedule.rs`.
const TRIES_MAX: usize = 4_000;
/// Steps over places that may be taken for the later goals.
const STEPS_MAX: u64 = 4_000_000;
/// A minute beyond what people should work in a week weighs more than any hours.
const EXCESS_WEIGHT: i64 = 1_000_000_000_000;
/// What a day beyond the most days a week counts for, in minutes beyond the most minutes.
const DAY_MINUTES: i64 = 480;
/// What a minute beyond a person's own maximum counts for beside all of their minutes.
const BEYOND_WEIGHT: i64 = 1_000_000;
/// Hours that people of a title may have beyond those of the title that can do less, in minutes.
const TITLE_MINUTES: i64 = 600;

/// How many types a title may work, less the fewest.
pub fn versatility(title: JobTitle) -> i64 {
    let types = EventType::ALL.iter().filter(|event_type| title.may_work(**event_type)).count();
    i64::try_from(types).unwrap_or_default() - 2
}

/// The place that the rotation gives a unit on a day, if it suits.
fn turn_place(table: &Table<'_>, graph: &Graph, units: &[Unit], unit: usize, day: usize) -> Option<usize> {
    let event = &table.events[units[unit].event];
    let role = match event.event_type {
        EventType::Juicer => Role::Juicer,
        EventType::Core if graph.starts(unit, day) & 1 != 0 => Role::PrimaryLead,
        _ => return None,
    };
    let turn = table.input.rotation.turn(&event.location.key(), role, table.days[day])?;
    let person = table.person(turn.person)?;
    if role == Role::PrimaryLead && table.fits(units[unit].event, person, day) & 1 == 0 {
        return None;
    }
    let place = table.place(person, day);
    graph.suits(unit, place, day).then_some(place)
}

/// The places that the rotation gives a unit, earliest first.
fn turn_places(table: &Table<'_>, graph: &Graph, units: &[Unit], unit: usize) -> Vec<usize> {
    if table.input.rotation.is_empty() {
        return Vec::new();
    }
    (0..table.days.len()).filter_map(|day| turn_place(table, graph, units, unit, day)).collect()
}

/// Puts as much of the matched work as it can where the rotation says, and fixes it there.
pub fn keep_rotation(table: &Table<'_>, graph: &Graph, units: &[Unit], matching: &mut Matching) {
    let matched: Vec<_> = (0..units.len()).filter(|unit| matching.of_unit[*unit].is_some()).collect();
    for unit in matched {
        let places = turn_places(table, graph, units, unit);
        if let Some(now) = matching.of_unit[unit].filter(|now| places.contains(now)) {
            debug_assert!(matching.of_place[now] == Some(unit));
            matching.fixed[unit] = true;
            continue;
        }
        for place in places {
            if take_turn(graph, matching, unit, place) {
                matching.fixed[unit] = true;
                break;
            }
        }
    }
}

/// Moves a unit to a place; who has it goes elsewhere, at last to where the unit was.
fn take_turn(graph: &Graph, matching: &mut Matching, unit: usize, place: usize) -> bool {
    let Some(old) = matching.of_unit[unit] else { return false };
    let Some(owner) = matching.of_place[place] else {
        matching.release(unit);
        matching.put(unit, place);
        return true;
    };
    if matching.fixed[owner] {
        return false;
    }
    matching.release(unit);
    matching.release(owner);
    matching.put(unit, place);
    matching.fixed[unit] = true;
    if matching.add(graph, owner, |free| (free != old, free)).is_ok() {
        return true;
    }
    matching.fixed[unit] = false;
    matching.release(unit);
    matching.put(unit, old);
    matching.put(owner, place);
    false
}

/// Minutes and days of people.
pub struct Loads<'t, 'a> {
    table: &'t Table<'a>,
    pub minutes: Vec<i64>,
    /// Pieces of work on each place, held or given.
    pieces: Vec<u16>,
    /// Days worked of each person and week, and minutes.
    days: Vec<u16>,
    week_minutes: Vec<i64>,
    /// The most minutes a week of each person who has a maximum of their own.
    minutes_max: Vec<Option<i64>>,
    weeks: usize,
}

impl<'t, 'a> Loads<'t, 'a> {
    /// What is held already; in the first and the last week also on days that are not asked for.
    pub fn new(table: &'t Table<'a>) -> Self {
        let (weeks, people, own) = (table.weeks(), table.people.len(), &table.input.options.minutes_max);
        let mut loads = Self {
            table,
            minutes: vec![0; people],
            pieces: vec![0; table.places()],
            days: vec![0; people * weeks],
            week_minutes: vec![0; people * weeks],
            minutes_max: table.people.iter().map(|one| own.get(&one.id).copied().map(i64::from)).collect(),
            weeks,
        };
        for person in 0..people {
            for day in 0..table.days.len() {
                for at in table.held_that_day(person, day) {
                    loads.add(table.place(person, day), table.events[*at].minutes);
                }
            }
        }
        let mut last = None;
        for (person, date, week, minutes) in &table.held_outside {
            loads.week_minutes[person * weeks + week] += i64::from(*minutes);
            if last.replace((person, date)) != Some((person, date)) {
                loads.days[person * weeks + week] += 1;
            }
        }
        loads
    }

    pub fn add(&mut self, place: usize, minutes: u32) {
        let (person, week) = self.week_of(place);
        self.minutes[person] += i64::from(minutes);
        self.week_minutes[week] += i64::from(minutes);
        self.pieces[place] += 1;
        if self.pieces[place] == 1 {
            self.days[week] += 1;
        }
    }

    pub fn remove(&mut self, place: usize, minutes: u32) {
        let (person, week) = self.week_of(place);
        self.minutes[person] -= i64::from(minutes);
        self.week_minutes[week] -= i64::from(minutes);
        self.pieces[place] -= 1;
        if self.pieces[place] == 0 {
            self.days[week] -= 1;
        }
    }

    /// The person of a place, and the number of their week.
    fn week_of(&self, place: usize) -> (usize, usize) {
        let (person, day) = self.table.of_place(place);
        (person, person * self.weeks + self.table.week(day))
    }

    /// The days that the person of a place works in its week, where they are too many.
    pub fn too_many_days(&self, place: usize) -> Option<u16> {
        let days = self.days[self.week_of(place).1];
        (days > self.table.input.options.days_per_week_max).then_some(days)
    }

    /// The minutes that the person of a place has in its week, and the most they should have, where they have more.
    pub fn too_many_minutes(&self, place: usize) -> Option<(i64, i64)> {
        let (person, week) = self.week_of(place);
        let most = self.minutes_max[person]?;
        (self.week_minutes[week] > most).then_some((self.week_minutes[week], most))
    }

    /// Whether one more piece there would be a day too many in its week, or beyond the person's own maximum.
    pub fn too_much(&self, place: usize, minutes: u32) -> bool {
        let (person, week) = self.week_of(place);
        let a_new_day = self.pieces[place] == 0;
        a_new_day && self.days[week] >= self.table.input.options.days_per_week_max
            || self.minutes_max[person].is_some_and(|most| self.week_minutes[week] + i64::from(minutes) > most)
    }

    /// Minutes beyond what people should work in a week, over all of them, with the days too many.
    pub fn excess(&self) -> i64 {
        let most = self.table.input.options.days_per_week_max;
        let days: i64 = self.days.iter().map(|days| i64::from(days.saturating_sub(most))).sum();
        let people = (0..self.minutes_max.len()).filter(|person| self.minutes_max[*person].is_some());
        days * DAY_MINUTES + people.map(|person| self.minutes_beyond(person)).sum::<i64>()
    }

    /// Minutes beyond a person's own maximum, over all weeks.
    fn minutes_beyond(&self, person: usize) -> i64 {
        let Some(most) = self.minutes_max[person] else { return 0 };
        self.week_minutes[person * self.weeks..][..self.weeks].iter().map(|minutes| (minutes - most).max(0)).sum()
    }

    /// What the loads of one person weigh: the less the better.
    fn weight(&self, person: usize) -> i64 {
        let most = self.table.input.options.days_per_week_max;
        let weeks = &self.days[person * self.weeks..][..self.weeks];
        let too_many: i64 = weeks.iter().map(|days| i64::from(days.saturating_sub(most))).sum();
        let excess = too_many * DAY_MINUTES + self.minutes_beyond(person);
        let minutes = self.minutes[person];
        let title = versatility(self.table.title(person));
        excess * EXCESS_WEIGHT + minutes * (minutes + 2 * TITLE_MINUTES * title)
    }

    /// Who has most of it gives work away first: minutes beyond their own maximum, then minutes, more of those who can do less.
    fn burden(&self, person: usize) -> i64 {
        let title = versatility(self.table.title(person));
        self.minutes_beyond(person) * BEYOND_WEIGHT + self.minutes[person] + TITLE_MINUTES * title
    }

    /// What one more piece of long work at a place costs.
    pub fn cost(&self, place: usize, minutes: u32) -> (bool, i64, usize, usize) {
        let (person, day) = self.table.of_place(place);
        let title = versatility(self.table.title(person));
        (self.too_much(place, minutes), self.minutes[person] + TITLE_MINUTES * title, day, person)
    }
}

/// Matched work that changes places, with the loads of the people.
pub struct Exchange<'s, 't, 'a> {
    pub table: &'t Table<'a>,
    pub graph: &'s Graph,
    pub units: &'s [Unit],
    pub matching: &'s mut Matching,
    pub loads: Loads<'t, 'a>,
}

impl Exchange<'_, '_, '_> {
    pub fn minutes(&self, unit: usize) -> u32 {
        self.table.events[self.units[unit].event].minutes
    }

    /// Moves units; answers the way back.
    pub fn apply(&mut self, path: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let before: Vec<_> = path.iter().filter_map(|(unit, _)| Some((*unit, self.matching.of_unit[*unit]?))).collect();
        for (unit, place) in &before {
            self.loads.remove(*place, self.minutes(*unit));
        }
        for (unit, place) in path {
            self.loads.add(*place, self.minutes(*unit));
        }
        self.matching.shift(path);
        before
    }

    /// Makes days a week few and hours even, as far as matched work can change places.
    pub fn even_out(&mut self) {
        let (mut tries, begun) = (0, self.matching.steps);
        let mut stuck = vec![false; self.table.people.len()];
        while tries < TRIES_MAX && self.matching.steps - begun < STEPS_MAX {
            let heaviest = (0..self.table.people.len())
                .filter(|person| !stuck[*person])
                .max_by_key(|person| (self.loads.burden(*person), std::cmp::Reverse(*person)));
            let Some(heaviest) = heaviest else { break };
            tries += 1;
            if self.relieve(heaviest) {
                stuck.fill(false);
            } else {
                stuck[heaviest] = true;
            }
        }
    }

    /// Gives a piece of one person's work to the one who has least, if that makes things better.
    fn relieve(&mut self, person: usize) -> bool {
        let table = self.table;
        let places = (0..table.days.len()).map(|day| table.place(person, day));
        let units = places.filter_map(|place| self.matching.of_place[place]);
        let mut own: Vec<_> = units.filter(|unit| !self.matching.fixed[*unit]).collect();
        // The other way round, so that of equal ones the later day is given away.
        own.reverse();
        for unit in own {
            let (mine, minutes, loads) = (self.loads.burden(person), self.minutes(unit), &self.loads);
            let cost = |place: usize| {
                let (other, day) = table.of_place(place);
                let theirs = loads.burden(other);
                let less = other != person && theirs + i64::from(minutes) < mine;
                less.then_some((loads.too_much(place, minutes), theirs, day, other))
            };
            let Ok(path) = self.matching.reach(self.graph, &[unit], cost) else { continue };
            if self.try_path(&path) {
                return true;
            }
        }
        false
    }

    /// Takes a way if the loads weigh less afterwards.
    fn try_path(&mut self, path: &[(usize, usize)]) -> bool {
        let olds = path.iter().filter_map(|(unit, _)| self.matching.of_unit[*unit]);
        let places = path.iter().map(|(_, place)| *place).chain(olds);
        let people: BTreeSet<_> = places.map(|place| self.table.of_place(place).0).collect();
        let weight = |loads: &Loads<'_, '_>| people.iter().map(|person| loads.weight(*person)).sum::<i64>();
        let before = weight(&self.loads);
        let back = self.apply(path);
        let is_better = weight(&self.loads) < before;
        if !is_better {
            self.apply(&back);
        }
        is_better
    }

    /// Moves work to an earlier free day of the same person, where nothing else gets worse.
    pub fn earlier(&mut self) {
        let table = self.table;
        for unit in 0..self.units.len() {
            let Some(now) = self.matching.of_unit[unit].filter(|_| !self.matching.fixed[unit]) else { continue };
            let (person, day) = table.of_place(now);
            let free = |earlier: &usize| {
                let place = table.place(person, *earlier);
                let is_open = self.matching.of_place[place].is_none() && !self.matching.closed[place];
                is_open && self.graph.suits(unit, place, *earlier)
            };
            let Some(earlier) = (0..day).find(free) else { continue };
            let (place, minutes) = (table.place(person, earlier), self.minutes(unit));
            self.loads.remove(now, minutes);
            if self.loads.too_much(place, minutes) {
                self.loads.add(now, minutes);
            } else {
                self.loads.add(place, minutes);
                self.matching.release(unit);
                self.matching.put(unit, place);
            }
        }
    }
}
