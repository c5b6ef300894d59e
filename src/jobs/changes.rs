//! Changes for the webhook: every audit entry of a change becomes a message in the outbox.
//!
//! Invariant: the audit is written in the transaction of the change, so no change is missed. The position in the
//! audit moves in the transaction that writes the messages: none is lost, none is written twice.

use chrono::{DateTime, Utc};

use crate::{
    context::Context,
    domain::{
        audit::{Action, Entry, Outcome},
        notification::{Channel, Item, Notification, Purpose},
    },
    export::objects::AuditEntry,
    store::{
        Flow, ReadTx, StoreError,
        tables::{audit, meta, outbox},
    },
};

/// Most webhook messages that wait at once; later ones are written once these are delivered.
const WAITING_LETTERS_MAX: usize = 100;
/// Most audit entries read per run.
const BATCH_ENTRIES_MAX: u64 = 1_000;

/// Writes the messages of changes since the last run; returns their number.
pub fn run_once(context: &Context, now: DateTime<Utc>) -> Result<usize, StoreError> {
    if context.config.alerts.webhook.is_err() {
        return Ok(0);
    }
    let store = context.store.blocking();
    if store.read(|tx| batch(tx))?.is_none() {
        return Ok(0);
    }
    store.write(|tx| {
        // Read again: another run may have written these messages since.
        let Some((upto, changes)) = batch(tx)? else { return Ok(0) };
        for sequence in &changes {
            outbox::add(tx, Channel::Webhook, message(*sequence), now)?;
        }
        meta::set_changes_sent(tx, upto)?;
        Ok(changes.len())
    })
}

/// The last entry read, and the entries to send. None if nothing is new, or too many messages wait.
fn batch(tx: &dyn ReadTx) -> Result<Option<(u64, Vec<u64>)>, StoreError> {
    let last = audit::last(tx)?;
    // Changes before the webhook was first configured are not sent.
    let Some(sent) = meta::changes_sent(tx)? else { return Ok(Some((last, Vec::new()))) };
    if sent >= last {
        return Ok(None);
    }
    let waits = |channel: &Channel| *channel == Channel::Webhook;
    let waiting = outbox::all(tx)?.iter().filter(|message| message.is_waiting() && waits(&message.channel)).count();
    let room = WAITING_LETTERS_MAX.saturating_sub(waiting);
    let (mut upto, mut changes) = (sent, Vec::new());
    audit::each_between(tx, (sent + 1, last.min(sent + BATCH_ENTRIES_MAX)), |sequence, entry| {
        if changes.len() == room {
            return Ok(Flow::Stop);
        }
        upto = sequence;
        changes.extend(entry.filter(is_change).map(|entry| entry.sequence));
        Ok(Flow::Continue)
    })?;
    Ok((upto > sent).then_some((upto, changes)))
}

/// Sign-ins, tests and files that are taken change nothing.
fn is_change(entry: &Entry) -> bool {
    use Action::{Backup, Export, ForgotPassword, SignIn, SignOut, TestAlert};
    entry.outcome == Outcome::Done
        && !matches!(entry.action, SignIn | SignOut | ForgotPassword | TestAlert | Export | Backup)
}

/// A message that refers to its entry by number: the entry itself may be larger than a record.
fn message(sequence: u64) -> Notification {
    let entry = Item { text: sequence.to_string(), link: None };
    Notification {
        purpose: Purpose::Change,
        title: format!("Change {sequence}"),
        intro: String::new(),
        items: vec![entry],
        closing: None,
    }
}

/// The JSON body of a message: the entry as in `GET /api/audit`, or the text of a test message. With several teams it
/// names the team: each counts its entries from 1.
pub fn body(tx: &dyn ReadTx, message: &Notification, team: &str) -> Result<String, StoreError> {
    let named = message.items.first().filter(|_| message.purpose == Purpose::Change);
    let entry = match named.and_then(|item| item.text.parse().ok()) {
        Some(sequence) => audit::get(tx, sequence)?,
        None => None,
    };
    let mut body = match &entry {
        Some(entry) => serde_json::json!({ "type": "change", "change": AuditEntry::of(entry) }),
        None => serde_json::json!({ "type": "test", "message": message.intro }),
    };
    if !team.is_empty() {
        body["team"] = team.into();
    }
    Ok(body.to_string())
}
