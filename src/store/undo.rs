//! Gathers what taking a change back looks at.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    audit,
    error::StoreError,
    events,
    roster::Roster,
    scene::{self, load_around_with},
    view::View,
};
use crate::domain::{
    audit::{Entry, Outcome, Step},
    change::{Action, Change, Policy},
    event::Event,
    ids::EventId,
    plan::Refusal,
    rejection::Rejection,
    scene::Scene,
    undo::{self, How, Surroundings},
};

/// Decides whether an entry is taken back: its subject as it is now, and the change.
pub fn attempt(
    view: &dyn View,
    sequence: u64,
    how: How,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Result<(Event, Change), Rejection>, StoreError> {
    let Some(entry) = audit::get(view, sequence)? else { return Ok(Err(Rejection::UnknownEntry(sequence))) };
    if let Some(by) = undone_by(view, &entry)? {
        return Ok(Err(Rejection::AlreadyUndone { by: Box::new(by) }));
    }
    let mut around = Surroundings::default();
    for step in &entry.steps {
        let Some(event) = events::get(view, step.event)? else { continue };
        if let Some(taken) = schedule_taken(view, &entry, step)? {
            return Ok(Err(Rejection::ChangedSince { event: Box::new(taken), last: None }));
        }
        if let Some(number) = event.number.filter(|_| policy.pairing) {
            let same_number = events::same_number(view, &event.location, number)?;
            around.since.extend(changed_since(view, &entry, &same_number)?);
            around.same_number.push(same_number);
        }
        around.events.insert(event.id, event);
    }
    if let How::Revert { .. } = how {
        around.scenes = scenes(view, &entry, &around.events, policy)?;
    }
    Ok(undo::decide(&entry, how, &around, now).map(|change| {
        let subject = around.events.remove(&change.subject);
        (subject.unwrap_or_else(|| change.edits[0].before.clone()), change)
    }))
}

/// Which of some events the entry did not touch, and somebody changed after it.
fn changed_since(view: &dyn View, entry: &Entry, events: &[Event]) -> Result<Vec<EventId>, StoreError> {
    let mut changed = Vec::new();
    for event in events.iter().filter(|event| entry.step(event.id).is_none()) {
        if audit::next_of(view, event.id, entry.sequence)?.is_some() {
            changed.push(event.id);
        }
    }
    Ok(changed)
}

/// The other event, if one got the schedule id that a step would bring back, and the entry does not take it from there.
fn schedule_taken(view: &dyn View, entry: &Entry, step: &Step) -> Result<Option<Event>, StoreError> {
    let Some(then) = &step.before.schedule else { return Ok(None) };
    match events::of_schedule(view, then.id)?.filter(|event| entry.step(*event).is_none()) {
        Some(event) => events::get(view, event),
        None => Ok(None),
    }
}

/// One scene for each event that goes back to somebody.
fn scenes(
    view: &dyn View,
    entry: &Entry,
    events: &BTreeMap<EventId, Event>,
    policy: &Policy,
) -> Result<Vec<Scene>, StoreError> {
    let back = entry.steps.iter().filter_map(|step| {
        let (event, then) = (events.get(&step.event)?, step.before.schedule.as_ref()?);
        let stays = event.schedule.as_ref().is_some_and(|now| now.employee == then.employee && now.start == then.start);
        (!stays).then_some((event.clone(), then.start.date()))
    });
    let mut roster = Roster::default();
    back.map(|(event, date)| load_around_with(view, &mut roster, event, date, policy)).collect()
}

/// The entry that took this one back, if one did: the next that changed its events, because nothing is taken back once
/// something has changed since.
pub fn undone_by(view: &dyn View, entry: &Entry) -> Result<Option<Entry>, StoreError> {
    let Some(step) = entry.steps.first() else { return Ok(None) };
    let next = audit::next_of(view, step.event, entry.sequence)?;
    Ok(next.filter(|later| later.undoes == Some(entry.sequence) && later.outcome == Outcome::Done))
}

/// The entry that an Undo on an event's card would take back: its last change, if the window is open and nothing else
/// that it changed has changed since.
pub fn open_for(
    view: &dyn View,
    event: &Event,
    window_minutes: u32,
    now: DateTime<Utc>,
) -> Result<Option<u64>, StoreError> {
    let last = audit::last_of(view, event.id)?;
    let open = |entry: &Entry| entry.action != Action::Undo && undo::is_open(entry, window_minutes, now);
    let Some(entry) = last.filter(open) else { return Ok(None) };
    for step in &entry.steps {
        let left = |now: &Event| now.revision == step.after.revision;
        let untouched = if step.event == event.id {
            left(event)
        } else {
            events::get(view, step.event)?.as_ref().is_some_and(left)
        };
        if !untouched {
            return Ok(None);
        }
    }
    Ok(Some(entry.sequence))
}

/// The last moment at which an Undo of each of these entries is still open.
pub fn first_to_close(
    view: &dyn View,
    sequences: impl Iterator<Item = u64>,
    window_minutes: u32,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut first = None;
    for sequence in sequences {
        let closes = audit::get(view, sequence)?.map(|entry| undo::closes(&entry, window_minutes));
        first = first.into_iter().chain(closes).min();
    }
    Ok(first)
}

/// Names who changed the event that a sender saw otherwise.
pub(super) fn with_last_change(view: &dyn View, rejection: Rejection) -> Result<Rejection, StoreError> {
    let last = |event: &Event| Ok::<_, StoreError>(audit::last_of(view, event.id)?.map(Box::new));
    Ok(match rejection {
        Rejection::Stale { event, seen, .. } => Rejection::Stale { last: last(&event)?, event, seen },
        Rejection::Several(refusals) => {
            let named = |one: Refusal| {
                let last = audit::last_of(view, one.event)?.map(Box::new);
                Ok::<_, StoreError>(one.with_last(last))
            };
            Rejection::Several(refusals.into_iter().map(named).collect::<Result<_, _>>()?)
        }
        Rejection::ChangedSince { event, .. } => Rejection::ChangedSince { last: last(&event)?, event },
        other => other,
    })
}

/// The event that an entry is about.
pub(super) fn subject_of(view: &dyn View, sequence: u64) -> Result<Result<Event, Rejection>, StoreError> {
    let subject = audit::get(view, sequence)?.and_then(|entry| entry.subject);
    match subject {
        Some(id) => scene::find(view, scene::Target::Event(id)),
        None => Ok(Err(Rejection::UnknownEntry(sequence))),
    }
}
