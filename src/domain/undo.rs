//! Taking a change back: within its window as it was, later as an ordinary change.
//!
//! Rule of this file: everything an entry changed goes back together, or nothing does.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    audit::{Entry, Step},
    change::{Action, Change, Edit, Warning},
    event::Event,
    ids::EventId,
    rejection::Rejection,
    rules::Finding,
    scene::Scene,
};

/// How a change is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Within the window: no rule is asked, because this is what was there before.
    Undo { window_minutes: u32 },
    /// Any time later: the rules are asked as for any change.
    Revert { overridden: bool },
}

impl How {
    #[must_use]
    pub fn action(self) -> Action {
        match self {
            Self::Undo { .. } => Action::Undo,
            Self::Revert { .. } => Action::Revert,
        }
    }
}

/// Whether an entry's undo window is still open.
#[must_use]
pub fn is_open(entry: &Entry, window_minutes: u32, now: DateTime<Utc>) -> bool {
    entry.changed_events() && now - entry.at <= TimeDelta::minutes(i64::from(window_minutes))
}

/// Decides whether `entry` is taken back. `events` are its events as they are now; `scenes` surround those of them to
/// whom somebody would be assigned again, and are only asked by a revert.
///
/// # Errors
/// [`Rejection`] if there is nothing to take back, if it is too late, if something changed since, or if a rule refuses.
pub fn decide(
    entry: &Entry,
    how: How,
    events: &BTreeMap<EventId, Event>,
    scenes: &[Scene],
    now: DateTime<Utc>,
) -> Result<Change, Rejection> {
    if !entry.changed_events() {
        return Err(Rejection::NothingToUndo(entry.sequence));
    }
    let edits = entry.steps.iter().map(|step| edit(step, events)).collect::<Result<Vec<_>, _>>()?;
    let warnings = match how {
        How::Undo { window_minutes } if is_open(entry, window_minutes, now) => Vec::new(),
        How::Undo { window_minutes } => return Err(Rejection::TooLate { minutes: window_minutes }),
        How::Revert { overridden } => check_people(&edits, scenes, overridden)?,
    };
    let subject = entry.subject.unwrap_or(edits[0].before.id);
    Ok(Change { action: how.action(), subject, edits, warnings })
}

fn edit(step: &Step, events: &BTreeMap<EventId, Event>) -> Result<Edit, Rejection> {
    let before = events.get(&step.event).ok_or(Rejection::UnknownEvent(step.event))?;
    if before.revision != step.after.revision {
        return Err(Rejection::ChangedSince { event: Box::new(before.clone()), last: None });
    }
    Ok(Edit { before: before.clone(), after: before.with_schedule(step.before.schedule.clone()) })
}

/// The rules about everybody who would be assigned again.
fn check_people(edits: &[Edit], scenes: &[Scene], overridden: bool) -> Result<Vec<Warning>, Rejection> {
    let planned: Vec<Event> = edits.iter().map(|edit| edit.after.clone()).collect();
    let check = |scene: &Scene| {
        let after = planned.iter().find(|event| event.id == scene.subject.id)?;
        let schedule = after.schedule.as_ref()?;
        let employee = scene.employees.get(&schedule.employee)?;
        Some(scene.check(after, employee, schedule.start, &planned))
    };
    let findings: Vec<Finding> = scenes.iter().filter_map(check).flatten().collect();
    if !overridden && findings.iter().any(|finding| finding.refuses) {
        return Err(Rejection::Refused { findings, alternatives: Vec::new() });
    }
    Ok(findings.into_iter().map(Warning::Rule).collect())
}
