//! Invented employees, and their assignments on a day.
//!
//! Invariant: a job title never works a type that it may not work. Events overlap only if no employee is free.

use chrono::{NaiveTime, Timelike};
use fastrand::Rng;

use crate::{
    demo::names,
    domain::{
        employee::{Employee, JobTitle},
        event::EventType,
        ids::EmployeeId,
    },
};

/// Minutes of one slot of a person's day; a day is the bits of one number.
const SLOT_MINUTES: u32 = 15;

/// Titles in the order in which people are hired: any start of it has a workable mix.
const HIRED: [JobTitle; 20] = {
    use JobTitle::{
        ClubSupervisor as Club, EventSpecialist as Specialist, JuicerBarista as Juicer, LeadEventSpecialist as Lead,
    };
    [
        Specialist, Lead, Juicer, Club, Specialist, Juicer, Specialist, Lead, Club, Specialist, Juicer, Lead,
        Specialist, Juicer, Club, Specialist, Lead, Specialist, Juicer, Club,
    ]
};

/// The day of an employee.
#[derive(Clone, Copy, Debug, Default)]
struct Hours {
    busy: u128,
    /// Without Supervisor events, of which a Club Supervisor may hold any number at once.
    busy_otherwise: u128,
}

/// All employees, and the day that is planned.
#[derive(Debug)]
pub struct Staff {
    people: Vec<Employee>,
    /// Employees of each title, in the order of [`JobTitle::ALL`], and the next one to ask.
    by_title: [(Vec<usize>, usize); 4],
    hours: Vec<Hours>,
    /// Types for which no employee is free on this day any more.
    exhausted: Vec<EventType>,
}

/// Work that needs an employee.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    pub event_type: EventType,
    pub minutes: u32,
    /// Possible starts, best first.
    pub starts: &'a [NaiveTime],
    /// Titles to ask, best first. Titles that may not work the type are skipped.
    pub titles: &'a [JobTitle],
}

impl Staff {
    /// Hires `count` people, as far as there are names.
    pub fn hire(rng: &mut Rng, count: usize) -> Self {
        let person = |(index, name): (usize, String)| {
            let id: EmployeeId = format!("E{}", 20_001 + index).parse().ok()?;
            Some(Employee::new(id, name, HIRED[index % HIRED.len()]))
        };
        let people: Vec<_> = names::people(rng, count).into_iter().enumerate().filter_map(person).collect();
        let by_title = JobTitle::ALL.map(|title| {
            let holders = (0..people.len()).filter(|index| people[*index].title == title).collect();
            (holders, 0)
        });
        let hours = vec![Hours::default(); people.len()];
        Self { people, by_title, hours, exhausted: Vec::new() }
    }

    pub fn start_day(&mut self) {
        self.hours.fill(Hours::default());
        self.exhausted.clear();
    }

    /// Assigns the work to an employee who is free at one of its starts; otherwise to the next one, at the first start.
    pub fn assign(&mut self, work: &Work<'_>) -> Option<(EmployeeId, NaiveTime)> {
        let (person, start) = self.free(work).or_else(|| self.anyone(work))?;
        let slots = slots(start, work.minutes);
        let hours = &mut self.hours[person];
        hours.busy |= slots;
        if work.event_type != EventType::Supervisor {
            hours.busy_otherwise |= slots;
        }
        Some((self.people[person].id.clone(), start))
    }

    pub fn into_people(self) -> Vec<Employee> {
        self.people
    }

    fn free(&mut self, work: &Work<'_>) -> Option<(usize, NaiveTime)> {
        if self.exhausted.contains(&work.event_type) {
            return None;
        }
        for start in work.starts {
            let slots = slots(*start, work.minutes);
            for title in work.titles.iter().filter(|title| title.may_work(work.event_type)) {
                let many_at_once = *title == JobTitle::ClubSupervisor && work.event_type == EventType::Supervisor;
                let (holders, turn) = &mut self.by_title[*title as usize];
                let (before, after) = holders.split_at(*turn);
                let is_free = |person: &&usize| {
                    let hours = self.hours[**person];
                    slots & (if many_at_once { hours.busy_otherwise } else { hours.busy }) == 0
                };
                if let Some(person) = after.iter().chain(before).find(is_free).copied() {
                    *turn = (*turn + 1) % holders.len();
                    return Some((person, *start));
                }
            }
        }
        self.exhausted.push(work.event_type);
        None
    }

    fn anyone(&mut self, work: &Work<'_>) -> Option<(usize, NaiveTime)> {
        let start = *work.starts.first()?;
        let mut titles = work.titles.iter().filter(|title| title.may_work(work.event_type));
        let title = titles.find(|title| !self.by_title[**title as usize].0.is_empty())?;
        let (holders, turn) = &mut self.by_title[*title as usize];
        *turn = (*turn + 1) % holders.len();
        Some((holders[*turn], start))
    }
}

/// The slots of the day that work at `start` touches.
fn slots(start: NaiveTime, minutes: u32) -> u128 {
    let begin = start.num_seconds_from_midnight() / 60;
    let (first, end) = (begin / SLOT_MINUTES, (begin + minutes).div_ceil(SLOT_MINUTES));
    let length = (end - first).clamp(1, u128::BITS - 1);
    ((1 << length) - 1) << first.min(u128::BITS - 1)
}
