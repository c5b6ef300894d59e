//! What an import would do to the store; `write.rs` does it.
//!
//! Rule of this file: nothing is moved. An imported CORE takes no Supervisor along; the integrity check reports instead.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::{
    domain::{
        audit,
        employee::{EMPLOYEES_MAX, Employee, holiday::Holiday},
        event::{Event, EventType, Schedule},
        ids::{EmployeeId, EventId},
        schedule::RotationEntry,
    },
    import::{
        Assignments, EventFact, Found, Incoming, IncomingEvent, Note, Place, Rejected, Release, changes,
        doubts::Doubts,
        findings,
        kept::Kept,
        listed::Listed,
        missing,
        people::{self, Names, STAYS},
        spelling::Spellings,
        split_pairs,
    },
    store::{
        ReadTx, StoreError,
        tables::{employees, events},
    },
};

/// An event as it is, if it is stored, and as it will be. Most are new: what they are not takes no memory.
pub type Edit = (Option<Box<Event>>, Event);

/// An import, compared with the store.
#[derive(Debug, Default)]
pub struct Plan {
    /// Each event as it is and as it will be.
    events: Vec<Edit>,
    /// Each person as they are and as they will be.
    pub(super) employees: Vec<(Option<Employee>, Employee)>,
    pub(super) employees_new: usize,
    pub(super) employees_seen: usize,
    pub(super) holidays: Vec<Holiday>,
    pub(super) names: Names,
    /// Entries of the rotation where the store has none.
    pub(super) rotation: Vec<RotationEntry>,
    /// How many more people there may be, and who is left out because there are as many already.
    pub(super) room: usize,
    pub(super) left_out: BTreeSet<EmployeeId>,
    unchanged: usize,
    cores: usize,
    scheduled: usize,
    pub(super) assignments: Assignments,
    kept: Kept,
    pub(super) spellings: Spellings,
    pub rejected: Listed<Rejected>,
    pub notes: Listed<Note>,
    pub found: Found,
    /// Visits of the files' own days that are not in the files any more. They stay unless they are released.
    missing: Vec<Event>,
    /// Visits that are missing, and that the files name again.
    pub(super) named_again: Vec<EventId>,
    /// Visits that were missing at some time, are not so now, and that the files name, too.
    pub(super) named_still: Vec<EventId>,
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
    pub rotation_new: usize,
    pub rejected: Listed<Rejected>,
    pub notes: Listed<Note>,
    pub found: Found,
}

/// Compares what a source says with what is stored.
pub fn plan(view: &dyn ReadTx, incoming: Incoming) -> Result<Plan, StoreError> {
    let Incoming { assignments, rejected, notes, found, doubts, .. } = incoming;
    let room = EMPLOYEES_MAX.saturating_sub(employees::count(view)?);
    let names = people::names(view)?;
    let mut plan = Plan { names, room, assignments, rejected, notes, found, ..Plan::default() };
    for employee in incoming.employees {
        plan.add_employee(view, employee)?;
    }
    plan.reject_left_out();
    plan.add_holidays(view, incoming.holidays)?;
    plan.add_rotation(view, incoming.rotation)?;
    plan.events.reserve_exact(incoming.events.len());
    for event in incoming.events {
        plan.add_event(view, event, &doubts)?;
    }
    plan.missing = missing::missing(view, &incoming.named, &mut plan.notes)?;
    (plan.named_again, plan.named_still) = missing::named_again(view, &incoming.named)?;
    plan.notes.extend(std::mem::take(&mut plan.kept).notes());
    plan.notes.extend(std::mem::take(&mut plan.spellings).notes());
    Ok(plan)
}

impl Plan {
    fn add_event(&mut self, view: &dyn ReadTx, incoming: IncomingEvent, doubts: &Doubts) -> Result<(), StoreError> {
        let IncomingEvent { mut event, place, open, release } = incoming;
        let stored = events::get(view, event.id)?;
        let is_doubtful =
            (event.schedule.is_some() || release == Release::Said) && doubts.are_about(event.id, stored.as_ref());
        if is_doubtful {
            self.doubt(stored.as_ref(), &mut event, &place);
        }
        if let Some(now) = event.schedule.as_ref().filter(|now| self.left_out.contains(&now.employee)) {
            let reason = format!("employee {} is left out: at most {EMPLOYEES_MAX} are kept", now.employee);
            self.rejected.push(Rejected { place, column: None, reason });
            return Ok(());
        }
        if let Some(other) = take_free_id(view, &mut event, stored.as_ref())? {
            let id = event.schedule.map_or(0, |now| now.id.0);
            let reason = format!("schedule {id} belongs to event {other} already");
            self.rejected.push(Rejected { place, column: None, reason });
            return Ok(());
        }
        self.spellings.respell(view, &mut event, &place)?;
        self.cores += usize::from(event.event_type == EventType::Core);
        self.scheduled += usize::from(event.schedule.is_some());
        let Some(stored) = stored else {
            let imported = match self.assignments {
                Assignments::OfSource => event.schedule.clone(),
                Assignments::OfExport => event.imported.clone(),
            };
            self.events.push((None, Event { imported, ..event }));
            return Ok(());
        };
        self.kept.fill(&stored, &mut event, &open);
        Kept::respell(&stored, &mut event);
        let is_older = self.assignments == Assignments::OfExport
            && !open.contains(&EventFact::Revision)
            && event.revision < stored.revision;
        let (schedule, imported) = if is_doubtful {
            (stored.schedule.clone(), stored.imported.clone())
        } else if event.schedule.is_none() && release != Release::Said {
            if stored.schedule.is_some() && (stored.imported.is_some() || release == Release::Doubtful) {
                self.kept.assignment(&stored, release);
            }
            (stored.schedule.clone(), stored.imported.clone())
        } else {
            self.assigned(&stored, event.schedule.take(), &place)
        };
        let wanted = Event { revision: stored.revision, schedule, imported, ..event };
        if is_older && wanted != stored {
            self.notes.push(Note { place, message: format!("{}: {STAYS}", stored.label()) });
            self.unchanged += 1;
        } else {
            self.add_wanted(stored, wanted);
        }
        Ok(())
    }

    /// Leaves the assignment of an event to what is stored, because a row about it cannot be read, and others may not count
    /// beside it.
    fn doubt(&mut self, stored: Option<&Event>, event: &mut Event, place: &Place) {
        let (given, here) = (event.schedule.take(), stored.and_then(|stored| stored.schedule.as_ref()));
        if !agree(given.as_ref(), here) {
            let stays = if stored.is_some() { "its assignment stays as it is" } else { "it comes without an employee" };
            let message = format!("another row of {} cannot be read, so {stays}", event.label());
            self.notes.push(Note { place: place.clone(), message });
        }
    }

    /// The assignment of a stored event once a source gave `now`, and what counts as given by a source then.
    fn assigned(
        &mut self,
        stored: &Event,
        now: Option<Schedule>,
        place: &Place,
    ) -> (Option<Schedule>, Option<Schedule>) {
        let (here, before) = (stored.schedule.clone(), stored.imported.clone());
        let kept = if agree(here.as_ref(), now.as_ref()) { here.clone() } else { now.clone() };
        if self.assignments == Assignments::OfExport {
            return (kept, before);
        }
        if agree(before.as_ref(), now.as_ref()) {
            return (here, before);
        }
        if !agree(here.as_ref(), before.as_ref()) && !agree(here.as_ref(), now.as_ref()) {
            let message = format!(
                "{} was changed here since the last import; the source changed it too, and overwrites it",
                stored.name
            );
            self.notes.push(Note { place: place.clone(), message });
        }
        (kept, now)
    }

    /// Counts an event that is as wanted already; else it will be written.
    fn add_wanted(&mut self, stored: Event, wanted: Event) {
        if wanted == stored {
            self.unchanged += 1;
        } else {
            let wanted = Event { revision: stored.revision.next(), ..wanted };
            self.events.push((Some(Box::new(stored)), wanted));
        }
    }

    /// Finds what the rules say about the assignments that it brings, and the pairs that it splits.
    pub fn check(&mut self, view: &dyn ReadTx, short_work_minutes: u32) -> Result<(), StoreError> {
        let mut found = std::mem::take(&mut self.found);
        let notes = findings::find(view, self, short_work_minutes, &mut found.findings)?;
        self.notes.extend(notes);
        split_pairs::find(view, self, &mut found.splits)?;
        changes::find(view, self, &mut found.changes)?;
        self.found = found;
        Ok(())
    }

    /// The pairs that it splits besides if what is missing is released.
    pub fn splits_of_release(&mut self, view: &dyn ReadTx) -> Result<Vec<audit::Note>, StoreError> {
        let (count, mut splits) = (self.events.len(), Listed::default());
        self.events.extend(self.missing.iter().map(released));
        split_pairs::find(view, self, &mut splits)?;
        self.events.truncate(count);
        Ok(splits.iter().filter(|note| !self.found.splits.contains(note)).cloned().collect())
    }

    /// Each event that will be written, as it is and as it will be.
    pub fn events(&self) -> &[Edit] {
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

    /// How many visits were missing and are in the files again.
    pub fn named_again_count(&self) -> usize {
        self.named_again.len()
    }

    pub fn release_missing(&mut self) {
        self.events.extend(std::mem::take(&mut self.missing).iter().map(released));
    }

    /// Each holiday that will be written.
    pub fn holidays(&self) -> &[Holiday] {
        &self.holidays
    }

    /// Each entry of the rotation that will be written.
    pub fn rotation(&self) -> &[RotationEntry] {
        &self.rotation
    }

    /// Tells a plan that writes no more than events.
    pub(super) fn is_events_only(&self) -> bool {
        self.employees.is_empty()
            && self.holidays.is_empty()
            && self.rotation.is_empty()
            && self.missing.is_empty()
            && self.named_again.is_empty()
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
        for entry in &self.rotation {
            hash.update(format!("{entry:?}\n"));
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
        self.events.iter().filter(|(stored, wanted)| is_release(stored.as_deref(), wanted)).count()
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
            rotation_new: self.rotation.len(),
            rejected: self.rejected,
            notes: self.notes,
            found: self.found,
        }
    }
}

/// Whether two sources say the same of who works when. The ids of schedules are each source's own.
pub(super) fn agree(one: Option<&Schedule>, other: Option<&Schedule>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (&one.employee, one.start) == (&other.employee, other.start),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Gives the schedule of an event the id that it has here if another event has that of the source. Returns the other
/// event if there is none here.
fn take_free_id(view: &dyn ReadTx, event: &mut Event, stored: Option<&Event>) -> Result<Option<EventId>, StoreError> {
    let (id, Some(now)) = (event.id, &mut event.schedule) else { return Ok(None) };
    let Some(other) = events::of_schedule(view, now.id)?.filter(|other| *other != id) else { return Ok(None) };
    match stored.and_then(|stored| stored.schedule.as_ref().or(stored.imported.as_ref())) {
        Some(own) if own.id != now.id => now.id = own.id,
        _ => return Ok(Some(other)),
    }
    Ok(None)
}

/// A visit that is missing, as it is and without its employee.
fn released(stored: &Event) -> Edit {
    let wanted = Event { revision: stored.revision.next(), schedule: None, imported: None, ..stored.clone() };
    (Some(Box::new(stored.clone())), wanted)
}

/// True if an event loses its employee and gets no other.
pub fn is_release(stored: Option<&Event>, wanted: &Event) -> bool {
    wanted.schedule.is_none() && stored.is_some_and(|stored| stored.schedule.is_some())
}
