//! Proposals of the auto-scheduler: made, changed, proposed again, deleted, accepted.
//!
//! Invariant: nothing but [`accept`] changes an event. The search runs outside of any transaction.

mod accepting;
mod gather;
pub(crate) mod listed;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, Days, Utc};

pub use crate::services::proposals::accepting::{accept, dry_run};
use crate::{
    config::Config,
    domain::{
        audit::Origin,
        change::rejection::Rejection,
        event::pairing::Pair,
        ids::{EmployeeId, EventId, ProposalId},
        policy::Policy,
        rules::Finding,
        schedule::{
            self, DAYS_DEFAULT, Lock, Options, ROWS_MAX,
            problem::Problem,
            saved::{Adjustment, Saved},
        },
    },
    metrics::Metrics,
    services::change::{self, ChangeError},
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{events, proposals},
    },
};

impl From<Problem> for ChangeError {
    fn from(problem: Problem) -> Self {
        Self::Rejected(Rejection::Proposal(problem))
    }
}

/// The days that a proposal looks at unless asked otherwise.
pub fn default_options(config: &Config, now: DateTime<Utc>) -> Options {
    let today = now.with_timezone(&config.zone).date_naive();
    let from = today + Days::new(config.propose_after_days.into());
    Options { week_start: config.week_start, ..Options::between(from, from + Days::new(DAYS_DEFAULT - 1)) }
}

/// Proposes, and stores the proposal.
///
/// # Errors
/// [`Problem`] for days, people or amounts that cannot be proposed for.
pub fn make(store: &Store, options: Options, config: &Config, origin: &Origin) -> Result<Saved, ChangeError> {
    let id = change::fingerprint(&format!("{} {} {}", origin.request_id, origin.at, store.version()));
    let id = ProposalId(u64::from_be_bytes(std::array::from_fn(|place| id[place])));
    let asked = Saved {
        id,
        at: origin.at,
        who: origin.who.clone(),
        options,
        locks: Vec::new(),
        proposal: schedule::Proposal::default(),
        hand_changes: 0,
        accepted: None,
    };
    let (saved, _) = propose(store, asked, config)?;
    store.write(|tx| {
        proposals::sweep(tx, &saved)?;
        put(tx, &saved)
    })?;
    Ok(saved)
}

/// Changes a proposal, and proposes again around what is locked.
///
/// # Errors
/// [`Problem`] for what names nothing of the proposal, [`Rejection::Refused`] for a place that a rule refuses. Then the
/// proposal stays as it was.
pub fn adjust(
    store: &Store,
    id: ProposalId,
    adjustment: &Adjustment,
    config: &Config,
    origin: &Origin,
) -> Result<Saved, ChangeError> {
    if let Some((start, between)) =
        adjustment.place.iter().find_map(|lock| Some((lock.start, config.policy.skipped(lock.start)?)))
    {
        return Err(Rejection::SkippedTime { start, between }.into());
    }
    // Proposing takes too long for a write. If another adjustment was stored meanwhile, this one begins again after it.
    loop {
        let (before, adjustment) = store.read(|tx| {
            let before = open(tx, id, origin.at)?;
            let adjustment = with_pairs(tx, &before, adjustment, &config.policy)?;
            Ok::<_, ChangeError>((before, adjustment))
        })?;
        let asked = Saved { at: origin.at, ..before.adjusted(&adjustment)? };
        let (saved, findings) = propose(store, asked, config)?;
        for Lock { event, .. } in &adjustment.place {
            let findings = findings.get(event).cloned().unwrap_or_default();
            if findings.iter().any(|finding| finding.refuses) {
                return Err(ChangeError::Rejected(Rejection::Refused { findings, alternatives: Vec::new() }));
            }
        }
        let is_current = store.write(|tx| {
            let is_current = open(tx, id, origin.at)? == before;
            if is_current {
                put(tx, &saved)?;
            }
            Ok::<_, ChangeError>(is_current)
        })?;
        if is_current {
            return Ok(saved);
        }
    }
}

/// The same adjustment; what was left out as a pair is taken in as one, whichever of its events is named.
fn with_pairs(
    tx: &dyn ReadTx,
    saved: &Saved,
    adjustment: &Adjustment,
    policy: &Policy,
) -> Result<Adjustment, StoreError> {
    let mut take_in = adjustment.take_in.clone();
    for event in adjustment.take_in.iter().filter(|_| policy.pairing) {
        let Some(event) = events::get(tx, *event)? else { continue };
        let Some(number) = event.number else { continue };
        let same_number = events::same_number(tx, &event.location, number)?;
        let together = Pair::among(&same_number).of(&event).into_iter().map(|one| one.id);
        take_in.extend(together.filter(|one| saved.options.exclude_events.contains(one)));
    }
    Ok(Adjustment { take_in, ..adjustment.clone() })
}

fn put(tx: &mut Tx<'_>, saved: &Saved) -> Result<(), ChangeError> {
    if proposals::put(tx, saved)? { Ok(()) } else { Err(Problem::TooLong.into()) }
}

/// Deletes a proposal. Nothing else changes.
///
/// # Errors
/// [`Problem::Unknown`] if it is not there.
pub fn discard(store: &Store, id: ProposalId, now: DateTime<Utc>) -> Result<(), ChangeError> {
    store.write(|tx| {
        find(tx, id, now)?;
        proposals::remove(tx, id);
        Ok(())
    })
}

/// A proposal that is still valid.
///
/// # Errors
/// [`Problem::Unknown`] if it is not there or expired.
pub fn find(tx: &dyn ReadTx, id: ProposalId, now: DateTime<Utc>) -> Result<Saved, ChangeError> {
    let saved = proposals::get(tx, id)?.filter(|saved| saved.is_valid(now));
    saved.ok_or_else(|| Problem::Unknown.into())
}

/// The options of a proposal, accepted or not; none if it is gone.
pub fn options_of(store: &Store, id: ProposalId, now: DateTime<Utc>) -> Result<Option<Options>, ChangeError> {
    let found = store.read(|tx| find(tx, id, now));
    Ok(ChangeError::split(found)?.ok().map(|saved| saved.options))
}

/// The same, and not accepted yet.
fn open(tx: &dyn ReadTx, id: ProposalId, now: DateTime<Utc>) -> Result<Saved, ChangeError> {
    let saved = find(tx, id, now)?;
    if saved.accepted.is_some() { Err(Problem::Accepted.into()) } else { Ok(saved) }
}

fn count(metrics: &Metrics, proposal: &schedule::Proposal, took: Duration) {
    metrics.proposal(took);
    metrics.proposed("placed", proposal.placed() as u64);
    proposal.unplaced.iter().for_each(|one| metrics.proposed(one.reason.slug(), 1));
}

/// Fills in a proposal, with what the rules say of its locked rows.
fn propose(
    store: &Store,
    mut asked: Saved,
    config: &Config,
) -> Result<(Saved, BTreeMap<EventId, Vec<Finding>>), ChangeError> {
    asked.options.check()?;
    let facts = store.read(|tx| gather::facts(tx, &asked.options))?;
    // Stored as their records write them, however the request does.
    let written = |id: &EmployeeId| facts.employees.iter().map(|one| &one.id).find(|one| *one == id).cloned();
    for Lock { employee, .. } in &mut asked.locks {
        *employee = written(employee).ok_or_else(|| Problem::UnknownEmployee(employee.clone()))?;
    }
    asked.options.exclude_employees = asked.options.exclude_employees.iter().filter_map(written).collect();
    // An event that was scheduled or deleted since is no longer part of the proposal.
    let moves = asked.options.move_scheduled;
    let is_open =
        |lock: &&Lock| facts.events.iter().any(|event| event.id == lock.event && (moves || event.schedule.is_none()));
    let locks: Vec<Lock> = asked.locks.iter().filter(is_open).cloned().collect();
    let input = facts.input(asked.options.clone(), locks.clone(), None, config.policy);
    let began = Instant::now();
    let mut proposal = schedule::propose(&input);
    count(store.metrics(), &proposal, began.elapsed());
    if proposal.rows.len() > ROWS_MAX {
        return Err(Problem::TooManyRows { rows: proposal.rows.len() }.into());
    }
    let taken = |row: &mut schedule::Row| (row.event, std::mem::take(&mut row.findings));
    let findings = proposal.rows.iter_mut().map(taken).collect();
    Ok((Saved { locks, proposal, ..asked }, findings))
}
