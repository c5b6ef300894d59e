//! What the month shows of a day, kept as counters so that a month never reads its events.

use chrono::NaiveDate;

use super::event::{Event, EventType};

/// Scheduled events of a day by type, and the unstaffed ones due that day.
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

    /// The counter that `event` belongs to, and its day. None for an unstaffed event that is never due.
    #[must_use]
    pub fn slot(event: &Event) -> Option<(NaiveDate, Slot)> {
        match event.date() {
            Some(date) => Some((date, Slot::Scheduled(event.event_type))),
            None => event.due.map(|due| (due.date, Slot::UnscheduledDue)),
        }
    }

    /// The counter behind a slot.
    pub fn slot_mut(&mut self, slot: Slot) -> &mut u32 {
        match slot {
            Slot::Scheduled(event_type) => &mut self.scheduled[event_type as usize],
            Slot::UnscheduledDue => &mut self.unscheduled_due,
        }
    }
}

/// One of a day's seven counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Scheduled(EventType),
    UnscheduledDue,
}
