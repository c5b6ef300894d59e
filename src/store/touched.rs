//! The changes of a transaction on which issues depend.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::{
    event::{Event, Location},
    ids::{EmployeeId, EventId},
    integrity::number_in_pair,
    rules::stored::touches,
};

/// The key of a store, and an event number.
pub(crate) type Group = (String, u32);

/// Records that a transaction changed, as far as issues depend on them.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Days of employees whose work changed.
    pub days: BTreeSet<(EmployeeId, NaiveDate)>,
    pub employees: BTreeSet<EmployeeId>,
    pub holidays: BTreeSet<NaiveDate>,
    /// Changed events, with their day before the transaction.
    pub events: BTreeMap<EventId, Option<NaiveDate>>,
    /// Pairs, with their events before the transaction.
    pub groups: BTreeMap<Group, (Location, Vec<Event>)>,
}

impl Touched {
    pub fn employee(&mut self, id: &EmployeeId) {
        self.employees.insert(id.clone());
    }

    pub fn holiday(&mut self, date: NaiveDate) {
        self.holidays.insert(date);
    }

    /// Notes pairs as they are before a change. The first note of a pair stands.
    pub fn pairs(&mut self, pairs: &[Vec<Event>]) {
        for pair in pairs {
            if let Some((first, group)) = pair.iter().find_map(|event| Some((event, group_of(event)?))) {
                self.groups.entry(group).or_insert_with(|| (first.location.clone(), pair.clone()));
            }
        }
    }

    /// Notes the days of an assignment: what is wrong with it may have changed.
    pub fn assignment(&mut self, event: &Event) {
        let Some(now) = &event.schedule else { return };
        let dates = now.start.date().iter_days().take_while(|date| touches(event, *date));
        self.days.extend(dates.map(|date| (now.employee.clone(), date)));
    }

    /// Notes a change of an event, after its pairs.
    pub fn event(&mut self, before: Option<&Event>, after: Option<&Event>) {
        [before, after].into_iter().flatten().for_each(|event| self.assignment(event));
        for event in [before, after].into_iter().flatten() {
            if let Some(group) = group_of(event) {
                self.groups.entry(group).or_insert_with(|| (event.location.clone(), Vec::new()));
            }
        }
        if let Some(event) = before.or(after) {
            self.events.entry(event.id).or_insert_with(|| before.and_then(Event::date));
        }
    }
}

fn group_of(event: &Event) -> Option<Group> {
    Some((event.location.key().into_owned(), number_in_pair(event)?.0))
}
