//! One change, from what somebody asked for to what is on disk.
//!
//! Rule of this file: [`make`] is the only way a page, a call or a job changes an event. Loading, deciding, writing and
//! the audit entry are one transaction.

use thiserror::Error;
use tracing::{error, info, warn};

use super::{
    Store, audit,
    error::StoreError,
    events, meta,
    scene::{self, OWN_SCHEDULE_ID_MIN, Target},
    view::{Tx, View},
};
use crate::domain::{
    audit::{Entry, Origin, Outcome, Step},
    change::{Action, Change, Edit, Policy, Rejection, Request, Warning},
    decide::decide,
    event::Event,
    ids::EventId,
    scene::Scene,
    words,
};

/// Why a change was not made. Either way nothing was changed.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// What somebody did.
    #[error("{0:?}")]
    Rejected(Rejection),
    /// Our fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change that was made.
#[derive(Debug)]
pub struct Made {
    pub change: Change,
    /// The subject as it is now.
    pub event: Event,
    /// The audit entry; none if everything was already so.
    pub entry: Option<u64>,
}

/// Makes a change, whole or not at all, and leaves an audit entry either way.
///
/// # Errors
/// [`ChangeError::Rejected`] if the request may not be granted, [`ChangeError::Store`] if it could not be written.
pub fn make(
    store: &Store,
    target: Target,
    request: &Request,
    policy: &Policy,
    origin: &Origin,
) -> Result<Made, ChangeError> {
    let action = request.command.action();
    let result = store.write(|tx| attempt(tx, target, request, policy, origin));
    match result {
        Ok(Ok(made)) => {
            log_change(&made.change, origin);
            Ok(made)
        }
        Ok(Err(rejection)) => {
            info!(request_id = origin.request_id, action = action.slug(), ?target, ?rejection, "change refused");
            Err(ChangeError::Rejected(rejection))
        }
        Err(error) => {
            error!(request_id = origin.request_id, action = action.slug(), ?target, %error, "change failed, nothing changed");
            audit_failure(store, target, action, origin, &error);
            Err(ChangeError::Store(error))
        }
    }
}

/// The same decision, written nowhere.
///
/// # Errors
/// As [`make`].
pub fn preview(
    view: &dyn View,
    target: Target,
    request: &Request,
    policy: &Policy,
) -> Result<(Scene, Change), ChangeError> {
    let subject = scene::find(view, target)?.map_err(ChangeError::Rejected)?;
    let scene = scene::load(view, subject, &request.command)?;
    let change = decide(&scene, request, policy).map_err(ChangeError::Rejected)?;
    Ok((scene, change))
}

/// Inside the transaction. A refusal is written too, as an audit entry and nothing else.
fn attempt(
    tx: &mut Tx<'_>,
    target: Target,
    request: &Request,
    policy: &Policy,
    origin: &Origin,
) -> Result<Result<Made, Rejection>, StoreError> {
    let action = request.command.action();
    let (scene, change) = match preview(tx, target, request, policy) {
        Ok(decided) => decided,
        Err(ChangeError::Store(error)) => return Err(error),
        Err(ChangeError::Rejected(rejection)) => {
            let subject = scene::find(tx, target)?.ok().map(|event| event.id);
            let rejection = with_last_change(tx, rejection)?;
            let entry = entry(origin, action, Outcome::Refused, Some(rejection.reason()), subject);
            audit::append(tx, entry)?;
            return Ok(Err(rejection));
        }
    };
    if change.edits.is_empty() {
        return Ok(Ok(Made { event: scene.subject, change, entry: None }));
    }
    for edit in &change.edits {
        write_edit(tx, edit)?;
    }
    let reason = request.override_reason.clone();
    let done = entry(origin, action, Outcome::Done, reason, Some(change.subject));
    let sequence = audit::append(tx, Entry { steps: change.edits.iter().map(Step::from).collect(), ..done })?;
    let own = change.edits.iter().find(|edit| edit.after.id == change.subject);
    let event = own.map_or(scene.subject, |edit| edit.after.clone());
    Ok(Ok(Made { event, change, entry: Some(sequence) }))
}

/// Who changed the event that the sender saw otherwise.
fn with_last_change(view: &dyn View, rejection: Rejection) -> Result<Rejection, StoreError> {
    Ok(match rejection {
        Rejection::Stale { event, seen, .. } => {
            let last = audit::last_of(view, event.id)?.map(Box::new);
            Rejection::Stale { event, seen, last }
        }
        other => other,
    })
}

fn write_edit(tx: &mut Tx<'_>, edit: &Edit) -> Result<(), StoreError> {
    let own = edit.after.schedule.as_ref().map(|now| now.id.0).filter(|id| *id > OWN_SCHEDULE_ID_MIN);
    if let Some(id) = own.filter(|_| edit.before.schedule.is_none()) {
        let last = meta::schedule_last(tx)?.max(id);
        meta::set_schedule_last(tx, last)?;
    }
    events::replace(tx, Some(&edit.before), Some(&edit.after))
}

fn entry(origin: &Origin, action: Action, outcome: Outcome, reason: Option<String>, subject: Option<EventId>) -> Entry {
    Entry {
        sequence: 0,
        at: origin.at,
        who: origin.who.clone(),
        source: origin.source,
        request_id: origin.request_id.clone(),
        action,
        outcome,
        reason,
        subject,
        steps: Vec::new(),
    }
}

/// A change that failed is audited in a transaction of its own, as far as the store still writes.
fn audit_failure(store: &Store, target: Target, action: Action, origin: &Origin, cause: &StoreError) {
    let written = store.write(|tx| {
        let subject = scene::find(tx, target)?.ok().map(|event| event.id);
        audit::append(tx, entry(origin, action, Outcome::Failed, Some(cause.to_string()), subject))
    });
    if let Err(error) = written {
        error!(request_id = origin.request_id, %error, "the failed change could not be audited");
    }
}

/// One line a change, naming event and pair with old and new time; one line for each warning about the pair.
fn log_change(change: &Change, origin: &Origin) {
    let (request_id, who, action) = (origin.request_id.as_str(), origin.who.as_str(), change.action.slug());
    for warning in &change.warnings {
        let (event, id, message) = (change.subject.0, warning.id(), warning.message());
        match warning {
            Warning::NoEventNumber => warn!(request_id, event, warning = id, "no event number: {message}"),
            Warning::Rule(_) => info!(request_id, event, warning = id, "{message}"),
            _ => warn!(request_id, event, warning = id, "{message}"),
        }
    }
    let Some((subject, followers)) = change.edits.split_first() else {
        info!(request_id, who, action, event = change.subject.0, "nothing to change");
        return;
    };
    let pair: Vec<_> = followers.iter().map(|edit| format!("{} {}", edit.before.id, step(edit))).collect();
    info!(
        request_id,
        who,
        action,
        event = subject.before.id.0,
        change = step(subject),
        pair = pair.join("; "),
        "changed"
    );
}

fn step(edit: &Edit) -> String {
    let say = |event: &Event| match &event.schedule {
        Some(now) => format!("{} with {}", words::moment(now.start), now.employee),
        None => "unstaffed".to_owned(),
    };
    format!("{} -> {}", say(&edit.before), say(&edit.after))
}
