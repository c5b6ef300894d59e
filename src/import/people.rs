//! People and holidays of an import, compared with the store.
//!
//! Rule of this file: what is set here stays, and the report says where the files say otherwise.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{
        alike::is_alike,
        change::employee_edit,
        employee::{
            EMPLOYEES_MAX, Employee, ImportedProfile,
            availability::WEEKDAYS,
            holiday::{HOLIDAYS_MAX, Holiday},
        },
        event::search,
        format,
        ids::EmployeeId,
    },
    import::{Assignments, IncomingEmployee, Note, PersonFact, Place, Plan, Rejected, changes::who, kept},
    store::{
        ReadTx, StoreError,
        tables::{employees, holidays},
    },
};

/// Who has a name, however it is written.
pub(super) type Names = BTreeMap<Vec<String>, BTreeSet<EmployeeId>>;

/// The words of a name, in any order: "Quill, Nora" is "NORA QUILL".
fn name_key(name: &str) -> Vec<String> {
    let mut words = search::words(name);
    words.sort();
    words
}

/// The names of everyone here.
pub(super) fn names(view: &dyn ReadTx) -> Result<Names, StoreError> {
    let mut names = Names::new();
    for one in employees::all(view)? {
        names.entry(name_key(&one.name)).or_default().insert(one.id);
    }
    Ok(names)
}

impl Plan {
    pub(super) fn add_employee(&mut self, view: &dyn ReadTx, incoming: IncomingEmployee) -> Result<(), StoreError> {
        self.employees_seen += 1;
        let IncomingEmployee { employee: mut incoming, other_names, open } = incoming;
        let stored = employees::get(view, &incoming.id)?;
        self.spellings.employee(stored.as_ref().map_or(&incoming.id, |stored| &stored.id));
        let Some(stored) = stored else {
            self.add_new(incoming);
            return Ok(());
        };
        if self.assignments == Assignments::OfExport {
            let is_older = !open.contains(&PersonFact::Revision) && incoming.revision < stored.revision;
            let wanted = kept::restored(&stored, incoming, &open);
            if is_older && wanted != stored {
                self.note_kept(format!("{}: {STAYS}", who(&stored)));
            } else {
                self.add_known(stored, wanted);
            }
            return Ok(());
        }
        self.settle_name(&stored, &mut incoming, &other_names);
        let wanted = kept::merged(&stored, incoming.clone(), &open);
        let said = said(&wanted, &incoming, &open);
        if said != wanted {
            let facts = employee_edit::facts(Some(&wanted), &said).into_iter();
            let facts: Vec<_> = facts.map(|fact| format!("{} {}", fact.name, fact.after)).collect();
            self.note_kept(format!("{} stays as here; the files say otherwise: {}", who(&stored), facts.join("; ")));
        }
        self.add_known(stored, wanted);
        Ok(())
    }

    fn add_known(&mut self, stored: Employee, wanted: Employee) {
        if wanted != stored {
            let wanted = Employee { revision: stored.revision.next(), ..wanted };
            self.employees.push((Some(stored), wanted));
        }
    }

    fn add_new(&mut self, incoming: Employee) {
        if self.employees_new == self.room {
            self.left_out.insert(incoming.id);
            return;
        }
        self.employees_new += 1;
        if let Some(other) = self.namesake(&incoming.name, &incoming.id) {
            let message =
                format!("{} has the name of {other}: if both are one person, correct the number", who(&incoming));
            self.notes.push(Note { place: place("New"), message });
        }
        self.names.entry(name_key(&incoming.name)).or_default().insert(incoming.id.clone());
        let Employee { name, title, email, .. } = incoming.clone();
        let imported = match self.assignments {
            Assignments::OfSource => Some(ImportedProfile { name, title, email }),
            Assignments::OfExport => incoming.imported.clone(),
        };
        self.employees.push((None, Employee { imported, ..incoming }));
    }

    /// Takes, of the names that the files give, the one that is known; and no new one that is another person's.
    fn settle_name(&mut self, stored: &Employee, incoming: &mut Employee, other_names: &[String]) {
        let known = stored.imported.as_ref().map_or(&stored.name, |given| &given.name);
        let is_known = |name: &&String| is_alike(name, known) || is_alike(name, &stored.name);
        if let Some(name) = std::iter::once(&incoming.name).chain(other_names).find(is_known) {
            incoming.name = name.clone();
        } else if let Some(other) = self.namesake(&incoming.name, &stored.id) {
            self.note_kept(format!(
                "{} is called {} in the files, which is the name of {other}; the name stays. If {other} is the employee, \
                 correct the number in the files; if the name is new, enter it on the page of {}",
                who(stored),
                incoming.name,
                stored.id
            ));
            incoming.name.clone_from(known);
        }
    }

    /// Another person with a name.
    fn namesake(&self, name: &str, id: &EmployeeId) -> Option<EmployeeId> {
        self.names.get(&name_key(name))?.iter().find(|other| *other != id).cloned()
    }

    fn note_kept(&mut self, message: String) {
        self.notes.push(Note { place: place("Kept"), message });
    }

    /// Holidays on dates that have none. What a date is called here stays.
    pub(super) fn add_holidays(&mut self, view: &dyn ReadTx, incoming: Vec<Holiday>) -> Result<(), StoreError> {
        if incoming.is_empty() {
            return Ok(());
        }
        let stored: BTreeMap<_, _> = holidays::all(view)?.into_iter().map(|one| (one.date, one.name)).collect();
        let (known, mut new): (Vec<_>, Vec<_>) = incoming.into_iter().partition(|one| stored.contains_key(&one.date));
        for Holiday { date, name } in known {
            if let Some(here) = stored.get(&date).filter(|here| !is_alike(here, &name)) {
                self.note_kept(format!("{} stays {here}; the files call it {name}", format::date_short(date)));
            }
        }
        let room = HOLIDAYS_MAX.saturating_sub(stored.len());
        let left_out = new.len().saturating_sub(room);
        if left_out > 0 {
            new.truncate(room);
            let reason = format!("{left_out} are left out: at most {HOLIDAYS_MAX} are kept");
            self.rejected.push(Rejected { place: place("Holidays"), column: None, reason });
        }
        self.holidays = new;
        Ok(())
    }

    pub(super) fn reject_left_out(&mut self) {
        let count = self.left_out.len();
        if count > 0 {
            let reason = format!("{count} new ones are left out: at most {EMPLOYEES_MAX} are kept");
            self.rejected.push(Rejected { place: place("Employees"), column: None, reason });
        }
    }
}

/// What is said of a record that was changed after an export of it was made.
pub(super) const STAYS: &str =
    "changed here since this export was made, and stays as it is; the file would change it back";

pub(super) fn place(name: &str) -> Place {
    Place { file: name.to_owned(), line: 0 }
}

/// A person as `wanted`, with what the files say of being active, of hours and of time off.
fn said(wanted: &Employee, incoming: &Employee, open: &[PersonFact]) -> Employee {
    let mut said = wanted.clone();
    if !open.contains(&PersonFact::Active) {
        said.active = incoming.active;
    }
    for (index, weekday) in WEEKDAYS.into_iter().enumerate() {
        if !open.contains(&PersonFact::Weekday(index)) {
            said.availability = said.availability.with(weekday, incoming.availability.on(weekday));
        }
    }
    said.time_off.extend(incoming.time_off.iter().filter(|off| !wanted.time_off.contains(off)).cloned());
    said.time_off.sort();
    said
}
