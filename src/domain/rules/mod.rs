//! Rules for assignments.
//!
//! A rule is a row of [`RULES`]. A rule that rejects can be overridden with a reason; one that warns never blocks.

mod away;
pub mod stored;
mod work;

pub use crate::domain::rules::work::{is_in_window, overlap_each_other};

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{employee::Employee, event::Event, format, ids::EventId};

/// Effect of a rule on an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Refuses,
    Warns,
}

/// A rule: its id in API answers and in the audit, and its check.
#[derive(Debug)]
pub struct Rule {
    pub id: &'static str,
    pub weight: Weight,
    check: fn(&Assignment<'_>, Found<'_>),
}

/// Told of each violation, with the function that puts it into words: who only counts them need not call it.
type Found<'f> = &'f mut dyn FnMut(&dyn Fn() -> Fact);

/// An employee working an event at some time, with their other events.
#[derive(Debug)]
pub struct Assignment<'a> {
    pub event: &'a Event,
    pub employee: &'a Employee,
    pub start: NaiveDateTime,
    /// The employee's events around that day, without `event` itself.
    pub held: &'a [&'a Event],
    /// The company's holidays around that day.
    pub holidays: &'a BTreeMap<NaiveDate, String>,
    /// Longest work in minutes that may overlap other work at the same store; 0 for none.
    pub short_work_minutes: u32,
}

/// A violation: its sentence, the event it conflicts with, and what identifies it beside that event.
#[derive(Debug, Default)]
struct Fact {
    message: String,
    clash: Option<EventId>,
    facts: String,
}

/// A rule that an assignment violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static str,
    pub message: String,
    pub clash: Option<EventId>,
    /// What identifies it beside rule and clash: the days off, the holiday, the title, the days of both events. Equal
    /// for both of two events in conflict, and independent of names.
    pub facts: String,
    pub refuses: bool,
}

impl Finding {
    /// Tells if both are the same violation, however it is worded.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.rule, self.clash, &self.facts) == (other.rule, other.clash, &other.facts)
    }

    /// Same, with the name of the event it is about.
    #[must_use]
    pub fn about(self, name: &str) -> Self {
        Self { message: format::about(name, &self.message), ..self }
    }
}

/// Every rule, in the order in which findings are listed.
pub const RULES: [Rule; 8] = [
    // Only active employees are assigned.
    Rule { id: "inactive", weight: Weight::Refuses, check: away::inactive },
    // The job title decides which types an employee may work.
    Rule { id: "title", weight: Weight::Refuses, check: work::title },
    // Employees do not work during time off.
    Rule { id: "time-off", weight: Weight::Refuses, check: away::time_off },
    // Employees do not work while the company is closed.
    Rule { id: "holiday", weight: Weight::Refuses, check: away::holiday },
    // An employee works one event at a time, except short work at the same store; a Club Supervisor may have any
    // number of Supervisor events.
    Rule { id: "overlap", weight: Weight::Refuses, check: work::overlap },
    // An employee works at most one CORE a day.
    Rule { id: "one-core-a-day", weight: Weight::Warns, check: work::one_core_a_day },
    // Employees work within their hours of that weekday.
    Rule { id: "weekday", weight: Weight::Warns, check: away::weekday },
    // An event starts on or after its first day and ends by its due moment.
    Rule { id: "window", weight: Weight::Warns, check: work::window },
];

/// The violations of the rules by an assignment, in order of the rules; one for each event, time off or day in conflict.
pub fn check(assignment: &Assignment<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    each(assignment, |finding| findings.push(finding()));
    findings
}

/// Same, each as a function that puts it into words.
pub fn each(assignment: &Assignment<'_>, mut visit: impl FnMut(&dyn Fn() -> Finding)) {
    for rule in &RULES {
        let refuses = rule.weight == Weight::Refuses;
        (rule.check)(assignment, &mut |fact| {
            visit(&|| {
                let Fact { message, clash, facts } = fact();
                Finding { rule: rule.id, message, clash, facts, refuses }
            });
        });
    }
}
