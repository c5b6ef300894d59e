//! Pages of the audit that match a filter.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{
    domain::{
        alike::{number_key, search_key},
        audit::{Action, Entry, Note, State, Topic},
        event::search,
        ids::{EmployeeId, EventId},
    },
    store::{
        error::StoreError,
        tables::{audit, employees, events, meta, name_index},
        transaction::{Flow, ReadTx},
    },
};

/// Most entries that one page looks through for matches; the rest is a page further.
const LOOKED_THROUGH_MAX: usize = 5_000;

/// Days by which entries may be out of order: the clock of the server was set back, or entries were restored.
const DISORDER_DAYS: i64 = 2;
/// Most events with one event number that are looked for.
const SAME_NUMBER_MAX: usize = 1_000;

#[derive(Clone, Debug)]
pub struct Wanted {
    /// Entries about one of these events; all entries where it is none.
    pub events: Option<BTreeSet<EventId>>,
    /// Entries that concern one of these people: their assignments or their record.
    pub people: Option<BTreeSet<EmployeeId>>,
    /// The first and the last local day, both included.
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    /// As a search key. Empty matches every user.
    pub who: String,
    pub action: Option<Action>,
    pub zone: Tz,
}

impl Wanted {
    pub fn matches(&self, entry: &Entry) -> bool {
        let date = entry.at.with_timezone(&self.zone).date_naive();
        self.events.as_ref().is_none_or(|events| is_about(entry, events))
            && self.people.as_ref().is_none_or(|people| concerns(entry, people))
            && self.first.is_none_or(|first| first <= date)
            && self.last.is_none_or(|last| date <= last)
            && (self.who.is_empty() || search_key(&entry.who).contains(&self.who))
            && self.action.is_none_or(|action| entry.action == action)
    }
}

/// The last entry that is archived; none if all are in the store.
pub fn archived(tx: &dyn ReadTx) -> Result<Option<u64>, StoreError> {
    Ok(Some(meta::audit_archived(tx)?.sequence).filter(|last| *last > 0))
}

fn is_about(entry: &Entry, events: &BTreeSet<EventId>) -> bool {
    entry.subject.is_some_and(|id| events.contains(&id))
        || entry.steps.iter().any(|step| events.contains(&step.event))
        || notes_of_import(entry).any(|note| note.event.is_some_and(|id| events.contains(&id)))
}

/// An import has no steps: its notes name what it changed.
fn notes_of_import(entry: &Entry) -> impl Iterator<Item = &Note> {
    entry.notes.iter().filter(|_| entry.action == Action::Import)
}

fn concerns(entry: &Entry, people: &BTreeSet<EmployeeId>) -> bool {
    let holds = |state: &State| state.schedule.as_ref().is_some_and(|now| people.contains(&now.employee));
    let about = entry.about.as_ref().filter(|about| about.topic == Topic::Employee);
    about.is_some_and(|about| people.iter().any(|one| one.key() == number_key(&about.id)))
        || entry.steps.iter().any(|step| holds(&step.before) || holds(&step.after))
        || notes_of_import(entry).any(|note| people.iter().any(|one| note.message.contains(&format!("({one})"))))
}

/// The events that a text names: the one with that reference, and those with that event number.
pub fn events_named(tx: &dyn ReadTx, id: EventId) -> Result<BTreeSet<EventId>, StoreError> {
    let mut events = BTreeSet::from([id]);
    let (found, _) = name_index::beginning(tx, &id.to_string())?;
    for other in found.into_iter().take(SAME_NUMBER_MAX) {
        let number = events::get(tx, other)?.and_then(|event| event.number);
        if number.is_some_and(|number| u64::from(number.0) == id.0) {
            events.insert(other);
        }
    }
    Ok(events)
}

/// The people whose number a text is, or whose name has its words.
pub fn people_named(tx: &dyn ReadTx, text: &str) -> Result<BTreeSet<EmployeeId>, StoreError> {
    let words = search::words(&search_key(text));
    let key = number_key(text);
    let mut people = employees::all(tx)?;
    people.retain(|one| {
        one.id.key() == key || (!words.is_empty() && search::has_all(&words, &[&one.name, one.id.as_str()]))
    });
    Ok(people.into_iter().map(|one| one.id).collect())
}

/// A page of at most `limit` entries, newest first, beginning before `before`; and where the next page begins.
pub fn page(
    tx: &dyn ReadTx,
    wanted: &Wanted,
    before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Entry>, Option<u64>), StoreError> {
    let (oldest, newest) = sequences(tx, wanted.first, wanted.last)?;
    let first = before.map_or(newest, |before| before.saturating_sub(1)).min(newest);
    let mut found = Vec::new();
    for (looked, sequence) in (oldest..=first).rev().enumerate() {
        if found.len() == limit || looked == LOOKED_THROUGH_MAX {
            return Ok((found, Some(sequence + 1)));
        }
        found.extend(audit::get(tx, sequence)?.filter(|entry| wanted.matches(entry)));
    }
    Ok((found, None))
}

/// Visits the entries from one local day to another, oldest first.
pub fn each_between(
    tx: &dyn ReadTx,
    (first, last): (NaiveDate, NaiveDate),
    zone: Tz,
    mut visit: impl FnMut(Entry) -> Result<Flow, StoreError>,
) -> Result<(), StoreError> {
    let (oldest, newest) = sequences(tx, Some(first), Some(last))?;
    for sequence in oldest..=newest {
        let Some(entry) = audit::get(tx, sequence)? else { continue };
        let date = entry.at.with_timezone(&zone).date_naive();
        if (first..=last).contains(&date) && visit(entry)? == Flow::Stop {
            break;
        }
    }
    Ok(())
}

/// The sequences among which the entries of some days are, whatever the time zone; only those in the store.
fn sequences(tx: &dyn ReadTx, first: Option<NaiveDate>, last: Option<NaiveDate>) -> Result<(u64, u64), StoreError> {
    let (stored, newest) = (archived(tx)?.unwrap_or(0) + 1, audit::last(tx)?);
    let since = |date: NaiveDate, days: i64| {
        first_since(tx, (stored, newest), date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(days))
    };
    let oldest = first.map_or(Ok(stored), |first| since(first, -DISORDER_DAYS))?;
    Ok((oldest, last.map_or(Ok(newest), |date| since(date, 1 + DISORDER_DAYS))?.min(newest)))
}

/// The sequence of the first entry since a moment, found in a few reads because entries are in order of time; one after the last
/// entry if there is none.
fn first_since(tx: &dyn ReadTx, (first, last): (u64, u64), moment: DateTime<Utc>) -> Result<u64, StoreError> {
    let (mut low, mut high) = (first, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        // A change of many events takes several records; the first has its time.
        let mut at = None;
        for sequence in (low..=middle).rev() {
            at = audit::get(tx, sequence)?.map(|entry| entry.at);
            if at.is_some() {
                break;
            }
        }
        if at.is_some_and(|at| at >= moment) { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}
