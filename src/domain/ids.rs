//! Identifiers, validated once when they are parsed.

use std::{
    borrow::Cow,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::{alike, format};

/// Longest employee id, in characters.
pub const EMPLOYEE_ID_CHARS_MAX: usize = 40;

/// A text that is not an identifier. The message is for users.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    #[error("\"{0}\" is not an id: an id is a whole number from 1 to {JSON_SAFE_MAX}")]
    Number(String),
    #[error("an employee id has 1 to {EMPLOYEE_ID_CHARS_MAX} letters, digits, dots, dashes or underscores")]
    Employee,
    #[error("the number of a proposal has 16 hexadecimal digits")]
    Proposal,
    #[error("an idempotency key has 1 to {KEY_CHARS_MAX} letters, digits or signs, and no blanks")]
    Key,
}

/// Declares a positive number assigned by a source.
macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                match text.trim().parse() {
                    Ok(number) if number > 0 && number <= JSON_SAFE_MAX => Ok(Self(number)),
                    _ => Err(IdError::Number(format::quote(text))),
                }
            }
        }
    };
}

/// Largest whole number that every JSON reader keeps exactly (2^53 - 1).
pub const JSON_SAFE_MAX: u64 = (1 << 53) - 1;

numeric_id!(
    /// An event, by its number in the source.
    EventId
);
numeric_id!(
    /// The one assignment of an event to an employee and a start.
    ScheduleId
);

/// An employee's id in the source: `101` or `E10001`. Shown as it was first written; two ids that differ only in case or
/// leading zeros are one id, because spreadsheets and people change those.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmployeeId(String);

impl EmployeeId {
    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Key for comparing ids.
    pub fn key(&self) -> Cow<'_, str> {
        alike::number_key(&self.0)
    }
}

impl PartialEq for EmployeeId {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.key() == other.key()
    }
}

impl Eq for EmployeeId {}

impl PartialOrd for EmployeeId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmployeeId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for EmployeeId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

shown_as!(as_str: EmployeeId);

impl FromStr for EmployeeId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for EmployeeId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        let text = match alike::identifier(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(plain) => plain,
        };
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let length = text.chars().count();
        if length == 0 || length > EMPLOYEE_ID_CHARS_MAX || !text.chars().all(allowed) {
            return Err(IdError::Employee);
        }
        Ok(Self(text))
    }
}

impl From<EmployeeId> for String {
    fn from(id: EmployeeId) -> Self {
        id.0
    }
}

/// A stored proposal of the auto-scheduler: a hash, so that one made after a restore is not taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProposalId(pub u64);

impl fmt::Display for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for ProposalId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let plain = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = if plain { u64::from_str_radix(text, 16).ok() } else { None };
        number.map(Self).ok_or(IdError::Proposal)
    }
}

/// Longest idempotency key, in characters.
pub const KEY_CHARS_MAX: usize = 128;

/// A client's name for a request, so that sending it twice changes the data once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = (1..=KEY_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(IdError::Key) }
    }
}

/// The six digits at the beginning of an event's name; two events of one store that share it are a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventNumber(pub u32);

impl fmt::Display for EventNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// The 10 to 14 digits in brackets in the retailer's exports; distinguishes programs under one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramId(pub u64);

/// Number of changes of a record. A form sends the revision it showed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u32);

impl Revision {
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
