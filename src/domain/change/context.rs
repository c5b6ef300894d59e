//! The data that one decision needs, loaded beforehand.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::{
    employee::Employee,
    event::{Event, pairing::Pair},
    ids::{EmployeeId, EventId, ScheduleId},
    rules::{self, Assignment, Finding},
};

/// The facts for a change of one event.
#[derive(Clone, Debug)]
pub struct DecisionContext {
    /// The event that the change is about.
    pub subject: Event,
    /// Every event with the subject's store and number, including the subject. Empty without a number.
    pub same_number: Vec<Event>,
    /// The other event of a trade.
    pub other: Option<Event>,
    /// All employees if the command assigns one, otherwise those assigned to the events.
    pub employees: BTreeMap<EmployeeId, Employee>,
    /// [`employees`](Self::employees) has all employees.
    pub everyone: bool,
    /// Events of these employees from the day before to the day after the new date; of the assigned one for the days
    /// searched for [`alternatives`](crate::domain::change::alternatives).
    pub held: BTreeMap<EmployeeId, Vec<Event>>,
    /// The company's holidays, from the day before the new date to the last day searched for alternatives.
    pub holidays: BTreeMap<NaiveDate, String>,
    /// The schedule id that each unstaffed event would get.
    pub new_schedule_ids: BTreeMap<EventId, ScheduleId>,
    /// [`Policy::short_work_minutes`](crate::domain::policy::Policy).
    pub short_work_minutes: u32,
}

impl DecisionContext {
    pub fn pair(&self) -> Pair<'_> {
        Pair::among(&self.same_number)
    }

    /// Findings of the rules for `employee` working `event` from `start`, with `planned` replacing the stored events.
    pub fn check(&self, event: &Event, employee: &Employee, start: NaiveDateTime, planned: &[Event]) -> Vec<Finding> {
        let held = self.held_by(employee, event.id, planned);
        let (holidays, short_work_minutes) = (&self.holidays, self.short_work_minutes);
        rules::check(&Assignment { event, employee, start, held: &held, holidays, short_work_minutes })
    }

    /// Number of events of `employee` on `date`, including `planned` ones.
    pub fn load(&self, employee: &Employee, date: NaiveDate, except: EventId, planned: &[Event]) -> usize {
        self.held_by(employee, except, planned).iter().filter(|event| event.date() == Some(date)).count()
    }

    fn held_by<'a>(&'a self, employee: &Employee, except: EventId, planned: &'a [Event]) -> Vec<&'a Event> {
        let stored = self.held.get(&employee.id).into_iter().flatten();
        let replaced = |event: &&Event| planned.iter().any(|other| other.id == event.id);
        let holds = |event: &&Event| event.schedule.as_ref().is_some_and(|schedule| schedule.employee == employee.id);
        stored
            .filter(|event| !replaced(event))
            .chain(planned.iter().filter(holds))
            .filter(|event| event.id != except)
            .collect()
    }
}
