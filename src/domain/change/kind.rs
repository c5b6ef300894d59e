//! The kinds of change that a form makes to one event.

use crate::domain::event::{Event, EventType};

named! {
    /// In the order of a card. The slug is the segment of the address; the label stands on the card.
    pub enum ChangeKind: slug, label {
        Schedule => "schedule", "Schedule";
        Reschedule => "reschedule", "Reschedule";
        ChangeEmployee => "employee", "Change employee";
        /// Swaps employees with another CORE of the same day.
        Trade => "trade", "Trade";
        Unschedule => "unschedule", "Unschedule";
    }
}

shown_as!(slug: ChangeKind);

impl ChangeKind {
    /// Tells if the change applies to an event in its current condition.
    pub fn fits(self, event: &Event) -> bool {
        match self {
            Self::Schedule => event.schedule.is_none(),
            Self::Trade => event.schedule.is_some() && event.event_type == EventType::Core,
            Self::Reschedule | Self::ChangeEmployee | Self::Unschedule => event.schedule.is_some(),
        }
    }
}
