//! The rules about employees, and the counts of days, as the model knows them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use tandem::domain::{
    employee::JobTitle,
    event::{EventType, counts::DayCounts},
};

use super::plain::{Held, Model, Piece, Pieces};

impl Model {
    /// The rules that refuse each assignment as it stands.
    pub fn refused(&self) -> BTreeMap<u64, BTreeSet<&'static str>> {
        let held = self.pieces.iter().filter_map(|(id, piece)| Some((*id, piece.held.as_ref()?)));
        let rules = held.map(|(id, held)| {
            let reasons = self.reasons_against(&held.who, id, held.start, &[]);
            (id, reasons.into_iter().map(|(rule, _)| rule).collect::<BTreeSet<_>>())
        });
        rules.filter(|(_, rules)| !rules.is_empty()).collect()
    }

    /// Notes what a change with a reason accepts: all that is against what it moved, and against what that is in the way of.
    pub fn accept(&mut self, before: &Pieces) {
        let moved = |id: &u64| before.get(id).is_none_or(|piece| piece.held != self.pieces[id].held);
        let moved: Vec<u64> = self.pieces.keys().copied().filter(moved).collect();
        let held = self.pieces.iter().filter_map(|(id, piece)| Some((*id, piece.held.as_ref()?)));
        let mut accepted = Vec::new();
        for (id, held) in held {
            let overlaps = moved.iter().any(|one| *one != id && self.clash(&held.who, id, held.start, *one));
            for (rule, _) in self.reasons_against(&held.who, id, held.start, &[]) {
                if moved.contains(&id) || (rule == "overlap" && overlaps) {
                    accepted.push((id, held.who.clone(), held.start.date(), rule));
                }
            }
        }
        self.accepted.extend(accepted);
    }

    /// Tells if a reason was ever given for this person to work the event on its day against a rule.
    pub fn is_accepted(&self, id: u64, rule: &'static str) -> bool {
        let held = self.pieces[&id].held.as_ref();
        held.is_some_and(|held| self.accepted.contains(&(id, held.who.clone(), held.start.date(), rule)))
    }

    /// Tells if the last change gave an event to another person or another day.
    pub fn is_put_elsewhere(&self, id: u64) -> bool {
        let place = |pieces: &Pieces| {
            let held = pieces.get(&id)?.held.as_ref()?;
            Some((held.who.clone(), held.start.date()))
        };
        let last = self.history.last_key_value().map(|(_, past)| (place(&past.before), place(&past.after)));
        last.is_some_and(|(before, after)| after.is_some() && before != after)
    }

    /// Tells if a move has to be asked about: on another day for every reason against it, on the same day only for a
    /// new one. `planned` events moved before it in the same change.
    pub fn move_asks(&self, who: &str, id: u64, start: NaiveDateTime, planned: &[u64]) -> bool {
        let Some(held) = self.pieces[&id].held.as_ref().filter(|held| held.who == who) else {
            return !self.may(who, id, start);
        };
        let now = self.reasons_against(who, id, start, planned);
        if held.start.date() != start.date() {
            return now.iter().any(|(rule, _)| *rule != "title");
        }
        let before = self.reasons_against(who, id, held.start, planned);
        held.start != start && now.iter().any(|reason| !before.contains(reason))
    }

    /// What is against an employee working an event: their state, their title, and the first event in the way.
    pub fn reasons_against(
        &self,
        who: &str,
        id: u64,
        start: NaiveDateTime,
        planned: &[u64],
    ) -> Vec<(&'static str, u64)> {
        let one = &self.people[who];
        let mut reasons = Vec::new();
        if !one.active {
            reasons.push(("inactive", 0));
        }
        if !self.titles_of(id).contains(&one.title) {
            reasons.push(("title", 0));
        }
        let last = (start + TimeDelta::minutes(self.pieces[&id].minutes) - TimeDelta::seconds(1)).date();
        let days = || start.date().iter_days().take_while(|day| *day <= last);
        if days().any(|day| one.time_off.iter().any(|off| off.first <= day && day <= off.last)) {
            reasons.push(("time-off", 0));
        }
        if days().any(|day| self.holidays.contains(&day)) {
            reasons.push(("holiday", 0));
        }
        let mut others: Vec<_> = self.pieces.iter().filter(|(other, _)| **other != id).collect();
        others.sort_by_key(|(other, piece)| (planned.contains(other), piece.date(), **other));
        let in_the_way = others.into_iter().find(|(other, _)| self.clash(who, id, start, **other));
        reasons.extend(in_the_way.map(|(other, _)| ("overlap", *other)));
        reasons
    }

    /// Candidates for a Supervisor: of the first title that has any, those with the fewest events that day.
    pub fn best_for(&self, id: u64, start: NaiveDateTime) -> Vec<String> {
        for title in [JobTitle::ClubSupervisor, JobTitle::LeadEventSpecialist] {
            let titled = self.people.iter().filter(|(who, one)| one.title == title && self.may(who, id, start));
            let loads: Vec<_> = titled.map(|(who, _)| (self.load(who, start.date(), id), who.clone())).collect();
            if let Some(least) = loads.iter().map(|(load, _)| *load).min() {
                return loads.into_iter().filter(|(load, _)| *load == least).map(|(_, who)| who).collect();
            }
        }
        Vec::new()
    }

    fn load(&self, who: &str, date: NaiveDate, except: u64) -> usize {
        self.others_of(who, except).filter(|(_, held)| held.start.date() == date).count()
    }

    /// Other events of an employee.
    fn others_of(&self, who: &str, except: u64) -> impl Iterator<Item = (&Piece, &Held)> {
        let others = self.pieces.iter().filter(move |(id, _)| **id != except).map(|(_, piece)| piece);
        others.filter_map(|piece| Some((piece, piece.held.as_ref()?))).filter(move |(_, held)| held.who == who)
    }

    /// Tells if no rule rejects.
    pub fn may(&self, who: &str, id: u64, start: NaiveDateTime) -> bool {
        self.reasons_against(who, id, start, &[]).is_empty()
    }

    fn titles_of(&self, id: u64) -> &'static [JobTitle] {
        use JobTitle::{ClubSupervisor, EventSpecialist, JuicerBarista, LeadEventSpecialist};
        match self.pieces[&id].event_type {
            EventType::Core => &[EventSpecialist, LeadEventSpecialist, JuicerBarista],
            EventType::Juicer => &[JuicerBarista, ClubSupervisor],
            EventType::Supervisor | EventType::Freeosk | EventType::Digitals => &[LeadEventSpecialist, ClubSupervisor],
            EventType::Other => &JobTitle::ALL,
        }
    }

    /// Tells if `who`, working `id` from `start`, would be in the way of their other work.
    fn clash(&self, who: &str, id: u64, start: NaiveDateTime, other: u64) -> bool {
        let (piece, other) = (&self.pieces[&id], &self.pieces[&other]);
        let Some(held) = other.held.as_ref().filter(|held| held.who == who) else { return false };
        let end = start + TimeDelta::minutes(piece.minutes);
        let both = [piece, other].iter().all(|piece| piece.event_type == EventType::Supervisor);
        let crosses = held.start < end && start < held.start + TimeDelta::minutes(other.minutes);
        crosses && !(both && self.people[who].title == JobTitle::ClubSupervisor)
    }

    /// The counts of the month, counted event by event.
    pub fn counts(&self) -> BTreeMap<NaiveDate, DayCounts> {
        let mut days: BTreeMap<_, DayCounts> = BTreeMap::new();
        for piece in self.pieces.values() {
            if let Some(date) = piece.date() {
                days.entry(date).or_default().scheduled[piece.event_type as usize] += 1;
            } else if let Some(date) = piece.due {
                days.entry(date).or_default().unscheduled_due += 1;
            }
        }
        let is_open = |id: &u64| self.pieces[id].held.is_none();
        for (core, piece) in &self.pieces {
            if let Some(date) = piece.date().filter(|_| self.followers_of(*core).iter().any(is_open)) {
                days.entry(date).or_default().without_supervisor += 1;
            }
        }
        days
    }
}
