//! Checks pairs, with the same pairing as moves.

pub mod finding_state;
pub mod repair;

use std::collections::BTreeMap;

use crate::domain::{
    event::{Event, EventType, pairing::Pair},
    format,
    ids::{EventId, EventNumber},
};

/// A check about pairs. The slug is its id in API answers and settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    DateMismatch,
    SupervisorUnstaffed,
    CoreUnstaffed,
    AmbiguousNumber,
    /// Information only: many COREs have no Supervisor event yet.
    NoSupervisor,
    /// Information only: the CORE of a Supervisor is missing.
    NoCore,
    /// Information only: neither name nor source contain the type.
    Unclassified,
}

impl Check {
    pub const ALL: [Self; 7] = [
        Self::DateMismatch,
        Self::SupervisorUnstaffed,
        Self::CoreUnstaffed,
        Self::AmbiguousNumber,
        Self::NoSupervisor,
        Self::NoCore,
        Self::Unclassified,
    ];

    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::DateMismatch => "date-mismatch",
            Self::SupervisorUnstaffed => "supervisor-unstaffed",
            Self::CoreUnstaffed => "core-unstaffed",
            Self::AmbiguousNumber => "ambiguous-number",
            Self::NoSupervisor => "no-supervisor",
            Self::NoCore => "no-core",
            Self::Unclassified => "unclassified",
        }
    }

    /// Tells if the finding has to be fixed.
    #[must_use]
    pub fn is_problem(self) -> bool {
        !matches!(self, Self::NoSupervisor | Self::NoCore | Self::Unclassified)
    }
}

/// A finding with a self-contained message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    pub event: EventId,
    /// The other event of the pair, if any.
    pub partner: Option<EventId>,
    pub message: String,
}

/// Counts and findings of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub events: usize,
    /// Pairs of CORE and Supervisor.
    pub pairs: usize,
    pub pairs_scheduled: usize,
    pub pairs_half: usize,
    pub pairs_unstaffed: usize,
    pub supervisors_alone: usize,
    pub cores_alone: usize,
    /// Events without a recognized type.
    pub unclassified: usize,
    pub findings: Vec<Finding>,
}

impl Report {
    /// Number of findings of each check that has any.
    pub fn by_check(&self) -> BTreeMap<Check, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.check).or_default() += 1;
        }
        counts
    }

    /// Findings that have to be fixed.
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
        report.count(event);
        if let Some(number) = number_in_pair(event) {
            groups.entry((&event.location.number, number)).or_default().push(event);
        }
    }
    for group in groups.into_values() {
        report.check_group(&Pair::among(group));
    }
    report.sort();
    report
}

/// The number by which an event may belong to a pair.
#[must_use]
pub fn number_in_pair(event: &Event) -> Option<EventNumber> {
    let pairs = matches!(event.event_type, EventType::Core | EventType::Supervisor);
    event.number.filter(|_| pairs)
}

impl Report {
    /// Counts an event, and checks it alone. Events with a pair number are checked by group.
    pub fn count(&mut self, event: &Event) {
        self.events += 1;
        match (event.event_type, event.number) {
            (EventType::Core, None) => self.core_alone(event),
            (EventType::Supervisor, None) => self.supervisor_alone(event),
            (EventType::Other, _) => {
                self.unclassified += 1;
                let message = format!("{} names no type.", event.name);
                self.find(Check::Unclassified, event.id, None, message);
            }
            (EventType::Core | EventType::Supervisor, Some(_))
            | (EventType::Juicer | EventType::Freeosk | EventType::Digitals, _) => {}
        }
    }

    /// Orders the findings by check and event.
    pub fn sort(&mut self) {
        self.findings.sort_by_key(|finding| (finding.check, finding.event));
    }

    /// Checks the events of one number at one store.
    pub fn check_group(&mut self, pair: &Pair<'_>) {
        if pair.is_ambiguous() {
            let ids: Vec<_> = pair.cores.iter().map(|core| core.id.to_string()).collect();
            for core in &pair.cores {
                let message =
                    format!("{} shares its number and store with other COREs: {}.", core.name, ids.join(", "));
                self.find(Check::AmbiguousNumber, core.id, None, message);
            }
        }
        for core in &pair.cores {
            let followers = pair.followers_of(core.id);
            if followers.is_empty() {
                self.core_alone(core);
            }
            for supervisor in followers {
                self.check_pair(core, supervisor);
            }
        }
        for supervisor in pair.supervisors.iter().filter(|_| pair.cores.is_empty()) {
            self.supervisor_alone(supervisor);
        }
    }

    fn check_pair(&mut self, core: &Event, supervisor: &Event) {
        self.pairs += 1;
        match (core.date(), supervisor.date()) {
            (Some(ours), Some(theirs)) => {
                self.pairs_scheduled += 1;
                if ours != theirs {
                    let (ours, theirs) = (format::date_short(ours), format::date_short(theirs));
                    let message = format!("{} is on {theirs}, its CORE on {ours}.", supervisor.name);
                    self.find(Check::DateMismatch, supervisor.id, Some(core.id), message);
                }
            }
            (Some(date), None) => {
                self.pairs_half += 1;
                let message =
                    format!("{} is not scheduled, its CORE is on {}.", supervisor.name, format::date_short(date));
                self.find(Check::SupervisorUnstaffed, supervisor.id, Some(core.id), message);
            }
            (None, Some(date)) => {
                self.pairs_half += 1;
                let message =
                    format!("{} is not scheduled, its Supervisor is on {}.", core.name, format::date_short(date));
                self.find(Check::CoreUnstaffed, core.id, Some(supervisor.id), message);
            }
            (None, None) => self.pairs_unstaffed += 1,
        }
    }

    fn core_alone(&mut self, core: &Event) {
        self.cores_alone += 1;
        self.find(Check::NoSupervisor, core.id, None, format!("{} has no Supervisor event.", core.name));
    }

    fn supervisor_alone(&mut self, supervisor: &Event) {
        self.supervisors_alone += 1;
        self.find(Check::NoCore, supervisor.id, None, format!("{} has no CORE event.", supervisor.name));
    }

    fn find(&mut self, check: Check, event: EventId, partner: Option<EventId>, message: String) {
        self.findings.push(Finding { check, event, partner, message });
    }
}
