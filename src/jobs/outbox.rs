//! Delivery of outbox messages, at least once.
//!
//! Invariant: a message is marked as delivered after it was sent, never before. If the process ends in between, it is
//! sent again.

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use crate::{
    context::Context,
    domain::notification::{Channel, Delivery, OutboxMessage},
    jobs::changes,
    metrics::Metrics,
    notify::{Failure, Notifier},
    store::{StoreError, tables::outbox},
};

/// How long another server waits for one that was delivering and has stopped, in seconds. One delivery takes less.
const LEASE_SECONDS: u32 = 120;
/// Most messages delivered per run.
const BATCH_LETTERS_MAX: usize = 100;
/// Hours after which an undelivered message is given up.
const RETRY_HOURS: i64 = 24;
/// First pause after a failure, in seconds; each further pause is longer by a factor, up to a limit.
const PAUSE_SECONDS: i64 = 30;
const PAUSE_FACTOR: i64 = 3;
const PAUSE_SECONDS_MAX: i64 = 2 * 60 * 60;

/// Counts of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub delivered: usize,
    pub retried: usize,
    pub stopped: usize,
}

/// Delivers what is due. After a failure the other messages of the channel wait for the next run. Of several servers, one
/// delivers.
pub async fn run_once(context: &Context, notifier: &Notifier, now: DateTime<Utc>) -> Result<Report, StoreError> {
    if !has_lease(context).await? {
        return Ok(Report::default());
    }
    let due = context.store.work(move |store| store.read(|tx| outbox::all(tx))).await?;
    let due = due.into_iter().filter(|message| message.is_due(now)).take(BATCH_LETTERS_MAX);
    let (mut report, mut troubled): (Report, Vec<&str>) = (Report::default(), Vec::new());
    for message in due {
        let channel = channel_of(&message);
        if troubled.contains(&channel) {
            continue;
        }
        if !has_lease(context).await? {
            break;
        }
        let outcome = if is_too_old(&message, now) {
            None
        } else {
            let body = body(context, &message).await?;
            Some(notifier.deliver(&message, body, now).await)
        };
        let delivery = judge(&message, outcome, now);
        match &delivery {
            Delivery::Delivered { .. } => report.delivered += 1,
            Delivery::Stopped { .. } => report.stopped += 1,
            Delivery::Waiting { .. } => {
                report.retried += 1;
                troubled.push(channel);
            }
        }
        let after = OutboxMessage { delivery, tries: message.tries + 1, ..message.clone() };
        log(&after);
        count(context.store.blocking().metrics(), &after);
        context.store.work(move |store| store.write(|tx| outbox::update(tx, &message, &after))).await?;
    }
    Ok(report)
}

async fn has_lease(context: &Context) -> Result<bool, StoreError> {
    context.store.work(|store| store.lease("outbox", LEASE_SECONDS)).await
}

/// The JSON body of a webhook message.
async fn body(context: &Context, message: &OutboxMessage) -> Result<Option<String>, StoreError> {
    if message.channel != Channel::Webhook {
        return Ok(None);
    }
    let (notification, team) = (message.notification.clone(), context.team().to_owned());
    context.store.work(move |store| store.read(|tx| changes::body(tx, &notification, &team))).await.map(Some)
}

/// Messages older than a day are given up; a restored backup may contain such ones.
fn is_too_old(message: &OutboxMessage, now: DateTime<Utc>) -> bool {
    now - message.made > TimeDelta::hours(RETRY_HOURS)
}

fn judge(message: &OutboxMessage, outcome: Option<Result<(), Failure>>, now: DateTime<Utc>) -> Delivery {
    match outcome {
        Some(Ok(())) => Delivery::Delivered { at: now },
        Some(Err(Failure::Permanent(why))) => Delivery::Stopped { at: now, why },
        Some(Err(Failure::Retry { why, after })) => {
            let pause = after.unwrap_or_default().max(pause(message.tries)).min(TimeDelta::hours(RETRY_HOURS));
            Delivery::Waiting { next: now + pause, trouble: Some(why) }
        }
        None => {
            let last = match &message.delivery {
                Delivery::Waiting { trouble: Some(trouble), .. } => format!(": {trouble}"),
                _ => String::new(),
            };
            Delivery::Stopped { at: now, why: format!("given up after {RETRY_HOURS} hours{last}") }
        }
    }
}

/// 30 s, 90 s, 270 s, … up to two hours.
pub(super) fn pause(tries: u32) -> TimeDelta {
    let seconds = PAUSE_FACTOR.checked_pow(tries).and_then(|times| times.checked_mul(PAUSE_SECONDS));
    TimeDelta::seconds(seconds.unwrap_or(PAUSE_SECONDS_MAX).min(PAUSE_SECONDS_MAX))
}

fn count(metrics: &Metrics, message: &OutboxMessage) {
    let outcome = match &message.delivery {
        Delivery::Delivered { .. } => "delivered",
        Delivery::Waiting { .. } => "retried",
        Delivery::Stopped { .. } => "stopped",
    };
    metrics.delivery(channel_of(message), outcome);
}

fn channel_of(message: &OutboxMessage) -> &'static str {
    match message.channel {
        Channel::Slack => "slack",
        Channel::Webhook => "webhook",
        Channel::Mail(_) => "mail",
    }
}

/// The receiver is not logged.
fn log(message: &OutboxMessage) {
    let channel = channel_of(message);
    let (notification, purpose, tries) = (message.sequence, message.notification.purpose.words(), message.tries);
    match &message.delivery {
        Delivery::Delivered { .. } => info!(notification, channel, purpose, tries, "notification delivered"),
        Delivery::Waiting { trouble, .. } => {
            let trouble = trouble.as_deref().unwrap_or_default();
            warn!(notification, channel, purpose, tries, "notification not delivered, retried later: {trouble}");
        }
        Delivery::Stopped { why, .. } => {
            warn!(notification, channel, purpose, tries, "notification not delivered: {why}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_two_hours() {
        let seconds: Vec<_> = (0..7).map(|tries| pause(tries).num_seconds()).collect();

        assert_eq!(seconds, [30, 90, 270, 810, 2430, 7200, 7200]);
        assert_eq!(pause(u32::MAX).num_seconds(), PAUSE_SECONDS_MAX);
    }
}
