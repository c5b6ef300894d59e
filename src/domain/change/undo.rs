//! Undoes a change: within its window as it was, later as an ordinary change.
//!
//! Invariant: all events of an entry are undone together, or none.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{
    audit::{Action, Entry, Step},
    change::{Change, Edit, Warning, context::DecisionContext, rejection::Rejection},
    event::{
        Event,
        pairing::{Pair, apart},
    },
    ids::EventId,
    rules::Finding,
};

/// Kind of undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Within the window: rules are not checked, because this restores the previous state.
    Undo { window_minutes: u32 },
    /// Any time later: rules are checked as for any change.
    Revert { overridden: bool },
}

impl How {
    pub fn action(self) -> Action {
        match self {
            Self::Undo { .. } => Action::Undo,
            Self::Revert { .. } => Action::Revert,
        }
    }
}

/// Tells if an entry's undo window is open.
pub fn is_open(entry: &Entry, window_minutes: u32, now: DateTime<Utc>) -> bool {
    entry.changed_events() && now <= closes(entry, window_minutes)
}

/// The end of an entry's undo window.
pub fn closes(entry: &Entry, window_minutes: u32) -> DateTime<Utc> {
    entry.at + TimeDelta::minutes(i64::from(window_minutes))
}

/// The data for a decision to undo an entry.
#[derive(Debug, Default)]
pub struct UndoContext {
    /// The entry's events as they are now.
    pub events: BTreeMap<EventId, Event>,
    /// For each of them with a number, every event with the same store and number; empty if pairing is off.
    pub same_number: Vec<Vec<Event>>,
    /// Those of them that are not part of the entry and changed after it.
    pub since: BTreeSet<EventId>,
    /// One context per employee who would be assigned again; only for a revert.
    pub contexts: Vec<DecisionContext>,
}

/// Decides if `entry` is undone.
///
/// # Errors
/// [`Rejection`] if there is nothing to undo, if it is too late, if something changed since, or if a rule rejects.
pub fn decide(entry: &Entry, how: How, around: &UndoContext, now: DateTime<Utc>) -> Result<Change, Rejection> {
    if !entry.changed_events() {
        return Err(Rejection::NothingToUndo(entry.sequence));
    }
    let edits = entry.steps.iter().map(|step| edit(step, &around.events)).collect::<Result<Vec<_>, _>>()?;
    let warnings = match how {
        How::Undo { window_minutes } if is_open(entry, window_minutes, now) => Vec::new(),
        How::Undo { window_minutes } => return Err(Rejection::TooLate { minutes: window_minutes }),
        How::Revert { overridden } => check_people(&edits, &around.contexts, overridden)?,
    };
    for group in &around.same_number {
        check_pair(group, &edits, &around.since)?;
    }
    let subject = entry.subject.unwrap_or(edits[0].before.id);
    let refuses = |warning: &Warning| matches!(warning, Warning::Rule(finding) if finding.refuses);
    let overridden = warnings.iter().any(refuses);
    Ok(Change { action: how.action(), subject, edits, warnings, overridden })
}

/// The other event of a pair may have been scheduled or released since: undoing this one alone would separate them.
fn check_pair(group: &[Event], edits: &[Edit], since: &BTreeSet<EventId>) -> Result<(), Rejection> {
    let edited = |event: &Event| edits.iter().find(|edit| edit.after.id == event.id);
    let after: Vec<Event> =
        group.iter().map(|event| edited(event).map_or_else(|| event.clone(), |edit| edit.after.clone())).collect();
    let would_be = Pair::among(&after);
    for supervisor in &would_be.supervisors {
        let Some(core) = would_be.leader_of(supervisor) else { continue };
        let Some(untouched) = [core, supervisor].into_iter().find(|event| edited(event).is_none()) else { continue };
        let now = |half: &Event| group.iter().find(|event| event.id == half.id);
        let newly = |broken: fn(&Event, &Event) -> bool| {
            let already = now(core).zip(now(supervisor)).is_some_and(|(core, supervisor)| broken(core, supervisor));
            broken(core, supervisor) && !already
        };
        if newly(apart) || (newly(left_alone) && since.contains(&untouched.id)) {
            return Err(Rejection::ChangedSince { event: Box::new(untouched.clone()), last: None });
        }
    }
    Ok(())
}

/// Tells if a Supervisor is scheduled while its CORE is not.
fn left_alone(core: &Event, supervisor: &Event) -> bool {
    core.schedule.is_none() && supervisor.schedule.is_some()
}

fn edit(step: &Step, events: &BTreeMap<EventId, Event>) -> Result<Edit, Rejection> {
    let before = events.get(&step.event).ok_or(Rejection::UnknownEvent(step.event))?;
    if before.revision != step.after.revision {
        return Err(Rejection::ChangedSince { event: Box::new(before.clone()), last: None });
    }
    Ok(Edit { before: before.clone(), after: before.with_schedule(step.before.schedule.clone()) })
}

/// Checks the rules for every employee who would be assigned again.
fn check_people(edits: &[Edit], contexts: &[DecisionContext], overridden: bool) -> Result<Vec<Warning>, Rejection> {
    let planned: Vec<Event> = edits.iter().map(|edit| edit.after.clone()).collect();
    let check = |context: &DecisionContext| {
        let after = planned.iter().find(|event| event.id == context.subject.id)?;
        let schedule = after.schedule.as_ref()?;
        let employee = context.employees.get(&schedule.employee)?;
        Some(context.check(after, employee, schedule.start, &planned))
    };
    let findings: Vec<Finding> = contexts.iter().filter_map(check).flatten().collect();
    if !overridden && findings.iter().any(|finding| finding.refuses) {
        return Err(Rejection::Refused { findings, alternatives: Vec::new() });
    }
    Ok(findings.into_iter().map(Warning::Rule).collect())
}
