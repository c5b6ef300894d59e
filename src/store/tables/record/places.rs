//! Lists by which audit entries store their values: a record holds a place in the list.
//!
//! Invariant: places never change; a new value goes to the end.

use crate::domain::audit::{Outcome, Source, Topic};

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
