//! The filter of a page and its query string: `?type=core&type=juicer&store=4101&employee=101&condition=unstaffed`.
//!
//! Rule of this file: an address that cannot be understood is refused, never half obeyed. A sheet that shows more than
//! its reader asked for is worse than none.

use thiserror::Error;

use crate::domain::{
    alike::number_key,
    event::{self, Condition, Event, EventType, Location},
    format::quote,
    ids::{EmployeeId, IdError},
};

/// The fields of a filter, as addresses and forms name them.
pub const TYPE: &str = "type";
pub const STORE: &str = "store";
pub const EMPLOYEE: &str = "employee";
pub const CONDITION: &str = "condition";

/// Longest store in a filter, in characters; as long as a store's name may be.
pub const STORE_CHARS_MAX: usize = event::NAME_CHARS_MAX;

/// A value that cannot be used in a filter. The message states what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    #[error("\"{0}\" is not a type of event: allowed are core, juicer, supervisor, freeosk, digitals and other")]
    Type(String),
    #[error("\"{0}\" is not a condition: allowed are scheduled and unstaffed")]
    Condition(String),
    #[error("a store has at most {STORE_CHARS_MAX} characters")]
    Store,
    #[error("{0}")]
    Employee(#[from] IdError),
    #[error("{0} is given twice: choose one")]
    Twice(&'static str),
}

/// Conditions for events. The default matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In badge order, each once; empty for all.
    types: Vec<EventType>,
    /// The key of a [`Location`].
    pub store: Option<String>,
    pub employee: Option<EmployeeId>,
    pub condition: Option<Condition>,
}

impl Filter {
    /// Parses the query parameters of a URL. Blank ones are ignored, and so are other names.
    pub fn parse<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, FilterError> {
        let (mut filter, mut types) = (Self::default(), Vec::new());
        let trimmed = fields.into_iter().map(|(name, value)| (name, value.trim()));
        for (name, value) in trimmed.filter(|(_, value)| !value.is_empty()) {
            match name {
                TYPE => types.push(event_type(value)?),
                STORE if value.chars().count() > STORE_CHARS_MAX => return Err(FilterError::Store),
                STORE => once(STORE, &mut filter.store, number_key(value).into_owned())?,
                EMPLOYEE => once(EMPLOYEE, &mut filter.employee, value.parse()?)?,
                CONDITION => once(CONDITION, &mut filter.condition, condition(value)?)?,
                _ => {}
            }
        }
        Ok(filter.of_types(&types))
    }

    pub fn at_store(store: &Location) -> Self {
        Self { store: Some(store.key().into_owned()), ..Self::default() }
    }

    pub fn held_by(employee: &EmployeeId) -> Self {
        Self { employee: Some(employee.clone()), ..Self::default() }
    }

    /// The filter with these types; empty for all.
    #[must_use]
    pub fn of_types(self, types: &[EventType]) -> Self {
        Self { types: EventType::ALL.into_iter().filter(|one| types.contains(one)).collect(), ..self }
    }

    #[must_use]
    pub fn in_condition(self, condition: Condition) -> Self {
        Self { condition: Some(condition), ..self }
    }

    /// The types, in badge order; empty for all.
    pub fn types(&self) -> &[EventType] {
        &self.types
    }

    /// Tells if everything matches.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Tells if events of a type can match.
    pub fn wants(&self, event_type: EventType) -> bool {
        self.types.is_empty() || self.types.contains(&event_type)
    }

    /// Tells if an event matches. An unstaffed one has no employee.
    pub fn matches(&self, event: &Event) -> bool {
        let holder = event.schedule.as_ref().map(|now| &now.employee);
        self.wants(event.event_type)
            && self.store.as_deref().is_none_or(|store| event.location.key() == store)
            && self.employee.as_ref().is_none_or(|employee| Some(employee) == holder)
            && self.condition.is_none_or(|condition| condition == event.condition())
    }

    /// The parameters from which [`parse`](Self::parse) reads this filter, in order.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let types = self.types.iter().map(|one| (TYPE, one.slug()));
        let store = self.store.iter().map(|store| (STORE, store.as_str()));
        let employee = self.employee.iter().map(|employee| (EMPLOYEE, employee.as_str()));
        let condition = self.condition.iter().map(|condition| (CONDITION, condition.slug()));
        types.chain(store).chain(employee).chain(condition).collect()
    }
}

fn once<T>(name: &'static str, place: &mut Option<T>, value: T) -> Result<(), FilterError> {
    if place.replace(value).is_some() { Err(FilterError::Twice(name)) } else { Ok(()) }
}

fn event_type(text: &str) -> Result<EventType, FilterError> {
    let found = EventType::ALL.into_iter().find(|one| one.slug().eq_ignore_ascii_case(text));
    found.ok_or_else(|| FilterError::Type(quote(text)))
}

fn condition(text: &str) -> Result<Condition, FilterError> {
    let found = Condition::ALL.into_iter().find(|one| one.slug().eq_ignore_ascii_case(text));
    found.ok_or_else(|| FilterError::Condition(quote(text)))
}
