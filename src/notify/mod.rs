//! Letters on their way to people: one transport a file.
//!
//! Rule of this room: a transport says whether a failure may pass or never will, and never whom it would annoy to ask
//! again. Nothing here knows the outbox.

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

/// How long one delivery may take, in seconds.
const DELIVERY_SECONDS_MAX: u64 = 20;

/// Why a letter was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// It may work later; the receiver may have said when.
    #[error("{why}")]
    Retry { why: String, after: Option<TimeDelta> },
    /// It will never work: the address, the letter or the settings are wrong.
    #[error("{0}")]
    Permanent(String),
}

impl Failure {
    fn retry(why: impl Into<String>) -> Self {
        Self::Retry { why: why.into(), after: None }
    }
}

/// Delivers letters, with the settings of this process.
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

    /// With less patience than people have.
    #[must_use]
    pub fn with_patience(self, timeouts: Duration) -> Self {
        Self { timeouts, ..self }
    }

    /// Delivers a letter once. `body` is what a program is sent in the place of its words, `now` when it is signed.
    ///
    /// # Errors
    /// [`Failure`] says whether to try again.
    pub async fn deliver(
        &self,
        outbox_message: &OutboxMessage,
        body: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        match &outbox_message.channel {
            Channel::Slack => match &self.alerts.slack {
                Ok(url) => slack::send(url, &outbox_message.letter, self.timeouts).await,
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

/// Both clients take the process's provider of cryptography, which is set once.
fn use_one_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only if the process has one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
