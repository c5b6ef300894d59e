//! The old application's way, for comparison: types in its order, earliest last day first, the first person on the first day;
//! nothing that was placed ever moves.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use tandem::domain::{
    event::{Event, EventType, Schedule},
    ids::{EventId, ScheduleId},
    rules,
    schedule::Input,
};

use super::instances::starts;

/// The order in which the old application took the types: Supervisors go with their COREs.
const ORDER: [EventType; 5] =
    [EventType::Juicer, EventType::Digitals, EventType::Freeosk, EventType::Core, EventType::Other];

/// The open units that greed places whole: the event of each.
pub fn greedy(input: &Input) -> BTreeSet<EventId> {
    let mut board = Board::new(input);
    let mut placed = BTreeSet::new();
    for event_type in ORDER {
        let mut open: Vec<_> =
            input.events.iter().filter(|event| event.schedule.is_none() && event.event_type == event_type).collect();
        open.sort_by_key(|event| (event.last_day(), event.id));
        placed.extend(open.into_iter().filter(|event| board.place(event)).map(|event| event.id));
    }
    placed
}

struct Board<'a> {
    input: &'a Input,
    held: BTreeMap<usize, Vec<Event>>,
}

impl<'a> Board<'a> {
    fn new(input: &'a Input) -> Self {
        let held = input.employees.iter().enumerate().map(|(at, person)| {
            let theirs = |event: &&Event| event.schedule.as_ref().is_some_and(|now| now.employee == person.id);
            (at, input.events.iter().filter(theirs).cloned().collect())
        });
        Self { input, held: held.collect() }
    }

    fn place(&mut self, event: &Event) -> bool {
        let followers: Vec<Event> = match event.event_type {
            EventType::Core => self.followers(event),
            _ => Vec::new(),
        };
        let days = self.input.options.from.iter_days().take_while(|day| *day <= self.input.options.to);
        for day in days {
            for time in starts(&self.input.policy, event) {
                let start = day.and_time(time);
                if !rules::is_in_window(event, start) {
                    continue;
                }
                let Some(who) = self.first(event, start) else { continue };
                self.give(event, who, start);
                let at = self.input.policy.supervisor_start(start);
                let hosts: Vec<_> = followers
                    .iter()
                    .map_while(|one| {
                        let host = self.first(one, at)?;
                        self.give(one, host, at);
                        Some((one, host))
                    })
                    .collect();
                if hosts.len() == followers.len() {
                    return true;
                }
                for (one, host) in hosts {
                    self.take(one, host);
                }
                self.take(event, who);
            }
        }
        false
    }

    fn followers(&self, core: &Event) -> Vec<Event> {
        let follows = |event: &&Event| {
            event.event_type == EventType::Supervisor && event.schedule.is_none() && event.number == core.number
        };
        self.input.events.iter().filter(follows).cloned().collect()
    }

    fn first(&self, event: &Event, start: NaiveDateTime) -> Option<usize> {
        let near = |other: &&Event| other.start().is_some_and(|at| (at - start).num_days().abs() <= 1);
        (0..self.input.employees.len()).find(|who| {
            let held: Vec<_> = self.held[who].iter().filter(near).collect();
            let (employee, holidays) = (&self.input.employees[*who], &self.input.holidays);
            let short_work_minutes = self.input.policy.short_work_minutes;
            rules::check(&rules::Assignment { event, employee, start, held: &held, holidays, short_work_minutes })
                .is_empty()
        })
    }

    fn give(&mut self, event: &Event, who: usize, start: NaiveDateTime) {
        let employee = self.input.employees[who].id.clone();
        let schedule = Schedule { id: ScheduleId(event.id.0), employee, start };
        self.held.entry(who).or_default().push(Event { schedule: Some(schedule), ..event.clone() });
    }

    fn take(&mut self, event: &Event, who: usize) {
        self.held.entry(who).or_default().retain(|other| other.id != event.id);
    }
}
