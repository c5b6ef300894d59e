//! Who does the day's Juicer events, and who is its primary lead: a weekly template with dated exceptions.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::domain::{
    event::{Event, EventType},
    ids::EmployeeId,
};

/// What someone does in a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Does the day's Juicer events.
    Juicer,
    /// Does the day's Freeosk and Digitals events and the CORE of the first slot.
    PrimaryLead,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Juicer, Self::PrimaryLead];

    /// The word in addresses, files and JSON.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Juicer => "juicer",
            Self::PrimaryLead => "primary_lead",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Juicer => "Juicer",
            Self::PrimaryLead => "primary lead",
        }
    }

    /// The role whose person does events of a type; CORE is the primary lead's in the first slot only.
    #[must_use]
    pub fn of(event_type: EventType) -> Option<Self> {
        match event_type {
            EventType::Juicer => Some(Self::Juicer),
            EventType::Freeosk | EventType::Digitals | EventType::Core => Some(Self::PrimaryLead),
            EventType::Supervisor | EventType::Other => None,
        }
    }

    /// An event type that the person of this role must be able to work.
    #[must_use]
    pub fn asks_for(self) -> EventType {
        match self {
            Self::Juicer => EventType::Juicer,
            Self::PrimaryLead => EventType::Freeosk,
        }
    }
}

/// Another person than the template's on one date, or no one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub person: Option<EmployeeId>,
    pub reason: String,
}

/// A weekly template, for every store or for one, with exceptions. A store's own entry goes before the one for every store,
/// an exception before the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    weekly: BTreeMap<(Option<String>, Role, u8), EmployeeId>,
    exceptions: BTreeMap<(Option<String>, Role, NaiveDate), Exception>,
}

/// Who has a role on a day, and why if that is an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<'a> {
    pub person: &'a EmployeeId,
    pub reason: Option<&'a str>,
}

impl Rotation {
    /// Sets or clears a weekday; `store` is a [`Location::key`](crate::domain::event::Location::key), None for every store.
    pub fn set(&mut self, store: Option<&str>, role: Role, weekday: Weekday, person: Option<EmployeeId>) {
        let key = (store.map(ToOwned::to_owned), role, number(weekday));
        match person {
            Some(person) => self.weekly.insert(key, person),
            None => self.weekly.remove(&key),
        };
    }

    /// Sets or clears an exception.
    pub fn except(&mut self, store: Option<&str>, role: Role, date: NaiveDate, exception: Option<Exception>) {
        let key = (store.map(ToOwned::to_owned), role, date);
        match exception {
            Some(exception) => self.exceptions.insert(key, exception),
            None => self.exceptions.remove(&key),
        };
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weekly.is_empty() && self.exceptions.is_empty()
    }

    /// Who has a role at a store on a date. None if no one has.
    #[must_use]
    pub fn turn(&self, store: &str, role: Role, date: NaiveDate) -> Option<Turn<'_>> {
        for store in [Some(store.to_owned()), None] {
            if let Some(exception) = self.exceptions.get(&(store.clone(), role, date)) {
                let turn = |person| Turn { person, reason: Some(exception.reason.as_str()) };
                return exception.person.as_ref().map(turn);
            }
            if let Some(person) = self.weekly.get(&(store, role, number(date.weekday()))) {
                return Some(Turn { person, reason: None });
            }
        }
        None
    }

    /// Who should do an event on a date. A CORE counts where it starts in the first slot.
    #[must_use]
    pub fn turn_for(&self, event: &Event, date: NaiveDate, first_slot: bool) -> Option<Turn<'_>> {
        let role = Role::of(event.event_type).filter(|_| event.event_type != EventType::Core || first_slot)?;
        self.turn(event.location.key(), role, date)
    }

    /// The template's entries: store, role, weekday (0 for Monday) and person, in order.
    pub fn weekly(&self) -> impl Iterator<Item = (Option<&str>, Role, u8, &EmployeeId)> {
        self.weekly.iter().map(|((store, role, day), person)| (store.as_deref(), *role, *day, person))
    }

    /// The exceptions, in order.
    pub fn exceptions(&self) -> impl Iterator<Item = (Option<&str>, Role, NaiveDate, &Exception)> {
        self.exceptions.iter().map(|((store, role, date), one)| (store.as_deref(), *role, *date, one))
    }
}

fn number(weekday: Weekday) -> u8 {
    u8::try_from(weekday.num_days_from_monday()).unwrap_or_default()
}
