//! Findings of the rules about assignments as they are stored, however they came about.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::domain::{
    employee::Employee,
    event::Event,
    rules::{self, Assignment, Finding, RULES, Weight},
};

/// The rule that a scheduled visit is in the files of its week. Imports find what is missing: no assignment is asked.
pub const MISSING_VISIT: &str = "missing-visit";
/// The numbers under which rules are stored: their places here. A new rule is added at the end.
const CODES: [&str; 9] =
    ["inactive", "title", "time-off", "holiday", "overlap", "one-core-a-day", "weekday", "window", MISSING_VISIT];
/// Rules about employees and files as they are now. They say nothing about work that is over.
const OF_THE_PRESENT: [&str; 3] = ["inactive", "title", MISSING_VISIT];

/// The stored number of a rule.
pub fn code_of(rule: &str) -> Option<u8> {
    CODES.iter().position(|one| *one == rule).and_then(|place| u8::try_from(place).ok())
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleSet(u16);

impl RuleSet {
    pub fn of<'a>(rules: impl IntoIterator<Item = &'a str>) -> Self {
        Self(rules.into_iter().filter_map(code_of).fold(0, |set, code| set | 1 << code))
    }

    pub fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    pub fn bits(self) -> u16 {
        self.0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn contains(self, rule: &str) -> bool {
        code_of(rule).is_some_and(|code| self.0 & 1 << code != 0)
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The rules that refuse an assignment.
    fn refusing() -> Self {
        let refusing = RULES.iter().filter(|rule| rule.weight == Weight::Refuses).map(|rule| rule.id);
        Self::of(refusing.chain([MISSING_VISIT]))
    }

    /// Number of its rules that refuse.
    pub fn refusals(self) -> u32 {
        (self.0 & Self::refusing().0).count_ones()
    }

    /// Tells if one of the rules refuses.
    pub fn refuses(self) -> bool {
        self.refusals() > 0
    }
}

/// The rules that a stored assignment violates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleIssues {
    /// Not accepted. Rules that only warn are not accepted.
    pub open: RuleSet,
    /// Accepted with a reason.
    pub accepted: RuleSet,
}

impl RuleIssues {
    pub fn is_empty(self) -> bool {
        self.open.is_empty() && self.accepted.is_empty()
    }

    /// Same, as it concerns a day; `today` decides if the day is over.
    #[must_use]
    pub fn as_of(self, date: NaiveDate, today: NaiveDate) -> Self {
        if date >= today {
            return self;
        }
        let present = RuleSet::of(OF_THE_PRESENT);
        Self { open: self.open.without(present), accepted: self.accepted.without(present) }
    }
}

/// Tells if a finding about work on `date` still matters; `today` decides if the day is over.
pub fn matters(rule: &str, date: NaiveDate, today: NaiveDate) -> bool {
    date >= today || !OF_THE_PRESENT.contains(&rule)
}

/// A finding accepted with an override reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    pub by: String,
    pub reason: String,
    pub at: DateTime<Utc>,
}

/// A finding about a stored assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFinding {
    pub finding: Finding,
    /// None while it is open.
    pub accepted: Option<Acceptance>,
}

/// Numbers of events with issues on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayIssues {
    /// Assignments that a rule refuses, without a reason.
    pub refused: u32,
    /// Assignments that rules refuse, all of them accepted with a reason.
    pub accepted: u32,
    /// Assignments that rules only warn about.
    pub warned: u32,
}

impl DayIssues {
    pub fn count(&mut self, issues: RuleIssues) {
        if issues.open.refuses() {
            self.refused += 1;
        } else if !issues.accepted.is_empty() {
            self.accepted += 1;
        } else if !issues.open.is_empty() {
            self.warned += 1;
        }
    }
}

/// An employee's work around a day, and what the rules need to know about it.
#[derive(Debug)]
pub struct Facts<'a> {
    pub employee: &'a Employee,
    /// Events of the employee around that day.
    pub held: &'a [Event],
    pub holidays: &'a BTreeMap<NaiveDate, String>,
    pub short_work_minutes: u32,
}

impl Facts<'_> {
    /// The findings about one of the events, which may be missing since an import.
    pub fn findings(&self, event: &Event, missing_since: Option<u64>) -> Vec<Finding> {
        let Some(start) = event.start() else { return Vec::new() };
        let missing = missing_since.map(|import| Finding {
            rule: MISSING_VISIT,
            message: format!("The files of its week do not list it any more, since import {import}."),
            clash: None,
            facts: import.to_string(),
            refuses: true,
        });
        self.findings_at(event, start).into_iter().chain(missing).collect()
    }

    /// The findings about an event, if the employee worked it from `start`.
    pub fn findings_at(&self, event: &Event, start: NaiveDateTime) -> Vec<Finding> {
        let held: Vec<_> = self.held.iter().filter(|other| other.id != event.id).collect();
        let Self { employee, holidays, short_work_minutes, .. } = *self;
        rules::check(&Assignment { event, employee, start, held: &held, holidays, short_work_minutes })
    }
}

/// Tells if an event takes place on a day: it begins then, or lasts beyond the midnight before.
pub fn touches(event: &Event, date: NaiveDate) -> bool {
    let Some(start) = event.start() else { return false };
    start.date() == date || start.date() < date && event.end_from(start) > date.and_time(NaiveTime::MIN)
}

/// A finding with its event and day, for lists.
pub fn sentence(event: &Event, finding: &Finding) -> String {
    let date = event.date().map_or_else(String::new, |date| format!(" on {}", crate::domain::format::date_short(date)));
    format!("{}{date}: {}", event.label(), finding.message)
}
