//! The kinds of issue: titles, explanations and repairs.

use crate::{
    domain::integrity::{Check, repair::is_repairable},
    views::urls,
};

/// The source of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Check(Check),
    Storage,
    /// Findings of rules accepted with a reason.
    Accepted,
    /// Findings of rules about days that are over.
    Past,
}

impl Kind {
    /// Every kind, in the order of the page.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Storage].into_iter().chain(Check::ALL.into_iter().map(Self::Check)).chain([Self::Accepted, Self::Past])
    }

    /// Tells if issues of the kind are listed as they are now, not as the last check found them.
    pub fn is_live(self) -> bool {
        match self {
            Self::Check(check) if check.is_of_look_alikes() => false,
            Self::Check(check) => check.is_problem() || check.rule().is_some(),
            Self::Storage => false,
            Self::Accepted | Self::Past => true,
        }
    }

    /// Tells if issues of the kind have to be fixed.
    pub fn is_problem(self) -> bool {
        match self {
            Self::Check(check) => check.is_problem(),
            Self::Storage => true,
            Self::Accepted | Self::Past => false,
        }
    }

    pub fn slug(self) -> &'static str {
        match self {
            Self::Check(check) => check.slug(),
            Self::Storage => "storage",
            Self::Accepted => "accepted",
            Self::Past => "past",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Check(Check::DateMismatch) => "CORE and Supervisor on different dates",
            Self::Check(Check::SupervisorUnstaffed) => "CORE scheduled, Supervisor not",
            Self::Check(Check::CoreUnstaffed) => "Supervisor scheduled, CORE not",
            Self::Check(Check::AmbiguousNumber) => "Several COREs with the same number",
            Self::Check(Check::NoSupervisor) => "COREs without a Supervisor event",
            Self::Check(Check::NoCore) => "Supervisor events without their CORE",
            Self::Check(Check::Unclassified) => "Unrecognized types",
            Self::Check(Check::AlikeEmployees) => "Employees who are recorded more than once",
            Self::Check(Check::AlikeStores) => "Stores that are written in several ways",
            Self::Check(Check::Inactive) => "Assigned to inactive employees",
            Self::Check(Check::Title) => "Assigned against the job title",
            Self::Check(Check::TimeOff) => "Assigned during time off",
            Self::Check(Check::Holiday) => "Assigned on a company holiday",
            Self::Check(Check::Overlap) => "Overlapping assignments",
            Self::Check(Check::OneCoreADay) => "More than one CORE a day",
            Self::Check(Check::Weekday) => "Outside weekly hours",
            Self::Check(Check::Window) => "Before the first or after the last day",
            Self::Check(Check::MissingVisit) => "Visits that are not in the files any more",
            Self::Accepted => "Accepted conflicts",
            Self::Past => "Conflicts on past days",
            Self::Storage => "Inconsistent stored data",
        }
    }

    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Check(Check::DateMismatch) => {
                "A CORE and its Supervisor should be on the same date; only one of them was moved."
            }
            Self::Check(Check::SupervisorUnstaffed) => "The Supervisor event is unscheduled.",
            Self::Check(Check::CoreUnstaffed) => "The Supervisor event is scheduled without its CORE.",
            Self::Check(Check::AmbiguousNumber) => "Supervisors were matched by program, or else by lowest number.",
            Self::Check(Check::NoSupervisor) => "Normal for COREs that have no Supervisor.",
            Self::Check(Check::NoCore) => "Their CORE has not been imported, or has a different number.",
            Self::Check(Check::Unclassified) => "Counted as Other. Use a clearer name or type in the source.",
            Self::Check(Check::AlikeEmployees) => {
                "Their numbers differ only in leading zeros, case or signs, so their events count as one person's."
            }
            Self::Check(Check::AlikeStores) => "Their events count as one store's, whichever way it is written.",
            Self::Check(Check::Inactive) => "Choose another employee, or reactivate this one.",
            Self::Check(Check::Title) => "Choose another employee, or correct the job title.",
            Self::Check(Check::TimeOff | Check::Holiday) => "Move the event, or choose another employee.",
            Self::Check(Check::Overlap) => "Move one of the events, or choose another employee for it.",
            Self::Check(Check::MissingVisit) => {
                "A later import did not list them. Unschedule them, or accept that they stay."
            }
            Self::Check(Check::OneCoreADay | Check::Weekday | Check::Window) => "A warning: nothing has to be done.",
            Self::Accepted => "These were scheduled despite a conflict, with a reason.",
            Self::Past => "These days are over. They are listed for your records.",
            Self::Storage => "“tandem check --repair-storage” rebuilds indexes and counters.",
        }
    }
}

impl Kind {
    pub(super) fn is_of_look_alikes(self) -> bool {
        matches!(self, Self::Check(check) if check.is_of_look_alikes())
    }

    /// The address of the repair form, for one finding or for all.
    pub(super) fn repair(self, event: Option<u64>) -> Option<String> {
        match self {
            Self::Check(check) if is_repairable(check) => Some(urls::repair(check.slug(), event)),
            _ => None,
        }
    }
}
