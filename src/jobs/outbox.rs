//! The outbox: what waits there is delivered, at least once.
//!
//! Rule of this file: a letter is marked after it was sent, never before. Whoever is cut off in between sends it again.

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use crate::{
    context::Context,
    domain::notification::{Channel, Delivery, Parcel},
    jobs::changes,
    metrics::Metrics,
    notify::{Courier, Failure},
    store::{StoreError, tables::outbox},
};

/// Most letters delivered in one go.
const BATCH_LETTERS_MAX: usize = 100;
/// How long a letter is tried, in hours.
const PATIENCE_HOURS: i64 = 24;
/// The first pause after a failure, in seconds; each following one is so many times as long, up to a limit.
const PAUSE_SECONDS: i64 = 30;
const PAUSE_FACTOR: i64 = 3;
const PAUSE_SECONDS_MAX: i64 = 2 * 60 * 60;

/// What came of one look at the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub delivered: usize,
    pub retried: usize,
    pub stopped: usize,
}

/// Delivers what is due. Where a channel is in trouble, its other letters wait for the next look.
///
/// # Errors
/// [`StoreError`] if the outbox cannot be read, or what came of a letter not be written.
pub async fn run_once(context: &Context, courier: &Courier, now: DateTime<Utc>) -> Result<Report, StoreError> {
    let due = context.store.work(move |store| store.read(|view| outbox::all(view))).await?;
    let due = due.into_iter().filter(|parcel| parcel.is_due(now)).take(BATCH_LETTERS_MAX);
    let (mut report, mut troubled): (Report, Vec<&str>) = (Report::default(), Vec::new());
    for parcel in due {
        let channel = channel_of(&parcel);
        if troubled.contains(&channel) {
            continue;
        }
        let outcome = if is_too_old(&parcel, now) {
            None
        } else {
            let body = body(context, &parcel).await?;
            Some(courier.deliver(&parcel, body, now).await)
        };
        let delivery = judge(&parcel, outcome, now);
        match &delivery {
            Delivery::Delivered { .. } => report.delivered += 1,
            Delivery::Stopped { .. } => report.stopped += 1,
            Delivery::Waiting { .. } => {
                report.retried += 1;
                troubled.push(channel);
            }
        }
        let parcel = Parcel { delivery, tries: parcel.tries + 1, ..parcel };
        log(&parcel);
        count(context.store.blocking().metrics(), &parcel);
        context.store.work(move |store| store.write(|tx| outbox::update(tx, &parcel))).await?;
    }
    Ok(report)
}

/// What a program is sent.
async fn body(context: &Context, parcel: &Parcel) -> Result<Option<String>, StoreError> {
    if parcel.channel != Channel::Webhook {
        return Ok(None);
    }
    let letter = parcel.letter.clone();
    context.store.work(move |store| store.read(|view| changes::body(view, &letter))).await.map(Some)
}

/// After a day without success nobody waits for a letter any more; a restored backup may hold such ones.
fn is_too_old(parcel: &Parcel, now: DateTime<Utc>) -> bool {
    now - parcel.made > TimeDelta::hours(PATIENCE_HOURS)
}

fn judge(parcel: &Parcel, outcome: Option<Result<(), Failure>>, now: DateTime<Utc>) -> Delivery {
    match outcome {
        Some(Ok(())) => Delivery::Delivered { at: now },
        Some(Err(Failure::Permanent(why))) => Delivery::Stopped { at: now, why },
        Some(Err(Failure::Retry { why, after })) => {
            let pause = after.unwrap_or_default().max(pause(parcel.tries)).min(TimeDelta::hours(PATIENCE_HOURS));
            Delivery::Waiting { next: now + pause, trouble: Some(why) }
        }
        None => {
            let last = match &parcel.delivery {
                Delivery::Waiting { trouble: Some(trouble), .. } => format!(": {trouble}"),
                _ => String::new(),
            };
            Delivery::Stopped { at: now, why: format!("given up after {PATIENCE_HOURS} hours{last}") }
        }
    }
}

/// 30 s, 90 s, 270 s, … up to two hours.
fn pause(tries: u32) -> TimeDelta {
    let seconds = PAUSE_FACTOR.checked_pow(tries).and_then(|times| times.checked_mul(PAUSE_SECONDS));
    TimeDelta::seconds(seconds.unwrap_or(PAUSE_SECONDS_MAX).min(PAUSE_SECONDS_MAX))
}

fn count(metrics: &Metrics, parcel: &Parcel) {
    let outcome = match &parcel.delivery {
        Delivery::Delivered { .. } => "delivered",
        Delivery::Waiting { .. } => "retried",
        Delivery::Stopped { .. } => "stopped",
    };
    metrics.letter(channel_of(parcel), outcome);
}

fn channel_of(parcel: &Parcel) -> &'static str {
    match parcel.channel {
        Channel::Slack => "slack",
        Channel::Webhook => "webhook",
        Channel::Mail(_) => "mail",
    }
}

/// Who a letter is for stays out of the log.
fn log(parcel: &Parcel) {
    let channel = channel_of(parcel);
    let (letter, purpose, tries) = (parcel.sequence, parcel.letter.purpose.words(), parcel.tries);
    match &parcel.delivery {
        Delivery::Delivered { .. } => info!(letter, channel, purpose, tries, "letter delivered"),
        Delivery::Waiting { trouble, .. } => {
            let trouble = trouble.as_deref().unwrap_or_default();
            warn!(letter, channel, purpose, tries, "letter not delivered, tried again later: {trouble}");
        }
        Delivery::Stopped { why, .. } => warn!(letter, channel, purpose, tries, "letter not delivered: {why}"),
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
