//! Changes of several events in one transaction.
//!
//! Invariant: preview and change use the same dry run. It reads its own writes and is dropped; the resulting edits
//! are written like any change, with one audit entry.

use std::iter;

use chrono::NaiveDate;

pub use crate::services::proposals::listed::{Proposed, propose};
use crate::{
    domain::{
        audit::{Entry, Origin, Step},
        change::{
            Change, Edit, Warning,
            bulk::{Draft, EVENTS_MAX, Given, Item, Plan, Refusal},
            context::DecisionContext,
            rejection::Rejection,
        },
        event::Event,
        ids::EventId,
        policy::Policy,
    },
    services::{
        absences,
        change::{self, About, ChangeError, Made},
        decision_context::{self, Target},
    },
    store::{
        ReadTx, Store, StoreError, Tx,
        queries::{employee_cache::EmployeeCache, warm},
        tables::{audit, events},
    },
};

/// Applies items to an overlay of a snapshot. Nothing is written.
#[derive(Debug)]
pub struct DryRun<'a> {
    tx: Tx<'a>,
    /// Employees after the items so far.
    employees: EmployeeCache,
    draft: Draft,
    policy: &'a Policy,
    given: Given<'a>,
    /// A rule was overridden.
    overridden: bool,
}

impl<'a> DryRun<'a> {
    pub fn new(tx: &'a dyn ReadTx, policy: &'a Policy, given: Given<'a>) -> Self {
        Self {
            tx: Tx::over(tx),
            employees: EmployeeCache::default(),
            draft: Draft::default(),
            policy,
            given,
            overridden: false,
        }
    }

    /// The store after the items so far.
    pub fn tx(&self) -> &dyn ReadTx {
        &self.tx
    }

    /// The context of a form about one of the events, around a date.
    pub fn context(&mut self, subject: Event, date: NaiveDate) -> Result<DecisionContext, StoreError> {
        decision_context::load_around_with(&self.tx, &mut self.employees, subject, date, self.policy)
    }

    /// Applies an item and returns its warnings.
    ///
    /// # Errors
    /// A [`Rejection`] is the reason for which it cannot be done. The item has then changed nothing.
    pub fn apply(&mut self, item: &Item) -> Result<Vec<Warning>, ChangeError> {
        let target = Target::Event(item.event);
        let now = decision_context::find(&self.tx, target)?;
        let Some(request) = self.draft.request(item, &now, &self.given)? else { return Ok(Vec::new()) };
        let (_, change) = change::preview_with(&self.tx, &mut self.employees, target, &request, self.policy)?;
        change::write_edits(&mut self.tx, &change.edits)?;
        change.edits.iter().for_each(|edit| self.employees.edit(edit));
        self.draft.add(&change.edits);
        self.overridden |= change.overridden;
        Ok(change.warnings)
    }

    /// The edits of all items so far.
    pub fn into_edits(self) -> Vec<Edit> {
        self.draft.into_edits()
    }
}

/// Decides a plan without writing it.
///
/// # Errors
/// A [`Rejection`] names every item that cannot be done.
pub fn decide(tx: &dyn ReadTx, plan: &Plan, policy: &Policy) -> Result<Change, ChangeError> {
    let Some(first) = plan.items.first() else { return Err(Rejection::NothingChosen.into()) };
    if plan.items.len() > EVENTS_MAX {
        return Err(Rejection::TooMany { events: plan.items.len(), max: EVENTS_MAX }.into());
    }
    announce(tx, plan)?;
    let given = Given { reason: plan.override_reason.as_deref(), shown: plan.shown.as_ref() };
    let mut dry_run = DryRun::new(tx, policy, given);
    let (mut warnings, mut refusals) = (Vec::new(), Vec::new());
    for item in &plan.items {
        let name = name_of(tx, item.event)?;
        match ChangeError::split(dry_run.apply(item))? {
            Ok(found) => warnings.extend(found.into_iter().map(|one| one.about(item.event, &name))),
            Err(why) => refusals.push(Refusal { event: item.event, name, why }),
        }
    }
    if !refusals.is_empty() {
        return Err(Rejection::Several(refusals).into());
    }
    let overridden = dry_run.overridden;
    let edits = dry_run.into_edits();
    if edits.len() > EVENTS_MAX {
        return Err(Rejection::TooMany { events: edits.len(), max: EVENTS_MAX }.into());
    }
    let subject = edits.first().map_or(first.event, |edit| edit.before.id);
    Ok(Change { action: plan.action, subject, edits, warnings, overridden })
}

/// Announces what the items of a plan read.
fn announce(tx: &dyn ReadTx, plan: &Plan) -> Result<(), StoreError> {
    let ids: Vec<_> = plan.items.iter().map(|item| item.event).collect();
    let (mut subjects, mut days) = (Vec::new(), Vec::new());
    for (item, event) in plan.items.iter().zip(events::get_many(tx, &ids)?) {
        let Some(event) = event else { continue };
        days.push(item.command.start_for(&event).map(|start| start.date()));
        subjects.push(event);
    }
    let groups = events::same_numbers(tx, &subjects)?;
    let moved = subjects.iter().zip(&groups).zip(days);
    warm::change(tx, moved.flat_map(|((event, group), day)| iter::once(event).chain(group).map(move |one| (one, day))))
}

/// Makes a plan, completely or not at all: one transaction, one audit entry, one undo.
///
/// # Errors
/// As [`crate::services::change::make`]; [`Rejection::Several`] names every item that cannot be done.
pub fn make(store: &Store, plan: &Plan, policy: &Policy, origin: &Origin) -> Result<Made, ChangeError> {
    let Some(first) = plan.items.first() else { return Err(Rejection::NothingChosen.into()) };
    let about = About { target: Target::Event(first.event), action: plan.action, origin };
    let fingerprint = change::fingerprint(&format!("{:?}", Plan { key: None, ..plan.clone() }));
    about.execute(store, plan.key.as_ref().map(|key| (key, fingerprint)), |tx| {
        let change = decide(tx, plan, policy)?;
        let absence = plan.absence.as_ref().map(|absence| absences::record(tx, absence)).transpose()?;
        let reason = plan.override_reason.clone().filter(|_| change.overridden);
        let facts = absence.as_ref().map(|absence| absence.facts.clone()).unwrap_or_default();
        let entry = Entry { reason, about: plan.about.clone(), facts, ..about.done() };
        let steps: Vec<_> = change.edits.iter().map(Step::from).collect();
        if !audit::fits(&Entry { steps, ..entry.clone() })? {
            return Err(Rejection::TooMany { events: change.edits.len(), max: EVENTS_MAX }.into());
        }
        let subject = decision_context::find(tx, Target::Event(change.subject))?;
        match absence {
            // Without an edit there is no entry, and so nothing that could be undone.
            Some(_) if change.edits.is_empty() => return Err(Rejection::NothingChosen.into()),
            Some(absence) => absence.write(tx)?,
            None => {}
        }
        Ok((subject, change, entry))
    })
}

/// The event's name, for rejections and warnings.
fn name_of(tx: &dyn ReadTx, id: EventId) -> Result<String, StoreError> {
    Ok(events::get(tx, id)?.map_or_else(|| format!("Event {id}"), |event| event.label()))
}
