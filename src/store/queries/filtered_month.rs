//! The counts of a month with a filter.
//!
//! Counters are used where they suffice. Otherwise events are read through the shortest index, at most
//! [`EVENTS_MAX`].

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    domain::{
        calendar::Month,
        event::{Condition, Event, EventType, counts::DayCounts, filter::Filter, pairing::Pair},
    },
    store::{
        error::StoreError,
        tables::{days, events, pairs, retail_stores},
        transaction::ReadTx,
    },
};

/// Most events that are read to count a month. The busiest month of a real year has some thousands.
pub const EVENTS_MAX: usize = 20_000;

/// The counts of a month, first day to last.
#[derive(Debug)]
pub struct FilteredMonth {
    pub days: Vec<(NaiveDate, DayCounts)>,
    /// False if there were more events than are read, so that counts may be too low.
    pub complete: bool,
}

/// The month's counts with a filter.
pub fn month(tx: &dyn ReadTx, month: Month, filter: &Filter) -> Result<FilteredMonth, StoreError> {
    let days = days::month(tx, month)?;
    if filter.is_empty() {
        return Ok(FilteredMonth { days, complete: true });
    }
    if filter.store.is_none() && filter.employee.is_none() {
        return by_counters(tx, month, filter, days);
    }
    let span = (month.first(), month.last());
    let read = match (&filter.employee, &filter.store) {
        (Some(employee), _) => events::held_first(tx, employee, span, EVENTS_MAX + 1)?,
        (None, Some(store)) => retail_stores::events_between(tx, store, span, EVENTS_MAX + 1)?,
        (None, None) => Vec::new(),
    };
    let none = days.into_iter().map(|(date, _)| (date, DayCounts::default())).collect();
    let mut filtered = counted(none, &read, filter);
    count_without_supervisor(tx, &mut filtered, &read, filter)?;
    Ok(filtered)
}

/// Counts the matching COREs that are without their Supervisor.
fn count_without_supervisor(
    tx: &dyn ReadTx,
    filtered: &mut FilteredMonth,
    read: &[Event],
    filter: &Filter,
) -> Result<(), StoreError> {
    let matching = read.iter().take(EVENTS_MAX).filter(|event| filter.matches(event));
    for pair in pairs::of(tx, matching)? {
        for core in Pair::among(&pair).without_supervisor().into_iter().filter(|core| filter.matches(core)) {
            if let Some((_, counts)) = filtered.days.iter_mut().find(|(date, _)| core.date() == Some(*date)) {
                counts.without_supervisor += 1;
            }
        }
    }
    Ok(())
}

/// Type and condition: the counters know all except the types of unstaffed events.
fn by_counters(
    tx: &dyn ReadTx,
    month: Month,
    filter: &Filter,
    mut days: Vec<(NaiveDate, DayCounts)>,
) -> Result<FilteredMonth, StoreError> {
    let shows = |condition| filter.condition.is_none_or(|wanted| wanted == condition);
    for (_, counts) in &mut days {
        for one in EventType::ALL.into_iter().filter(|one| !shows(Condition::Scheduled) || !filter.wants(*one)) {
            counts.scheduled[one as usize] = 0;
        }
        if !shows(Condition::Scheduled) || !filter.wants(EventType::Core) {
            counts.without_supervisor = 0;
        }
        if !shows(Condition::Unstaffed) || !filter.types().is_empty() {
            counts.unscheduled_due = 0;
        }
    }
    if !shows(Condition::Unstaffed) || filter.types().is_empty() {
        return Ok(FilteredMonth { days, complete: true });
    }
    let due = events::due_first(tx, (month.first(), month.last()), EVENTS_MAX + 1)?;
    Ok(counted(days, &due, filter))
}

fn counted(days: Vec<(NaiveDate, DayCounts)>, read: &[Event], filter: &Filter) -> FilteredMonth {
    let mut by_day: BTreeMap<NaiveDate, DayCounts> = days.into_iter().collect();
    for event in read.iter().take(EVENTS_MAX).filter(|event| filter.matches(event)) {
        for (date, slot) in DayCounts::slots(event) {
            if let Some(counts) = by_day.get_mut(&date) {
                *counts.slot_mut(slot) += 1;
            }
        }
    }
    FilteredMonth { days: by_day.into_iter().collect(), complete: read.len() <= EVENTS_MAX }
}
