//! News of changes: who keeps a page open may hear which days it shows differently now.
//!
//! Rule of this file: only what is on disk is told, and nobody who tells ever waits for somebody who listens.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

/// Changes that a listener may be behind; one that is further behind is told that everything may have changed.
const BEHIND_MAX: usize = 64;
/// Days that are told one by one; a change of more is told as a change of everything.
const DAYS_MAX: usize = 62;

/// The days on which a change shows.
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

/// Where changes are told.
#[derive(Debug)]
pub(super) struct Publisher(Sender<News>);

impl Default for Publisher {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND_MAX).0)
    }
}

impl Publisher {
    /// Tells a change that shows somewhere.
    pub fn tell(&self, news: News) {
        if !news.days.is_none() {
            // Fails only if nobody listens.
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

/// Hears of every change made after it was asked for.
#[derive(Debug)]
pub struct Subscriber(Receiver<News>);

impl Subscriber {
    /// The next change; none once the store is closed. `version` is told when some were missed.
    pub async fn next(&mut self, version: impl Fn() -> u64) -> Option<News> {
        match self.0.recv().await {
            Ok(news) => Some(news),
            Err(RecvError::Lagged(_)) => Some(News { version: version(), days: Days::All }),
            Err(RecvError::Closed) => None,
        }
    }
}
