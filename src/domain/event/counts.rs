//! Counters of a day and of the whole calendar, so that pages need not read events to count them.

use chrono::NaiveDate;

use crate::domain::event::{Event, EventType, pairing::Pair};

/// Used in place of a date, after all dates of the calendar: for events without a due date, and for counters of the
/// whole calendar.
pub const NO_DATE: NaiveDate = NaiveDate::MAX;

/// Scheduled events of a day by type, the unstaffed ones whose last day it is, and the COREs without their Supervisor;
/// for [`NO_DATE`], of all days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCounts {
    pub scheduled: [u32; 6],
    pub unscheduled_due: u32,
    /// Scheduled COREs with a Supervisor event that is not scheduled.
    pub without_supervisor: u32,
}

impl DayCounts {
    pub fn of(&self, event_type: EventType) -> u32 {
        self.scheduled[event_type as usize]
    }

    pub fn total(&self) -> u32 {
        self.scheduled.iter().sum()
    }

    /// The counters of `event`, with their days: its own day, if it has one, and the whole calendar.
    pub fn slots(event: &Event) -> impl Iterator<Item = (NaiveDate, Slot)> + use<> {
        let slot = match event.schedule {
            Some(_) => Slot::Scheduled(event.event_type),
            None => Slot::UnscheduledDue,
        };
        event.day().into_iter().chain([NO_DATE]).map(move |day| (day, slot))
    }

    /// The counters of the COREs of a pair that are without their Supervisor, with their days and the whole calendar.
    pub fn pair_slots(pair: &Pair<'_>) -> impl Iterator<Item = (NaiveDate, Slot)> + use<> {
        let days: Vec<_> = pair.without_supervisor().into_iter().filter_map(Event::date).collect();
        days.into_iter().flat_map(|day| [day, NO_DATE]).map(|day| (day, Slot::WithoutSupervisor))
    }

    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.scheduled.iter_mut().zip(other.scheduled) {
            *ours += theirs;
        }
        self.unscheduled_due += other.unscheduled_due;
        self.without_supervisor += other.without_supervisor;
    }

    pub fn slot_mut(&mut self, slot: Slot) -> &mut u32 {
        match slot {
            Slot::Scheduled(event_type) => &mut self.scheduled[event_type as usize],
            Slot::UnscheduledDue => &mut self.unscheduled_due,
            Slot::WithoutSupervisor => &mut self.without_supervisor,
        }
    }
}

/// Notes of a day besides its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayNotes {
    /// The name of the day on which the company is closed.
    pub holiday: Option<String>,
    /// Number of people who are off.
    pub off: u32,
}

/// One of eight counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    Scheduled(EventType),
    UnscheduledDue,
    WithoutSupervisor,
}
