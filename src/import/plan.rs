//! What an import would do to the store; `write.rs` does it.
//!
//! Rule of this file: nothing is moved. An imported CORE takes no Supervisor along; the integrity check reports instead.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::{
    domain::{
        audit::{self, Entry, Origin, Outcome},
        change::Action,
        employee::{
            EMPLOYEES_MAX, Employee, ImportedProfile,
            availability::Availability,
            holiday::{HOLIDAYS_MAX, Holiday},
        },
        event::{Event, EventType},
        ids::EmployeeId,
    },
    import::{
        Assignments, Incoming, IncomingEmployee, IncomingEvent, Note, Place, Rejected, findings,
        kept::{self, Kept},
        listed::Listed,
        missing,
    },
    store::{
        ReadTx, StoreError,
        tables::{employees, events, holidays},
    },
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
    holidays: Vec<Holiday>,
    /// How many more people there may be, and who is left out because there are as many already.
    room: usize,
    left_out: BTreeSet<EmployeeId>,
    unchanged: usize,
    cores: usize,
    scheduled: usize,
    assignments: Assignments,
    kept: Kept,
    pub rejected: Listed<Rejected>,
    pub notes: Listed<Note>,
    /// What the rules say about the assignments that it brings.
    pub findings: Listed<audit::Note>,
    /// Visits of the files' own days that are not in the files any more. They stay unless they are released.
    missing: Vec<Event>,
}

/// What an import did, or would do.
#[derive(Debug)]
pub struct Summary {
    pub new: usize,
    /// Without those that were released.
    pub changed: usize,
    /// Events that lose their employee.
    pub released: usize,
    pub unchanged: usize,
    /// Of all accepted events, how many are COREs and how many the source has scheduled.
    pub cores: usize,
    pub scheduled: usize,
    pub employees: usize,
    pub employees_new: usize,
    pub employees_changed: usize,
    pub holidays_new: usize,
    pub rejected: Listed<Rejected>,
    pub notes: Listed<Note>,
    pub findings: Listed<audit::Note>,
}

/// As [`plan`], with what the rules say about it.
pub fn checked_plan(view: &dyn ReadTx, incoming: Incoming, short_work_minutes: u32) -> Result<Plan, StoreError> {
    let mut plan = plan(view, incoming)?;
    plan.findings = findings::findings(view, &plan, short_work_minutes)?;
    Ok(plan)
}

/// Compares what a source says with what is stored.
pub fn plan(view: &dyn ReadTx, incoming: Incoming) -> Result<Plan, StoreError> {
    let Incoming { assignments, rejected, notes, .. } = incoming;
    let room = EMPLOYEES_MAX.saturating_sub(employees::count(view)?);
    let mut plan = Plan { room, assignments, rejected, notes, ..Plan::default() };
    for employee in incoming.employees {
        plan.add_employee(view, employee)?;
    }
    plan.reject_left_out();
    plan.add_holidays(view, incoming.holidays)?;
    for event in incoming.events {
        plan.add_event(view, event)?;
    }
    plan.missing = missing::missing(view, &incoming.named)?;
    plan.notes.extend(std::mem::take(&mut plan.kept).notes());
    Ok(plan)
}

impl Plan {
    fn add_employee(&mut self, view: &dyn ReadTx, incoming: IncomingEmployee) -> Result<(), StoreError> {
        self.employees_seen += 1;
        let IncomingEmployee { employee: incoming, open } = incoming;
        match employees::get(view, &incoming.id)? {
            None if self.employees_new == self.room => {
                self.left_out.insert(incoming.id);
            }
            None => {
                self.employees_new += 1;
                let Employee { name, title, email, .. } = incoming.clone();
                let imported = match self.assignments {
                    Assignments::OfSource => Some(ImportedProfile { name, title, email }),
                    Assignments::OfExport => incoming.imported.clone(),
                };
                self.employees.push((None, Employee { imported, ..incoming }));
            }
            Some(stored) => {
                let (availability, time_off) = (incoming.availability, incoming.time_off.clone());
                let wanted = match self.assignments {
                    Assignments::OfSource => kept::merged(&stored, incoming, &open),
                    Assignments::OfExport => kept::restored(&stored, incoming, &open),
                };
                let says_hours = availability != Availability::ALWAYS && availability != wanted.availability;
                let says_off = !time_off.is_empty() && time_off != wanted.time_off;
                if self.assignments == Assignments::OfSource && (says_hours || says_off) {
                    let what = if says_hours { "weekly hours" } else { "time off" };
                    let place = Place { file: "Kept".to_owned(), line: 0 };
                    let message = format!("{} ({}) keeps the {what} entered here", stored.name, stored.id);
                    self.notes.push(Note { place, message });
                }
                if wanted != stored {
                    let wanted = Employee { revision: stored.revision.next(), ..wanted };
                    self.employees.push((Some(stored), wanted));
                }
            }
        }
        Ok(())
    }

    /// Holidays on dates that have none. What a date is called here stays.
    fn add_holidays(&mut self, view: &dyn ReadTx, incoming: Vec<Holiday>) -> Result<(), StoreError> {
        if incoming.is_empty() {
            return Ok(());
        }
        let stored: BTreeSet<_> = holidays::all(view)?.into_iter().map(|holiday| holiday.date).collect();
        let mut new: Vec<_> = incoming.into_iter().filter(|holiday| !stored.contains(&holiday.date)).collect();
        let room = HOLIDAYS_MAX.saturating_sub(stored.len());
        let left_out = new.len().saturating_sub(room);
        if left_out > 0 {
            new.truncate(room);
            let place = Place { file: "Holidays".to_owned(), line: 0 };
            let reason = format!("{left_out} are left out: at most {HOLIDAYS_MAX} are kept");
            self.rejected.push(Rejected { place, column: None, reason });
        }
        self.holidays = new;
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

    fn add_event(&mut self, view: &dyn ReadTx, incoming: IncomingEvent) -> Result<(), StoreError> {
        let IncomingEvent { mut event, place, open, released } = incoming;
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
        self.kept.fill(&stored, &mut event, &open);
        Kept::respell(&stored, &mut event);
        if event.schedule.is_none() && !released {
            if stored.schedule.is_some() && stored.imported.is_some() {
                self.kept.assignment(&stored);
            }
            let Event { revision, schedule, imported, .. } = stored.clone();
            self.add_wanted(stored, Event { revision, schedule, imported, ..event });
            return Ok(());
        }
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

    /// Visits of the files' own days that are not in the files any more.
    pub fn missing(&self) -> &[Event] {
        &self.missing
    }

    /// Releases what is missing.
    pub fn release_missing(&mut self) {
        for stored in std::mem::take(&mut self.missing) {
            let wanted = Event { revision: stored.revision.next(), schedule: None, imported: None, ..stored.clone() };
            self.events.push((Some(stored), wanted));
        }
    }

    /// Each holiday that will be written.
    pub fn holidays(&self) -> &[Holiday] {
        &self.holidays
    }

    /// Tells a plan that writes no more than events.
    pub(super) fn is_events_only(&self) -> bool {
        self.employees.is_empty() && self.holidays.is_empty()
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
        for event in &self.missing {
            hash.update(format!("missing {event:?}\n"));
        }
        for holiday in &self.holidays {
            hash.update(format!("{holiday:?}\n"));
        }
        hex::encode(hash.finalize())
    }

    pub fn new_events(&self) -> usize {
        self.events.iter().filter(|(stored, _)| stored.is_none()).count()
    }

    pub fn changed_events(&self) -> usize {
        self.events.len() - self.new_events() - self.released_events()
    }

    /// Events that the import takes away from their employee.
    pub fn released_events(&self) -> usize {
        self.events.iter().filter(|(stored, wanted)| is_release(stored.as_ref(), wanted)).count()
    }

    /// What the audit says of one batch.
    pub(super) fn entry(&self, origin: &Origin, batch: usize, batches: usize) -> Entry {
        let part = if batches == 1 { String::new() } else { format!("part {batch} of {batches}: ") };
        let released = match self.released_events() {
            0 => String::new(),
            count => format!("{count} released, "),
        };
        let reason = format!(
            "{part}{} new, {} changed, {released}{} unchanged, {} rejected",
            self.new_events(),
            self.changed_events(),
            self.unchanged,
            self.rejected.len()
        );
        let reason = match self.findings.len() {
            0 => reason,
            count => format!("{reason}; {count} findings of rules"),
        };
        let notes = if batch == 1 { self.findings.to_vec() } else { Vec::new() };
        Entry { reason: Some(reason), notes, ..Entry::new(origin, Action::Import, Outcome::Done) }
    }

    /// What writing the plan does.
    pub fn summary(self) -> Summary {
        Summary {
            new: self.new_events(),
            changed: self.changed_events(),
            released: self.released_events(),
            unchanged: self.unchanged,
            cores: self.cores,
            scheduled: self.scheduled,
            employees: self.employees_seen,
            employees_new: self.employees_new,
            employees_changed: self.employees.len() - self.employees_new,
            holidays_new: self.holidays.len(),
            rejected: self.rejected,
            notes: self.notes,
            findings: self.findings,
        }
    }
}

/// True if an event loses its employee and gets no other.
pub fn is_release(stored: Option<&Event>, wanted: &Event) -> bool {
    wanted.schedule.is_none() && stored.is_some_and(|stored| stored.schedule.is_some())
}
