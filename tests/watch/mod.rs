//! Integrity checks, alerts, and repairs.
//!
//! The tests plant mistakes in the store without any rule, as no change could.

mod alerts;
mod daily;
mod delivery;
mod findings;
mod health;
mod notices;
mod page;
mod receivers;
mod repairs;
mod slices;
mod webhook;

use chrono::{DateTime, NaiveDateTime, Utc};
use tandem::{
    domain::{
        event::{Event, Schedule},
        ids::{EventId, ScheduleId},
        integrity::finding_state::{OpenFinding, Run, Start, Trigger},
    },
    jobs::integrity,
    store::{
        StoreError,
        tables::{events, findings as found},
    },
};

use crate::support::App;

/// Assigns or unassigns an event without any rule.
pub fn plant(app: &App, id: u64, assignment: Option<(&str, &str)>) {
    let before = app.event(id);
    let schedule = assignment.map(|(start, employee)| Schedule {
        id: before.schedule.as_ref().map_or(ScheduleId(900_000 + id), |now| now.id),
        employee: employee.parse().unwrap(),
        start: NaiveDateTime::parse_from_str(start, "%Y-%m-%d %H:%M").unwrap(),
    });
    let after = Event { schedule, revision: before.revision.next(), ..before.clone() };
    app.store.blocking().write(|tx| events::replace(tx, Some(&before), Some(&after))).unwrap();
}

pub fn start(trigger: Trigger, at: DateTime<Utc>) -> Start {
    Start { trigger, who: "ana".to_owned(), at, date: None }
}

/// Runs a check at the app's time.
pub fn check(app: &App) -> Run {
    let start = start(Trigger::Page, app.context.clock.now());
    integrity::run_once(&app.context, &start).unwrap().stored.unwrap()
}

/// Every open problem: `"date-mismatch 1002"`.
pub fn problems(app: &App) -> Vec<String> {
    standing(app).iter().filter(|one| one.subject.is_problem()).map(name_of).collect()
}

pub fn standing(app: &App) -> Vec<OpenFinding> {
    app.read(|tx| found::all(tx))
}

pub fn name_of(standing: &OpenFinding) -> String {
    use tandem::domain::integrity::finding_state::FindingKey;
    match standing.subject {
        FindingKey::Event(check, EventId(event)) => format!("{} {event}", check.slug()),
        FindingKey::Storage(_) => format!("storage {}", standing.message),
    }
}

/// A write that changes no visible data.
pub fn touch(app: &App) -> Result<(), StoreError> {
    let event = app.event(1001);
    app.store.blocking().write(|tx| events::replace(tx, Some(&event), Some(&event)))
}
