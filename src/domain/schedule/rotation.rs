//! Who does the day's Juicer events, and who is its primary lead: a weekly template with dated exceptions.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::domain::{
    alike::number_key,
    event::{Event, EventType},
    ids::EmployeeId,
};

named! {
    /// What someone does in a rotation. The slug is the word in addresses, files and JSON.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Role: slug, label {
        /// Does the day's Juicer events.
        Juicer => "juicer", "Juicer";
        /// Does the day's Freeosk and Digitals events and the CORE of the first slot.
        PrimaryLead => "primary_lead", "primary lead";
    }
}

impl Role {
    /// The role whose person does events of a type; CORE is the primary lead's in the first slot only.
    pub fn of(event_type: EventType) -> Option<Self> {
        match event_type {
            EventType::Juicer => Some(Self::Juicer),
            EventType::Freeosk | EventType::Digitals | EventType::Core => Some(Self::PrimaryLead),
            EventType::Supervisor | EventType::Other => None,
        }
    }

    /// An event type that the person of this role must be able to work.
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

/// When an entry of a rotation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Every week on this day.
    Weekly(Weekday),
    /// On this date alone: an exception.
    On(NaiveDate),
}

/// One entry of a rotation, as it is stored, exported and imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationEntry {
    /// The key of a store; None for every store.
    pub store: Option<String>,
    pub role: Role,
    pub when: When,
    /// None on a date on which no one has the role.
    pub person: Option<EmployeeId>,
    /// Of an exception; else empty.
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
    /// Sets or clears a weekday; `store` is the number of a store, however it is written, None for every store.
    pub fn set(&mut self, store: Option<&str>, role: Role, weekday: Weekday, person: Option<EmployeeId>) {
        let key = (store.map(key_of), role, number(weekday));
        match person {
            Some(person) => self.weekly.insert(key, person),
            None => self.weekly.remove(&key),
        };
    }

    /// Sets or clears an exception.
    pub fn except(&mut self, store: Option<&str>, role: Role, date: NaiveDate, exception: Option<Exception>) {
        let key = (store.map(key_of), role, date);
        match exception {
            Some(exception) => self.exceptions.insert(key, exception),
            None => self.exceptions.remove(&key),
        };
    }

    pub fn is_empty(&self) -> bool {
        self.weekly.is_empty() && self.exceptions.is_empty()
    }

    /// Who has a role at a store on a date. None if no one has.
    pub fn turn(&self, store: &str, role: Role, date: NaiveDate) -> Option<Turn<'_>> {
        for store in [Some(key_of(store)), None] {
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
    pub fn turn_for(&self, event: &Event, date: NaiveDate, first_slot: bool) -> Option<Turn<'_>> {
        let role = Role::of(event.event_type).filter(|_| event.event_type != EventType::Core || first_slot)?;
        self.turn(&event.location.key(), role, date)
    }

    /// Adds an entry. A weekly one without a person clears that day.
    pub fn add(&mut self, entry: RotationEntry) {
        let RotationEntry { store, role, when, person, reason } = entry;
        match when {
            When::Weekly(weekday) => self.set(store.as_deref(), role, weekday, person),
            When::On(date) => self.except(store.as_deref(), role, date, Some(Exception { person, reason })),
        }
    }

    /// What is there for the store, role and day of an entry: the person and the reason.
    pub fn held(&self, entry: &RotationEntry) -> Option<(Option<&EmployeeId>, &str)> {
        match entry.when {
            When::Weekly(day) => self.weekly(entry.store.as_deref(), entry.role, day).map(|person| (Some(person), "")),
            When::On(date) => self
                .exception(entry.store.as_deref(), entry.role, date)
                .map(|one| (one.person.as_ref(), one.reason.as_str())),
        }
    }

    /// The person of a store's own weekly entry.
    pub fn weekly(&self, store: Option<&str>, role: Role, weekday: Weekday) -> Option<&EmployeeId> {
        self.weekly.get(&(store.map(key_of), role, number(weekday)))
    }

    /// Every entry: the weekly ones, then the exceptions by store, role and date.
    pub fn entries(&self) -> impl Iterator<Item = RotationEntry> {
        let weekly = self.weekly.iter().filter_map(|((store, role, day), person)| {
            let when = When::Weekly(Weekday::try_from(*day).ok()?);
            Some(RotationEntry {
                store: store.clone(),
                role: *role,
                when,
                person: Some(person.clone()),
                reason: String::new(),
            })
        });
        let exceptions = self.exceptions.iter().map(|((store, role, date), one)| RotationEntry {
            store: store.clone(),
            role: *role,
            when: When::On(*date),
            person: one.person.clone(),
            reason: one.reason.clone(),
        });
        weekly.chain(exceptions)
    }

    /// The exception of a store's own on a date.
    pub fn exception(&self, store: Option<&str>, role: Role, date: NaiveDate) -> Option<&Exception> {
        self.exceptions.get(&(store.map(key_of), role, date))
    }

    /// Tells if a store has entries of its own.
    pub fn names_store(&self, store: &str) -> bool {
        let store = key_of(store);
        self.entries().any(|entry| entry.store.as_ref() == Some(&store))
    }

    pub fn exceptions(&self) -> usize {
        self.exceptions.len()
    }
}

impl FromIterator<RotationEntry> for Rotation {
    fn from_iter<I: IntoIterator<Item = RotationEntry>>(entries: I) -> Self {
        let mut rotation = Self::default();
        entries.into_iter().for_each(|entry| rotation.add(entry));
        rotation
    }
}

fn key_of(store: &str) -> String {
    number_key(store).into_owned()
}

fn number(weekday: Weekday) -> u8 {
    u8::try_from(weekday.num_days_from_monday()).unwrap_or_default()
}
