//! Scheduled visits of a file's own days that the file does not name any more.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Weekday};

use crate::{
    domain::{
        event::{Event, names},
        format,
        ids::EventId,
    },
    import::{
        Note, Place, Plan, cells,
        listed::Listed,
        table::{Left, Row, Table},
    },
    store::{
        ReadTx, StoreError, Tx,
        tables::{
            events,
            issues::{listed_visits, missing_visits},
        },
    },
};

/// Most filled cells of a remark, in cells.
const REMARK_CELLS_MAX: usize = 2;

/// The stores that the rows of one table name, by what they are compared by, and the days of the weeks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct List {
    stores: BTreeSet<String>,
    days: BTreeSet<NaiveDate>,
}

impl List {
    /// The days on which a visit of it is scheduled: that of its source, and its own.
    fn has_days(&self, event: &Event) -> bool {
        let days = [event.imported.as_ref(), event.schedule.as_ref()];
        days.into_iter().all(|given| given.is_some_and(|given| self.days.contains(&given.start.date())))
    }

    fn has_store(&self, event: &Event) -> bool {
        self.stores.contains(&*event.location.key())
    }
}

/// The events that the rows of files name, and what each file lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    lists: Vec<List>,
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
            Err(Left::Skipped(_, row)) => {
                // What is taken for totals may be a row that was cut off.
                self.events.extend(row.iter().flat_map(Row::cells).filter_map(|cell| cell.parse::<EventId>().ok()));
                return;
            }
        };
        match cells::id(row, heading) {
            Ok(id) => drop(self.events.insert(id)),
            Err(_) if is_remark(row, heading) => {}
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

    /// Adds what the visits of a table list: their stores, and the whole weeks, Sunday to Saturday, of their days. Files are
    /// made by the week, and a day on which nothing is left is not in them; some are made by the store as well.
    pub fn add_list<'e>(&mut self, visits: impl Iterator<Item = &'e Event>) {
        let mut list = List::default();
        for visit in visits {
            list.stores.insert(visit.location.key().into_owned());
            let week = visit.date().map(|day| day.week(Weekday::Sun).first_day().iter_days().take(7));
            list.days.extend(week.into_iter().flatten());
        }
        if !list.days.is_empty() {
            self.lists.push(list);
        }
    }
}

/// Whether a row without an id has so few cells that it is a remark below a table, and no event that was cut off.
fn is_remark(row: &Row<'_>, heading: &str) -> bool {
    let is_event = |cell: &str| names::read(cell, None).number.is_some();
    let mut filled = row.cells().filter(|cell| !cell.is_empty());
    row.get(heading).is_empty() && !row.cells().any(is_event) && filled.nth(REMARK_CELLS_MAX).is_none()
}

/// Visits that an import scheduled at one of a file's stores on one of its days, that are scheduled on one of them still,
/// and that the files do not name. None where that cannot be told, with a note. A store that a file of several does not name
/// is noted.
pub fn missing(view: &dyn ReadTx, named: &Named, notes: &mut Listed<Note>) -> Result<Vec<Event>, StoreError> {
    let mut missing = Vec::new();
    let days: BTreeSet<_> = named.lists.iter().flat_map(|list| &list.days).collect();
    let (mut elsewhere, mut stores) = (0_u64, BTreeSet::new());
    for day in days {
        let is_unnamed = |event: &Event| !named.events.contains(&event.id);
        for event in events::scheduled_on(view, *day)?.into_iter().filter(is_unnamed) {
            let is_listed = |list: &List| list.has_store(&event) && list.has_days(&event);
            if named.lists.iter().any(is_listed) {
                missing.push(event);
            } else if !named.lists.iter().any(|list| list.has_store(&event))
                && named.lists.iter().any(|list| list.stores.len() > 1 && list.has_days(&event))
            {
                elsewhere += 1;
                stores.extend(event.location.label());
            }
        }
    }
    if elsewhere > 0 {
        let place = Place { file: "Stores".to_owned(), line: 0 };
        let (visits, verb) = (format::count(elsewhere, "visit"), if elsewhere == 1 { "is" } else { "are" });
        let stores = format::list(&stores.into_iter().collect::<Vec<_>>());
        let message = format!("{visits} of these weeks {verb} at stores that the files do not name: {stores}");
        notes.push(Note { place, message });
    }
    if let Some(place) = named.open.clone().filter(|_| !missing.is_empty()) {
        let count = format::count(missing.len() as u64, "visit");
        let message = format!(
            "cannot be read, so it cannot be told which visits are missing: {count} of these weeks that no other row names \
             stay, and none can be released"
        );
        notes.push(Note { place, message });
        missing.clear();
    }
    Ok(missing)
}

/// Visits that are missing and that files name again, and others that were missing at some time and that files name.
pub fn named_again(view: &dyn ReadTx, named: &Named) -> Result<(Vec<EventId>, Vec<EventId>), StoreError> {
    let missing: BTreeSet<_> = missing_visits::all(view)?.into_iter().map(|(event, _)| event).collect();
    let others = listed_visits::all(view)?.into_keys().filter(|event| !missing.contains(event));
    let others = others.filter(|event| named.events.contains(event)).collect();
    Ok((missing.into_iter().filter(|event| named.events.contains(event)).collect(), others))
}

/// Notes what is missing since an import, and forgets what is not any more. What was missing before stays so since then.
/// What the import says is kept, so that it can be taken back.
pub fn write(tx: &mut Tx<'_>, plan: &Plan, import: u64) -> Result<(), StoreError> {
    for event in plan.named_again.iter().chain(&plan.named_still) {
        say_since(tx, *event)?;
        listed_visits::put(tx, *event, import, true)?;
        missing_visits::remove(tx, *event)?;
    }
    for event in plan.missing() {
        if !say_since(tx, event.id)? {
            missing_visits::put(tx, event, import)?;
        }
        listed_visits::put(tx, event.id, import, false)?;
    }
    Ok(())
}

/// Keeps since when a visit is missing, if it is: marks may be older than the statements. Tells if it is missing.
fn say_since(tx: &mut Tx<'_>, event: EventId) -> Result<bool, StoreError> {
    let since = missing_visits::import_of(tx, event)?;
    since.map_or(Ok(()), |since| listed_visits::put(tx, event, since, false))?;
    Ok(since.is_some())
}

/// Forgets what is missing since an import that is taken back, and events that are gone with it. What it named again is
/// missing again, unless a later import names it, too.
pub fn take_back(tx: &mut Tx<'_>, import: u64) -> Result<(), StoreError> {
    for (event, since) in missing_visits::all(tx)? {
        if since == import || events::get(tx, event)?.is_none() {
            missing_visits::remove(tx, event)?;
        }
    }
    listed_visits::take_back(tx, import)
}
