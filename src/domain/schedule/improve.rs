//! The later goals, once it is settled which long work has a place: rotation, days a week, even hours, versatile people free,
//! earlier days.
//!
//! Rule of this file: units change places along alternating ways, so that none loses its place.

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
/// A day beyond the most days a week weighs more than any hours.
const DAY_WEIGHT: i64 = 1_000_000_000_000;
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
    /// Days worked of each person and week.
    days: Vec<u16>,
    weeks: usize,
}

impl<'t, 'a> Loads<'t, 'a> {
    /// What is held already; in the first and the last week also on days that are not asked for.
    pub fn new(table: &'t Table<'a>) -> Self {
        let (weeks, people) = (table.weeks(), table.people.len());
        let mut loads = Self {
            table,
            minutes: vec![0; people],
            pieces: vec![0; table.places()],
            days: vec![0; people * weeks],
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
        for (person, date, week, _) in &table.held_outside {
            if last.replace((person, date)) != Some((person, date)) {
                loads.days[person * weeks + week] += 1;
            }
        }
        loads
    }

    pub fn add(&mut self, place: usize, minutes: u32) {
        let (person, day) = self.table.of_place(place);
        self.minutes[person] += i64::from(minutes);
        self.pieces[place] += 1;
        if self.pieces[place] == 1 {
            self.days[person * self.weeks + self.table.week(day)] += 1;
        }
    }

    pub fn remove(&mut self, place: usize, minutes: u32) {
        let (person, day) = self.table.of_place(place);
        self.minutes[person] -= i64::from(minutes);
        self.pieces[place] -= 1;
        if self.pieces[place] == 0 {
            self.days[person * self.weeks + self.table.week(day)] -= 1;
        }
    }

    /// The days that the person of a place works in its week, where they are too many.
    pub fn too_many_days(&self, place: usize) -> Option<u16> {
        let (person, day) = self.table.of_place(place);
        let days = self.days[person * self.weeks + self.table.week(day)];
        (days > self.table.input.options.days_per_week_max).then_some(days)
    }

    /// Whether one more piece there would be a day too many in its week.
    pub fn one_day_too_many(&self, place: usize) -> bool {
        let (person, day) = self.table.of_place(place);
        let most = self.table.input.options.days_per_week_max;
        self.pieces[place] == 0 && self.days[person * self.weeks + self.table.week(day)] >= most
    }

    /// Whether one more piece would be beyond the person's own most in that week.
    pub fn beyond_own_most(&self, person: usize, minutes: u32) -> bool {
        let most = self.table.input.options.minutes_max.get(&self.table.people[person].id);
        most.is_some_and(|most| self.minutes[person] + i64::from(minutes) > i64::from(*most))
    }

    /// Days beyond the weekly maximum, over all people.
    pub fn days_too_many(&self) -> i64 {
        let most = self.table.input.options.days_per_week_max;
        self.days.iter().map(|days| i64::from(days.saturating_sub(most))).sum()
    }

    /// What the loads of one person weigh: the less the better.
    fn weight(&self, person: usize) -> i64 {
        let most = self.table.input.options.days_per_week_max;
        let weeks = &self.days[person * self.weeks..][..self.weeks];
        let too_many: i64 = weeks.iter().map(|days| i64::from(days.saturating_sub(most))).sum();
        let minutes = self.minutes[person];
        let title = versatility(self.table.title(person));
        too_many * DAY_WEIGHT + minutes * (minutes + 2 * TITLE_MINUTES * title)
    }

    /// What one more piece of long work at a place costs.
    pub fn cost(&self, place: usize) -> (bool, i64, usize, usize) {
        let (person, day) = self.table.of_place(place);
        let title = versatility(self.table.title(person));
        (self.one_day_too_many(place), self.minutes[person] + TITLE_MINUTES * title, day, person)
    }
}

/// Makes days a week few and hours even, as far as matched work can change places.
pub fn even_out(table: &Table<'_>, graph: &Graph, units: &[Unit], matching: &mut Matching, loads: &mut Loads<'_, '_>) {
    let (mut tries, begun) = (0, matching.steps);
    let mut stuck = vec![false; table.people.len()];
    while tries < TRIES_MAX && matching.steps - begun < STEPS_MAX {
        let burden = |person: &usize| loads.minutes[*person] + TITLE_MINUTES * versatility(table.title(*person));
        let heaviest = (0..table.people.len())
            .filter(|person| !stuck[*person])
            .max_by_key(|person| (burden(person), std::cmp::Reverse(*person)));
        let Some(heaviest) = heaviest else { break };
        tries += 1;
        if relieve(table, graph, units, matching, loads, heaviest) {
            stuck.fill(false);
        } else {
            stuck[heaviest] = true;
        }
    }
}

/// Gives a piece of one person's work to the one who has least, if that makes things better.
fn relieve(
    table: &Table<'_>,
    graph: &Graph,
    units: &[Unit],
    matching: &mut Matching,
    loads: &mut Loads<'_, '_>,
    person: usize,
) -> bool {
    let places = (0..table.days.len()).map(|day| table.place(person, day));
    let mut own: Vec<_> =
        places.filter_map(|place| matching.of_place[place]).filter(|unit| !matching.fixed[*unit]).collect();
    // The other way round, so that of equal ones the later day is given away.
    own.reverse();
    let burden = |loads: &Loads<'_, '_>, one: usize| loads.minutes[one] + TITLE_MINUTES * versatility(table.title(one));
    for unit in own {
        let mine = burden(loads, person);
        let minutes = i64::from(table.events[units[unit].event].minutes);
        let cost = |place: usize| {
            let (other, day) = table.of_place(place);
            let theirs = burden(loads, other);
            (other != person && theirs + minutes < mine).then_some((loads.one_day_too_many(place), theirs, day, other))
        };
        let Ok(path) = matching.reach(graph, &[unit], cost) else { continue };
        if try_path(table, units, matching, loads, &path) {
            return true;
        }
    }
    false
}

/// Takes a way if the loads weigh less afterwards.
fn try_path(
    table: &Table<'_>,
    units: &[Unit],
    matching: &mut Matching,
    loads: &mut Loads<'_, '_>,
    path: &[(usize, usize)],
) -> bool {
    let minutes = |unit: usize| table.events[units[unit].event].minutes;
    let olds: Vec<_> = path.iter().map(|(unit, _)| (*unit, matching.of_unit[*unit])).collect();
    let mut people: Vec<_> = path.iter().map(|(_, place)| table.of_place(*place).0).collect();
    people.extend(olds.iter().filter_map(|(_, old)| *old).map(|old| table.of_place(old).0));
    people.sort_unstable();
    people.dedup();
    let weight = |loads: &Loads<'_, '_>| people.iter().map(|person| loads.weight(*person)).sum::<i64>();
    let before = weight(loads);
    for (unit, old) in &olds {
        if let Some(old) = old {
            loads.remove(*old, minutes(*unit));
        }
    }
    for (unit, place) in path {
        loads.add(*place, minutes(*unit));
    }
    if weight(loads) < before {
        matching.shift(path);
        return true;
    }
    for (unit, place) in path {
        loads.remove(*place, minutes(*unit));
    }
    for (unit, old) in &olds {
        if let Some(old) = old {
            loads.add(*old, minutes(*unit));
        }
    }
    false
}

/// Moves work to an earlier free day of the same person, where nothing else gets worse.
pub fn earlier(table: &Table<'_>, graph: &Graph, units: &[Unit], matching: &mut Matching, loads: &mut Loads<'_, '_>) {
    for (unit, now) in (0..units.len()).filter_map(|unit| Some((unit, matching.of_unit[unit]?))).collect::<Vec<_>>() {
        if matching.fixed[unit] {
            continue;
        }
        let (person, day) = table.of_place(now);
        let free = |earlier: &usize| {
            let place = table.place(person, *earlier);
            matching.of_place[place].is_none() && !matching.closed[place] && graph.suits(unit, place, *earlier)
        };
        let minutes = table.events[units[unit].event].minutes;
        if let Some(earlier) = (0..day).find(free) {
            let place = table.place(person, earlier);
            loads.remove(now, minutes);
            if loads.one_day_too_many(place) {
                loads.add(now, minutes);
                continue;
            }
            loads.add(place, minutes);
            matching.release(unit);
            matching.put(unit, place);
        }
    }
}
