//! State of findings and runs between checks.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{
    ids::EventId,
    integrity::{Check, Report},
};

/// Identity of a finding: two findings with one key are the same finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKey {
    Event(Check, EventId),
    /// A [`LookAlike`](crate::domain::integrity::look_alikes::LookAlike); the number identifies its key.
    Alike(Check, u64),
    /// A storage problem; the number identifies its sentence.
    Storage(u64),
}

impl FindingKey {
    /// Tells if it has to be fixed.
    pub fn is_problem(self) -> bool {
        match self {
            Self::Event(check, _) | Self::Alike(check, _) => check.is_problem(),
            Self::Storage(_) => true,
        }
    }

    /// Tells if it is about an assignment that violates a rule.
    pub fn is_rule(self) -> bool {
        matches!(self, Self::Event(check, _) if check.rule().is_some())
    }

    pub fn slug(self) -> &'static str {
        match self {
            Self::Event(check, _) | Self::Alike(check, _) => check.slug(),
            Self::Storage(_) => "storage",
        }
    }

    /// The check that found it; none for storage.
    pub fn check(self) -> Option<Check> {
        match self {
            Self::Event(check, _) | Self::Alike(check, _) => Some(check),
            Self::Storage(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFinding {
    pub subject: FindingKey,
    /// The other event of the pair, if any; an event of a store that is written in several ways.
    pub partner: Option<EventId>,
    pub message: String,
    pub first_seen: DateTime<Utc>,
    /// The audit entry that last changed the pair when this was first found; none if it was imported this way.
    pub cause: Option<u64>,
    /// Time of the last alert about it.
    pub alerted: Option<DateTime<Utc>>,
}

named! {
    pub enum Trigger: words {
        Daily => "daily";
        Page => "on demand";
        CommandLine => "command line";
        Import => "after an import";
        Repair => "after a repair";
    }
}

/// Start of a check: user, trigger and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub trigger: Trigger,
    pub who: String,
    pub at: DateTime<Utc>,
    /// The date of a daily run.
    pub date: Option<NaiveDate>,
}

/// Numbers of checked items.
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

/// A completed check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Counts from 1.
    pub sequence: u64,
    pub start: Start,
    pub elapsed_ms: u64,
    pub checked: Checked,
    /// Number of findings of each check.
    pub found: Vec<(Check, u64)>,
    pub storage_problems: u64,
    /// Problems that are new since the last run, and problems that are fixed.
    pub fresh: u64,
    pub gone: u64,
    /// Reason for which the check is incomplete.
    pub failed: Option<String>,
}

impl Run {
    /// Tells if pairs and storage are in order. Findings of rules are decisions of the team, not faults of the data.
    pub fn is_clean(&self) -> bool {
        let pairs = self.found.iter().any(|(check, count)| check.is_inconsistency() && *count > 0);
        !pairs && self.storage_problems == 0 && self.failed.is_none()
    }

    /// Number of findings that have to be fixed.
    pub fn problems(&self) -> u64 {
        let pairs = self.found.iter().filter(|(check, _)| check.is_problem()).map(|(_, count)| count);
        pairs.sum::<u64>() + self.storage_problems
    }
}
