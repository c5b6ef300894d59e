//! The kinds of change that a form makes to one event.

use std::fmt;

use crate::domain::event::{Event, EventType};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Schedule,
    Reschedule,
    Unschedule,
    ChangeEmployee,
    /// Swaps employees with another CORE of the same day.
    Trade,
}

impl ChangeKind {
    pub const ALL: [Self; 5] = [Self::Schedule, Self::Reschedule, Self::ChangeEmployee, Self::Trade, Self::Unschedule];

    /// Tells if the change applies to an event in its current condition.
    pub fn fits(self, event: &Event) -> bool {
        match self {
            Self::Schedule => event.schedule.is_none(),
            Self::Trade => event.schedule.is_some() && event.event_type == EventType::Core,
            Self::Reschedule | Self::ChangeEmployee | Self::Unschedule => event.schedule.is_some(),
        }
    }

    /// The segment of the address: `reschedule`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Reschedule => "reschedule",
            Self::Unschedule => "unschedule",
            Self::ChangeEmployee => "employee",
            Self::Trade => "trade",
        }
    }

    /// The label on a card.
    pub fn label(self) -> &'static str {
        match self {
            Self::Schedule => "Schedule",
            Self::Reschedule => "Reschedule",
            Self::Unschedule => "Unschedule",
            Self::ChangeEmployee => "Change employee",
            Self::Trade => "Trade",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}
