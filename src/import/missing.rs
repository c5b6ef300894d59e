//! Scheduled visits of a file's own days that the file does not name any more.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Weekday};

use crate::{
    domain::{event::Event, format, ids::EventId},
    import::{
        Note, Place, Plan, cells,
        listed::Listed,
        table::{Left, Row, Table},
    },
    store::{
        ReadTx, StoreError, Tx,
        tables::{events, issues::missing_visits},
    },
};

/// The events, and the days of the weeks, that the rows of files name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub days: BTreeSet<NaiveDate>,
    /// Those of rejected rows included.
    pub events: BTreeSet<EventId>,
    /// The first rejected row whose event cannot be told: no event can be said not to be named.
    pub open: Option<Place>,
}

impl Named {
    /// Adds the event of a row, whether the rest of it can be read or not.
    pub fn add(&mut self, row: &Result<Row<'_>, Left<'_>>, heading: &str) {
        let row = match row {
            Ok(row) => row,
            Err(Left::Rejected(_, Some(row))) => {
                // A cell too many moves those behind it, so each may be the id.
                self.events.extend(row.cells().filter_map(|cell| cell.parse::<EventId>().ok()));
                row
            }
            Err(Left::Rejected(rejected, None)) => {
                self.open.get_or_insert_with(|| rejected.place.clone());
                return;
            }
            Err(Left::Skipped(_)) => return,
        };
        match cells::id(row, heading) {
            Ok(id) => drop(self.events.insert(id)),
            Err(rejected) => drop(self.open.get_or_insert(rejected.place)),
        }
    }

    /// Adds the events of all rows of a table.
    pub fn add_all(&mut self, table: &Table<'_>, heading: &str) {
        table.rows().for_each(|row| self.add(&row, heading));
    }

    /// Whether no row can be about an event.
    pub fn lacks(&self, event: EventId) -> bool {
        self.open.is_none() && !self.events.contains(&event)
    }

    /// Adds the whole weeks, Sunday to Saturday, of some days: files are made by the week, and a day on which nothing is
    /// left is not in them.
    pub fn add_weeks(&mut self, days: impl Iterator<Item = NaiveDate>) {
        for day in days {
            self.days.extend(day.week(Weekday::Sun).first_day().iter_days().take(7));
        }
    }
}

/// Visits that an import scheduled on one of the days, that are scheduled on one of them still, and that the files do
/// not name. None where that cannot be told, with a note.
///
/// # Errors
/// If the store cannot be read.
pub fn missing(view: &dyn ReadTx, named: &Named, notes: &mut Listed<Note>) -> Result<Vec<Event>, StoreError> {
    let mut missing = Vec::new();
    for day in &named.days {
        let is_missing = |event: &Event| {
            let source_day = event.imported.as_ref().map(|given| given.start.date());
            source_day.is_some_and(|day| named.days.contains(&day)) && !named.events.contains(&event.id)
        };
        missing.extend(events::scheduled_on(view, *day)?.into_iter().filter(is_missing));
    }
    if let Some(place) = named.open.clone().filter(|_| !missing.is_empty()) {
        let count = format::count(u64::try_from(missing.len()).unwrap_or(u64::MAX), "visit");
        let message = format!(
            "cannot be read, so it cannot be told which visits are missing: {count} of these weeks that no other row names \
             stay, and none can be released"
        );
        notes.push(Note { place, message });
        missing.clear();
    }
    Ok(missing)
}

/// Visits that were missing, and that files name again.
///
/// # Errors
/// If the store cannot be read.
pub fn named_again(view: &dyn ReadTx, named: &Named) -> Result<Vec<EventId>, StoreError> {
    let known = missing_visits::all(view)?.into_iter().map(|(event, _)| event);
    Ok(known.filter(|event| named.events.contains(event)).collect())
}

/// Notes what is missing since an import, and forgets what is not any more. What was missing before stays so since then.
///
/// # Errors
/// If the store cannot be read or written.
pub fn write(tx: &mut Tx<'_>, plan: &Plan, import: u64) -> Result<(), StoreError> {
    for event in &plan.named_again {
        missing_visits::remove(tx, *event)?;
    }
    for event in plan.missing() {
        if missing_visits::import_of(tx, event.id)?.is_none() {
            missing_visits::put(tx, event, import)?;
        }
    }
    Ok(())
}

/// Forgets what is missing since an import that is taken back, and events that are gone with it.
///
/// # Errors
/// If the store cannot be read or written.
pub fn take_back(tx: &mut Tx<'_>, import: u64) -> Result<(), StoreError> {
    for (event, since) in missing_visits::all(tx)? {
        if since == import || events::get(tx, event)?.is_none() {
            missing_visits::remove(tx, event)?;
        }
    }
    Ok(())
}
