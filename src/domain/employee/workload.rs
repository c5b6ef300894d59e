//! The events of a person around a day, for choosing among people.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{
    event::{Event, Location},
    format,
    ids::EmployeeId,
};

/// The events of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// Start and product of the events of the day, earliest first.
    pub day: Vec<(NaiveDateTime, String)>,
    pub week_minutes: u32,
    /// The store of most of the events lately.
    pub usual_store: Option<Location>,
}

/// The events of everyone.
#[derive(Clone, Debug, Default)]
pub struct Workloads(BTreeMap<EmployeeId, Workload>);

impl Workloads {
    /// From the events of the week of `date`, by start, and of the weeks before it.
    pub fn around(date: NaiveDate, week: &[Event], before: &[Event]) -> Self {
        let mut all: BTreeMap<EmployeeId, Workload> = BTreeMap::new();
        let mut stores: BTreeMap<EmployeeId, BTreeMap<&Location, usize>> = BTreeMap::new();
        for (event, now) in week.iter().filter_map(|event| Some((event, event.schedule.as_ref()?))) {
            let workload = all.entry(now.employee.clone()).or_default();
            workload.week_minutes += event.minutes;
            if now.start.date() == date {
                workload.day.push((now.start, event.product()));
            }
        }
        for (event, now) in before.iter().chain(week).filter_map(|event| Some((event, event.schedule.as_ref()?))) {
            *stores.entry(now.employee.clone()).or_default().entry(&event.location).or_default() += 1;
        }
        for (employee, stores) in stores {
            let usual = stores.into_iter().max_by_key(|(_, count)| *count).map(|(store, _)| store.clone());
            all.entry(employee).or_default().usual_store = usual;
        }
        Self(all)
    }

    /// "free that day, 12 h this week"; "10:00 AM Super Pretzel and 1 more, 12 h this week, usually Harbor Club" where
    /// people usually work at different stores.
    pub fn words(&self, employee: &EmployeeId) -> String {
        let none = Workload::default();
        let Workload { day, week_minutes, usual_store } = self.0.get(employee).unwrap_or(&none);
        let work = match day.as_slice() {
            [] => "free that day".to_owned(),
            [(start, product)] => format!("{} {product}", format::time(start.time())),
            [(start, product), more @ ..] => {
                format!("{} {product} and {} more", format::time(start.time()), more.len())
            }
        };
        let store = usual_store.as_ref().filter(|_| self.differ());
        let name = |store: &Location| if store.name.is_empty() { store.number.clone() } else { store.name.clone() };
        let store = store.map_or_else(String::new, |store| format!(", usually {}", name(store)));
        format!("{work}, {} this week{store}", format::duration(*week_minutes))
    }

    /// Tells if people usually work at different stores.
    fn differ(&self) -> bool {
        let mut stores = self.0.values().filter_map(|one| one.usual_store.as_ref());
        stores.next().is_some_and(|first| stores.any(|other| other != first))
    }
}
