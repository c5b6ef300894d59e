//! Numbers that are written in several ways: what is shown is how the first source wrote them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{
        event::{Event, Location},
        format,
        ids::EmployeeId,
    },
    import::{Note, Place},
    store::{ReadTx, StoreError, tables::retail_stores},
};

/// What a number belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Employee,
    Store,
}

/// How the employees and stores of an import are written here, and how its files write them otherwise.
#[derive(Debug, Default)]
pub struct Spellings {
    employees: BTreeSet<EmployeeId>,
    stores: BTreeMap<String, Location>,
    /// By subject, the number as it is written here, and as the files have it: the first row, and how many.
    others: BTreeMap<(Subject, String, String), (Place, u64)>,
}

impl Spellings {
    /// An employee, as written here: an id of the files is written in the same way from now on.
    pub fn employee(&mut self, here: &EmployeeId) {
        self.employees.insert(here.clone());
    }

    /// Writes the employees and the store of an event as they are written here.
    pub fn respell(&mut self, view: &dyn ReadTx, event: &mut Event, place: &Place) -> Result<(), StoreError> {
        for schedule in [&mut event.schedule, &mut event.imported].into_iter().flatten() {
            let Some(here) = self.employees.get(&schedule.employee).cloned() else { continue };
            self.note(Subject::Employee, here.as_str(), schedule.employee.as_str(), place);
            schedule.employee = here;
        }
        let key = event.location.key().into_owned();
        if key.is_empty() {
            return Ok(());
        }
        let here = match self.stores.get(&key) {
            Some(here) => here.clone(),
            None => retail_stores::get(view, &key)?.unwrap_or_else(|| event.location.clone()),
        };
        self.stores.entry(key).or_insert_with(|| here.clone());
        let (written, here) = if event.location.number.is_empty() {
            (&mut event.location.name, here.name)
        } else {
            (&mut event.location.number, here.number)
        };
        if !here.is_empty() && *written != here {
            let other = std::mem::replace(written, here.clone());
            self.note(Subject::Store, &here, &other, place);
        }
        Ok(())
    }

    fn note(&mut self, subject: Subject, here: &str, other: &str, place: &Place) {
        if here != other {
            let key = (subject, here.to_owned(), other.to_owned());
            self.others.entry(key).or_insert_with(|| (place.clone(), 0)).1 += 1;
        }
    }

    /// One note for each other spelling, with its first row.
    pub fn notes(self) -> impl Iterator<Item = Note> {
        self.others.into_iter().map(|((subject, here, other), (place, count))| {
            let what = match subject {
                Subject::Employee => "employee",
                Subject::Store => "store",
            };
            let rows = format::count(count, "row");
            let message = format!("{what} \"{other}\" is {what} \"{here}\", written in another way ({rows})");
            Note { place, message }
        })
    }
}
