//! Staff notices: employees get mail about changes of their assignments, once no change was made for a while.
//!
//! Invariant: an event's assignment before a batch of changes is compared with the one after it. A change that was
//! undone within the batch is not reported.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use crate::{
    context::Context,
    domain::{
        audit::Entry,
        employee::Employee,
        event::{Event, Schedule},
        ids::{EmployeeId, EventId},
        notification::Channel,
    },
    notify::notice::{Change, notification},
    store::{
        Flow, ReadTx, StoreError,
        tables::{audit, employees, events, meta, outbox},
    },
};

/// Minutes without a change before notices are sent: the default length of the undo window.
const QUIET_MINUTES: i64 = 5;
/// Longest delay of a notice while changes go on, in minutes.
const BATCH_MINUTES_MAX: i64 = 30;
/// Oldest change that is reported, in hours: notices may have been off for a year.
const NEWS_HOURS_MAX: i64 = 24;
/// Most audit entries read per run.
const BATCH_ENTRIES_MAX: u64 = 2_000;

/// An event's assignment before a batch and after it.
type Changed = BTreeMap<EventId, (Option<Schedule>, Option<Schedule>)>;

/// Adds a notice to the outbox for every employee whose assignments changed. Returns their number.
pub fn run_once(context: &Context, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let alerts = &context.config.alerts;
    if !alerts.staff_notices || alerts.mail.is_err() {
        return Ok(0);
    }
    let store = context.store.blocking();
    if store.read(|tx| batch(tx, now))?.is_none() {
        return Ok(0);
    }
    let written = store.write(|tx| {
        // Read again: another run may have written these notices since.
        let Some((upto, changes_by_employee)) = batch(tx, now)? else { return Ok(0) };
        let mut written = 0;
        for (employee, changes) in &changes_by_employee {
            if let Some(email) = employee.email.as_ref().filter(|_| employee.active) {
                let notification = notification(&context.config, &employee.shown_name(), changes);
                outbox::add(tx, Channel::Mail(email.to_string()), notification, now)?;
                written += 1;
            }
        }
        meta::set_notices_reported(tx, upto)?;
        Ok::<_, StoreError>(written)
    })?;
    if written > 0 {
        info!(notifications = written, "staff notices written");
        context.watch.wake.notify_one();
    }
    Ok(written)
}

type Changes = Vec<(Employee, Vec<Change>)>;

/// The last entry of the batch, and the changes of each employee. None while changes go on, or if nothing is new.
fn batch(tx: &dyn ReadTx, now: DateTime<Utc>) -> Result<Option<(u64, Changes)>, StoreError> {
    let last = audit::last(tx)?;
    let Some(reported) = meta::notices_reported(tx)? else { return Ok(Some((last, Changes::new()))) };
    let upto = last.min(reported + BATCH_ENTRIES_MAX);
    let mut entries = Vec::new();
    audit::each_between(tx, (reported + 1, upto), |_, entry| {
        entries.extend(entry.filter(Entry::changed_events));
        Ok(Flow::Continue)
    })?;
    // One from a time that has not come was made by a wrong clock, and is not waited for.
    let old = |entry: &Entry, minutes| (now - entry.at).abs() >= TimeDelta::minutes(minutes);
    let (Some(first), Some(newest)) = (entries.first(), entries.last()) else {
        return Ok((upto > reported).then(|| (upto, Changes::new())));
    };
    if !old(newest, QUIET_MINUTES) && !old(first, BATCH_MINUTES_MAX) {
        return Ok(None);
    }
    let fresh = entries.iter().filter(|entry| now - entry.at < TimeDelta::hours(NEWS_HOURS_MAX));
    Ok(Some((upto, changes_by_employee(tx, &changed(fresh))?)))
}

fn changed<'a>(entries: impl Iterator<Item = &'a Entry>) -> Changed {
    let mut changed = Changed::new();
    for step in entries.flat_map(|entry| &entry.steps) {
        let after = step.after.schedule.clone();
        changed
            .entry(step.event)
            .and_modify(|known| known.1.clone_from(&after))
            .or_insert_with(|| (step.before.schedule.clone(), after));
    }
    let same = |one: &Option<Schedule>, other: &Option<Schedule>| {
        let part = |now: &Schedule| (now.employee.clone(), now.start);
        one.as_ref().map(part) == other.as_ref().map(part)
    };
    changed.retain(|_, (before, after)| !same(before, after));
    changed
}

fn changes_by_employee(tx: &dyn ReadTx, changed: &Changed) -> Result<Changes, StoreError> {
    let mut by_employee: BTreeMap<EmployeeId, Vec<Change>> = BTreeMap::new();
    let ids: Vec<_> = changed.keys().copied().collect();
    for (event, (before, after)) in events::get_many(tx, &ids)?.into_iter().zip(changed.values()) {
        let Some(event) = event else { continue };
        for (employee, change) in changes_of(&event, before.as_ref(), after.as_ref()) {
            by_employee.entry(employee).or_default().push(change);
        }
    }
    let mut changes_by_employee = Changes::new();
    for (id, mut changes) in by_employee {
        changes.sort_by_key(|change| change.after.or(change.before));
        changes_by_employee.extend(employees::get(tx, &id)?.map(|employee| (employee, changes)));
    }
    Ok(changes_by_employee)
}

/// The change as the employee before and the employee after it see it.
fn changes_of(event: &Event, before: Option<&Schedule>, after: Option<&Schedule>) -> Vec<(EmployeeId, Change)> {
    let change = |before: Option<&Schedule>, after: Option<&Schedule>| Change {
        event: event.label(),
        store: event.location.name.clone(),
        before: before.map(|then| then.start),
        after: after.map(|now| now.start),
    };
    match (before, after) {
        (Some(then), Some(now)) if then.employee == now.employee => {
            vec![(now.employee.clone(), change(Some(then), Some(now)))]
        }
        (then, now) => {
            let lost = then.map(|then| (then.employee.clone(), change(Some(then), None)));
            let gained = now.map(|now| (now.employee.clone(), change(None, Some(now))));
            lost.into_iter().chain(gained).collect()
        }
    }
}
