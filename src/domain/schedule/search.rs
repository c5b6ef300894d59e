//! Puts units on the board: where their place is settled, or anywhere, moving others where that helps.
//!
//! Rule of this file: a search ends by its number of steps, never by a clock.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::domain::{
    employee::JobTitle,
    event::EventType,
    schedule::{
        board::{Board, Spot},
        random::Random,
        table::Starts,
        units::Unit,
    },
};

/// Steps in which places for one unit are looked for by moving others.
pub const UNIT_STEPS_MAX: u64 = 30_000;
/// Steps of that kind in all.
pub const STEPS_MAX: u64 = 3_000_000;
/// Most events that give way at once.
const BLOCKERS_MAX: usize = 6;
/// How many times what gives way may make others give way.
pub const DEPTH_MAX: u8 = 3;

/// What speaks against a place, in the order of the goals; the least is best.
pub type Cost = (bool, bool, u8, i64, usize, bool, usize, usize);

/// Somewhere a unit could go: its event, and each Supervisor that goes with it.
#[derive(Clone, Debug)]
pub struct Choice {
    pub spots: Vec<(usize, Spot)>,
    /// Units that would have to give way.
    pub blockers: Vec<usize>,
    pub cost: Cost,
}

pub struct Search<'b, 't, 'a> {
    pub board: &'b mut Board<'t, 'a>,
    pub units: &'b [Unit],
    /// The unit of each event.
    pub unit_of: Vec<Option<usize>>,
    pub steps: u64,
    limit: u64,
    /// Units that may not give way: those of the chain so far.
    chain: Vec<usize>,
    /// CORE starts in use on a day at a store.
    slots: BTreeMap<(usize, String, u8), usize>,
}

/// The days on which a unit is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Where {
    /// With its Supervisors, on any day.
    Anywhere,
    /// With its Supervisors, on one day.
    On(usize),
    /// With its Supervisors, at a person's day.
    At(usize),
    /// Without its Supervisors, on any day.
    Alone,
    /// Without them, at a person's day.
    AloneAt(usize),
}

impl<'b, 't, 'a> Search<'b, 't, 'a> {
    pub fn new(board: &'b mut Board<'t, 'a>, units: &'b [Unit]) -> Self {
        let mut unit_of = vec![None; board.table.events.len()];
        for (at, unit) in units.iter().enumerate() {
            unit_of[unit.event] = Some(at);
            for follower in &unit.followers {
                unit_of[*follower] = Some(at);
            }
        }
        let mut slots = BTreeMap::new();
        let table = board.table;
        for event in table.events.iter().filter(|event| event.event_type == EventType::Core) {
            let Some(start) = event.start() else { continue };
            let usual = table.input.policy.usual.of(EventType::Core);
            if let (Some(day), Some(nth)) = (table.day(start.date()), usual.iter().position(|at| *at == start.time())) {
                let nth = u8::try_from(nth).unwrap_or_default();
                *slots.entry((day, event.location.key().into_owned(), nth)).or_insert(0) += 1;
            }
        }
        Self { board, units, unit_of, steps: 0, limit: 0, chain: Vec::new(), slots }
    }

    /// Puts a unit where nothing has to give way, at the least cost.
    pub fn put(&mut self, unit: usize, place: Where) -> bool {
        let options = self.options(unit, place, false);
        let Some(best) = options.into_iter().min_by(|a, b| a.cost.cmp(&b.cost)) else { return false };
        self.place(&best);
        true
    }

    /// Puts a unit somewhere at random where nothing has to give way.
    pub fn put_at_random(&mut self, unit: usize, place: Where, random: &mut Random) -> bool {
        let options = self.options(unit, place, false);
        if options.is_empty() {
            return false;
        }
        self.place(&options[random.below(options.len())]);
        true
    }

    /// Puts a unit back where it is now.
    pub fn restore(&mut self, unit: usize) {
        let unit = &self.units[unit];
        for event in std::iter::once(unit.event).chain(unit.followers.iter().copied()) {
            self.board.put(event, self.board.table.anchors[event]);
        }
    }

    /// The same; where there is no such place, others move.
    pub fn insert(&mut self, unit: usize) -> bool {
        if self.put(unit, Where::Anywhere) {
            return true;
        }
        if self.steps >= STEPS_MAX {
            return false;
        }
        self.limit = self.steps + UNIT_STEPS_MAX;
        self.chain.clear();
        (1..=DEPTH_MAX).any(|depth| self.push(unit, depth))
    }

    fn push(&mut self, unit: usize, depth: u8) -> bool {
        if self.put(unit, Where::Anywhere) {
            return true;
        }
        if depth == 0 || self.steps >= self.limit {
            return false;
        }
        let mut options = self.options(unit, Where::Anywhere, true);
        options.sort_by(|a, b| (a.blockers.len(), &a.cost).cmp(&(b.blockers.len(), &b.cost)));
        self.chain.push(unit);
        for option in options {
            if self.steps >= self.limit {
                break;
            }
            let mark = self.board.mark();
            for blocker in &option.blockers {
                self.take_away(*blocker);
            }
            self.place(&option);
            if option.blockers.iter().all(|blocker| self.push(*blocker, depth - 1)) {
                self.chain.pop();
                return true;
            }
            self.board.back_to(mark);
        }
        self.chain.pop();
        false
    }

    fn place(&mut self, option: &Choice) {
        for (event, spot) in &option.spots {
            self.board.put(*event, Some(*spot));
        }
    }

    pub fn take_away(&mut self, unit: usize) {
        let unit = &self.units[unit];
        for event in std::iter::once(unit.event).chain(unit.followers.iter().copied()) {
            if self.board.spots[event].is_some() {
                self.board.put(event, None);
            }
        }
    }

    /// Where a unit could go; with `pushing`, also where others would have to give way.
    pub fn options(&mut self, unit: usize, place: Where, pushing: bool) -> Vec<Choice> {
        let units = self.units;
        let one = &units[unit];
        let with = !matches!(place, Where::Alone | Where::AloneAt(_));
        let days = if with { &one.days } else { &one.alone };
        let (only, table) = (
            match place {
                Where::At(place) | Where::AloneAt(place) => Some(self.board.table.of_place(place)),
                Where::Anywhere | Where::Alone | Where::On(_) => None,
            },
            self.board.table,
        );
        let mut options = Vec::new();
        for (day, starts) in days {
            if only.is_some_and(|(_, only)| only != *day) || matches!(place, Where::On(only) if only != *day) {
                continue;
            }
            let people = only.map_or(0..table.people.len(), |(person, _)| person..person + 1);
            for person in people {
                self.options_of(unit, (person, *day, *starts), with, pushing, &mut options);
            }
        }
        options
    }

    fn options_of(
        &mut self,
        unit: usize,
        (person, day, starts): (usize, usize, Starts),
        with: bool,
        pushing: bool,
        options: &mut Vec<Choice>,
    ) {
        let (table, units) = (self.board.table, self.units);
        let one = &units[unit];
        if let Some(start) = one.fixed {
            let may = table.title(person).may_work(table.events[one.event].event_type);
            if may && table.check_at(&table.events[one.event], person, start, &[]).is_empty() {
                self.option(unit, Spot { person, day, start }, 0, with, pushing, options);
            }
            return;
        }
        let fits = table.fits(one.event, person, day) & starts;
        if fits == 0 {
            return;
        }
        for (nth, time) in table.starts(one.event).iter().enumerate() {
            if fits & (1 << nth) != 0 {
                let start = table.days[day].and_time(*time);
                self.option(unit, Spot { person, day, start }, nth, with, pushing, options);
            }
        }
    }

    fn option(&mut self, unit: usize, spot: Spot, nth: usize, with: bool, pushing: bool, options: &mut Vec<Choice>) {
        self.steps += 1;
        let one = &self.units[unit];
        let Some(mut blockers) = self.blockers(one.event, spot, pushing) else { return };
        let mut spots = vec![(one.event, spot)];
        if with {
            for follower in &one.followers {
                let Some((host, theirs)) = self.host(*follower, (spot, nth), &spots, pushing) else { return };
                blockers.extend(theirs);
                spots.push((*follower, host));
            }
        }
        blockers.sort_unstable();
        blockers.dedup();
        if blockers.len() <= BLOCKERS_MAX {
            let cost = self.cost(one.event, spot, nth);
            options.push(Choice { spots, blockers, cost });
        }
    }

    /// The units that would give way; None if one may not, or none may.
    fn blockers(&self, event: usize, spot: Spot, pushing: bool) -> Option<Vec<usize>> {
        let mut blockers = Vec::new();
        for other in self.board.clashes(event, spot) {
            let unit = self.unit_of[other].filter(|unit| pushing && !self.chain.contains(unit))?;
            blockers.push(unit);
        }
        Some(blockers)
    }

    /// Who takes a Supervisor after a CORE at `spot`, and the units that give way to it.
    fn host(
        &mut self,
        follower: usize,
        (core, nth): (Spot, usize),
        taken: &[(usize, Spot)],
        pushing: bool,
    ) -> Option<(Spot, Vec<usize>)> {
        let table = self.board.table;
        let time = *table.starts(follower).get(nth)?;
        let start: NaiveDateTime = table.days[core.day].and_time(time);
        if table.in_window(follower, core.day) & (1 << nth) == 0 {
            return None;
        }
        let mut best: Option<(Cost, usize, Spot, Vec<usize>)> = None;
        for person in 0..table.people.len() {
            if table.fits(follower, person, core.day) & (1 << nth) == 0 {
                continue;
            }
            let spot = Spot { person, day: core.day, start };
            self.steps += 1;
            if taken.iter().any(|(event, there)| self.both(follower, spot, *event, *there)) {
                continue;
            }
            let Some(blockers) = self.blockers(follower, spot, pushing) else { continue };
            let cost = self.cost(follower, spot, nth);
            if best.as_ref().is_none_or(|least| (blockers.len(), &cost) < (least.1, &least.0)) {
                best = Some((cost, blockers.len(), spot, blockers));
            }
        }
        best.map(|(_, _, spot, blockers)| (spot, blockers))
    }

    /// Whether two events of one unit would clash.
    fn both(&self, event: usize, spot: Spot, other: usize, there: Spot) -> bool {
        let table = self.board.table;
        let (one, other) = ((&table.events[event], spot.start), (&table.events[other], there.start));
        let (title, short) = (table.title(spot.person), table.input.policy.short_work_minutes);
        spot.person == there.person && crate::domain::rules::overlap_each_other(one, other, title, short)
    }

    /// What speaks against an event at a spot.
    pub fn cost(&self, event: usize, spot: Spot, nth: usize) -> Cost {
        let table = self.board.table;
        let what = &table.events[event];
        let place = table.place(spot.person, spot.day);
        let first_slot = nth == 0;
        let turn = table.input.rotation.turn_for(what, table.days[spot.day], first_slot);
        let not_their_turn = turn.is_some_and(|turn| turn.person != &table.people[spot.person].id);
        let (used, unlike) = self.slot_cost(event, spot, nth);
        let usual = &table.usual_store[spot.person];
        let elsewhere = usual.as_ref().is_some_and(|usual| *usual != what.location.key());
        (
            not_their_turn,
            self.board.loads.too_much(place, what.minutes),
            rank(table.title(spot.person), what.event_type),
            self.board.loads.minutes[spot.person],
            used,
            unlike || elsewhere,
            spot.day,
            spot.person,
        )
    }

    /// How often a CORE's start is taken on its day, and whether a Lead stands in the middle.
    fn slot_cost(&self, event: usize, spot: Spot, nth: usize) -> (usize, bool) {
        let table = self.board.table;
        let what = &table.events[event];
        if what.event_type != EventType::Core {
            return (0, false);
        }
        let number = u8::try_from(nth).unwrap_or_default();
        let held = self.slots.get(&(spot.day, what.location.key().into_owned(), number)).copied().unwrap_or(0);
        let last = table.starts(event).len().saturating_sub(1);
        let (mut used, mut lead_there) = (held, false);
        for person in 0..table.people.len() {
            for other in self.board.on(person, spot.day) {
                let there = self.board.spots[*other].is_some_and(|there| there.start == spot.start);
                let same = &table.events[*other];
                if there && same.event_type == EventType::Core && same.location.is_same(&what.location) {
                    used += 1;
                    lead_there |= table.title(person) == JobTitle::LeadEventSpecialist;
                }
            }
        }
        let is_lead = table.title(spot.person) == JobTitle::LeadEventSpecialist;
        let edge = nth == 0 || nth == last;
        // The day's Leads were put first, so that others need not keep the first and last nth free for them.
        (used, is_lead && (!edge || lead_there))
    }
}

/// Who goes first among those who may: for Supervisors the Club Supervisors, as everywhere, then those who can do least.
fn rank(title: JobTitle, event_type: EventType) -> u8 {
    match (event_type, title) {
        (EventType::Supervisor, JobTitle::ClubSupervisor) | (_, JobTitle::EventSpecialist) => 0,
        (_, JobTitle::JuicerBarista) => 1,
        (_, JobTitle::ClubSupervisor | JobTitle::LeadEventSpecialist) => 2,
    }
}
