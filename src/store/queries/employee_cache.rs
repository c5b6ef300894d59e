//! Cache of all employees and their events by day, for several decisions on the same data.
//!
//! Invariant: the owner passes every edit to the cache, so that it returns what a new read would return.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::{
    domain::{change::Edit, employee::Employee, event::Event, ids::EmployeeId},
    store::{error::StoreError, queries::held, tables::employees, transaction::ReadTx},
};

type Held = BTreeMap<EmployeeId, Vec<Event>>;

/// Cached data of one [`ReadTx`].
#[derive(Debug, Default)]
pub(crate) struct EmployeeCache {
    people: BTreeMap<EmployeeId, Employee>,
    /// The days that were read for all employees.
    days: BTreeMap<NaiveDate, Held>,
}

impl EmployeeCache {
    /// All employees, under the names that messages show.
    pub fn people(&mut self, tx: &dyn ReadTx) -> Result<&BTreeMap<EmployeeId, Employee>, StoreError> {
        if self.people.is_empty() {
            let all = employees::all_named(tx)?;
            self.people = all.into_iter().map(|employee| (employee.id.clone(), employee)).collect();
        }
        Ok(&self.people)
    }

    /// Events of all employees from `first` to `last`, by date; employees without events are included.
    pub fn held(&mut self, tx: &dyn ReadTx, first: NaiveDate, last: NaiveDate) -> Result<Held, StoreError> {
        self.people(tx)?;
        let dates = || first.iter_days().take_while(|date| *date <= last);
        let unknown = |date: &NaiveDate| !self.days.contains_key(date);
        if let (Some(first), Some(last)) = (dates().find(unknown), dates().filter(unknown).last()) {
            self.read(tx, first, last)?;
        }
        let mut held: Held = self.people.keys().map(|id| (id.clone(), Vec::new())).collect();
        for (id, events) in dates().filter_map(|date| self.days.get(&date)).flatten() {
            held.entry(id.clone()).or_default().extend(events.iter().cloned());
        }
        Ok(held)
    }

    /// One read of all employees, for any number of days.
    fn read(&mut self, tx: &dyn ReadTx, first: NaiveDate, last: NaiveDate) -> Result<(), StoreError> {
        let mut read: BTreeMap<NaiveDate, Held> = BTreeMap::new();
        for date in first.iter_days().take_while(|date| *date <= last) {
            read.insert(date, Held::new());
        }
        let people: Vec<_> = self.people.keys().collect();
        for (id, events) in people.iter().zip(held::by_each(tx, &people, first, last)?) {
            for event in events {
                if let Some(day) = event.date().and_then(|date| read.get_mut(&date)) {
                    day.entry((*id).clone()).or_default().push(event);
                }
            }
        }
        self.days.extend(read);
        Ok(())
    }

    pub fn edit(&mut self, Edit { before, after }: &Edit) {
        if let Some((day, id)) = self.place(before)
            && let Some(events) = day.get_mut(&id)
        {
            events.retain(|event| event.id != before.id);
        }
        if let Some((day, id)) = self.place(after) {
            let events = day.entry(id).or_default();
            let at = events.partition_point(|event| event.id < after.id);
            events.insert(at, after.clone());
        }
    }

    /// The day of an event, if it is cached, and its employee.
    fn place(&mut self, event: &Event) -> Option<(&mut Held, EmployeeId)> {
        let now = event.schedule.as_ref()?;
        Some((self.days.get_mut(&now.start.date())?, now.employee.clone()))
    }
}

/// The days before and after, because work may cross midnight.
pub(crate) fn around(date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    Some((date.checked_sub_days(Days::new(1))?, date.checked_add_days(Days::new(1))?))
}
