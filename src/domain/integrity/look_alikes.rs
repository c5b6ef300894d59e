//! Records that are one by their key and are written differently: employees, and stores.

use std::collections::BTreeMap;

use crate::domain::{
    employee::Employee,
    event::Event,
    format,
    ids::{EmployeeId, EventId},
    integrity::Check,
};

/// Most spellings that one sentence names.
const NAMED_MAX: usize = 5;

/// Several records, or several spellings, of one employee or store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// [`Check::AlikeEmployees`] or [`Check::AlikeStores`].
    pub check: Check,
    pub key: String,
    pub message: String,
    /// An event at the store.
    pub event: Option<EventId>,
}

/// Employees whose ids have one key, by id.
pub fn groups(employees: Vec<Employee>) -> Vec<Vec<Employee>> {
    let mut groups: BTreeMap<EmployeeId, Vec<Employee>> = BTreeMap::new();
    for employee in employees {
        groups.entry(employee.id.clone()).or_default().push(employee);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// The employees who are recorded more than once.
pub fn of_employees(employees: Vec<Employee>) -> Vec<LookAlike> {
    let found = groups(employees).into_iter().map(|group| {
        let named: Vec<_> = group.iter().take(NAMED_MAX).map(|one| format!("{} ({})", one.id, one.name)).collect();
        let key = group.first().map(|one| one.id.key().into_owned()).unwrap_or_default();
        let message = format!("{} are one employee, recorded {} times.", format::list(&named), group.len());
        LookAlike { check: Check::AlikeEmployees, key, message, event: None }
    });
    found.collect()
}

/// The spellings of each store in its events: its number, or its name if it has no number.
#[derive(Debug, Default)]
pub struct StoreSpellings(BTreeMap<String, BTreeMap<String, EventId>>);

impl StoreSpellings {
    pub fn add(&mut self, event: &Event) {
        let (key, written) = (event.location.key(), event.location.written());
        if key.is_empty() {
            return;
        }
        let Some(spellings) = self.0.get_mut(key.as_ref()) else {
            let spellings = BTreeMap::from([(written.to_owned(), event.id)]);
            self.0.insert(key.into_owned(), spellings);
            return;
        };
        if !spellings.contains_key(written) {
            spellings.insert(written.to_owned(), event.id);
        }
    }

    /// The stores that are written in several ways.
    pub fn found(self) -> Vec<LookAlike> {
        let several = self.0.into_iter().filter(|(_, spellings)| spellings.len() > 1);
        let found = several.map(|(key, spellings)| {
            let named: Vec<_> = spellings.keys().take(NAMED_MAX).cloned().collect();
            let message = format!("{} are one store, written in {} ways.", format::list(&named), spellings.len());
            LookAlike { check: Check::AlikeStores, key, message, event: spellings.values().next().copied() }
        });
        found.collect()
    }
}
