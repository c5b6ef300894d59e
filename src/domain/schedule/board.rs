//! The rows of a proposal while it is being made: who has what, when, and what clashes.

use chrono::NaiveDateTime;

use crate::domain::{
    event::{Event, EventType, Schedule},
    ids::ScheduleId,
    rules,
    schedule::{improve::Loads, table::Table},
};

/// Where an event is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub person: usize,
    pub day: usize,
    pub start: NaiveDateTime,
}

pub struct Board<'t, 'a> {
    pub table: &'t Table<'a>,
    /// For each event where it is put; None for those that are not.
    pub spots: Vec<Option<Spot>>,
    /// For each person and day the events put there.
    on: Vec<Vec<usize>>,
    pub loads: Loads<'t, 'a>,
    /// What was done, so that it can be taken back: the event and where it was.
    log: Vec<(usize, Option<Spot>)>,
}

impl<'t, 'a> Board<'t, 'a> {
    pub fn new(table: &'t Table<'a>) -> Self {
        Self {
            table,
            spots: vec![None; table.events.len()],
            on: vec![Vec::new(); table.places()],
            loads: Loads::new(table),
            log: Vec::new(),
        }
    }

    /// Puts an event somewhere, or takes it away.
    pub fn put(&mut self, event: usize, spot: Option<Spot>) {
        self.log.push((event, self.spots[event]));
        self.set(event, spot);
    }

    fn set(&mut self, event: usize, spot: Option<Spot>) {
        let minutes = self.table.events[event].minutes;
        if let Some(old) = self.spots[event] {
            let place = self.table.place(old.person, old.day);
            self.on[place].retain(|other| *other != event);
            self.loads.remove(place, minutes);
        }
        if let Some(new) = spot {
            let place = self.table.place(new.person, new.day);
            self.on[place].push(event);
            self.loads.add(place, minutes);
        }
        self.spots[event] = spot;
    }

    /// Where things stand, for [`back_to`](Self::back_to).
    pub fn mark(&self) -> usize {
        self.log.len()
    }

    pub fn back_to(&mut self, mark: usize) {
        while self.log.len() > mark {
            let Some((event, spot)) = self.log.pop() else { break };
            self.set(event, spot);
        }
    }

    pub fn on(&self, person: usize, day: usize) -> &[usize] {
        &self.on[self.table.place(person, day)]
    }

    /// The events put there that an event at this start would clash with.
    pub fn clashes(&self, event: usize, spot: Spot) -> impl Iterator<Item = usize> {
        let Spot { person, day, start } = spot;
        let new = &self.table.events[event];
        let days = day.saturating_sub(1)..(day + 2).min(self.table.days.len());
        let near = days.flat_map(move |near| self.on(person, near).iter().copied());
        near.filter(move |other| *other != event && self.clash(new, spot, *other, start))
    }

    fn clash(&self, new: &Event, spot: Spot, other: usize, start: NaiveDateTime) -> bool {
        let Some(there) = self.spots[other] else { return false };
        let placed = &self.table.events[other];
        let both_core = new.event_type == EventType::Core && placed.event_type == EventType::Core;
        let title = self.table.title(spot.person);
        let short = self.table.input.policy.short_work_minutes;
        both_core && there.day == spot.day
            || rules::overlap_each_other((new, start), (placed, there.start), title, short)
    }

    /// An event as it would be.
    pub fn as_put(&self, event: usize) -> Option<Event> {
        let spot = self.spots[event]?;
        let event = &self.table.events[event];
        let id = event.schedule.as_ref().map_or(ScheduleId(event.id.0), |now| now.id);
        let employee = self.table.people[spot.person].id.clone();
        Some(Event { schedule: Some(Schedule { id, employee, start: spot.start }), ..event.clone() })
    }

    /// What the rules say of an event there, beside everything that is held and put.
    pub fn check(&self, event: usize, spot: Spot) -> Vec<rules::Finding> {
        let days = spot.day.saturating_sub(1)..(spot.day + 2).min(self.table.days.len());
        let near = days.flat_map(|day| self.on(spot.person, day).iter().copied());
        let others: Vec<_> = near.filter(|other| *other != event).filter_map(|other| self.as_put(other)).collect();
        self.table.check(&self.table.events[event], spot.person, spot.start, &others)
    }
}
