//! Search: events by the words of their name, store and employee; employees; stores.
//!
//! A common word costs no more than a rare one: each step has a limit, and the result tells when one was reached.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::{
    domain::{
        employee::Employee,
        event::{Event, Location, search::Question},
        ids::EventId,
    },
    store::{
        error::StoreError,
        queries::retail_stores,
        tables::{employees, events, name_index},
        transaction::ReadTx,
    },
};

/// Most events read per query: the newest, if there are more.
pub const EVENTS_READ_MAX: usize = 1000;
/// Most employees and most stores in a result.
pub const PEOPLE_MAX: usize = 20;
pub const STORES_MAX: usize = 20;
/// Most stores read.
const STORES_READ_MAX: usize = 2000;

/// Result of a query.
#[derive(Debug, Default)]
pub struct Found {
    /// Future events by date, then past ones from the latest, then those without a date; each with its employee.
    pub events: Vec<(Event, Option<Employee>)>,
    pub people: Vec<Employee>,
    pub stores: Vec<Location>,
    /// A limit was reached, so that there may be more.
    pub more_events: bool,
    pub more_people: bool,
    pub more_stores: bool,
}

/// Runs a query. `today` decides the order.
pub fn run(tx: &dyn ReadTx, question: &Question, today: NaiveDate) -> Result<Found, StoreError> {
    let (people, more_people) = people(tx, question)?;
    let (stores, more_stores) = stores(tx, question)?;
    let (mut events, more_events) = events(tx, question)?;
    events.sort_by_key(|(event, _)| nearness(event, today));
    Ok(Found { events, people, stores, more_events, more_people, more_stores })
}

/// Sort key: future before past, each by distance.
fn nearness(event: &Event, today: NaiveDate) -> (u8, i64, EventId) {
    let (rank, days) = match event.date().or(event.due.map(|due| due.date)) {
        Some(date) if date >= today => (0, (date - today).num_days()),
        Some(date) => (1, (today - date).num_days()),
        None => (2, 0),
    };
    (rank, days, event.id)
}

type Held = (Event, Option<Employee>);

fn events(tx: &dyn ReadTx, question: &Question) -> Result<(Vec<Held>, bool), StoreError> {
    let (candidates, complete) = candidates(tx, question)?;
    let named = question.reference();
    let mut found = Vec::new();
    for id in named.into_iter().chain(candidates.iter().copied().filter(|id| Some(*id) != named)) {
        let Some(event) = events::get(tx, id)? else { continue };
        let employee = match &event.schedule {
            Some(now) => employees::get(tx, &now.employee)?,
            None => None,
        };
        let person = employee.as_ref().map_or("", |employee| employee.name.as_str());
        let texts = [event.name.as_str(), &event.location.number, &event.location.name, person];
        if Some(id) == named || question.fits(&texts) {
            found.push((event, employee));
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

fn people(tx: &dyn ReadTx, question: &Question) -> Result<(Vec<Employee>, bool), StoreError> {
    let mut people = employees::all(tx)?;
    people.retain(|one| one.id.as_str() == question.text || question.fits(&[&one.name, one.id.as_str()]));
    people.sort_by(|a, b| (!a.active, &a.name, &a.id).cmp(&(!b.active, &b.name, &b.id)));
    let more = people.len() > PEOPLE_MAX;
    people.truncate(PEOPLE_MAX);
    Ok((people, more))
}

fn stores(tx: &dyn ReadTx, question: &Question) -> Result<(Vec<Location>, bool), StoreError> {
    let exact = retail_stores::get(tx, question.text.trim_start_matches('#'))?;
    let (all, more) = retail_stores::all(tx, STORES_READ_MAX)?;
    let fits = |one: &Location| Some(one) != exact.as_ref() && question.fits(&[&one.number, &one.name]);
    let mut found: Vec<Location> = exact.clone().into_iter().chain(all.into_iter().filter(fits)).collect();
    let more = more || found.len() > STORES_MAX;
    found.truncate(STORES_MAX);
    Ok((found, more))
}
