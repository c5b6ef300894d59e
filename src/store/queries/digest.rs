//! Changes by other users since a moment: the latest audit entries, and a summary by user.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    domain::{
        audit::{Action, Entry, Outcome, Topic},
        ids::{EmployeeId, EventId},
    },
    store::{
        error::StoreError,
        queries::audit_list::{self, Wanted},
        tables::{employees, events},
        transaction::ReadTx,
    },
};

/// Most entries that a digest counts.
pub const ENTRIES_MAX: usize = 500;

/// The changes of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub who: String,
    pub changes: usize,
    pub events: usize,
    /// Ids and names of the people concerned, by name.
    pub people: Vec<(EmployeeId, String)>,
    /// The stores of the events.
    pub stores: Vec<String>,
}

/// Changes by others.
#[derive(Debug, Default)]
pub struct Digest {
    /// By number of changes.
    pub users: Vec<Summary>,
    /// Newest first.
    pub entries: Vec<Entry>,
    /// There are more than [`ENTRIES_MAX`] to look through.
    pub more: bool,
}

/// Events and people of one user's changes.
#[derive(Default)]
struct Counted {
    changes: usize,
    events: BTreeSet<EventId>,
    people: BTreeSet<EmployeeId>,
}

/// Changes by users other than `reader` since a moment.
pub fn since(tx: &dyn ReadTx, moment: DateTime<Utc>, zone: Tz, reader: &str) -> Result<Digest, StoreError> {
    let first = Some(moment.with_timezone(&zone).date_naive());
    let (events, people, last, who, action) = (None, None, None, String::new(), None);
    let wanted = Wanted { events, people, first, last, who, action, zone };
    let (mut entries, next) = audit_list::page(tx, &wanted, None, ENTRIES_MAX)?;
    entries.retain(|entry| entry.at >= moment && entry.who != reader && is_told(entry));
    let mut counted: BTreeMap<&str, Counted> = BTreeMap::new();
    for entry in &entries {
        let one = counted.entry(&entry.who).or_default();
        one.changes += 1;
        one.events.extend(entry.steps.iter().map(|step| step.event));
        let states = entry.steps.iter().flat_map(|step| [&step.before, &step.after]);
        one.people.extend(states.filter_map(|state| state.schedule.as_ref()).map(|now| now.employee.clone()));
        let about = entry.about.as_ref().filter(|about| about.topic == Topic::Employee);
        one.people.extend(about.and_then(|about| about.id.parse().ok()));
    }
    let mut users = counted.iter().map(|(who, one)| summary(tx, who, one)).collect::<Result<Vec<_>, _>>()?;
    users.sort_by_key(|one| std::cmp::Reverse(one.changes));
    Ok(Digest { users, entries, more: next.is_some() })
}

/// Tells if an entry changed the schedule or what it depends on.
fn is_told(entry: &Entry) -> bool {
    let topics = [Topic::Employee, Topic::Holiday, Topic::Proposal, Topic::Rotation, Topic::Store];
    let about = entry.about.as_ref().is_some_and(|about| topics.contains(&about.topic));
    entry.outcome == Outcome::Done && (!entry.steps.is_empty() || about || entry.action == Action::Import)
}

fn summary(tx: &dyn ReadTx, who: &str, counted: &Counted) -> Result<Summary, StoreError> {
    let mut stores = BTreeSet::new();
    for id in &counted.events {
        stores.extend(events::get(tx, *id)?.and_then(|event| event.location.label()));
    }
    let named = |id: &EmployeeId| Ok((id.clone(), employees::shown_name(tx, id)?));
    let mut people = counted.people.iter().map(named).collect::<Result<Vec<_>, StoreError>>()?;
    people.sort_by(|a, b| a.1.cmp(&b.1));
    let (changes, events) = (counted.changes, counted.events.len());
    Ok(Summary { who: who.to_owned(), changes, events, people, stores: stores.into_iter().collect() })
}
