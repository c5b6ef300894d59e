//! Changes of a single event: make, undo and preview.
//!
//! Invariant: [`make`], [`undo`] and [`crate::services::bulk::make`] are the only functions that change an event.
//! Loading, deciding, writing and the audit entry are one transaction. A rejected request is audited too.

use sha2::{Digest, Sha256};
use thiserror::Error;
use tracing::{Span, error, error_span, info, warn};

use crate::{
    domain::{
        audit::{Entry, Note, Origin, Outcome, State, Step},
        change::{
            Action, Change, Command, Edit, Policy, Request, Warning, context::DecisionContext, decide::decide,
            rejection::Rejection, undo::How,
        },
        event::{Event, EventType},
        format,
        ids::{EventId, IdempotencyKey},
    },
    metrics::Metrics,
    services::{
        decision_context::{self, OWN_SCHEDULE_ID_MIN, Target},
        undo,
    },
    store::{
        ReadTx, Store, StoreError, Tx,
        queries::employee_cache::EmployeeCache,
        tables::{
            audit, events,
            idempotency::{self, Fingerprint, Known},
            meta,
        },
    },
};

/// Reason for which a change was not made. The store is unchanged in both cases.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The request breaks a rule or is invalid.
    #[error("{0:?}")]
    Rejected(Rejection),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a change that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The subject after the change.
    pub event: Event,
    /// The audit entry; none if there was nothing to change.
    pub entry: Option<Entry>,
    pub notes: Vec<Note>,
}

impl Made {
    /// Number of events that changed along with the subject.
    pub fn followers(&self) -> usize {
        self.entry.as_ref().map_or(0, |entry| entry.steps.iter().filter(|step| step.event != self.event.id).count())
    }
}

/// Result of one transaction. The change is none if an idempotency key was repeated.
type Attempt = Result<Result<(Made, Option<Change>), Rejection>, StoreError>;

/// Makes a change, completely or not at all.
///
/// # Errors
/// [`ChangeError::Rejected`] if the request is rejected, [`ChangeError::Store`] if the store fails.
pub fn make(
    store: &Store,
    target: Target,
    request: &Request,
    policy: &Policy,
    origin: &Origin,
) -> Result<Made, ChangeError> {
    let about = About { target, action: request.command.action(), origin };
    let fingerprint = fingerprint(&format!("{target:?} {:?}", Request { key: None, ..request.clone() }));
    let key = request.key.as_ref().map(|key| (key, fingerprint));
    about.execute(store, key, |tx| {
        let (context, change) = match preview(tx, target, request, policy) {
            Ok(decided) => decided,
            Err(ChangeError::Store(error)) => return Err(error),
            Err(ChangeError::Rejected(rejection)) => return Ok(Err(rejection)),
        };
        let reason = request.override_reason.clone().filter(|_| change.overridden);
        Ok(Ok((context.subject, change, Entry { reason, ..about.done() })))
    })
}

/// Undoes what an audit entry changed, completely or not at all.
///
/// # Errors
/// As [`make`].
pub fn undo(
    store: &Store,
    sequence: u64,
    how: How,
    reason: Option<String>,
    key: Option<&IdempotencyKey>,
    policy: &Policy,
    origin: &Origin,
) -> Result<Made, ChangeError> {
    let about = About { target: Target::Entry(sequence), action: how.action(), origin };
    let key = key.map(|key| (key, fingerprint(&format!("{sequence} {:?}", how.action()))));
    about.execute(store, key, |tx| {
        Ok(undo::attempt(tx, sequence, how, policy, origin.at)?
            .map(|(subject, change)| (subject, change, Entry { reason, undoes: Some(sequence), ..about.done() })))
    })
}

/// Makes the same decision as [`make`] without writing it.
///
/// # Errors
/// As [`make`].
pub fn preview(
    tx: &dyn ReadTx,
    target: Target,
    request: &Request,
    policy: &Policy,
) -> Result<(DecisionContext, Change), ChangeError> {
    preview_with(tx, &mut EmployeeCache::default(), target, request, policy)
}

/// Same as [`preview`], with a cache of employees.
pub(crate) fn preview_with(
    tx: &dyn ReadTx,
    employees: &mut EmployeeCache,
    target: Target,
    request: &Request,
    policy: &Policy,
) -> Result<(DecisionContext, Change), ChangeError> {
    let subject = decision_context::find(tx, target)?.map_err(ChangeError::Rejected)?;
    let context = decision_context::load_with(tx, employees, subject, &request.command, policy)?;
    if let (Command::Trade { with, .. }, None) = (&request.command, &context.other) {
        return Err(ChangeError::Rejected(Rejection::UnknownSchedule(*with)));
    }
    let change = decide(&context, request, policy).map_err(ChangeError::Rejected)?;
    Ok((context, change))
}

pub(crate) fn fingerprint(request: &str) -> Fingerprint {
    Sha256::digest(request.as_bytes()).into()
}

/// Result of a decision: the subject before the change, the change, and the audit entry to complete.
pub(crate) type Decided = Result<(Event, Change, Entry), Rejection>;

/// Target and origin of a request, for the audit and the log.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub target: Target,
    pub action: Action,
    pub origin: &'a Origin,
}

impl About<'_> {
    pub fn done(&self) -> Entry {
        Entry::new(self.origin, self.action, Outcome::Done)
    }

    /// Decides and writes in one transaction, and logs the outcome.
    pub fn execute(
        &self,
        store: &Store,
        key: Option<(&IdempotencyKey, Fingerprint)>,
        decide: impl FnOnce(&mut Tx<'_>) -> Result<Decided, StoreError>,
    ) -> Result<Made, ChangeError> {
        let Self { target, action, origin } = *self;
        let action = action.slug();
        let _within = span_of(origin).entered();
        let outcome = store.write(|tx| self.attempt(tx, key, decide));
        count(store.metrics(), action, &outcome);
        match outcome {
            Ok(Ok((made, change))) => {
                if let Some(change) = change {
                    log_change(&change, origin);
                } else {
                    info!(action, ?target, "repeated request, answered as before");
                }
                Ok(made)
            }
            Ok(Err(rejection)) => {
                info!(action, ?target, code = rejection.code(), reason = rejection.reason(), "change refused");
                Err(ChangeError::Rejected(rejection))
            }
            Err(error) => {
                error!(action, ?target, %error, "change failed, nothing changed");
                self.audit_failure(store, &error);
                Err(ChangeError::Store(error))
            }
        }
    }

    fn attempt(
        &self,
        tx: &mut Tx<'_>,
        key: Option<(&IdempotencyKey, Fingerprint)>,
        decide: impl FnOnce(&mut Tx<'_>) -> Result<Decided, StoreError>,
    ) -> Attempt {
        if let Some((key, fingerprint)) = key {
            match idempotency::find(tx, key, &fingerprint, self.origin.at)? {
                Some(Known::Same { entry }) => return repeat(tx, entry).map(|made| Ok((made, None))),
                Some(Known::Other) => return self.refuse(tx, Rejection::KeyReused),
                None => {}
            }
        }
        let (subject, change, entry) = match decide(tx)? {
            Ok(decided) => decided,
            Err(rejection) => return self.refuse(tx, rejection),
        };
        let made = write(tx, subject, &change, entry)?;
        if let (Some((key, fingerprint)), Some(entry)) = (key, &made.entry) {
            idempotency::remember(tx, key, fingerprint, entry.sequence, self.origin.at)?;
        }
        Ok(Ok((made, Some(change))))
    }

    /// Writes an audit entry for a rejected request, and nothing else.
    fn refuse(&self, tx: &mut Tx<'_>, rejection: Rejection) -> Attempt {
        let rejection = undo::with_last_change(tx, rejection)?;
        let subject = self.subject(tx)?;
        let refused = Entry::new(self.origin, self.action, Outcome::Refused);
        audit::append(tx, Entry { reason: Some(rejection.reason()), subject, ..refused })?;
        Ok(Err(rejection))
    }

    /// Audits a failed change in a separate transaction, if the store is still writable.
    fn audit_failure(&self, store: &Store, cause: &StoreError) {
        let written = store.write(|tx| {
            let failed = Entry::new(self.origin, self.action, Outcome::Failed);
            audit::append(tx, Entry { reason: Some(cause.to_string()), subject: self.subject(tx)?, ..failed })
        });
        if let Err(error) = written {
            error!(%error, "the failed change could not be audited");
        }
    }

    fn subject(&self, tx: &dyn ReadTx) -> Result<Option<EventId>, StoreError> {
        Ok(decision_context::find(tx, self.target)?.ok().map(|event| event.id))
    }
}

fn write(tx: &mut Tx<'_>, subject: Event, change: &Change, entry: Entry) -> Result<Made, StoreError> {
    let notes: Vec<Note> = change.warnings.iter().map(Note::from).collect();
    if change.edits.is_empty() {
        return Ok(Made { event: subject, entry: None, notes });
    }
    write_edits(tx, &change.edits)?;
    let steps = change.edits.iter().map(Step::from).collect();
    let entry = audit::append(tx, Entry { subject: Some(change.subject), steps, notes: notes.clone(), ..entry })?;
    let own = change.edits.iter().find(|edit| edit.after.id == change.subject);
    let event = own.map_or(subject, |edit| edit.after.clone());
    Ok(Made { event, entry: Some(entry), notes })
}

/// Writes the events of edits, and records which of our own schedule ids they use.
pub(crate) fn write_edits(tx: &mut Tx<'_>, edits: &[Edit]) -> Result<(), StoreError> {
    for edit in edits {
        let own = edit.after.schedule.as_ref().map(|now| now.id.0).filter(|id| *id > OWN_SCHEDULE_ID_MIN);
        if let Some(id) = own.filter(|_| edit.before.schedule.is_none()) {
            let last = meta::schedule_last(tx)?.max(id);
            meta::set_schedule_last(tx, last)?;
        }
    }
    let records: Vec<_> = edits.iter().map(|edit| (Some(&edit.before), Some(&edit.after))).collect();
    events::replace_all(tx, &records)
}

/// Answers a repeated request: the subject as the first change left it.
fn repeat(tx: &dyn ReadTx, sequence: u64) -> Result<Made, StoreError> {
    let lost = || StoreError::CutOff(format!("audit entry {sequence} is missing"));
    let entry = audit::get(tx, sequence)?.ok_or_else(lost)?;
    let subject = entry.subject.ok_or_else(lost)?;
    let event = events::get(tx, subject)?.ok_or_else(lost)?;
    let then = match entry.step(subject) {
        Some(step) => Some(step.after.clone()),
        None => before_the_next_change(tx, subject, sequence)?,
    };
    let event = match then {
        Some(State { revision, schedule }) => Event { revision, schedule, ..event },
        None => event,
    };
    Ok(Made { event, notes: entry.notes.clone(), entry: Some(entry) })
}

/// The subject of an entry that did not change it, as it was then; none if the event has not changed since.
fn before_the_next_change(tx: &dyn ReadTx, event: EventId, sequence: u64) -> Result<Option<State>, StoreError> {
    let next = audit::next_of(tx, event, sequence)?;
    Ok(next.and_then(|later| later.step(event).map(|step| step.before.clone())))
}

/// The span of the current request, or a new one with the request's id.
fn span_of(origin: &Origin) -> Span {
    if Span::current().is_none() { error_span!("request", request_id = origin.request_id) } else { Span::none() }
}

fn count(metrics: &Metrics, action: &str, outcome: &Attempt) {
    match outcome {
        Ok(Ok((_, None))) => metrics.change(action, "repeated"),
        Ok(Ok((_, Some(change)))) => {
            metrics.change(action, "done");
            let followers = change
                .edits
                .iter()
                .filter(|edit| edit.after.event_type == EventType::Supervisor && edit.after.id != change.subject);
            metrics.pairs_moved(followers.count() as u64);
        }
        Ok(Err(rejection)) => {
            metrics.change(action, "refused");
            match rejection {
                Rejection::Refused { findings, .. } => {
                    let refusing = findings.iter().filter(|finding| finding.refuses);
                    refusing.for_each(|finding| metrics.refusal(finding.rule));
                }
                other => metrics.refusal(other.code()),
            }
        }
        Err(_) => metrics.change(action, "failed"),
    }
}

/// Logs one line per change with event, pair, old and new time, and one line per warning about the pair.
fn log_change(change: &Change, origin: &Origin) {
    let (who, action) = (origin.who.as_str(), change.action.slug());
    for warning in &change.warnings {
        let (event, id, message) = (change.subject.0, warning.id(), warning.message());
        match warning {
            Warning::NoEventNumber => warn!(event, warning = id, "no event number: {message}"),
            Warning::Rule(_) => info!(event, warning = id, "{message}"),
            _ => warn!(event, warning = id, "{message}"),
        }
    }
    let Some((subject, followers)) = change.edits.split_first() else {
        info!(who, action, event = change.subject.0, "nothing to change");
        return;
    };
    let pair: Vec<_> = followers.iter().map(|edit| format!("{} {}", edit.before.id, step(edit))).collect();
    let (event, changed, pair) = (subject.before.id.0, step(subject), pair.join("; "));
    info!(who, action, event, change = changed, pair, "changed");
}

fn step(edit: &Edit) -> String {
    let say = |event: &Event| match &event.schedule {
        Some(now) => format!("{} with {}", format::moment(now.start), now.employee),
        None => "unstaffed".to_owned(),
    };
    format!("{} -> {}", say(&edit.before), say(&edit.after))
}
