//! What an import would do to the store; `write.rs` does it.
//!
//! Rule of this file: nothing is moved. An imported CORE takes no Supervisor along; the integrity check reports instead.

use std::{collections::BTreeSet, fmt::Write};

use sha2::{Digest, Sha256};

use crate::{
    domain::{
        audit::{Entry, Origin, Outcome},
        change::Action,
        employee::{EMPLOYEES_MAX, Employee, Given},
        event::{Event, EventType},
        ids::EmployeeId,
    },
    import::{Assignments, Incoming, IncomingEvent, Note, Place, Rejected, Titles},
    store::{StoreError, View, employees, events},
};

/// An import, compared with the store.
#[derive(Debug, Default)]
pub struct Plan {
    /// Each event as it is and as it will be.
    events: Vec<(Option<Event>, Event)>,
    /// Each person as they are and as they will be.
    employees: Vec<(Option<Employee>, Employee)>,
    employees_new: usize,
    employees_seen: usize,
    /// How many more people there may be, and who is left out because there are as many already.
    room: usize,
    left_out: BTreeSet<EmployeeId>,
    unchanged: usize,
    cores: usize,
    scheduled: usize,
    assignments: Assignments,
    pub rejected: Vec<Rejected>,
    pub notes: Vec<Note>,
}

/// What an import did, or would do.
#[derive(Debug)]
pub struct Summary {
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Of all accepted events, how many are COREs and how many the source has scheduled.
    pub cores: usize,
    pub scheduled: usize,
    pub employees: usize,
    pub employees_new: usize,
    pub employees_changed: usize,
    pub rejected: Vec<Rejected>,
    pub notes: Vec<Note>,
}

/// Compares what a source says with what is stored.
pub fn plan(view: &dyn View, incoming: Incoming) -> Result<Plan, StoreError> {
    let Incoming { assignments, rejected, notes, .. } = incoming;
    let room = EMPLOYEES_MAX.saturating_sub(employees::count(view)?);
    let mut plan = Plan { room, assignments, rejected, notes, ..Plan::default() };
    for employee in incoming.employees {
        plan.add_employee(view, employee, incoming.titles)?;
    }
    plan.reject_left_out();
    for event in incoming.events {
        plan.add_event(view, event)?;
    }
    Ok(plan)
}

impl Plan {
    fn add_employee(&mut self, view: &dyn View, incoming: Employee, titles: Titles) -> Result<(), StoreError> {
        self.employees_seen += 1;
        match employees::get(view, &incoming.id)? {
            None if self.employees_new == self.room => {
                self.left_out.insert(incoming.id);
            }
            None => {
                self.employees_new += 1;
                let Employee { name, title, email, .. } = incoming.clone();
                let imported = match self.assignments {
                    Assignments::OfSource => Some(Given { name, title, email }),
                    Assignments::OfExport => incoming.imported.clone(),
                };
                self.employees.push((None, Employee { imported, ..incoming }));
            }
            Some(stored) => {
                let wanted = match self.assignments {
                    Assignments::OfSource => merged(&stored, incoming, titles),
                    Assignments::OfExport => Employee { revision: stored.revision, ..incoming },
                };
                if wanted != stored {
                    let wanted = Employee { revision: stored.revision.next(), ..wanted };
                    self.employees.push((Some(stored), wanted));
                }
            }
        }
        Ok(())
    }

    fn reject_left_out(&mut self) {
        let count = self.left_out.len();
        if count > 0 {
            let place = Place { file: "Employees".to_owned(), line: 0 };
            let reason = format!("{count} new ones are left out: at most {EMPLOYEES_MAX} are kept");
            self.rejected.push(Rejected { place, column: None, reason });
        }
    }

    fn add_event(&mut self, view: &dyn View, IncomingEvent { event, place }: IncomingEvent) -> Result<(), StoreError> {
        if let Some(now) = &event.schedule
            && let Some(other) = events::of_schedule(view, now.id)?
            && other != event.id
        {
            let reason = format!("schedule {} belongs to event {other} already", now.id);
            self.rejected.push(Rejected { place, column: None, reason });
            return Ok(());
        }
        if let Some(now) = event.schedule.as_ref().filter(|now| self.left_out.contains(&now.employee)) {
            let reason = format!("employee {} is left out: at most {EMPLOYEES_MAX} are kept", now.employee);
            self.rejected.push(Rejected { place, column: None, reason });
            return Ok(());
        }
        self.cores += usize::from(event.event_type == EventType::Core);
        self.scheduled += usize::from(event.schedule.is_some());
        let imported = event.schedule.clone();
        let Some(stored) = events::get(view, event.id)? else {
            let imported = match self.assignments {
                Assignments::OfSource => imported,
                Assignments::OfExport => event.imported.clone(),
            };
            self.events.push((None, Event { imported, ..event }));
            return Ok(());
        };
        if self.assignments == Assignments::OfExport && event.schedule == stored.schedule {
            let wanted = Event { revision: stored.revision, imported: stored.imported.clone(), ..event };
            self.add_wanted(stored, wanted);
            return Ok(());
        }
        let same_again = stored.imported == imported;
        if !same_again && stored.schedule != stored.imported && stored.schedule != imported {
            let message = format!(
                "{} was changed here since the last import; the source changed it too, and goes before",
                event.name
            );
            self.notes.push(Note { place, message });
        }
        let schedule = if same_again { stored.schedule.clone() } else { imported.clone() };
        let wanted = Event { revision: stored.revision, schedule, imported, ..event };
        self.add_wanted(stored, wanted);
        Ok(())
    }

    /// Counts an event that is as wanted already; else it will be written.
    fn add_wanted(&mut self, stored: Event, wanted: Event) {
        if wanted == stored {
            self.unchanged += 1;
        } else {
            let wanted = Event { revision: stored.revision.next(), ..wanted };
            self.events.push((Some(stored), wanted));
        }
    }

    /// Each event that will be written, as it is and as it will be.
    pub fn events(&self) -> &[(Option<Event>, Event)] {
        &self.events
    }

    /// Each person who will be written, as they are and as they will be.
    pub fn employees(&self) -> &[(Option<Employee>, Employee)] {
        &self.employees
    }

    pub fn unchanged(&self) -> usize {
        self.unchanged
    }

    /// Tells whether two plans would do the same: SHA-256 of what they write, in hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for change in &self.events {
            hash.update(format!("{change:?}\n"));
        }
        for employee in &self.employees {
            hash.update(format!("{employee:?}\n"));
        }
        let mut digits = String::new();
        for byte in hash.finalize() {
            let _ = write!(digits, "{byte:02x}");
        }
        digits
    }

    pub fn new_events(&self) -> usize {
        self.events.iter().filter(|(stored, _)| stored.is_none()).count()
    }

    /// What the audit says of one batch.
    pub(super) fn entry(&self, origin: &Origin, batch: usize, batches: usize) -> Entry {
        let (new, part) =
            (self.new_events(), if batches == 1 { String::new() } else { format!("part {batch} of {batches}: ") });
        let reason = format!(
            "{part}{new} new, {} changed, {} unchanged, {} rejected",
            self.events.len() - new,
            self.unchanged,
            self.rejected.len()
        );
        Entry { reason: Some(reason), ..Entry::new(origin, Action::Import, Outcome::Done) }
    }

    /// What writing the plan does.
    pub fn summary(self) -> Summary {
        let new = self.new_events();
        Summary {
            new,
            changed: self.events.len() - new,
            unchanged: self.unchanged,
            cores: self.cores,
            scheduled: self.scheduled,
            employees: self.employees_seen,
            employees_new: self.employees_new,
            employees_changed: self.employees.len() - self.employees_new,
            rejected: self.rejected,
            notes: self.notes,
        }
    }
}

/// A stored person with what a source says now. What somebody set here differs from what the last import gave, and
/// stays, as does everything about somebody who was added here; hours, time off and whether somebody is active are never a source's to say again.
fn merged(stored: &Employee, incoming: Employee, titles: Titles) -> Employee {
    let then = stored.imported.as_ref();
    let title = match titles {
        Titles::Given => incoming.title,
        Titles::Inferred => then.map_or(stored.title, |then| then.title),
    };
    let email = incoming.email.or_else(|| then.and_then(|then| then.email.clone()));
    let given = Given { name: incoming.name, title, email };
    let mut after = Employee { imported: Some(given.clone()), ..stored.clone() };
    if then.is_some_and(|then| then.name == stored.name) {
        after.name = given.name;
    }
    if then.is_some_and(|then| then.title == stored.title) {
        after.title = given.title;
    }
    if then.map_or(stored.email.is_none(), |then| then.email == stored.email) {
        after.email = given.email;
    }
    after
}
