//! Notifications independent of their transport: text and links, no markup.

use chrono::{DateTime, TimeDelta, Utc};

/// Most items in one notification; the rest is a number and a link.
pub const ITEMS_MAX: usize = 20;
/// Longest text of an item, in characters.
pub const ITEM_CHARS_MAX: usize = 300;

/// Receiver of a notification. Each recipient gets a separate message, so that one bad address does not affect
/// others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    Slack,
    /// An external program.
    Webhook,
    Mail(String),
}

named! {
    pub enum Purpose: words {
        Alert => "alert";
        AllClear => "all clear";
        Test => "test";
        /// An employee's assignments changed.
        Notice => "staff notice";
        /// An audit entry, for an external program.
        Change => "change";
        /// Something about the account of a user.
        Account => "account";
    }
}

/// One line of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub text: String,
    pub link: Option<String>,
}

impl Item {
    /// Creates an item; text that is too long is cut.
    pub fn new(text: &str, link: Option<String>) -> Self {
        Self { text: text.chars().take(ITEM_CHARS_MAX).collect(), link }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub purpose: Purpose,
    pub title: String,
    pub intro: String,
    pub items: Vec<Item>,
    /// "and 16 more", with where to see them all.
    pub closing: Option<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Due at this time; with the error of the last attempt.
    Waiting {
        next: DateTime<Utc>,
        trouble: Option<String>,
    },
    Delivered {
        at: DateTime<Utc>,
    },
    /// Given up.
    Stopped {
        at: DateTime<Utc>,
        why: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Counts from 1.
    pub sequence: u64,
    pub made: DateTime<Utc>,
    pub channel: Channel,
    pub notification: Notification,
    pub tries: u32,
    pub delivery: Delivery,
}

/// Longest pause between two tries, in hours.
pub const PAUSE_HOURS_MAX: i64 = 24;

impl OutboxMessage {
    pub fn is_waiting(&self) -> bool {
        matches!(self.delivery, Delivery::Waiting { .. })
    }

    /// Whether it is to be sent now. One that waits for longer than any message does was put off by a wrong clock.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        let far = now + TimeDelta::hours(PAUSE_HOURS_MAX);
        matches!(self.delivery, Delivery::Waiting { next, .. } if next <= now || next > far)
    }
}
