//! Long work on person-days: each person's day takes one piece of it, so this is a matching in a bipartite graph.
//!
//! Rule of this file: a unit that has a place keeps one; only which one changes. Units are added in the order of their last
//! days, and sets that can be matched form a matroid, so that no unit is left out for a later one and the number is the
//! most possible (Edmonds; Lawler, "Combinatorial Optimization", 1976).

use std::collections::HashMap;

use crate::domain::schedule::{
    table::{Starts, Table},
    units::Unit,
};

/// Places of one kind of work on one day that suit a set of starts.
#[derive(Debug)]
struct Group {
    day: usize,
    starts: Starts,
    places: Vec<usize>,
}

/// Which places suit which unit. Units with the same needs on a day share a group.
#[derive(Debug, Default)]
pub struct Graph {
    groups: Vec<Group>,
    known: HashMap<(usize, usize, Starts), usize>,
    /// The groups of each unit.
    of: Vec<Vec<usize>>,
}

impl Graph {
    /// The graph of the units for which `days` names days; short work has none.
    pub fn new(table: &Table<'_>, units: &[Unit], days: impl Fn(&Unit) -> &[(usize, Starts)]) -> Self {
        let mut graph = Self { of: vec![Vec::new(); units.len()], ..Self::default() };
        for (at, unit) in units.iter().enumerate().filter(|(_, unit)| unit.is_long) {
            graph.join(table, at, unit, days(unit));
        }
        graph
    }

    /// Gives a unit other days.
    pub fn join(&mut self, table: &Table<'_>, at: usize, unit: &Unit, days: &[(usize, Starts)]) {
        let kind = table.kind(unit.event);
        let mut of = Vec::new();
        for (day, starts) in days {
            let group = *self.known.entry((kind, *day, *starts)).or_insert_with(|| {
                let fits = |person: &usize| table.fits(unit.event, *person, *day) & starts != 0;
                let places = (0..table.people.len()).filter(fits).map(|person| table.place(person, *day)).collect();
                self.groups.push(Group { day: *day, starts: *starts, places });
                self.groups.len() - 1
            });
            of.push(group);
        }
        self.of[at] = of;
    }

    /// The starts that a unit may have on a day.
    pub fn starts(&self, unit: usize, day: usize) -> Starts {
        let groups = self.of[unit].iter().map(|group| &self.groups[*group]);
        groups.filter(|group| group.day == day).fold(0, |all, group| all | group.starts)
    }

    pub fn suits(&self, unit: usize, place: usize, day: usize) -> bool {
        let groups = self.of[unit].iter().map(|group| &self.groups[*group]);
        groups.filter(|group| group.day == day).any(|group| group.places.binary_search(&place).is_ok())
    }
}

/// More units than places: none of the units can go anywhere else.
#[derive(Clone, Debug)]
pub struct Crowd {
    pub units: Vec<usize>,
    pub places: Vec<usize>,
}

/// Who has which place.
#[derive(Debug)]
pub struct Matching {
    pub of_unit: Vec<Option<usize>>,
    pub of_place: Vec<Option<usize>>,
    /// Places that stay free.
    pub closed: Vec<bool>,
    /// Units that stay where they are.
    pub fixed: Vec<bool>,
    seen: Vec<u32>,
    /// The unit that reached a place in this turn.
    from: Vec<usize>,
    groups_seen: Vec<u32>,
    turn: u32,
    pub steps: u64,
}

impl Matching {
    pub fn new(units: usize, places: usize) -> Self {
        Self {
            of_unit: vec![None; units],
            of_place: vec![None; places],
            closed: vec![false; places],
            fixed: vec![false; units],
            seen: vec![0; places],
            from: vec![0; places],
            groups_seen: Vec::new(),
            turn: 0,
            steps: 0,
        }
    }

    pub fn put(&mut self, unit: usize, place: usize) {
        self.of_unit[unit] = Some(place);
        self.of_place[place] = Some(unit);
    }

    pub fn release(&mut self, unit: usize) -> Option<usize> {
        let place = self.of_unit[unit].take()?;
        self.of_place[place] = None;
        Some(place)
    }

    /// Finds a place for a unit that has none, moving others to other places of theirs where it must; `cost` chooses among
    /// free places. Answers each unit that moved with the places it had and has.
    ///
    /// # Errors
    /// The [`Crowd`] that proves that there is none.
    pub fn add<C: Ord>(
        &mut self,
        graph: &Graph,
        unit: usize,
        cost: impl Fn(usize) -> C,
    ) -> Result<Vec<(usize, Option<usize>, usize)>, Crowd> {
        let path = self.reach(graph, &[unit], |place| Some(cost(place)))?;
        let moved = path.iter().map(|(unit, place)| (*unit, self.of_unit[*unit], *place)).collect();
        self.shift(&path);
        Ok(moved)
    }

    /// The way from one of `sources` over places whose owners give way to a free place: the nearest, and of those the one
    /// with the least cost. A place without a cost does not end a way.
    ///
    /// # Errors
    /// All units and places that could be reached.
    pub fn reach<C: Ord>(
        &mut self,
        graph: &Graph,
        sources: &[usize],
        cost: impl Fn(usize) -> Option<C>,
    ) -> Result<Vec<(usize, usize)>, Crowd> {
        self.turn += 1;
        self.groups_seen.resize(graph.groups.len(), 0);
        let mut queue: Vec<usize> = sources.to_vec();
        let (mut at, mut places) = (0, Vec::new());
        while let Some(unit) = queue.get(at).copied() {
            at += 1;
            let mut best: Option<(C, usize)> = None;
            for group in &graph.of[unit] {
                if std::mem::replace(&mut self.groups_seen[*group], self.turn) == self.turn {
                    continue;
                }
                for place in graph.groups[*group].places.iter().copied().filter(|place| !self.closed[*place]) {
                    self.steps += 1;
                    if std::mem::replace(&mut self.seen[place], self.turn) == self.turn {
                        continue;
                    }
                    self.from[place] = unit;
                    places.push(place);
                    match self.of_place[place] {
                        None => {
                            let cost = cost(place);
                            if let Some(cost) = cost.filter(|cost| best.as_ref().is_none_or(|(least, _)| cost < least))
                            {
                                best = Some((cost, place));
                            }
                        }
                        Some(owner) if self.fixed[owner] || sources.contains(&owner) => {}
                        Some(owner) => queue.push(owner),
                    }
                }
            }
            if let Some((_, place)) = best {
                return Ok(self.way_back(place, sources));
            }
        }
        Err(Crowd { units: queue, places })
    }

    /// From the free place back to the source: each unit with the place it goes to.
    fn way_back(&self, free: usize, sources: &[usize]) -> Vec<(usize, usize)> {
        let (mut path, mut place) = (Vec::new(), free);
        loop {
            let unit = self.from[place];
            path.push((unit, place));
            match self.of_unit[unit] {
                Some(old) if !sources.contains(&unit) => place = old,
                _ => return path,
            }
        }
    }

    /// Takes a way.
    pub fn shift(&mut self, path: &[(usize, usize)]) {
        for (unit, _) in path {
            self.release(*unit);
        }
        for (unit, place) in path {
            self.put(*unit, *place);
        }
    }

    /// What became of it: nothing is closed or fixed any more, and these units have these places.
    pub fn reconcile(&mut self, places: impl Iterator<Item = (usize, usize)>) {
        self.closed.fill(false);
        self.fixed.fill(false);
        self.of_unit.fill(None);
        self.of_place.fill(None);
        for (unit, place) in places {
            self.put(unit, place);
        }
    }
}
