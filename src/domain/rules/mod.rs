//! The rules about people: who may work what, when.
//!
//! Rule of this file: a rule is a row of [`RULES`]. A rule that refuses can be overridden with a reason; one that warns
//! never blocks. On a move of the date alone every rule only warns.

mod away;
mod work;

pub use crate::domain::rules::work::{is_in_window, overlap_each_other};

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{employee::Employee, event::Event, ids::EventId};

/// What a rule does when somebody is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Refuses,
    Warns,
}

/// A rule: its id in answers and in the audit, the sentence people read, and its check.
#[derive(Debug)]
pub struct Rule {
    pub id: &'static str,
    pub sentence: &'static str,
    pub weight: Weight,
    check: fn(&Assignment<'_>) -> Option<Fact>,
}

/// Somebody working something at some time, beside what they hold already.
#[derive(Debug)]
pub struct Assignment<'a> {
    pub event: &'a Event,
    pub employee: &'a Employee,
    pub start: NaiveDateTime,
    /// What the employee holds around that day, without `event` itself.
    pub held: &'a [&'a Event],
    /// The company's holidays around that day.
    pub holidays: &'a BTreeMap<NaiveDate, String>,
    /// Work of at most so many minutes may lie beside other work at the same store; 0 for never.
    pub short_work_minutes: u32,
}

/// Why a rule speaks: the facts, and the event they clash with.
#[derive(Debug)]
struct Fact {
    message: String,
    clash: Option<EventId>,
}

/// A rule that speaks about an assignment.
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
        sentence: "The job title says which types somebody may work.",
        weight: Weight::Refuses,
        check: work::title,
    },
    Rule { id: "time-off", sentence: "Nobody works while off.", weight: Weight::Refuses, check: away::time_off },
    Rule {
        id: "holiday",
        sentence: "Nobody works while the company is closed.",
        weight: Weight::Refuses,
        check: away::holiday,
    },
    Rule {
        id: "overlap",
        sentence: "Nobody works two events at the same time, except short work at the same store; a Club Supervisor may hold any number of Supervisor events.",
        weight: Weight::Refuses,
        check: work::overlap,
    },
    Rule {
        id: "one-core-a-day",
        sentence: "Nobody works more than one CORE a day.",
        weight: Weight::Warns,
        check: work::one_core_a_day,
    },
    Rule {
        id: "weekday",
        sentence: "People work within their hours of that weekday.",
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

/// What the rules say about an assignment, in their order.
#[must_use]
pub fn check(assignment: &Assignment<'_>) -> Vec<Finding> {
    let speak = |rule: &Rule| {
        (rule.check)(assignment).map(|fact| Finding {
            rule: rule.id,
            message: fact.message,
            clash: fact.clash,
            refuses: rule.weight == Weight::Refuses,
        })
    };
    RULES.iter().filter_map(speak).collect()
}
