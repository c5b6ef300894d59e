//! The rules about people: who may work what, when.
//!
//! Rule of this file: a rule is a row of [`RULES`]. A rule that refuses can be overridden with a reason; one that warns
//! never blocks. On a move of the date alone every rule only warns.

use chrono::NaiveDateTime;

use super::{
    employee::{Employee, JobTitle},
    event::{Event, EventType},
    ids::EventId,
    words,
};

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
pub const RULES: [Rule; 5] = [
    Rule { id: "inactive", sentence: "Only active employees are assigned.", weight: Weight::Refuses, check: inactive },
    Rule {
        id: "title",
        sentence: "The job title says which types somebody may work.",
        weight: Weight::Refuses,
        check: title,
    },
    Rule {
        id: "overlap",
        sentence: "Nobody works two events at the same time; a Club Supervisor may hold any number of Supervisor events.",
        weight: Weight::Refuses,
        check: overlap,
    },
    Rule {
        id: "one-core-a-day",
        sentence: "Nobody works more than one CORE a day.",
        weight: Weight::Warns,
        check: one_core_a_day,
    },
    Rule {
        id: "window",
        sentence: "An event starts on or after its first day and ends by its due moment.",
        weight: Weight::Warns,
        check: window,
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

fn inactive(assignment: &Assignment<'_>) -> Option<Fact> {
    let employee = assignment.employee;
    (!employee.active).then(|| Fact { message: format!("{} is no longer active.", employee.name), clash: None })
}

fn title(assignment: &Assignment<'_>) -> Option<Fact> {
    let (employee, event_type) = (assignment.employee, assignment.event.event_type);
    if employee.title.may_work(event_type) {
        return None;
    }
    let may: Vec<_> =
        JobTitle::ALL.iter().filter(|title| title.may_work(event_type)).map(|title| title.label().to_owned()).collect();
    let message = format!(
        "{} is {} {}; {event_type} events are for: {}.",
        employee.name,
        if employee.title == JobTitle::EventSpecialist { "an" } else { "a" },
        employee.title.label(),
        words::list(&may),
    );
    Some(Fact { message, clash: None })
}

fn overlap(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, employee, start, held } = *assignment;
    let end = event.end_from(start);
    let clash = held.iter().find(|other| {
        let both_supervisor = [event, other].iter().all(|event| event.event_type == EventType::Supervisor);
        let exempt = both_supervisor && employee.title == JobTitle::ClubSupervisor;
        !exempt && other.start().is_some_and(|begins| begins < end && start < other.end_from(begins))
    })?;
    let at = clash.start()?;
    let message = format!(
        "{} already has {} on {} from {} to {}.",
        employee.name,
        clash.name,
        words::date_short(at.date()),
        words::time(at.time()),
        words::time(clash.end_from(at).time()),
    );
    Some(Fact { message, clash: Some(clash.id) })
}

fn one_core_a_day(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, employee, start, held } = *assignment;
    if event.event_type != EventType::Core {
        return None;
    }
    let same_day = |other: &&&Event| other.event_type == EventType::Core && other.date() == Some(start.date());
    let clash = held.iter().find(same_day)?;
    let message = format!(
        "{} already has CORE {} on {} at {} (one CORE a day).",
        employee.name,
        clash.name,
        words::date_short(start.date()),
        words::time(clash.start()?.time()),
    );
    Some(Fact { message, clash: Some(clash.id) })
}

fn window(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, start, .. } = *assignment;
    let fact = |message| Some(Fact { message, clash: None });
    if let Some(first) = event.first_day.filter(|first| start.date() < *first) {
        return fact(format!("{} must not start before {}.", event.name, words::date_short(first)));
    }
    let due = event.due.filter(|due| due.passed_by(event.end_from(start)))?;
    let moment = due.time.map_or_else(|| words::date_short(due.date), |time| words::moment(due.date.and_time(time)));
    fact(match (start.date() - due.date).num_days() {
        days if days > 0 => {
            format!("{} is due {moment}: this is {} late.", event.name, words::count(days.unsigned_abs(), "day"))
        }
        _ => format!("{} is due {moment}: it would end after that.", event.name),
    })
}
