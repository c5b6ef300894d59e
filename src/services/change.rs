//! Changes of a single event: make, undo and preview.
//!
//! Invariant: [`make`], [`undo()`] and [`crate::services::bulk::make`] are the only functions that change an event.
//! Loading, deciding, writing and the audit entry are one transaction. A rejected request is audited too.

use sha2::{Digest, Sha256};
use thiserror::Error;
use tracing::{Span, error, error_span, info, warn};

use crate::{
    domain::{
        audit::{Action, Entry, Note, Origin, Outcome, State, Step},
        change::{
            Change, Command, Edit, Request, Warning, context::DecisionContext, decide::decide, rejection::Rejection,
            undo::How,
        },
        event::{Event, EventType},
        format,
        ids::{EventId, IdempotencyKey},
        policy::Policy,
        rules::stored::{Acceptance, MISSING_VISIT, StoredFinding},
    },
    metrics::Metrics,
    services::{
        absences,
        audited_write::{Key, Rejectable, audited_write, earlier_entry, remember},
        decision_context::{self, OWN_SCHEDULE_ID_MIN, Target},
        undo,
    },
    store::{
        ReadTx, Store, StoreError, Tx,
        queries::employee_cache::EmployeeCache,
        tables::{
            audit, events,
            idempotency::Fingerprint,
            issues::{Evaluator, acceptances},
            meta,
        },
    },
};

/// Reason for which a change was not made. The store is unchanged in both cases.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The request breaks a rule or is invalid.
    #[error("{0:?}")]
    Rejected(#[from] Rejection),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Rejectable for ChangeError {
    fn rejection(&self) -> Option<String> {
        if let Self::Rejected(rejection) = self { Some(rejection.reason()) } else { None }
    }

    fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Store(StoreError::InDoubt(_)))
    }
}

impl ChangeError {
    /// Separates a rejection, which is part of an answer, from a failure of the store.
    pub fn split<T>(result: Result<T, Self>) -> Result<Result<T, Rejection>, StoreError> {
        match result {
            Ok(done) => Ok(Ok(done)),
            Err(Self::Rejected(rejection)) => Ok(Err(rejection)),
            Err(Self::Store(error)) => Err(error),
        }
    }
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
type Attempt = Result<(Made, Option<Change>), ChangeError>;

/// Makes a change, completely or not at all.
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
        let (context, change) = preview(tx, target, request, policy)?;
        let reason = request.override_reason.clone().filter(|_| change.overridden);
        Ok((context.subject, change, Entry { reason, ..about.done() }))
    })
}

/// Undoes what an audit entry changed, completely or not at all.
pub fn undo(
    store: &Store,
    sequence: u64,
    how: How,
    reason: Option<&str>,
    key: Option<&IdempotencyKey>,
    policy: &Policy,
    origin: &Origin,
) -> Result<Made, ChangeError> {
    let about = About { target: Target::Entry(sequence), action: how.action(), origin };
    let key = key.map(|key| (key, fingerprint(&format!("{sequence} {:?}", how.action()))));
    about.execute(store, key, |tx| {
        let (subject, change) = undo::attempt(tx, sequence, how, policy, origin.at)?;
        let entry = Entry { reason: reason.map(str::to_owned), undoes: Some(sequence), ..about.done() };
        let Some(absence) = absences::take_back(tx, sequence)? else { return Ok((subject, change, entry)) };
        absence.write(tx)?;
        Ok((subject, change, Entry { about: absence.about, facts: absence.facts, ..entry }))
    })
}

/// Makes the same decision as [`make`] without writing it.
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
    let (subject, command) = (decision_context::find(tx, target)?, &request.command);
    let trades = matches!(command, Command::Trade { .. });
    let mut context = match &request.supervisor_employee {
        Some(_) if !trades => decision_context::load_everyone(tx, employees, subject, command, policy)?,
        _ => decision_context::load_with(tx, employees, subject, command, policy)?,
    };
    if let (Command::Trade { with, .. }, None) = (command, &context.other) {
        return Err(Rejection::UnknownSchedule(*with).into());
    }
    let decided = decide(&context, request, policy);
    let is_refused = matches!(decided, Err(Rejection::Refused { .. }));
    if context.everyone || !is_refused && !decided.as_ref().is_ok_and(Change::has_findings) {
        return Ok((context, decided?));
    }
    // Findings name people, so it is decided again with their names as shown; a refused move with all employees, among
    // them the alternatives.
    if is_refused && !trades {
        context = decision_context::load_everyone(tx, employees, context.subject, command, policy)?;
    } else {
        decision_context::show_names(tx, employees, &mut context)?;
    }
    let change = decide(&context, request, policy)?;
    Ok((context, change))
}

pub(crate) fn fingerprint(request: &str) -> Fingerprint {
    Sha256::digest(request.as_bytes()).into()
}

/// Result of a decision: the subject before the change, the change, and the audit entry to complete.
pub(crate) type Decided = (Event, Change, Entry);

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
        key: Key<'_>,
        mut decide: impl FnMut(&mut Tx<'_>) -> Result<Decided, ChangeError>,
    ) -> Result<Made, ChangeError> {
        let Self { target, action, origin } = *self;
        let _within = span_of(origin).entered();
        let entry =
            |tx: &Tx<'_>, outcome| Ok(Entry { subject: self.subject(tx)?, ..Entry::new(origin, action, outcome) });
        let action = action.slug();
        let outcome = audited_write(store, entry, |tx| match self.attempt(tx, key, &mut decide) {
            Err(ChangeError::Rejected(rejection)) => Err(undo::with_last_change(tx, rejection)?.into()),
            attempt => attempt,
        });
        count(store.metrics(), action, &outcome);
        match &outcome {
            Ok((_, Some(change))) => log_change(change, origin),
            Ok((_, None)) => info!(action, ?target, "repeated request, answered as before"),
            Err(ChangeError::Rejected(rejection)) => {
                info!(action, ?target, code = rejection.code(), reason = rejection.reason(), "change refused");
            }
            Err(ChangeError::Store(error)) => error!(action, ?target, %error, "{}", error.effect()),
        }
        outcome.map(|(made, _)| made)
    }

    fn attempt(
        &self,
        tx: &mut Tx<'_>,
        key: Key<'_>,
        decide: impl FnOnce(&mut Tx<'_>) -> Result<Decided, ChangeError>,
    ) -> Attempt {
        if let Some(entry) = earlier_entry(tx, key, self.origin)? {
            return Ok((repeat(tx, entry)?, None));
        }
        let (subject, change, entry) = decide(tx)?;
        let made = write(tx, subject, &change, entry)?;
        if let Some(entry) = &made.entry {
            remember(tx, key, entry, self.origin)?;
        }
        Ok((made, Some(change)))
    }

    fn subject(&self, tx: &dyn ReadTx) -> Result<Option<EventId>, StoreError> {
        Ok(ChangeError::split(decision_context::find(tx, self.target))?.ok().map(|event| event.id))
    }
}

fn write(tx: &mut Tx<'_>, subject: Event, change: &Change, entry: Entry) -> Result<Made, StoreError> {
    let notes: Vec<Note> = change.warnings.iter().map(Note::from).collect();
    if change.edits.is_empty() {
        return Ok(Made { event: subject, entry: None, notes });
    }
    write_edits(tx, &change.edits)?;
    if let Some(reason) = &entry.reason {
        accept(tx, change, &entry, reason)?;
    }
    let steps = change.edits.iter().map(Step::from).collect();
    let entry = audit::append(tx, Entry { subject: Some(change.subject), steps, notes: notes.clone(), ..entry })?;
    let own = change.edits.iter().find(|edit| edit.after.id == change.subject);
    let event = own.map_or(subject, |edit| edit.after.clone());
    Ok(Made { event, entry: Some(entry), notes })
}

/// Accepts every finding that refuses an assignment of a change with an override reason.
fn accept(tx: &mut Tx<'_>, change: &Change, entry: &Entry, reason: &str) -> Result<(), StoreError> {
    let acceptance = Acceptance { by: entry.who.clone(), reason: reason.to_owned(), at: entry.at };
    for Edit { after, .. } in &change.edits {
        let findings = Evaluator::new(tx).all_findings(after)?;
        // No form asks about a visit that is missing, so no reason was given for it.
        let is_asked = |one: &&StoredFinding| one.finding.refuses && one.finding.rule != MISSING_VISIT;
        let open = findings.iter().filter(is_asked).filter(|one| one.accepted.is_none());
        let findings: Vec<_> = open.map(|one| one.finding.clone()).collect();
        acceptances::accept(tx, after, &findings, &acceptance)?;
    }
    Ok(())
}

/// Writes the events of edits, and records which of our own schedule ids they use.
pub(crate) fn write_edits(tx: &mut Tx<'_>, edits: &[Edit]) -> Result<(), StoreError> {
    for edit in edits {
        let own = edit.after.schedule.as_ref().map(|now| now.id.0).filter(|id| *id > OWN_SCHEDULE_ID_MIN);
        if let Some(id) = own.filter(|_| edit.before.schedule.is_none()) {
            let last = meta::last(tx, meta::SCHEDULES)?.max(id);
            meta::set_last(tx, meta::SCHEDULES, last)?;
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
        Ok((_, None)) => metrics.change(action, "repeated"),
        Ok((_, Some(change))) => {
            metrics.change(action, "done");
            let followers = change
                .edits
                .iter()
                .filter(|edit| edit.after.event_type == EventType::Supervisor && edit.after.id != change.subject);
            metrics.pairs_moved(followers.count() as u64);
        }
        Err(ChangeError::Rejected(rejection)) => {
            metrics.change(action, "refused");
            match rejection {
                Rejection::Refused { findings, .. } => {
                    let refusing = findings.iter().filter(|finding| finding.refuses);
                    refusing.for_each(|finding| metrics.refusal(finding.rule));
                }
                other => metrics.refusal(other.code()),
            }
        }
        Err(error @ ChangeError::Store(_)) => {
            metrics.change(action, if error.is_in_doubt() { "in_doubt" } else { "failed" });
        }
    }
}

/// Most warnings of one change that are logged, in lines.
const WARNINGS_LOGGED_MAX: usize = 20;

/// Logs one line per change with event, pair, old and new time, and one line per warning.
fn log_change(change: &Change, origin: &Origin) {
    let (who, action) = (origin.who.as_str(), change.action.slug());
    if change.warnings.len() > WARNINGS_LOGGED_MAX {
        let more = change.warnings.len() - WARNINGS_LOGGED_MAX;
        info!(event = change.subject.0, more, "only the first warnings of a change are logged");
    }
    for warning in change.warnings.iter().take(WARNINGS_LOGGED_MAX) {
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
