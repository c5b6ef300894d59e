//! Search: events by the words of their name, store and employee; employees; stores.
//!
//! A common word costs no more than a rare one: each step has a limit, and the result tells when one was reached.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::{
    domain::{
        alike::number_key,
        employee::Employee,
        event::{Event, Location, search::Question},
        ids::{EmployeeId, EventId},
    },
    store::{
        error::StoreError,
        tables::{employees, events, name_index, retail_stores},
        transaction::ReadTx,
    },
};

/// Most events read per query: the newest, if there are more.
pub const EVENTS_READ_MAX: usize = 1000;
/// Most employees and most stores in a result.
pub const PEOPLE_MAX: usize = 20;
pub const STORES_MAX: usize = 20;
/// Most days listed for a store, how far they are looked for, and most events read for that.
const STORE_DAYS_MAX: usize = 7;
const STORE_DAYS_SEARCHED: u64 = 120;
const STORE_EVENTS_READ_MAX: usize = 500;
/// Most events read for other names of stores, over all stores.
const STORE_NAMES_READ_MAX: usize = 1000;
const STORES_READ_MAX: usize = 2000;

#[derive(Debug, Default)]
pub struct Found {
    /// Future events by date, then past ones from the latest, then those without a date; each with its employee. All
    /// employees are under the names that pages show.
    pub events: Vec<(Event, Option<Employee>)>,
    pub people: Vec<Employee>,
    pub stores: Vec<FoundStore>,
    /// A limit was reached, so that there may be more.
    pub more_events: bool,
    pub more_people: bool,
    pub more_stores: bool,
}

/// A store, and days on which it has events: the next ones from today, or else the last ones.
#[derive(Debug)]
pub struct FoundStore {
    pub location: Location,
    pub days: Vec<NaiveDate>,
}

/// Runs a query. `today` decides the order.
pub fn run(tx: &dyn ReadTx, question: &Question, today: NaiveDate) -> Result<Found, StoreError> {
    let all = employees::all_named(tx)?;
    let holders: BTreeMap<_, _> = all.iter().map(|one| (&one.id, one)).collect();
    let (mut events, more_events) = events(tx, question, &holders)?;
    let (people, more_people) = people(&all, question);
    let (stores, more_stores) = stores(tx, question, today)?;
    events.sort_by_key(|(event, _)| nearness(event, today));
    Ok(Found { events, people, stores, more_events, more_people, more_stores })
}

/// Sort key: future before past, each by distance.
fn nearness(event: &Event, today: NaiveDate) -> (u8, i64, EventId) {
    let (rank, days) = match event.day() {
        Some(date) if date >= today => (0, (date - today).num_days()),
        Some(date) => (1, (today - date).num_days()),
        None => (2, 0),
    };
    (rank, days, event.id)
}

type Held = (Event, Option<Employee>);

fn events(
    tx: &dyn ReadTx,
    question: &Question,
    holders: &BTreeMap<&EmployeeId, &Employee>,
) -> Result<(Vec<Held>, bool), StoreError> {
    let (candidates, complete) = candidates(tx, question)?;
    let named = question.reference();
    let mut found = Vec::new();
    for id in named.into_iter().chain(candidates.iter().copied().filter(|id| Some(*id) != named)) {
        let Some(event) = events::get(tx, id)? else { continue };
        let employee = event.schedule.as_ref().and_then(|now| holders.get(&now.employee).copied());
        let person = employee.map_or("", |employee| employee.name.as_str());
        let texts = [event.name.as_str(), &event.location.number, &event.location.name, person];
        if Some(id) == named || question.fits(&texts) {
            found.push((event, employee.cloned()));
        }
    }
    Ok((found, !complete))
}

/// Events whose names have at least one of the words: first those with all of them, then those with the rarest,
/// because the other words may belong to the store or the employee.
fn candidates(tx: &dyn ReadTx, question: &Question) -> Result<(Vec<EventId>, bool), StoreError> {
    let (mut sets, mut complete) = (Vec::new(), true);
    for word in &question.words {
        let (set, whole) = name_index::beginning(tx, word)?;
        complete &= whole;
        sets.extend((!set.is_empty()).then_some(set));
    }
    sets.sort_by_key(BTreeSet::len);
    let Some((rarest, others)) = sets.split_first() else { return Ok((Vec::new(), complete)) };
    let in_all = |id: &&EventId| others.iter().all(|set| set.contains(id));
    let (all, some): (Vec<EventId>, Vec<EventId>) = rarest.iter().rev().partition(|id| in_all(id));
    complete &= rarest.len() <= EVENTS_READ_MAX;
    Ok((all.into_iter().chain(some).take(EVENTS_READ_MAX).collect(), complete))
}

fn people(all: &[Employee], question: &Question) -> (Vec<Employee>, bool) {
    let wanted = number_key(&question.text);
    let fits = |one: &&Employee| one.id.key() == wanted || question.fits(&[&one.name, one.id.as_str()]);
    let mut people: Vec<_> = all.iter().filter(fits).cloned().collect();
    people.sort_by(|a, b| (!a.active, &a.name, &a.id).cmp(&(!b.active, &b.name, &b.id)));
    let more = people.len() > PEOPLE_MAX;
    people.truncate(PEOPLE_MAX);
    (people, more)
}

fn stores(tx: &dyn ReadTx, question: &Question, today: NaiveDate) -> Result<(Vec<FoundStore>, bool), StoreError> {
    let exact = retail_stores::get(tx, &question.text)?;
    let (all, more) = retail_stores::all(tx, STORES_READ_MAX)?;
    let mut found: Vec<Location> = exact.clone().into_iter().collect();
    let events_max = STORE_NAMES_READ_MAX / all.len().max(1);
    for store in all.into_iter().filter(|one| exact.as_ref().is_none_or(|exact| !exact.is_same(one))) {
        found.extend(named(tx, question, store, today, events_max)?);
    }
    let more = more || found.len() > STORES_MAX;
    found.truncate(STORES_MAX);
    let with_days = |location: Location| Ok(FoundStore { days: days_of(tx, &location, today)?, location });
    Ok((found.into_iter().map(with_days).collect::<Result<_, StoreError>>()?, more))
}

/// A store under the name that the query finds: that of its first event, or else another one of its recent events.
fn named(
    tx: &dyn ReadTx,
    question: &Question,
    store: Location,
    today: NaiveDate,
    events_max: usize,
) -> Result<Option<Location>, StoreError> {
    let fits = |one: &Location| question.fits(&[&one.number, &one.name]);
    if fits(&store) {
        return Ok(Some(store));
    }
    let recent = retail_stores::events_between(tx, &store.key(), around(today), events_max)?;
    Ok(recent.into_iter().map(|event| event.location).find(|one| one.name != store.name && fits(one)))
}

/// The days that are searched for a store's.
fn around(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    (today - Days::new(STORE_DAYS_SEARCHED), today + Days::new(STORE_DAYS_SEARCHED))
}

fn days_of(tx: &dyn ReadTx, store: &Location, today: NaiveDate) -> Result<Vec<NaiveDate>, StoreError> {
    let (back, ahead) = around(today);
    let mut days = Vec::new();
    for range in [(today, ahead), (back, today)] {
        let events = retail_stores::events_between(tx, &store.key(), range, STORE_EVENTS_READ_MAX)?;
        days = events.iter().filter_map(|event| event.date().or_else(|| event.last_day())).collect();
        days.dedup();
        if range.0 == back {
            days.drain(..days.len().saturating_sub(STORE_DAYS_MAX));
        }
        days.truncate(STORE_DAYS_MAX);
        if !days.is_empty() {
            break;
        }
    }
    Ok(days)
}
