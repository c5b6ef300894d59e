//! Places for a list of events, as the forms that change several events propose them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::{
    config::Config,
    domain::{
        event::Schedule,
        event::{Event, EventType, pairing::Pair},
        ids::{EmployeeId, EventId, ScheduleId},
        policy::Policy,
        schedule::{self, DAYS_MAX, Options},
    },
    services::{change::ChangeError, proposals::gather},
    store::{ReadTx, StoreError, tables::events},
};

/// Days between the first days of events that are placed together. Each is looked for on the rest of [`DAYS_MAX`] at least.
const FIRST_DAYS_MAX: u64 = 7;

/// The proposal for an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposed {
    Place {
        employee: EmployeeId,
        start: NaiveDateTime,
    },
    /// No one may work it without a finding. The start is the one it must have, or a later one on which someone could. The
    /// message is empty where the start is given: what the rules say of each person is the reason.
    Nothing {
        message: String,
        start: Option<NaiveDateTime>,
    },
}

/// An event to place.
struct Task {
    event: Event,
    /// The first day that it may have.
    first: NaiveDate,
    /// The start that it must have: its own if it is scheduled, that after its CORE for a Supervisor.
    start: Option<NaiveDateTime>,
}

/// A place for each event that no rule speaks against, beside the others: open events from `today` on, scheduled ones at their
/// time with someone else.
pub fn propose(
    tx: &dyn ReadTx,
    ids: &[EventId],
    today: NaiveDate,
    config: &Config,
) -> Result<BTreeMap<EventId, Proposed>, StoreError> {
    let mut tasks = Vec::new();
    for id in ids {
        if let Some(event) = events::get(tx, *id)? {
            tasks.push(task(tx, event, today, &config.policy)?);
        }
    }
    tasks.sort_by_key(|task| (task.first, task.event.id));
    let (mut proposed, mut placed) = (BTreeMap::new(), Vec::new());
    while let Some(first) = tasks.first() {
        let until = later(first.first, FIRST_DAYS_MAX);
        let rest = tasks.split_off(tasks.partition_point(|task| task.first < until));
        let together = std::mem::replace(&mut tasks, rest);
        match ChangeError::split(place(tx, &together, &placed, config))? {
            Ok(found) => {
                placed.extend(together.iter().filter_map(|task| scheduled(&task.event, found.get(&task.event.id)?)));
                proposed.extend(found);
            }
            Err(why) => proposed.extend(
                together
                    .iter()
                    .map(|task| (task.event.id, Proposed::Nothing { message: why.reason(), start: task.start })),
            ),
        }
    }
    Ok(proposed)
}

fn task(tx: &dyn ReadTx, event: Event, today: NaiveDate, policy: &Policy) -> Result<Task, StoreError> {
    if let Some(start) = event.start() {
        return Ok(Task { first: start.date(), start: Some(start), event });
    }
    let mut first = event.first_day;
    if let (EventType::Supervisor, Some(number), true) = (event.event_type, event.number, policy.pairing) {
        let same_number = events::same_number(tx, &event.location, number)?;
        if let Some(core) = Pair::among(&same_number).leader_of(&event) {
            if let Some(start) = core.start().map(|start| policy.supervisor_start(start)) {
                return Ok(Task { first: start.date(), start: Some(start), event });
            }
            first = core.first_day;
        }
    }
    Ok(Task { first: first.map_or(today, |first| first.max(today)), start: None, event })
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

fn scheduled(event: &Event, proposed: &Proposed) -> Option<Event> {
    let Proposed::Place { employee, start } = proposed else { return None };
    let id = event.schedule.as_ref().map_or(ScheduleId(event.id.0), |now| now.id);
    Some(event.with_schedule(Some(Schedule { id, employee: employee.clone(), start: *start })))
}

/// Places these events beside what is stored and `placed`.
fn place(
    tx: &dyn ReadTx,
    tasks: &[Task],
    placed: &[Event],
    config: &Config,
) -> Result<BTreeMap<EventId, Proposed>, ChangeError> {
    let from = tasks.iter().map(|task| task.first).min().unwrap_or_default();
    let last = |task: &Task| task.start.map_or_else(|| later(from, DAYS_MAX - 1), |start| start.date());
    let to = tasks.iter().map(last).max().unwrap_or(from);
    let holders: BTreeSet<_> =
        tasks.iter().filter_map(|task| task.event.schedule.as_ref()).map(|now| now.employee.clone()).collect();
    let options = Options { week_start: config.week_start, exclude_employees: holders, ..Options::between(from, to) };
    let events = tasks.iter().map(|task| &task.event).chain(placed).cloned().collect();
    let facts = gather::around(tx, &options, events)?;
    let only = tasks.iter().map(|task| (task.event.id, task.start)).collect();
    let proposal = schedule::propose(&facts.input(options, Vec::new(), Some(only), config.policy));
    let of = |task: &Task| {
        if let Some(row) = proposal.rows.iter().find(|row| row.event == task.event.id) {
            return Proposed::Place { employee: row.employee.clone(), start: row.start };
        }
        let unplaced = proposal.unplaced.iter().find(|one| one.event == task.event.id);
        let message = unplaced.filter(|_| task.start.is_none()).map_or_else(String::new, |one| one.message.clone());
        let later = unplaced.and_then(|one| Some(one.alternatives.first()?.start));
        Proposed::Nothing { message, start: task.start.or(later) }
    };
    Ok(tasks.iter().map(|task| (task.event.id, of(task))).collect())
}
