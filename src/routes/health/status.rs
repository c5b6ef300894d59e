//! Readings for health checks and metrics. Their cost does not depend on the size of the store.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::{
    context::Context,
    domain::{integrity::finding_state::Run, notification::OutboxMessage},
    jobs::backup,
    metrics,
    store::{
        StoreError,
        tables::{outbox, runs},
    },
};

/// Most runs searched for the last complete check.
const RUNS_MAX: u64 = 50;

/// State of the server at a moment.
#[derive(Clone, Debug)]
pub struct Readings {
    pub now: DateTime<Utc>,
    pub started: DateTime<Utc>,
    /// The reason why changes cannot be saved.
    pub refusal: Option<String>,
    /// Time of the last complete check, and the problems it found.
    pub integrity: Option<DateTime<Utc>>,
    pub problems: Option<u64>,
    pub integrity_daily: bool,
    pub messages: u64,
    pub oldest_message: Option<DateTime<Utc>>,
    /// Time of the newest nightly backup.
    pub backup: Option<DateTime<Utc>>,
    /// Success of the last nightly backup of this process.
    pub backup_ok: Option<bool>,
    pub backup_nightly: bool,
    pub store_bytes: u64,
}

impl Readings {
    pub fn take(context: &Context, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let store = context.store.blocking();
        let (run, messages) = store.read(|tx| {
            let run = runs::latest(tx, RUNS_MAX)?.into_iter().find(|run| run.failed.is_none());
            Ok::<_, StoreError>((run, outbox::all(tx)?))
        })?;
        let waiting: Vec<_> = messages.into_iter().filter(OutboxMessage::is_waiting).collect();
        let newest = backup::newest(context).map(|made: SystemTime| DateTime::<Utc>::from(made));
        Ok(Self {
            now,
            started: context.started,
            refusal: store.check_writable().err().map(|refusal| refusal.to_string()),
            integrity: run.as_ref().map(|run| run.start.at),
            problems: run.as_ref().map(Run::problems),
            integrity_daily: context.config.integrity_at.is_some(),
            messages: waiting.len() as u64,
            oldest_message: waiting.iter().map(|message| message.made).min(),
            backup: newest,
            backup_ok: context.backups.get().map(|report| report.outcome.is_ok()),
            backup_nightly: context.config.backup_at.is_some(),
            store_bytes: store.bytes_on_disk()?,
        })
    }

    pub fn for_metrics(&self) -> metrics::Readings {
        let age = |since: Option<DateTime<Utc>>| since.map(|since| (self.now - since).num_seconds());
        metrics::Readings {
            store_bytes: self.store_bytes,
            messages_waiting: self.messages,
            oldest_message_seconds: age(self.oldest_message),
            integrity_age_seconds: age(self.integrity),
            integrity_problems: self.problems,
            backup_age_seconds: age(self.backup),
            writable: self.refusal.is_none(),
        }
    }
}
