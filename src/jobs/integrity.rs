//! The integrity check. It reads the store in slices and writes its findings and their notifications in one
//! transaction.

use std::{
    sync::{MutexGuard, PoisonError, TryLockError},
    time::Instant,
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tracing::{error, info, warn};

use crate::{
    config::Config,
    context::Context,
    domain::{
        integrity::{
            StoreReport,
            finding_state::{Checked, OpenFinding, Run, Start, Trigger},
        },
        notification::{Channel, Notification},
    },
    jobs::schedule,
    notify::alert::Writer,
    store::{
        StoreError, Tx,
        maintenance::check,
        tables::{
            findings::{self, FindingDiff},
            meta, outbox, runs,
        },
    },
};

/// Delay before a failed daily run is repeated, in minutes.
const RETRY_MINUTES: i64 = 60;
/// Audited user of the daily run.
const SERVER: &str = "Tandem";

/// Result of a check.
#[derive(Debug)]
pub struct Ran {
    pub report: StoreReport,
    /// Reason for which the check is incomplete.
    pub failed: Option<StoreError>,
    /// The stored run, or the reason why it was not stored.
    pub stored: Result<Run, StoreError>,
}

/// A check is running already; no other was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a check is running already")]
pub struct Busy;

/// The daily run that is due, if it has not been made.
pub fn due(context: &Context, now: DateTime<Utc>) -> Option<Start> {
    let at = context.config.integrity_at?;
    let waits = |failed| now.signed_duration_since(failed).abs() < TimeDelta::minutes(RETRY_MINUTES);
    if context.watch.failed().is_some_and(waits) {
        return None;
    }
    let date = schedule::latest(now, at, context.config.zone);
    let last = context.store.blocking().read(|tx| meta::run_date(tx));
    match last {
        Ok(last) if last.is_none_or(|last| last < date || is_of_a_wrong_clock(last, date)) => {
            Some(Start { trigger: Trigger::Daily, who: SERVER.to_owned(), at: now, date: Some(date) })
        }
        Ok(_) => None,
        Err(error) => {
            error!(%error, "cannot read the time of the last integrity check");
            None
        }
    }
}

/// Tells that a daily run has a date in the future: the clock was wrong then, and the next run does not wait for it. A
/// clock that is corrected by hours may repeat one day, which already had its run.
fn is_of_a_wrong_clock(last: NaiveDate, date: NaiveDate) -> bool {
    last.signed_duration_since(date).num_days() > 1
}

/// Checks the entire store, updates the findings, and adds notifications to the outbox.
///
/// # Errors
/// [`Busy`] if a check is running already.
pub fn run_once(context: &Context, start: &Start) -> Result<Ran, Busy> {
    let turn = match context.watch.turn.try_lock() {
        Ok(turn) => turn,
        Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(Busy),
    };
    Ok(run(context, start, &turn))
}

/// Same as [`run_once`], after a check that is running: that one may have missed what was written since it started.
pub fn run_next(context: &Context, start: &Start) -> Ran {
    run(context, start, &context.watch.turn.lock().unwrap_or_else(PoisonError::into_inner))
}

fn run(context: &Context, start: &Start, _turn: &MutexGuard<'_, ()>) -> Ran {
    let (store, began) = (context.store.blocking(), Instant::now());
    let (report, failed) = match check::run_in_slices(store) {
        Ok(report) => (report, None),
        Err(error) => {
            let report = StoreReport { storage_problems: vec![error.to_string()], ..StoreReport::default() };
            (report, Some(error))
        }
    };
    let today = start.at.with_timezone(&context.config.zone).date_naive();
    let pairing = context.config.policy.pairing;
    let current = StoreReport { pairs: report.pairs.clone().that_matters(today, pairing), ..report.clone() };
    let stored = store.write(|tx| {
        findings::forget_past(tx, today, pairing)?;
        let settled = findings::reconcile(tx, &current, failed.is_none(), start.at)?;
        let notifications = notify(tx, &settled, &context.config, start.at)?;
        let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let why = failed.as_ref().map(StoreError::to_string);
        let run = runs::append(tx, record(start, &current, &settled, why, elapsed_ms))?;
        Ok::<_, StoreError>((run, notifications))
    });
    if start.trigger == Trigger::Daily {
        context.watch.set_failed(Some(start.at).filter(|_| stored.is_err() || failed.is_some()));
    }
    match &stored {
        Ok((run, notifications)) => {
            log(run, &report, &context.config);
            context.count_problems();
            if *notifications > 0 {
                context.watch.wake.notify_one();
            }
        }
        Err(error) => error!(%error, "cannot store the integrity check"),
    }
    Ran { report, failed, stored: stored.map(|(run, _)| run) }
}

fn record(start: &Start, report: &StoreReport, settled: &FindingDiff, failed: Option<String>, elapsed_ms: u64) -> Run {
    Run {
        sequence: 0,
        start: start.clone(),
        elapsed_ms,
        checked: Checked {
            index_entries: report.index_entries as u64,
            days: report.days as u64,
            audit_entries: report.audit_entries,
            ..Checked::from(&report.pairs)
        },
        found: report.pairs.by_check().into_iter().map(|(check, count)| (check, count as u64)).collect(),
        storage_problems: report.storage_problems.len() as u64,
        fresh: settled.fresh.len() as u64,
        gone: settled.gone.len() as u64,
        failed,
    }
}

/// Adds notifications about new findings, and about open ones whose last notification was on an earlier day. Returns
/// their number.
fn notify(tx: &mut Tx<'_>, settled: &FindingDiff, config: &Config, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let channels = channels(config);
    if channels.is_empty() {
        return Ok(0);
    }
    let today = now.with_timezone(&config.zone).date_naive();
    let (mut new, mut again) = (settled.fresh.clone(), Vec::new());
    for finding in &settled.open {
        match finding.alerted {
            None => new.push(finding.clone()),
            // Assignments against a rule are reported once.
            Some(last) if !finding.subject.is_rule() && last.with_timezone(&config.zone).date_naive() != today => {
                again.push(finding.clone());
            }
            Some(_) => {}
        }
    }
    let writer = Writer::new(config);
    if !new.is_empty() || !again.is_empty() {
        findings::mark_alerted(tx, new.iter().chain(&again), now)?;
        return send(tx, &channels, &writer.alert(&new, &again), now);
    }
    let reported = |finding: &&OpenFinding| finding.alerted.is_some() && !finding.subject.is_rule();
    let fixed = settled.gone.iter().filter(reported).count();
    if fixed > 0 && settled.open.iter().all(|finding| finding.subject.is_rule()) {
        return send(tx, &channels, &writer.all_clear(fixed), now);
    }
    Ok(0)
}

fn send(
    tx: &mut Tx<'_>,
    channels: &[Channel],
    notification: &Notification,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    channels.iter().try_for_each(|channel| outbox::add(tx, channel.clone(), notification.clone(), now).map(drop))?;
    Ok(channels.len())
}

/// The configured channels of alerts.
pub fn channels(config: &Config) -> Vec<Channel> {
    let slack = config.alerts.slack.iter().map(|_| Channel::Slack);
    let mail = config.alerts.mail.iter().flat_map(|_| config.alerts.emails.iter().cloned().map(Channel::Mail));
    slack.chain(mail).collect()
}

fn log(run: &Run, report: &StoreReport, config: &Config) {
    let Run { sequence, start, elapsed_ms, checked, fresh, gone, .. } = run;
    let (trigger, who, problems) = (start.trigger.words(), start.who.as_str(), run.problems());
    if let Some(why) = &run.failed {
        error!(run = sequence, trigger, who, elapsed_ms, "the integrity check is incomplete: {why}");
        return;
    }
    let (events, pairs, unclassified) = (checked.events, checked.pairs, checked.unclassified);
    info!(
        run = sequence,
        trigger, who, elapsed_ms, events, pairs, unclassified, problems, fresh, gone, "integrity check"
    );
    for problem in report.storage_problems.iter().take(LOGGED_MAX) {
        error!(run = sequence, "storage: {problem}");
    }
    if let Some(silence) = config.alerts.silence().filter(|_| problems > 0) {
        warn!(run = sequence, "{silence}");
    }
}

/// Most storage problems that one run logs.
const LOGGED_MAX: usize = 20;
