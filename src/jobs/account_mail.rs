//! Mail with a secret in it: links for users who forgot their password.
//!
//! Such mail is kept in memory only, so that the data folder and backups never hold a working link. What is waiting when the
//! server stops is lost; the user asks again.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use crate::{
    domain::{
        notification::{Channel, Delivery, Notification, OutboxMessage},
        user::access::FORGOTTEN_MINUTES,
    },
    jobs::outbox,
    notify::{Failure, Notifier},
};

/// Most waiting messages. A further one replaces the oldest.
const WAITING_MAX: usize = 100;

/// The waiting messages of this process.
#[derive(Clone, Default)]
pub struct AccountMail(Arc<Mutex<Vec<OutboxMessage>>>);

impl std::fmt::Debug for AccountMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountMail(…)")
    }
}

impl AccountMail {
    /// Adds a message, due at once.
    pub fn add(&self, address: String, notification: Notification, now: DateTime<Utc>) {
        let (channel, delivery) = (Channel::Mail(address), Delivery::Waiting { next: now, trouble: None });
        self.put(OutboxMessage { sequence: 0, made: now, channel, notification, tries: 0, delivery });
    }

    fn put(&self, message: OutboxMessage) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING_MAX {
            waiting.remove(0);
        }
        waiting.push(message);
    }

    fn take_due(&self, now: DateTime<Utc>) -> Vec<OutboxMessage> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (due, later) = waiting.drain(..).partition(|message: &OutboxMessage| message.is_due(now));
        *waiting = later;
        due
    }

    /// Delivers what is due. What fails is tried again until its link is too old.
    pub async fn run_once(&self, notifier: &Notifier, now: DateTime<Utc>) {
        for message in self.take_due(now) {
            match notifier.deliver(&message, None, now).await {
                Ok(()) => info!("account mail delivered"),
                Err(Failure::Permanent(why)) => warn!("account mail not delivered: {why}"),
                Err(Failure::Retry { why, .. }) => {
                    let next = now + outbox::pause(message.tries);
                    if next >= message.made + TimeDelta::minutes(FORGOTTEN_MINUTES) {
                        warn!("account mail not delivered: {why}");
                        continue;
                    }
                    warn!("account mail not delivered, tried again later: {why}");
                    let delivery = Delivery::Waiting { next, trouble: Some(why) };
                    self.put(OutboxMessage { tries: message.tries + 1, delivery, ..message });
                }
            }
        }
    }
}
