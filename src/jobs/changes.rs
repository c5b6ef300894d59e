//! Changes for another program: every entry of the audit that is done becomes a letter for the webhook.
//!
//! Rule of this file: the audit is written in the transaction of the change, so it is the list of what is to be sent. How
//! far it is sent moves in the transaction that puts the letters into the outbox: none is lost, none is written twice.

use chrono::{DateTime, Utc};

use crate::{
    context::Context,
    domain::{
        audit::{Entry, Outcome},
        change::Action,
        notification::{Channel, Item, Notification, Purpose},
    },
    export::objects::AuditEntry,
    store::{
        ReadTx, StoreError,
        tables::{audit, notices, outbox},
    },
};

/// Most letters for the webhook that wait at once; the rest stays in the audit until then.
const WAITING_LETTERS_MAX: usize = 100;
/// Most entries looked at in one go.
const BATCH_ENTRIES_MAX: u64 = 1_000;

/// Writes the letters of what changed since the last look; returns how many.
///
/// # Errors
/// [`StoreError`] if the audit cannot be read, or the letters not be written.
pub fn run_once(context: &Context, now: DateTime<Utc>) -> Result<usize, StoreError> {
    if context.config.alerts.webhook.is_err() {
        return Ok(0);
    }
    let store = context.store.blocking();
    let Some((upto, changes)) = store.read(|tx| batch(tx))? else { return Ok(0) };
    store.write(|tx| {
        for sequence in &changes {
            outbox::add(tx, Channel::Webhook, letter(*sequence), now)?;
        }
        notices::set_sent(tx, upto)?;
        Ok(changes.len())
    })
}

/// The last entry that is looked at, and those of them that are sent; none where nothing is new, or too much waits.
fn batch(tx: &dyn ReadTx) -> Result<Option<(u64, Vec<u64>)>, StoreError> {
    let last = audit::last(tx)?;
    // What was before the webhook was first on is no news.
    let Some(sent) = notices::sent(tx)? else { return Ok(Some((last, Vec::new()))) };
    if sent >= last {
        return Ok(None);
    }
    let waits = |channel: &Channel| *channel == Channel::Webhook;
    let waiting = outbox::all(tx)?.iter().filter(|message| message.is_waiting() && waits(&message.channel)).count();
    let room = WAITING_LETTERS_MAX.saturating_sub(waiting);
    let (mut upto, mut changes) = (sent, Vec::new());
    while upto < last.min(sent + BATCH_ENTRIES_MAX) && changes.len() < room {
        upto += 1;
        changes.extend(audit::get(tx, upto)?.filter(is_change).map(|entry| entry.sequence));
    }
    Ok((upto > sent).then_some((upto, changes)))
}

/// Who comes and goes changes nothing.
fn is_change(entry: &Entry) -> bool {
    entry.outcome == Outcome::Done && !matches!(entry.action, Action::SignIn | Action::SignOut)
}

/// A letter that names its entry: the entry itself may be larger than a record.
fn letter(sequence: u64) -> Notification {
    let entry = Item { text: sequence.to_string(), link: None };
    Notification {
        purpose: Purpose::Change,
        title: format!("Change {sequence}"),
        intro: String::new(),
        items: vec![entry],
        closing: None,
    }
}

/// What is sent for a letter: the entry as `GET /api/audit` has it; for a test, its words.
///
/// # Errors
/// [`StoreError`] if the entry cannot be read.
pub fn body(tx: &dyn ReadTx, letter: &Notification) -> Result<String, StoreError> {
    let named = letter.items.first().filter(|_| letter.purpose == Purpose::Change);
    let entry = match named.and_then(|item| item.text.parse().ok()) {
        Some(sequence) => audit::get(tx, sequence)?,
        None => None,
    };
    let body = match &entry {
        Some(entry) => serde_json::json!({ "type": "change", "change": AuditEntry::of(entry) }),
        None => serde_json::json!({ "type": "test", "message": letter.intro }),
    };
    Ok(body.to_string())
}
