//! The outbox: messages to deliver, written in the transaction of the change they report.
//!
//! Invariant: a message stops waiting only when it was delivered or given up.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::notification::{Channel, Delivery, Item, Notification, OutboxMessage, Purpose},
    store::{
        catalog::Table,
        error::{StoreError, corrupt},
        tables::{
            keys::Key,
            meta,
            record::{self, decode, places::place_in, records},
        },
        transaction::{ReadTx, Tx},
    },
};

/// Most finished messages stored.
pub const FINISHED_KEPT_MAX: usize = 200;
/// Longest stored cause of a failure, in characters.
const TROUBLE_CHARS_MAX: usize = 500;

/// Stored in place of an address for the webhook; mail addresses contain an `@`.
const WEBHOOK: &str = "webhook";

/// Version 1 of a message's layout. Times are milliseconds since 1970. No address means Slack, [`WEBHOOK`] the
/// webhook.
#[derive(Serialize, Deserialize)]
pub(crate) struct OutboxMessageV1 {
    sequence: u64,
    made_ms: i64,
    address: Option<String>,
    purpose: u8,
    title: String,
    intro: String,
    items: Vec<(String, Option<String>)>,
    closing: Option<(String, Option<String>)>,
    tries: u32,
    delivery: DeliveryV1,
}

#[derive(Serialize, Deserialize)]
enum DeliveryV1 {
    Waiting { next_ms: i64, trouble: Option<String> },
    Delivered { at_ms: i64 },
    Stopped { at_ms: i64, why: String },
}

records!(Outbox: OutboxMessageV1 = 1 at |message| Key::new().u64(message.sequence).done());

/// Adds a message, due at once.
pub fn add(
    tx: &mut Tx<'_>,
    channel: Channel,
    notification: Notification,
    now: DateTime<Utc>,
) -> Result<OutboxMessage, StoreError> {
    let sequence = meta::next(tx, meta::MESSAGES)?;
    let delivery = Delivery::Waiting { next: now, trouble: None };
    let outbox_message = OutboxMessage { sequence, made: now, channel, notification, tries: 0, delivery };
    put(tx, &outbox_message)?;
    Ok(outbox_message)
}

/// Stores the result of a delivery attempt of a message that was read outside the transaction, and deletes the oldest
/// finished messages. What another attempt has stored since stays, unless the message waits still and this attempt
/// delivered it. Returns whether the result was stored.
pub fn update(tx: &mut Tx<'_>, before: &OutboxMessage, after: &OutboxMessage) -> Result<bool, StoreError> {
    let now = get(tx, before.sequence)?;
    let was_delivered = matches!(after.delivery, Delivery::Delivered { .. });
    if !now.is_some_and(|now| now == *before || now.is_waiting() && was_delivered) {
        return Ok(false);
    }
    put(tx, after)?;
    let finished: Vec<u64> = all(tx)?
        .into_iter()
        .filter(|outbox_message| !outbox_message.is_waiting())
        .map(|outbox_message| outbox_message.sequence)
        .collect();
    for sequence in finished.iter().take(finished.len().saturating_sub(FINISHED_KEPT_MAX)) {
        tx.remove(Table::Outbox, Key::new().u64(*sequence).done());
    }
    Ok(true)
}

/// A message by its number.
pub fn get(tx: &dyn ReadTx, sequence: u64) -> Result<Option<OutboxMessage>, StoreError> {
    record::get(tx, Table::Outbox, &Key::new().u64(sequence).done(), from_bytes)
}

/// Every message, oldest first: waiting ones, and the latest finished ones.
pub fn all(tx: &dyn ReadTx) -> Result<Vec<OutboxMessage>, StoreError> {
    record::all(tx, Table::Outbox, from_bytes)
}

pub(crate) fn put(tx: &mut Tx<'_>, outbox_message: &OutboxMessage) -> Result<(), StoreError> {
    let record = layout(outbox_message);
    record::put(tx, record.key(), &record)
}

fn layout(outbox_message: &OutboxMessage) -> OutboxMessageV1 {
    let cut = |text: &String| text.chars().take(TROUBLE_CHARS_MAX).collect::<String>();
    let item = |item: &Item| (item.text.clone(), item.link.clone());
    OutboxMessageV1 {
        sequence: outbox_message.sequence,
        made_ms: outbox_message.made.timestamp_millis(),
        address: match &outbox_message.channel {
            Channel::Slack => None,
            Channel::Webhook => Some(WEBHOOK.to_owned()),
            Channel::Mail(address) => Some(address.clone()),
        },
        purpose: place_in(&Purpose::ALL, &outbox_message.notification.purpose).unwrap_or_default(),
        title: outbox_message.notification.title.clone(),
        intro: outbox_message.notification.intro.clone(),
        items: outbox_message.notification.items.iter().map(item).collect(),
        closing: outbox_message.notification.closing.as_ref().map(item),
        tries: outbox_message.tries,
        delivery: match &outbox_message.delivery {
            Delivery::Waiting { next, trouble } => {
                DeliveryV1::Waiting { next_ms: next.timestamp_millis(), trouble: trouble.as_ref().map(cut) }
            }
            Delivery::Delivered { at } => DeliveryV1::Delivered { at_ms: at.timestamp_millis() },
            Delivery::Stopped { at, why } => DeliveryV1::Stopped { at_ms: at.timestamp_millis(), why: cut(why) },
        },
    }
}

fn from_bytes(bytes: &[u8], key: &[u8]) -> Result<OutboxMessage, StoreError> {
    read(decode(bytes, key)?).ok_or_else(|| corrupt(Table::Outbox, key))
}

fn read(record: OutboxMessageV1) -> Option<OutboxMessage> {
    let item = |(text, link)| Item { text, link };
    let at = DateTime::from_timestamp_millis;
    let delivery = match record.delivery {
        DeliveryV1::Waiting { next_ms, trouble } => Delivery::Waiting { next: at(next_ms)?, trouble },
        DeliveryV1::Delivered { at_ms } => Delivery::Delivered { at: at(at_ms)? },
        DeliveryV1::Stopped { at_ms, why } => Delivery::Stopped { at: at(at_ms)?, why },
    };
    Some(OutboxMessage {
        sequence: record.sequence,
        made: at(record.made_ms)?,
        channel: match record.address {
            None => Channel::Slack,
            Some(address) if address == WEBHOOK => Channel::Webhook,
            Some(address) => Channel::Mail(address),
        },
        notification: Notification {
            purpose: *Purpose::ALL.get(usize::from(record.purpose))?,
            title: record.title,
            intro: record.intro,
            items: record.items.into_iter().map(item).collect(),
            closing: record.closing.map(item),
        },
        tries: record.tries,
        delivery,
    })
}
