//! A proposal as it is stored: what was asked, what came out, and what a scheduler changed in it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::domain::{
    ids::{EmployeeId, EventId, ProposalId},
    schedule::{DAYS_MAX, Lock, Options, Proposal, Row, problem::Problem},
};

/// How long a proposal is valid, in hours.
pub const VALID_HOURS: i64 = 24;

/// A stored proposal. It changes nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    pub id: ProposalId,
    /// When it was proposed last.
    pub at: DateTime<Utc>,
    pub who: String,
    pub options: Options,
    pub locks: Vec<Lock>,
    /// Rows without their findings: these are looked up when the row is shown or accepted.
    pub proposal: Proposal,
    /// Rows that were locked elsewhere or left out by hand.
    pub hand_changes: u32,
    /// The audit entry of its acceptance.
    pub accepted: Option<u64>,
}

/// What a scheduler changes in a proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adjustment {
    /// Rows that stay as they are.
    pub lock: Vec<EventId>,
    pub unlock: Vec<EventId>,
    /// Events that go to this person at this time, and stay there.
    pub place: Vec<Lock>,
    /// Events that are left out.
    pub leave_out: Vec<EventId>,
    /// Events that were left out and are asked for again.
    pub take_in: Vec<EventId>,
    /// Another seed.
    pub seed: Option<u64>,
}

impl Saved {
    pub fn expires(&self) -> DateTime<Utc> {
        self.at + TimeDelta::hours(VALID_HOURS)
    }

    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        now < self.expires()
    }

    pub fn row(&self, event: EventId) -> Option<&Row> {
        self.proposal.rows.iter().find(|row| row.event == event)
    }

    /// The rows to accept: all, or those of `events` with the rest of their pairs.
    ///
    /// # Errors
    /// [`Problem`] for an event that is named twice or not in the proposal.
    pub fn chosen(&self, events: Option<&[EventId]>) -> Result<Vec<&Row>, Problem> {
        let rows = &self.proposal.rows;
        let Some(events) = events else { return Ok(rows.iter().collect()) };
        let units = self.units();
        let mut chosen = BTreeSet::new();
        let mut named = BTreeSet::new();
        for event in events {
            let unit = units.get(event).ok_or(Problem::NotInProposal(*event))?;
            if !named.insert(*event) {
                return Err(Problem::NamedTwice(*event));
            }
            chosen.insert(unit);
        }
        Ok(rows.iter().filter(|row| units.get(&row.event).is_some_and(|unit| chosen.contains(unit))).collect())
    }

    /// What each row is accepted together with: the CORE that it follows, if that is a row too, else itself.
    #[must_use]
    pub fn units(&self) -> BTreeMap<EventId, EventId> {
        let rows = || self.proposal.rows.iter();
        let all: BTreeSet<EventId> = rows().map(|row| row.event).collect();
        let unit = |row: &Row| row.core.filter(|core| all.contains(core)).unwrap_or(row.event);
        rows().map(|row| (row.event, unit(row))).collect()
    }

    /// Applies what a scheduler changes; proposing again comes afterwards.
    ///
    /// # Errors
    /// [`Problem`] for what names no row or no day of this proposal. Then nothing was changed.
    pub fn adjusted(&self, adjustment: &Adjustment) -> Result<Self, Problem> {
        let mut next = self.clone();
        for event in &adjustment.lock {
            let row = self.row(*event).ok_or_else(|| self.missing(*event))?;
            next.put(*event, row.employee.clone(), row.start);
        }
        for event in &adjustment.unlock {
            self.known(*event)?;
            next.locks.retain(|lock| lock.event != *event);
        }
        for Lock { event, employee, start } in &adjustment.place {
            self.known(*event)?;
            let (date, from, to) = (start.date(), self.options.from, self.options.to);
            if !(from..=to).contains(&date) {
                return Err(Problem::OutsideWindow { date, from, to });
            }
            next.put(*event, employee.clone(), *start);
            next.hand_changes += 1;
        }
        for event in &adjustment.leave_out {
            self.known(*event)?;
            let together = self.proposal.rows.iter().filter(|row| row.core == Some(*event)).map(|row| row.event);
            for event in together.chain([*event]) {
                next.locks.retain(|lock| lock.event != event);
                next.options.exclude_events.insert(event);
            }
            next.hand_changes += 1;
        }
        for event in &adjustment.take_in.iter().copied().collect::<BTreeSet<_>>() {
            if !next.options.exclude_events.remove(event) {
                return Err(Problem::NotInProposal(*event));
            }
        }
        next.options.seed = adjustment.seed.unwrap_or(self.options.seed);
        Ok(next)
    }

    fn put(&mut self, event: EventId, employee: EmployeeId, start: NaiveDateTime) {
        self.locks.retain(|lock| lock.event != event);
        self.locks.push(Lock { event, employee, start });
        self.locks.sort_by_key(|lock| lock.event);
    }

    fn is_unplaced(&self, event: EventId) -> bool {
        self.proposal.unplaced.iter().any(|one| one.event == event)
    }

    fn missing(&self, event: EventId) -> Problem {
        if self.is_unplaced(event) { Problem::NotPlaced(event) } else { Problem::NotInProposal(event) }
    }

    fn known(&self, event: EventId) -> Result<(), Problem> {
        let known = self.row(event).is_some() || self.is_unplaced(event);
        if known { Ok(()) } else { Err(Problem::NotInProposal(event)) }
    }
}

impl Options {
    /// Checks the days.
    ///
    /// # Errors
    /// [`Problem`] if they end before they begin or are too many.
    pub fn check(&self) -> Result<(), Problem> {
        let Self { from, to, .. } = *self;
        let days = (to - from).num_days() + 1;
        if days < 1 {
            return Err(Problem::EndsBeforeItBegins { from, to });
        }
        if u64::try_from(days).is_ok_and(|days| days > DAYS_MAX) {
            return Err(Problem::TooManyDays { days });
        }
        Ok(())
    }
}
