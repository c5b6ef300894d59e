//! Counters of a day and of the whole calendar, so that pages need not read events to count them.

use chrono::NaiveDate;

use crate::domain::event::{Event, EventType};

/// Used in place of a date, after all dates of the calendar: for events without a due date, and for counters of the
/// whole calendar.
pub const NO_DATE: NaiveDate = NaiveDate::MAX;

/// Scheduled events of a day by type, and the unstaffed ones due that day; for [`NO_DATE`], of all days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCounts {
    pub scheduled: [u32; 6],
    pub unscheduled_due: u32,
}

impl DayCounts {
    #[must_use]
    pub fn of(&self, event_type: EventType) -> u32 {
        self.scheduled[event_type as usize]
    }

    #[must_use]
    pub fn total(&self) -> u32 {
        self.scheduled.iter().sum()
    }

    /// The counters of `event`, with their days: its own day, if it has one, and the whole calendar.
    pub fn slots(event: &Event) -> impl Iterator<Item = (NaiveDate, Slot)> + use<> {
        let (day, slot) = match event.date() {
            Some(date) => (Some(date), Slot::Scheduled(event.event_type)),
            None => (event.due.map(|due| due.date), Slot::UnscheduledDue),
        };
        day.into_iter().chain([NO_DATE]).map(move |day| (day, slot))
    }

    /// Adds another day's counters.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.scheduled.iter_mut().zip(other.scheduled) {
            *ours += theirs;
        }
        self.unscheduled_due += other.unscheduled_due;
    }

    /// The counter of a slot.
    pub fn slot_mut(&mut self, slot: Slot) -> &mut u32 {
        match slot {
            Slot::Scheduled(event_type) => &mut self.scheduled[event_type as usize],
            Slot::UnscheduledDue => &mut self.unscheduled_due,
        }
    }
}

/// One of seven counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Scheduled(EventType),
    UnscheduledDue,
}
