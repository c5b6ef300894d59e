//! Changes of employees and holidays.
//!
//! Invariant: loading, deciding, writing and the audit entry are one transaction. A rejected request is audited too.
//! A repeated idempotency key gets the first answer.

use tracing::{error, info};

use crate::{
    domain::{
        alike::number_key,
        audit::{About, Action, Entry, Fact, Origin, Outcome, Topic},
        change::{
            employee_edit::{self, HolidayCommand, Request},
            rejection::Rejection,
        },
        employee::holiday::Holiday,
        format,
        ids::{EmployeeId, IdempotencyKey},
    },
    services::{
        audited_write::{Key, audited_write, earlier_entry, remember},
        change::{ChangeError, fingerprint},
    },
    store::{
        ReadTx, Store, StoreError, Tx,
        tables::{audit, employees, holidays},
    },
};

/// Most audit entries searched for an employee's last change.
const LOOKED_THROUGH_MAX: u64 = 200;

/// The last change of an employee, if it is among the latest entries.
pub fn last_change(tx: &dyn ReadTx, id: &EmployeeId) -> Result<Option<Entry>, StoreError> {
    let last = audit::last(tx)?;
    for sequence in (last.saturating_sub(LOOKED_THROUGH_MAX) + 1..=last).rev() {
        let is_theirs = |entry: &Entry| {
            let about = entry.about.as_ref().filter(|about| about.topic == Topic::Employee);
            entry.outcome == Outcome::Done && about.is_some_and(|about| number_key(&about.id) == id.key())
        };
        if let Some(entry) = audit::get(tx, sequence)?.filter(is_theirs) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// The audit entry; none if there was nothing to change.
pub type Written = Option<Entry>;

/// Changes an employee's record.
pub fn change(store: &Store, request: &Request, origin: &Origin) -> Result<Written, ChangeError> {
    let known = store.read(|tx| employees::get(tx, &request.employee))?;
    let id = known.map_or_else(|| request.employee.to_string(), |employee| employee.id.to_string());
    let about = About { topic: Topic::Employee, id };
    let fingerprint = fingerprint(&format!("{:?}", Request { key: None, ..request.clone() }));
    let key = request.key.as_ref().map(|key| (key, fingerprint));
    Attempt { about, action: request.command.action(), origin }.execute(store, key, |tx| {
        let before = employees::get(tx, &request.employee)?;
        let after = employee_edit::decide(before.as_ref(), employees::count(tx)?, request)?;
        if before.as_ref() != Some(&after) {
            employees::put(tx, &after)?;
        }
        Ok(employee_edit::facts(before.as_ref(), &after))
    })
}

/// Adds or removes a company holiday.
pub fn change_holiday(
    store: &Store,
    command: &HolidayCommand,
    key: Option<&IdempotencyKey>,
    origin: &Origin,
) -> Result<Written, ChangeError> {
    let about = About { topic: Topic::Holiday, id: command.date().to_string() };
    let key = key.map(|key| (key, fingerprint(&format!("{command:?}"))));
    Attempt { about, action: command.action(), origin }.execute(store, key, |tx| {
        let (now, count) = (holidays::get(tx, command.date())?, holidays::all(tx)?.len());
        let (before, after) = employee_edit::decide_holiday(now, count, command).map_err(Rejection::from)?;
        match &after {
            Some(holiday) => holidays::put(tx, holiday)?,
            None => holidays::remove(tx, command.date()),
        }
        let name = |holiday: Option<Holiday>| holiday.map(|holiday| holiday.name).unwrap_or_default();
        let fact = Fact { name: format::date_short(command.date()), before: name(before), after: name(after) };
        Ok(vec![fact])
    })
}

/// A request that changes something other than events.
pub(super) struct Attempt<'a> {
    pub about: About,
    pub action: Action,
    pub origin: &'a Origin,
}

impl Attempt<'_> {
    pub fn execute(
        &self,
        store: &Store,
        key: Key<'_>,
        mut write: impl FnMut(&mut Tx<'_>) -> Result<Vec<Fact>, ChangeError>,
    ) -> Result<Written, ChangeError> {
        let (request_id, action, id) = (self.origin.request_id.as_str(), self.action.slug(), self.about.id.as_str());
        let outcome = audited_write(store, |_, outcome| Ok(self.entry(outcome)), |tx| self.make(tx, key, &mut write));
        match &outcome {
            Ok(written) => {
                let changed = written.as_ref().map_or(0, |entry| entry.facts.len());
                info!(request_id, who = self.origin.who, action, id, changed, "changed");
            }
            Err(ChangeError::Rejected(rejection)) => {
                info!(request_id, action, id, code = rejection.code(), reason = rejection.reason(), "change refused");
            }
            Err(ChangeError::Store(error)) => {
                error!(request_id, action, id, %error, "{}", error.effect());
            }
        }
        outcome
    }

    fn make(
        &self,
        tx: &mut Tx<'_>,
        key: Key<'_>,
        write: impl FnOnce(&mut Tx<'_>) -> Result<Vec<Fact>, ChangeError>,
    ) -> Result<Written, ChangeError> {
        if let Some(entry) = earlier_entry(tx, key, self.origin)? {
            return Ok(audit::get(tx, entry)?);
        }
        let facts = write(tx)?;
        if facts.is_empty() {
            return Ok(None);
        }
        let entry = audit::append(tx, Entry { facts, ..self.entry(Outcome::Done) })?;
        remember(tx, key, &entry, self.origin)?;
        Ok(Some(entry))
    }

    fn entry(&self, outcome: Outcome) -> Entry {
        Entry { about: Some(self.about.clone()), ..Entry::new(self.origin, self.action, outcome) }
    }
}
