//! Values that records hold as their places in a list, and the lists of audit entries.
//!
//! Invariant: places never change; a new value goes to the end.

use crate::domain::audit::{Outcome, Source, Topic};

/// The place of a value in a list.
pub(crate) fn place_in<T: PartialEq>(list: &[T], value: &T) -> Option<u8> {
    list.iter().position(|one| one == value).and_then(|place| u8::try_from(place).ok())
}

pub(crate) const SOURCES: [Source; 3] = [Source::Page, Source::Call, Source::CommandLine];
pub(crate) const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Refused, Outcome::Failed];
pub(crate) const TOPICS: [Topic; 11] = [
    Topic::Employee,
    Topic::Holiday,
    Topic::User,
    Topic::Session,
    Topic::Token,
    Topic::Integrity,
    Topic::Alert,
    Topic::File,
    Topic::Proposal,
    Topic::Rotation,
    Topic::Store,
];
