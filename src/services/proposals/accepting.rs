//! Accepting a proposal: checked against the store as it is, written as one change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, Utc};

use crate::{
    domain::{
        audit::{self, Action, Entry, Origin, Step, Topic},
        change::{
            Change,
            accept_proposal::{self, Now},
            bulk::Refusal,
            rejection::Rejection,
        },
        employee::{Employee, name::Namesakes},
        ids::{EventId, IdempotencyKey, ProposalId},
        policy::Policy,
        schedule::{ROWS_MAX, Row, saved::Saved},
    },
    services::{
        change::{self, About, ChangeError, Made},
        decision_context::{self, Target},
        proposals::{find, open},
    },
    store::{
        ReadTx, Store, StoreError,
        tables::{self, employees, events, holidays, proposals},
    },
};

/// Accepts a proposal, all of its rows or those of `chosen` with the rest of their pairs: one change, one undo.
///
/// # Errors
/// [`Rejection::Several`] names every row that no longer holds; [`Rejection::Proposal`] if the proposal is gone or was accepted. Then
/// nothing was changed.
pub fn accept(
    store: &Store,
    id: ProposalId,
    chosen: Option<&[EventId]>,
    key: Option<&IdempotencyKey>,
    policy: &Policy,
    origin: &Origin,
) -> Result<Made, ChangeError> {
    let first = store.read(|tx| find(tx, id, origin.at))?.proposal.rows.first().map(|row| row.event);
    let Some(first) = first else { return Err(Rejection::NothingChosen.into()) };
    let about = About { target: Target::Event(first), action: Action::AcceptProposal, origin };
    let fingerprint = change::fingerprint(&format!("{id} {chosen:?}"));
    let mut hand_changes = 0;
    let made = about.execute(store, key.map(|key| (key, fingerprint)), |tx| {
        let saved = open(tx, id, origin.at)?;
        let change = decide(tx, &saved, chosen, policy)?;
        let named = audit::About { topic: Topic::Proposal, id: id.to_string() };
        let entry = Entry { about: Some(named), ..about.done() };
        let steps: Vec<_> = change.edits.iter().map(Step::from).collect();
        if change.edits.len() > ROWS_MAX || !tables::audit::fits(&Entry { steps, ..entry.clone() })? {
            return Err(Rejection::TooMany { events: change.edits.len(), max: ROWS_MAX }.into());
        }
        let sequence = tables::audit::last(tx)? + 1;
        hand_changes = saved.hand_changes;
        proposals::put(tx, &Saved { accepted: Some(sequence), ..saved })?;
        Ok((decision_context::find(tx, Target::Event(change.subject))?, change, entry))
    })?;
    store.metrics().hand_changes(hand_changes.into());
    Ok(made)
}

/// The rows that could not be accepted now, and why.
///
/// # Errors
/// [`Rejection::Proposal`] if the proposal is gone.
pub fn dry_run(
    tx: &dyn ReadTx,
    id: ProposalId,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Saved, Vec<Refusal>), ChangeError> {
    let saved = find(tx, id, now)?;
    if saved.accepted.is_some() || saved.proposal.rows.is_empty() {
        return Ok((saved, Vec::new()));
    }
    let refusals = match ChangeError::split(decide(tx, &saved, None, policy))? {
        Err(Rejection::Several(refusals)) => refusals,
        Ok(_) | Err(_) => Vec::new(),
    };
    Ok((saved, refusals))
}

fn decide(tx: &dyn ReadTx, saved: &Saved, chosen: Option<&[EventId]>, policy: &Policy) -> Result<Change, ChangeError> {
    let rows = match saved.chosen(chosen) {
        Ok(rows) if rows.is_empty() => return Err(Rejection::NothingChosen.into()),
        Ok(rows) => rows,
        Err(problem) => return Err(problem.into()),
    };
    let left: BTreeSet<EventId> = saved.proposal.unplaced.iter().map(|one| one.event).collect();
    let excluded = saved.options.exclude_events.iter().copied();
    let left = left.into_iter().chain(excluded).collect();
    Ok(accept_proposal::decide(&rows, &left, &now(tx, &rows, policy)?).map_err(Rejection::Several)?)
}

/// The data against which the rows are checked.
fn now<'a>(tx: &dyn ReadTx, rows: &[&Row], policy: &'a Policy) -> Result<Now<'a>, StoreError> {
    let mut now = Now {
        policy,
        events: BTreeMap::new(),
        employees: BTreeMap::new(),
        held: BTreeMap::new(),
        holidays: BTreeMap::new(),
        same_number: BTreeMap::new(),
        new_schedule_ids: BTreeMap::new(),
    };
    let dates = || rows.iter().map(|row| row.start.date());
    let first = dates().min().and_then(|date| date.checked_sub_days(Days::new(1)));
    let last = dates().max().and_then(|date| date.checked_add_days(Days::new(1)));
    let (Some(first), Some(last)) = (first, last) else { return Ok(now) };
    now.holidays = holidays::between(tx, first, last)?;
    let namesakes = Namesakes::among(&employees::all(tx)?);
    for row in rows {
        let Some(event) = events::get(tx, row.event)? else { continue };
        if let Some(number) = event.number.filter(|_| policy.pairing) {
            now.same_number.insert(event.id, events::same_number(tx, &event.location, number)?);
        }
        now.events.insert(event.id, event);
        if !now.held.contains_key(&row.employee) {
            let held = events::held_between(tx, &row.employee, first, last)?;
            now.held.insert(row.employee.clone(), held);
            let employee = employees::get(tx, &row.employee)?;
            let named = |one: Employee| Employee { name: namesakes.name_of(&one), ..one };
            now.employees.extend(employee.map(|employee| (row.employee.clone(), named(employee))));
        }
    }
    let unscheduled = now.events.values().filter(|event| event.schedule.is_none());
    now.new_schedule_ids = decision_context::new_schedule_ids(tx, unscheduled)?;
    Ok(now)
}
