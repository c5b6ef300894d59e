//! What is known of findings and runs from one check to the next.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{
    ids::EventId,
    integrity::{Check, Report},
};

/// What a finding is about: two findings of one matter are the same finding, seen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKey {
    Event(Check, EventId),
    /// Where the store disagrees with itself; the number stands for its sentence.
    Storage(u64),
}

impl FindingKey {
    /// Whether it asks somebody to do something.
    #[must_use]
    pub fn is_problem(self) -> bool {
        match self {
            Self::Event(check, _) => check.is_problem(),
            Self::Storage(_) => true,
        }
    }

    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Event(check, _) => check.slug(),
            Self::Storage(_) => "storage",
        }
    }
}

/// A finding as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFinding {
    pub subject: FindingKey,
    /// The other half of the pair, where it is about one.
    pub partner: Option<EventId>,
    pub message: String,
    pub first_seen: DateTime<Utc>,
    /// The audit entry that last changed one of the pair when this was first seen; none for what came that way.
    pub cause: Option<u64>,
    /// When somebody was last alerted to it.
    pub told: Option<DateTime<Utc>>,
}

/// Why a check ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    Daily,
    Page,
    CommandLine,
    Import,
    Repair,
}

impl Trigger {
    pub const ALL: [Self; 5] = [Self::Daily, Self::Page, Self::CommandLine, Self::Import, Self::Repair];

    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Page => "on demand",
            Self::CommandLine => "command line",
            Self::Import => "after an import",
            Self::Repair => "after a repair",
        }
    }
}

/// Who has a check run, why, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub trigger: Trigger,
    pub who: String,
    pub at: DateTime<Utc>,
    /// The date whose daily run it is.
    pub date: Option<NaiveDate>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub events: u64,
    pub pairs: u64,
    pub pairs_scheduled: u64,
    pub pairs_half: u64,
    pub pairs_unstaffed: u64,
    pub supervisors_alone: u64,
    pub cores_alone: u64,
    pub unclassified: u64,
    pub index_entries: u64,
    pub days: u64,
    pub audit_entries: u64,
}

impl From<&Report> for Checked {
    fn from(pairs: &Report) -> Self {
        Self {
            events: pairs.events as u64,
            pairs: pairs.pairs as u64,
            pairs_scheduled: pairs.pairs_scheduled as u64,
            pairs_half: pairs.pairs_half as u64,
            pairs_unstaffed: pairs.pairs_unstaffed as u64,
            supervisors_alone: pairs.supervisors_alone as u64,
            cores_alone: pairs.cores_alone as u64,
            unclassified: pairs.unclassified as u64,
            ..Self::default()
        }
    }
}

/// A check that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Counts from 1.
    pub sequence: u64,
    pub start: Start,
    pub elapsed_ms: u64,
    pub checked: Checked,
    /// How many findings each check had.
    pub found: Vec<(Check, u64)>,
    pub storage_problems: u64,
    /// Problems that were not there at the run before, and those that are not there any more.
    pub fresh: u64,
    pub gone: u64,
    /// Why it could not look at everything.
    pub failed: Option<String>,
}

impl Run {
    /// Findings that ask somebody to do something.
    #[must_use]
    pub fn problems(&self) -> u64 {
        let pairs = self.found.iter().filter(|(check, _)| check.is_problem()).map(|(_, count)| count);
        pairs.sum::<u64>() + self.storage_problems
    }
}
