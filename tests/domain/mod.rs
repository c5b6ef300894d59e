//! Tests of the domain. The helpers build events, employees and contexts; a test sets only the fields it needs.

mod alternatives;
mod calendar;
mod conflicts;
mod csv_escape;
mod day;
mod decide;
mod decide_people;
mod email;
mod employees;
mod filter;
mod format;
mod integrity;
mod look_alikes;
mod names;
mod pairing;
mod readable;
mod rules;
mod schedule;
mod search;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use tandem::domain::{
    change::{Change, Command, Request, context::DecisionContext, decide::decide, rejection::Rejection},
    employee::{Employee, JobTitle},
    event::{Due, Event, Location, Schedule, default_start::UsualStarts, names::read},
    ids::{EmployeeId, EventId, Revision, ScheduleId},
    policy::{Policy, SupervisorTime},
};

const STORE: &str = "4101";

/// Supervisors follow two hours after their CORE.
pub const TWO_HOURS_LATER: Policy = Policy {
    pairing: true,
    supervisor_time: SupervisorTime::After { minutes: 120 },
    usual: UsualStarts::NONE,
    short_work_minutes: 0,
    zone: chrono_tz::America::New_York,
};

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

pub fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

pub fn employee(id: &str) -> EmployeeId {
    id.parse().unwrap()
}

pub fn person(id: &str, title: JobTitle) -> Employee {
    Employee::new(employee(id), id.to_owned(), title)
}

/// An unstaffed event of the usual store; its type and number are read from its name.
pub fn event(id: u64, name: &str) -> Event {
    let reading = read(name, None);
    Event {
        id: EventId(id),
        revision: Revision(1),
        name: name.to_owned(),
        event_type: reading.event_type,
        number: reading.number,
        program: reading.program,
        location: Location { number: STORE.to_owned(), name: "Harbor Club".to_owned() },
        first_day: None,
        due: None,
        minutes: reading.event_type.default_minutes(),
        schedule: None,
        imported: None,
    }
}

/// Fields that a test may set on an event.
pub trait With {
    fn held_by(self, who: &str, start: &str) -> Self;
    fn at_store(self, number: &str) -> Self;
    fn not_before(self, day: &str) -> Self;
    fn due(self, day: &str, time_of_day: Option<&str>) -> Self;
}

impl With for Event {
    fn held_by(mut self, who: &str, start: &str) -> Self {
        self.schedule = Some(Schedule { id: ScheduleId(self.id.0 + 1000), employee: employee(who), start: at(start) });
        self
    }

    fn at_store(mut self, number: &str) -> Self {
        number.clone_into(&mut self.location.number);
        self
    }

    fn not_before(mut self, day: &str) -> Self {
        self.first_day = Some(date(day));
        self
    }

    fn due(mut self, day: &str, time_of_day: Option<&str>) -> Self {
        self.due = Some(Due { date: date(day), time: time_of_day.map(time) });
        self
    }
}

/// Events and employees, from which contexts are built as the services build them.
struct World {
    events: Vec<Event>,
    people: Vec<Employee>,
    holidays: BTreeMap<NaiveDate, String>,
}

impl World {
    fn of<const N: usize>(events: [Event; N]) -> Self {
        let people = vec![
            person("emma", JobTitle::EventSpecialist),
            person("lea", JobTitle::LeadEventSpecialist),
            person("jo", JobTitle::JuicerBarista),
            person("cleo", JobTitle::ClubSupervisor),
        ];
        Self { events: events.into(), people, holidays: BTreeMap::new() }
    }

    fn with_people<const N: usize>(self, people: [Employee; N]) -> Self {
        Self { people: people.into(), ..self }
    }

    fn context(&self, subject: u64) -> DecisionContext {
        let subject = self.events.iter().find(|event| event.id.0 == subject).unwrap().clone();
        let shares = |event: &&Event| {
            event.number.is_some() && event.number == subject.number && event.location == subject.location
        };
        let held_by = |one: &Employee| {
            let holds = |event: &&Event| event.schedule.as_ref().is_some_and(|now| now.employee == one.id);
            self.events.iter().filter(holds).cloned().collect()
        };
        DecisionContext {
            other: None,
            same_number: self.events.iter().filter(shares).cloned().collect(),
            employees: self.people.iter().map(|one| (one.id.clone(), one.clone())).collect(),
            everyone: true,
            held: self.people.iter().map(|one| (one.id.clone(), held_by(one))).collect(),
            holidays: self.holidays.clone(),
            new_schedule_ids: self.events.iter().map(|event| (event.id, ScheduleId(event.id.0 + 5000))).collect(),
            short_work_minutes: TWO_HOURS_LATER.short_work_minutes,
            subject,
        }
    }

    /// Decides a command without revision or confirmations under the usual policy.
    fn decide(&self, subject: u64, command: Command) -> Result<Change, Rejection> {
        self.request(subject, &Request::plain(command))
    }

    fn request(&self, subject: u64, request: &Request) -> Result<Change, Rejection> {
        decide(&self.context(subject), request, &TWO_HOURS_LATER)
    }
}
