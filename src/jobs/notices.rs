//! Staff notices: who has other work than before is told by mail, once things have been quiet for a while.
//!
//! Rule of this file: what counts is how an event was before a batch of changes and how it is after it; a change that was
//! taken back in between is nobody's news.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use crate::{
    context::Context,
    domain::{
        audit::{Entry, Outcome},
        employee::Employee,
        event::{Event, Schedule},
        ids::{EmployeeId, EventId},
        notification::Channel,
    },
    notify::notice::{Change, letter},
    store::{
        ReadTx, StoreError,
        tables::{audit, employees, events, notices, outbox},
    },
};

/// How long it must have been quiet, in minutes: as long as one press takes a change back by default.
const QUIET_MINUTES: i64 = 5;
/// How long people wait at most while others go on changing things, in minutes.
const BATCH_MINUTES_MAX: i64 = 30;
/// Changes older than this are no news any more, in hours: notices may have been off for a year.
const NEWS_HOURS_MAX: i64 = 24;
/// Most changes looked at in one go.
const BATCH_ENTRIES_MAX: u64 = 2_000;

/// An event's assignment before a batch and after it.
type Changed = BTreeMap<EventId, (Option<Schedule>, Option<Schedule>)>;

/// Writes a letter to everybody whose assignments changed; returns how many.
///
/// # Errors
/// [`StoreError`] if the audit cannot be read, or the letters not be written.
pub fn run_once(context: &Context, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let alerts = &context.config.alerts;
    if !alerts.staff_notices || alerts.mail.is_err() {
        return Ok(0);
    }
    let store = context.store.blocking();
    let Some((upto, news)) = store.read(|tx| batch(tx, now))? else { return Ok(0) };
    let written = store.write(|tx| {
        let mut written = 0;
        for (employee, changes) in &news {
            if let Some(email) = employee.email.as_ref().filter(|_| employee.active) {
                let letter = letter(&context.config, &employee.name, changes);
                outbox::add(tx, Channel::Mail(email.to_string()), letter, now)?;
                written += 1;
            }
        }
        notices::set_told(tx, upto)?;
        Ok::<_, StoreError>(written)
    })?;
    if written > 0 {
        info!(letters = written, upto, "staff notices written");
        context.watch.wake.notify_one();
    }
    Ok(written)
}

type News = Vec<(Employee, Vec<Change>)>;

/// The last entry that is told of, and who is told what; none while it is not quiet yet, or where nothing is new.
fn batch(tx: &dyn ReadTx, now: DateTime<Utc>) -> Result<Option<(u64, News)>, StoreError> {
    let last = audit::last(tx)?;
    let Some(told) = notices::told(tx)? else { return Ok(Some((last, News::new()))) };
    let upto = last.min(told + BATCH_ENTRIES_MAX);
    let mut entries = Vec::new();
    for sequence in told + 1..=upto {
        entries.extend(audit::get(tx, sequence)?.filter(is_news));
    }
    // One from a time that has not come was made by a wrong clock, and is not waited for.
    let old = |entry: &Entry, minutes| (now - entry.at).abs() >= TimeDelta::minutes(minutes);
    let (Some(first), Some(newest)) = (entries.first(), entries.last()) else {
        return Ok((upto > told).then(|| (upto, News::new())));
    };
    if !old(newest, QUIET_MINUTES) && !old(first, BATCH_MINUTES_MAX) {
        return Ok(None);
    }
    let fresh = entries.iter().filter(|entry| now - entry.at < TimeDelta::hours(NEWS_HOURS_MAX));
    Ok(Some((upto, news(tx, &changed(fresh))?)))
}

fn is_news(entry: &Entry) -> bool {
    entry.outcome == Outcome::Done && !entry.steps.is_empty()
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

fn news(tx: &dyn ReadTx, changed: &Changed) -> Result<News, StoreError> {
    let mut by_employee: BTreeMap<EmployeeId, Vec<Change>> = BTreeMap::new();
    for (id, (before, after)) in changed {
        let Some(event) = events::get(tx, *id)? else { continue };
        for (employee, change) in changes_of(&event, before.as_ref(), after.as_ref()) {
            by_employee.entry(employee).or_default().push(change);
        }
    }
    let mut news = News::new();
    for (id, mut changes) in by_employee {
        changes.sort_by_key(|change| change.after.or(change.before));
        news.extend(employees::get(tx, &id)?.map(|employee| (employee, changes)));
    }
    Ok(news)
}

/// Who has an event no more, and who has it now, each with their own view of it.
fn changes_of(event: &Event, before: Option<&Schedule>, after: Option<&Schedule>) -> Vec<(EmployeeId, Change)> {
    let change = |before: Option<&Schedule>, after: Option<&Schedule>| Change {
        event: event.name.clone(),
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
