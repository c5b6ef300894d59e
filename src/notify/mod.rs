//! Delivery of notifications, with one transport per file.
//!
//! A transport reports a failure as temporary or permanent. This module does not know the outbox.

pub mod account;
pub mod alert;
mod mail;
pub mod notice;
mod post;
mod slack;
pub mod webhook;

use std::{sync::Once, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use crate::{
    config::Alerts,
    domain::notification::{Channel, OutboxMessage},
};

/// Longest time of one delivery, in seconds.
const DELIVERY_SECONDS_MAX: u64 = 20;

/// Reason for which a notification was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// Temporary; the receiver may have named the time of the next attempt.
    #[error("{why}")]
    Retry { why: String, after: Option<TimeDelta> },
    /// Permanent: the address, the notification or a setting is wrong.
    #[error("{0}")]
    Permanent(String),
}

impl Failure {
    fn retry(why: impl Into<String>) -> Self {
        Self::Retry { why: why.into(), after: None }
    }
}

/// Delivers notifications with the settings of this process.
#[derive(Clone, Debug)]
pub struct Notifier {
    alerts: Alerts,
    timeouts: Duration,
}

impl Notifier {
    pub fn new(alerts: Alerts) -> Self {
        use_one_tls_provider();
        Self { alerts, timeouts: Duration::from_secs(DELIVERY_SECONDS_MAX) }
    }

    /// Sets a shorter timeout.
    #[must_use]
    pub fn with_timeout(self, timeouts: Duration) -> Self {
        Self { timeouts, ..self }
    }

    /// Delivers a message once. `body` is the JSON for the webhook, `now` the time of its signature.
    ///
    /// # Errors
    /// [`Failure`] tells if another attempt makes sense.
    pub async fn deliver(
        &self,
        outbox_message: &OutboxMessage,
        body: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        match &outbox_message.channel {
            Channel::Slack => match &self.alerts.slack {
                Ok(url) => slack::send(url, &outbox_message.notification, self.timeouts).await,
                Err(missing) => Err(Failure::retry(missing.as_str())),
            },
            Channel::Webhook => match (&self.alerts.webhook, body) {
                (Ok(webhook), Some(body)) => {
                    webhook::send(webhook, outbox_message.sequence, body, now.timestamp(), self.timeouts).await
                }
                (Ok(_), None) => Err(Failure::Permanent("there is nothing to send".to_owned())),
                (Err(missing), _) => Err(Failure::retry(missing.as_str())),
            },
            Channel::Mail(to) => match &self.alerts.mail {
                Ok(mail) => mail::send(mail, to, outbox_message, self.timeouts).await,
                Err(missing) => Err(Failure::retry(missing.as_str())),
            },
        }
    }
}

/// All clients use the process's TLS provider, which is set once.
pub fn use_one_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only if the process has one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
