//! Candidates for an event, best first.

use chrono::NaiveDateTime;

use crate::domain::{
    change::context::DecisionContext,
    employee::{Employee, JobTitle},
    event::{Event, EventType},
    rules::Finding,
};

/// An employee who could work an event, with the findings of the rules.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    pub employee: &'a Employee,
    pub findings: Vec<Finding>,
    /// Number of events on that day.
    pub load: usize,
}

impl Candidate<'_> {
    /// No rule rejects.
    pub fn may(&self) -> bool {
        !self.findings.iter().any(|finding| finding.refuses)
    }

    /// No rule has a finding.
    pub fn is_clear(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Every employee of the context, best first: no findings, then warnings, then rejections; fewest events that day
/// first.
pub fn candidates<'a>(
    context: &'a DecisionContext,
    event: &Event,
    start: NaiveDateTime,
    planned: &[Event],
) -> Vec<Candidate<'a>> {
    let mut all: Vec<_> = context
        .employees
        .values()
        .map(|employee| Candidate {
            employee,
            findings: context.check(event, employee, start, planned),
            load: context.load(employee, start.date(), event.id, planned),
        })
        .collect();
    all.sort_by_cached_key(|one| (!one.may(), !one.is_clear(), one.load, one.employee.name.clone()));
    all
}

/// The employee for a Supervisor event if none was named: the first available Club Supervisor, then Lead Event
/// Specialist; fewest events that day first.
pub fn for_supervisor<'a>(
    context: &'a DecisionContext,
    supervisor: &Event,
    start: NaiveDateTime,
    planned: &[Event],
) -> Option<&'a Employee> {
    let all = candidates(context, supervisor, start, planned);
    let first_with = |title: JobTitle| {
        all.iter().filter(|one| one.employee.title == title && one.may()).min_by_key(|one| (one.load, &one.employee.id))
    };
    first_with(JobTitle::ClubSupervisor).or_else(|| first_with(JobTitle::LeadEventSpecialist)).map(|one| one.employee)
}

/// The employee for an event if rules are overridden: of those whose title allows the work and who are not away, the
/// one with the fewest findings; Club Supervisors first for a Supervisor event, fewest events that day.
pub fn anyway<'a>(context: &'a DecisionContext, event: &Event, start: NaiveDateTime) -> Option<&'a Employee> {
    let away = |finding: &Finding| matches!(finding.rule, "inactive" | "title" | "time-off" | "holiday");
    let second = |one: &Candidate<'_>| {
        event.event_type == EventType::Supervisor && one.employee.title != JobTitle::ClubSupervisor
    };
    let refusals = |one: &Candidate<'_>| one.findings.iter().filter(|finding| finding.refuses).count();
    let holder = event.schedule.as_ref().map(|now| &now.employee);
    candidates(context, event, start, &[])
        .into_iter()
        .filter(|one| !one.findings.iter().any(away) && Some(&one.employee.id) != holder)
        .min_by_key(|one| (refusals(one), second(one), one.load))
        .map(|one| one.employee)
}
