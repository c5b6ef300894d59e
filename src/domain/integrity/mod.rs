//! Checks pairs, with the same pairing as moves, and assignments, with the same rules as changes.

pub mod finding_state;
pub mod look_alikes;
pub mod merge;
pub mod repair;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::{
    event::{Event, EventType, pairing::Pair},
    format,
    ids::{EventId, EventNumber},
    integrity::look_alikes::LookAlike,
    rules::{
        RULES, Weight,
        stored::{self, MISSING_VISIT, StoredFinding},
    },
};

named! {
    /// A check about pairs, or a rule about assignments. The slug is its id in API answers and settings.
    #[derive(PartialOrd, Ord)]
    pub enum Check: slug {
        DateMismatch => "date-mismatch";
        SupervisorUnstaffed => "supervisor-unstaffed";
        CoreUnstaffed => "core-unstaffed";
        AmbiguousNumber => "ambiguous-number";
        /// Information only: many COREs have no Supervisor event yet.
        NoSupervisor => "no-supervisor";
        /// Information only: the CORE of a Supervisor is missing.
        NoCore => "no-core";
        /// Information only: neither name nor source contain the type.
        Unclassified => "unclassified";
        /// Several records of one employee, whose ids are written differently.
        AlikeEmployees => "alike-employees";
        /// Information only: events write the number of one store differently.
        AlikeStores => "alike-stores";
        /// From here on, the rules.
        Inactive => "inactive";
        Title => "title";
        TimeOff => "time-off";
        Holiday => "holiday";
        Overlap => "overlap";
        OneCoreADay => "one-core-a-day";
        Weekday => "weekday";
        Window => "window";
        /// Scheduled, but not in the files of its week any more.
        MissingVisit => MISSING_VISIT;
    }
}

impl Check {
    /// The check of a rule.
    pub fn of_rule(rule: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.rule() == Some(rule))
    }

    /// The rule that the check is about; none if it is about pairs.
    pub fn rule(self) -> Option<&'static str> {
        RULES.iter().map(|rule| rule.id).chain([MISSING_VISIT]).find(|id| *id == self.slug())
    }

    /// Tells if the finding has to be fixed: pairs that are apart, and assignments that a rule refuses.
    pub fn is_problem(self) -> bool {
        match self {
            Self::NoSupervisor | Self::NoCore | Self::Unclassified | Self::AlikeStores => false,
            Self::DateMismatch
            | Self::SupervisorUnstaffed
            | Self::CoreUnstaffed
            | Self::AmbiguousNumber
            | Self::AlikeEmployees
            | Self::MissingVisit => true,
            rule => RULES.iter().any(|one| one.id == rule.slug() && one.weight == Weight::Refuses),
        }
    }

    /// Tells if it is about a CORE and its Supervisors, which only follow it with the setting `supervisor_pairing`.
    pub fn is_of_pairs(self) -> bool {
        matches!(self, Self::DateMismatch | Self::SupervisorUnstaffed | Self::CoreUnstaffed | Self::AmbiguousNumber)
    }

    /// Tells if the data contradicts itself. An assignment against a rule is a decision of the team instead.
    pub fn is_inconsistency(self) -> bool {
        self.is_problem() && self.rule().is_none()
    }

    /// Tells if its findings are [`LookAlike`]s, which are not about one event.
    pub fn is_of_look_alikes(self) -> bool {
        matches!(self, Self::AlikeEmployees | Self::AlikeStores)
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
    /// The day of the assignment, for findings of rules.
    pub day: Option<NaiveDate>,
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
    pub look_alikes: Vec<LookAlike>,
}

impl Report {
    /// Number of findings of each check that has any.
    pub fn by_check(&self) -> BTreeMap<Check, usize> {
        let mut counts = BTreeMap::new();
        let checks = self.findings.iter().map(|finding| finding.check);
        for check in checks.chain(self.look_alikes.iter().map(|one| one.check)) {
            *counts.entry(check).or_default() += 1;
        }
        counts
    }

    /// Look-alikes that have to be merged.
    pub fn alike_problems(&self) -> impl Iterator<Item = &LookAlike> {
        self.look_alikes.iter().filter(|one| one.check.is_problem())
    }

    /// Findings that have to be fixed.
    pub fn problems(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.check.is_problem())
    }
}

/// The number by which an event may belong to a pair.
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
                let message = format!("{} names no type.", event.label());
                self.find(Check::Unclassified, event.id, None, message);
            }
            (EventType::Core | EventType::Supervisor, Some(_))
            | (EventType::Juicer | EventType::Freeosk | EventType::Digitals, _) => {}
        }
    }

    /// Adds the findings of the rules about an event that are not accepted, those of one rule as one.
    pub fn add_rules(&mut self, event: &Event, findings: &[StoredFinding]) {
        let open = findings.iter().filter(|one| one.accepted.is_none()).map(|one| &one.finding);
        for finding in open {
            let Some(check) = Check::of_rule(finding.rule) else { continue };
            if let Some(last) = self.findings.last_mut().filter(|last| (last.check, last.event) == (check, event.id)) {
                last.message.extend([" ", finding.message.as_str()]);
            } else {
                let message = stored::sentence(event, finding);
                let (event, partner, day) = (event.id, finding.clash, event.date());
                self.findings.push(Finding { check, event, partner, message, day });
            }
        }
    }

    /// Same, without findings of rules about days that are over, on which no one can act, and without `pairing` those
    /// about pairs.
    #[must_use]
    pub fn that_matters(mut self, today: NaiveDate, pairing: bool) -> Self {
        self.findings.retain(|one| match one.check.rule() {
            Some(_) => one.day.is_none_or(|day| day >= today),
            None => pairing || !one.check.is_of_pairs(),
        });
        self
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
                    format!("{} shares its number and store with other COREs: {}.", core.label(), ids.join(", "));
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
                    let message = format!("{} is on {theirs}, its CORE on {ours}.", supervisor.label());
                    self.find(Check::DateMismatch, supervisor.id, Some(core.id), message);
                }
            }
            (Some(date), None) => {
                self.pairs_half += 1;
                let message =
                    format!("{} is not scheduled, its CORE is on {}.", supervisor.label(), format::date_short(date));
                self.find(Check::SupervisorUnstaffed, supervisor.id, Some(core.id), message);
            }
            (None, Some(date)) => {
                self.pairs_half += 1;
                let message =
                    format!("{} is not scheduled, its Supervisor is on {}.", core.label(), format::date_short(date));
                self.find(Check::CoreUnstaffed, core.id, Some(supervisor.id), message);
            }
            (None, None) => self.pairs_unstaffed += 1,
        }
    }

    fn core_alone(&mut self, core: &Event) {
        self.cores_alone += 1;
        self.find(Check::NoSupervisor, core.id, None, format!("{} has no Supervisor event.", core.label()));
    }

    fn supervisor_alone(&mut self, supervisor: &Event) {
        self.supervisors_alone += 1;
        self.find(Check::NoCore, supervisor.id, None, format!("{} has no CORE event.", supervisor.label()));
    }

    fn find(&mut self, check: Check, event: EventId, partner: Option<EventId>, message: String) {
        self.findings.push(Finding { check, event, partner, message, day: None });
    }
}

/// Audit entries with a seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    pub entries: u64,
    /// The first one; entries before it were written without a key.
    pub since: Option<u64>,
    /// Seals that were compared: none without the key.
    pub compared: u64,
}

/// Result of a complete check.
#[derive(Clone, Debug, Default)]
pub struct StoreReport {
    pub pairs: Report,
    pub index_entries: usize,
    pub days: usize,
    /// The last entry: their number, with those that are archived.
    pub audit_entries: u64,
    /// Of these, the ones that are not in the store any more.
    pub audit_archived: u64,
    pub sealed: Sealed,
    /// Inconsistencies of the store, a sentence each.
    pub storage_problems: Vec<String>,
}

impl StoreReport {
    /// True if pairs and storage are in order. Findings of rules are decisions of the team, not faults of the data.
    pub fn is_clean(&self) -> bool {
        self.storage_problems.is_empty()
            && !self.pairs.problems().any(|one| one.check.is_inconsistency())
            && self.pairs.alike_problems().next().is_none()
    }
}
