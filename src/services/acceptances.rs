//! Accepts findings of the rules about a stored assignment, with a reason, and reopens them.
//!
//! Invariant: the acceptance and its audit entry are one transaction. A rejected request is audited too.

use tracing::{error, info};

use crate::{
    domain::{
        audit::{Action, Entry, Fact, Origin, Outcome},
        change::{Shown, rejection::Rejection},
        event::Event,
        ids::{EventId, IdempotencyKey, Revision},
        rules::stored::{Acceptance, StoredFinding},
    },
    services::{
        audited_write::{audited_write, earlier_entry, remember},
        change::{ChangeError, fingerprint},
        undo,
    },
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{
            audit, events,
            issues::{Evaluator, acceptances},
        },
    },
};

/// The new state of the conflicts of an event with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Accepts the open ones.
    Accept { reason: String },
    /// Opens the accepted ones again.
    TakeBack,
}

/// A command, with the revision of the event that the user saw.
#[derive(Clone, Debug)]
pub struct Request {
    pub event: EventId,
    /// The id of the rule.
    pub rule: String,
    pub command: Command,
    pub seen: Option<Revision>,
    /// The findings that the form showed. None accepts any.
    pub shown: Option<Shown>,
    pub key: Option<IdempotencyKey>,
}

/// An event, and its conflicts with a rule as they stand. Rules that only warn have none.
///
/// # Errors
/// [`Rejection::UnknownEvent`], [`Rejection::NoConflict`] if there are none.
pub fn conflicts(tx: &dyn ReadTx, id: EventId, rule: &str) -> Result<(Event, Vec<StoredFinding>), ChangeError> {
    let event = events::get(tx, id)?.ok_or(Rejection::UnknownEvent(id))?;
    let mut findings = Evaluator::for_pages(tx)?.all_findings(&event)?;
    findings.retain(|one| one.finding.rule == rule && one.finding.refuses);
    if findings.is_empty() {
        return Err(Rejection::NoConflict(Box::new(event)).into());
    }
    Ok((event, findings))
}

/// Accepts conflicts, or takes their acceptance back. Returns the audit entry.
pub fn change(store: &Store, request: &Request, origin: &Origin) -> Result<Entry, ChangeError> {
    let action = match request.command {
        Command::Accept { .. } => Action::AcceptConflict,
        Command::TakeBack => Action::ReopenConflict,
    };
    let entry = |outcome| Entry { subject: Some(request.event), ..Entry::new(origin, action, outcome) };
    let written = audited_write(
        store,
        |_, outcome| Ok(entry(outcome)),
        |tx| match make(tx, request, entry(Outcome::Done), origin) {
            Err(ChangeError::Rejected(rejection)) => Err(undo::with_last_change(tx, rejection)?.into()),
            made => made,
        },
    );
    let (action, event, rule) = (action.slug(), request.event.0, request.rule.as_str());
    match &written {
        Ok(entry) => info!(who = origin.who, action, event, rule, conflicts = entry.facts.len(), "changed"),
        Err(ChangeError::Rejected(rejection)) => {
            info!(action, event, rule, code = rejection.code(), reason = rejection.reason(), "change refused");
        }
        Err(ChangeError::Store(error)) => error!(action, event, rule, %error, "{}", error.effect()),
    }
    written
}

fn make(tx: &mut Tx<'_>, request: &Request, entry: Entry, origin: &Origin) -> Result<Entry, ChangeError> {
    let fingerprint = fingerprint(&format!("{:?}", Request { key: None, ..request.clone() }));
    let key = request.key.as_ref().map(|key| (key, fingerprint));
    if let Some(earlier) = earlier_entry(tx, key, origin)? {
        let lost = || StoreError::CutOff(format!("audit entry {earlier} is missing"));
        return Ok(audit::get(tx, earlier)?.ok_or_else(lost)?);
    }
    let (event, mut found) = conflicts(tx, request.event, &request.rule)?;
    if let Some(seen) = request.seen.filter(|seen| *seen != event.revision) {
        return Err(Rejection::Stale { event: Box::new(event), seen, last: None }.into());
    }
    found.retain(|one| one.accepted.is_some() == (request.command == Command::TakeBack));
    if found.is_empty() {
        return Err(Rejection::NoConflict(Box::new(event)).into());
    }
    let now = Shown::of(found.iter().map(|one| (event.id, &one.finding)));
    if request.shown.as_ref().is_some_and(|shown| !shown.covers(&now)) {
        return Err(Rejection::OtherConflicts(Box::new(event)).into());
    }
    let findings: Vec<_> = found.into_iter().map(|one| one.finding).collect();
    let reason = match &request.command {
        Command::Accept { reason } => {
            let by = Acceptance { by: origin.who.clone(), reason: reason.clone(), at: origin.at };
            acceptances::accept(tx, &event, &findings, &by)?;
            Some(reason.clone())
        }
        Command::TakeBack => {
            acceptances::take_back(tx, &event, &findings)?;
            None
        }
    };
    let facts = findings.into_iter().map(|one| fact(one.message, reason.is_some())).collect();
    let entry = audit::append(tx, Entry { reason, facts, ..entry })?;
    remember(tx, key, &entry, origin)?;
    Ok(entry)
}

fn fact(message: String, is_accepted: bool) -> Fact {
    let (before, after) = if is_accepted { (String::new(), message) } else { (message, String::new()) };
    Fact { name: "accepted conflict".to_owned(), before, after }
}
