//! Loads the facts for an undo and decides it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::store::queries::undo_window;
use crate::{
    domain::{
        audit::{Entry, Step},
        change::{
            Change,
            bulk::Refusal,
            context::DecisionContext,
            rejection::Rejection,
            undo::{self, How, UndoContext},
        },
        event::Event,
        ids::EventId,
        policy::Policy,
    },
    services::{
        absences,
        change::ChangeError,
        decision_context::{self, load_around_with},
    },
    store::{
        ReadTx, StoreError, Tx,
        queries::employee_cache::EmployeeCache,
        tables::{audit, events},
    },
};

/// Decides an undo. Returns the subject as it is now, and the change.
pub fn attempt(
    tx: &dyn ReadTx,
    sequence: u64,
    how: How,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Event, Change), ChangeError> {
    let Some(entry) = audit::get(tx, sequence)? else { return Err(Rejection::UnknownEntry(sequence).into()) };
    if let Some(by) = undo_window::undone_by(tx, &entry)? {
        return Err(Rejection::AlreadyUndone { by: Box::new(by) }.into());
    }
    // The rules are checked as if the time off of the entry were removed already.
    let mut after = Tx::over(tx);
    if let Some(absence) = absences::take_back(tx, sequence)? {
        absence.write(&mut after)?;
    }
    let tx = &after as &dyn ReadTx;
    let mut around = UndoContext::default();
    for step in &entry.steps {
        let Some(event) = events::get(tx, step.event)? else { continue };
        if let Some(taken) = schedule_taken(tx, &entry, step)? {
            return Err(Rejection::ChangedSince { event: Box::new(taken), last: None }.into());
        }
        if let Some(number) = event.number.filter(|_| policy.pairing) {
            let same_number = events::same_number(tx, &event.location, number)?;
            around.since.extend(changed_since(tx, &entry, &same_number)?);
            around.same_number.push(same_number);
        }
        around.events.insert(event.id, event);
    }
    if let How::Revert { .. } = how {
        around.contexts = contexts(tx, &entry, &around.events, policy)?;
    }
    let change = undo::decide(&entry, how, &around, now)?;
    let subject = around.events.remove(&change.subject);
    Ok((subject.unwrap_or_else(|| change.edits[0].before.clone()), change))
}

/// Those of the events that the entry did not change and a later entry did.
fn changed_since(tx: &dyn ReadTx, entry: &Entry, events: &[Event]) -> Result<Vec<EventId>, StoreError> {
    let mut changed = Vec::new();
    for event in events.iter().filter(|event| entry.step(event.id).is_none()) {
        if audit::next_of(tx, event.id, entry.sequence)?.is_some() {
            changed.push(event.id);
        }
    }
    Ok(changed)
}

/// The event that now uses the schedule id that a step would restore, unless the entry itself frees the id.
fn schedule_taken(tx: &dyn ReadTx, entry: &Entry, step: &Step) -> Result<Option<Event>, StoreError> {
    let Some(then) = &step.before.schedule else { return Ok(None) };
    match events::of_schedule(tx, then.id)?.filter(|event| entry.step(*event).is_none()) {
        Some(event) => events::get(tx, event),
        None => Ok(None),
    }
}

/// One decision context per event that is assigned again.
fn contexts(
    tx: &dyn ReadTx,
    entry: &Entry,
    events: &BTreeMap<EventId, Event>,
    policy: &Policy,
) -> Result<Vec<DecisionContext>, StoreError> {
    let back = entry.steps.iter().filter_map(|step| {
        let (event, then) = (events.get(&step.event)?, step.before.schedule.as_ref()?);
        let stays = event.schedule.as_ref().is_some_and(|now| now.employee == then.employee && now.start == then.start);
        (!stays).then_some((event.clone(), then.start.date()))
    });
    let mut employees = EmployeeCache::default();
    back.map(|(event, date)| load_around_with(tx, &mut employees, event, date, policy)).collect()
}

/// Adds the last change of the event to a rejection about an old revision.
pub(crate) fn with_last_change(tx: &dyn ReadTx, rejection: Rejection) -> Result<Rejection, StoreError> {
    let last = |event: &Event| Ok::<_, StoreError>(audit::last_of(tx, event.id)?.map(Box::new));
    Ok(match rejection {
        Rejection::Stale { event, seen, .. } => Rejection::Stale { last: last(&event)?, event, seen },
        Rejection::Several(refusals) => {
            let named = |one: Refusal| {
                let last = audit::last_of(tx, one.event)?.map(Box::new);
                Ok::<_, StoreError>(one.with_last(last))
            };
            Rejection::Several(refusals.into_iter().map(named).collect::<Result<_, _>>()?)
        }
        Rejection::ChangedSince { event, .. } => Rejection::ChangedSince { last: last(&event)?, event },
        other => other,
    })
}

/// The subject of an entry.
pub(crate) fn subject_of(tx: &dyn ReadTx, sequence: u64) -> Result<Event, ChangeError> {
    let subject = audit::get(tx, sequence)?.and_then(|entry| entry.subject);
    match subject {
        Some(id) => decision_context::find(tx, decision_context::Target::Event(id)),
        None => Err(Rejection::UnknownEntry(sequence).into()),
    }
}
