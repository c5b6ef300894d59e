//! Rules for assignments.
//!
//! A rule is a row of [`RULES`]. A rule that rejects can be overridden with a reason; one that warns never blocks. If
//! only the date moves, every rule only warns.

mod away;
mod work;

pub use crate::domain::rules::work::{is_in_window, overlap_each_other};

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{employee::Employee, event::Event, ids::EventId};

/// Effect of a rule on an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Refuses,
    Warns,
}

/// A rule: its id in API answers and in the audit, its sentence for users, and its check.
#[derive(Debug)]
pub struct Rule {
    pub id: &'static str,
    pub sentence: &'static str,
    pub weight: Weight,
    check: fn(&Assignment<'_>) -> Option<Fact>,
}

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

/// A violation: the facts, and the event they conflict with.
#[derive(Debug)]
struct Fact {
    message: String,
    clash: Option<EventId>,
}

/// A rule that an assignment violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: &'static str,
    pub message: String,
    pub clash: Option<EventId>,
    pub refuses: bool,
}

/// Every rule, in the order in which findings are listed.
pub const RULES: [Rule; 8] = [
    Rule {
        id: "inactive",
        sentence: "Only active employees are assigned.",
        weight: Weight::Refuses,
        check: away::inactive,
    },
    Rule {
        id: "title",
        sentence: "The job title decides which types an employee may work.",
        weight: Weight::Refuses,
        check: work::title,
    },
    Rule {
        id: "time-off",
        sentence: "Employees do not work during time off.",
        weight: Weight::Refuses,
        check: away::time_off,
    },
    Rule {
        id: "holiday",
        sentence: "Employees do not work while the company is closed.",
        weight: Weight::Refuses,
        check: away::holiday,
    },
    Rule {
        id: "overlap",
        sentence: "An employee works one event at a time, except short work at the same store; a Club Supervisor may have any number of Supervisor events.",
        weight: Weight::Refuses,
        check: work::overlap,
    },
    Rule {
        id: "one-core-a-day",
        sentence: "An employee works at most one CORE a day.",
        weight: Weight::Warns,
        check: work::one_core_a_day,
    },
    Rule {
        id: "weekday",
        sentence: "Employees work within their hours of that weekday.",
        weight: Weight::Warns,
        check: away::weekday,
    },
    Rule {
        id: "window",
        sentence: "An event starts on or after its first day and ends by its due moment.",
        weight: Weight::Warns,
        check: work::window,
    },
];

/// The rules that an assignment violates, in order.
#[must_use]
pub fn check(assignment: &Assignment<'_>) -> Vec<Finding> {
    let check = |rule: &Rule| {
        (rule.check)(assignment).map(|fact| Finding {
            rule: rule.id,
            message: fact.message,
            clash: fact.clash,
            refuses: rule.weight == Weight::Refuses,
        })
    };
    RULES.iter().filter_map(check).collect()
}
