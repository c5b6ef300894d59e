//! Publishes which days a change affects, to pages that are open.
//!
//! Only changes on disk are published. The publisher never waits for a subscriber.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

/// Changes that a subscriber may lag behind; beyond that it is told that everything may have changed.
const BEHIND_MAX: usize = 64;
/// Most days listed; a change of more days counts as a change of everything.
const DAYS_MAX: usize = 62;

/// The days affected by a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    These(BTreeSet<NaiveDate>),
    All,
}

impl Default for Days {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Days {
    pub(super) fn add(&mut self, date: NaiveDate) {
        if let Self::These(dates) = self {
            dates.insert(date);
            if dates.len() > DAYS_MAX {
                *self = Self::All;
            }
        }
    }

    fn is_none(&self) -> bool {
        matches!(self, Self::These(dates) if dates.is_empty())
    }
}

/// A change that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// [`Store::version`](crate::store::Store::version) with this change.
    pub version: u64,
    pub days: Days,
}

/// Sends changes to subscribers.
#[derive(Clone, Debug)]
pub(super) struct Publisher(Sender<News>);

impl Default for Publisher {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND_MAX).0)
    }
}

impl Publisher {
    /// Publishes a change that affects a page.
    pub fn publish(&self, news: News) {
        if !news.days.is_none() {
            // Fails only if there is no subscriber.
            let _ = self.0.send(news);
        }
    }

    pub fn subscribers(&self) -> usize {
        self.0.receiver_count()
    }

    pub fn listen(&self) -> Subscriber {
        Subscriber(self.0.subscribe())
    }
}

/// Receives every change made after it was created.
#[derive(Debug)]
pub struct Subscriber(Receiver<News>);

impl Subscriber {
    /// The next change; none once the store is closed. `version` is called when some were missed.
    pub async fn next(&mut self, version: impl Fn() -> u64) -> Option<News> {
        match self.0.recv().await {
            Ok(news) => Some(news),
            Err(RecvError::Lagged(_)) => Some(News { version: version(), days: Days::All }),
            Err(RecvError::Closed) => None,
        }
    }
}
