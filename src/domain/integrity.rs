//! What is wrong with pairs, found by the same pairing that moves them.

use std::collections::BTreeMap;

use super::{
    event::{Event, EventType},
    ids::{EventId, EventNumber},
    pairing::Pair,
    words,
};

/// A check about pairs. The slug is its id in answers and settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    DateMismatch,
    SupervisorUnstaffed,
    CoreUnstaffed,
    AmbiguousNumber,
    /// Information only: many COREs have no Supervisor event yet.
    NoSupervisor,
}

impl Check {
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::DateMismatch => "date-mismatch",
            Self::SupervisorUnstaffed => "supervisor-unstaffed",
            Self::CoreUnstaffed => "core-unstaffed",
            Self::AmbiguousNumber => "ambiguous-number",
            Self::NoSupervisor => "no-supervisor",
        }
    }

    /// Whether the finding asks somebody to do something.
    #[must_use]
    pub fn is_problem(self) -> bool {
        self != Self::NoSupervisor
    }
}

/// One finding, with a sentence that stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    pub event: EventId,
    pub message: String,
}

/// What was looked at and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub events: usize,
    /// CORE and Supervisor that belong together.
    pub pairs: usize,
    pub pairs_scheduled: usize,
    pub pairs_half: usize,
    pub pairs_unstaffed: usize,
    pub supervisors_alone: usize,
    pub cores_alone: usize,
    /// Events whose name and source name no type.
    pub unclassified: usize,
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many findings each check has, for those that have any.
    pub fn by_check(&self) -> BTreeMap<Check, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.check).or_default() += 1;
        }
        counts
    }

    /// Findings that ask somebody to do something.
    pub fn problems(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.check.is_problem())
    }
}

/// Checks every pair among `events`.
#[must_use]
pub fn check<'a>(events: impl IntoIterator<Item = &'a Event>) -> Report {
    let mut report = Report::default();
    let mut groups: BTreeMap<(&str, EventNumber), Vec<&Event>> = BTreeMap::new();
    for event in events {
        report.events += 1;
        match (event.event_type, event.number) {
            (EventType::Core | EventType::Supervisor, Some(number)) => {
                groups.entry((&event.location.number, number)).or_default().push(event);
            }
            (EventType::Core, None) => report.alone(event),
            (EventType::Supervisor, None) => report.supervisors_alone += 1,
            (EventType::Other, _) => report.unclassified += 1,
            (EventType::Juicer | EventType::Freeosk | EventType::Digitals, _) => {}
        }
    }
    for group in groups.into_values() {
        report.check_group(&Pair::among(group));
    }
    report.findings.sort_by_key(|finding| (finding.check, finding.event));
    report
}

impl Report {
    fn check_group(&mut self, pair: &Pair<'_>) {
        if pair.is_ambiguous() {
            let ids: Vec<_> = pair.cores.iter().map(|core| core.id.to_string()).collect();
            for core in &pair.cores {
                let message =
                    format!("{} shares its number and store with other COREs: {}.", core.name, ids.join(", "));
                self.find(Check::AmbiguousNumber, core.id, message);
            }
        }
        for core in &pair.cores {
            let followers = pair.followers_of(core.id);
            if followers.is_empty() {
                self.alone(core);
            }
            for supervisor in followers {
                self.check_pair(core, supervisor);
            }
        }
        if pair.cores.is_empty() {
            self.supervisors_alone += pair.supervisors.len();
        }
    }

    fn check_pair(&mut self, core: &Event, supervisor: &Event) {
        self.pairs += 1;
        match (core.date(), supervisor.date()) {
            (Some(ours), Some(theirs)) => {
                self.pairs_scheduled += 1;
                if ours != theirs {
                    let (ours, theirs) = (words::date_short(ours), words::date_short(theirs));
                    let message = format!("{} is on {theirs}, its CORE on {ours}.", supervisor.name);
                    self.find(Check::DateMismatch, supervisor.id, message);
                }
            }
            (Some(date), None) => {
                self.pairs_half += 1;
                let message =
                    format!("{} is not scheduled, its CORE is on {}.", supervisor.name, words::date_short(date));
                self.find(Check::SupervisorUnstaffed, supervisor.id, message);
            }
            (None, Some(date)) => {
                self.pairs_half += 1;
                let message =
                    format!("{} is not scheduled, its Supervisor is on {}.", core.name, words::date_short(date));
                self.find(Check::CoreUnstaffed, core.id, message);
            }
            (None, None) => self.pairs_unstaffed += 1,
        }
    }

    fn alone(&mut self, core: &Event) {
        self.cores_alone += 1;
        self.find(Check::NoSupervisor, core.id, format!("{} has no Supervisor event.", core.name));
    }

    fn find(&mut self, check: Check, event: EventId, message: String) {
        self.findings.push(Finding { check, event, message });
    }
}
