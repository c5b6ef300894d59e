//! Scheduled visits of a file's own days that the file does not name any more.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Weekday};

use crate::{
    domain::{event::Event, ids::EventId},
    store::{ReadTx, StoreError, tables::events},
};

/// The days of the weeks, and the visits, that files name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub days: BTreeSet<NaiveDate>,
    /// Those of rejected rows included.
    pub events: BTreeSet<EventId>,
    /// A row whose visit cannot be told was rejected, so nothing can be said to be missing.
    pub is_open: bool,
}

impl Named {
    /// Adds the whole weeks, Sunday to Saturday, of some days: files are made by the week, and a day on which nothing is
    /// left is not in them.
    pub fn add_weeks(&mut self, days: impl Iterator<Item = NaiveDate>) {
        for day in days {
            self.days.extend(day.week(Weekday::Sun).first_day().iter_days().take(7));
        }
    }
}

/// Visits that an import scheduled on one of the days, that are scheduled on one of them still, and that the files do
/// not name.
///
/// # Errors
/// If the store cannot be read.
pub fn missing(view: &dyn ReadTx, named: &Named) -> Result<Vec<Event>, StoreError> {
    let mut missing = Vec::new();
    if named.is_open {
        return Ok(missing);
    }
    for day in &named.days {
        let is_missing = |event: &Event| {
            let source_day = event.imported.as_ref().map(|given| given.start.date());
            source_day.is_some_and(|day| named.days.contains(&day)) && !named.events.contains(&event.id)
        };
        missing.extend(events::scheduled_on(view, *day)?.into_iter().filter(is_missing));
    }
    Ok(missing)
}
