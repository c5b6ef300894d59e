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
pub mod receivers;
mod repairs;
mod slices;
mod webhook;

use std::{sync::Barrier, thread};

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

use crate::support::{App, pairs_data};

/// The old application's events, of which no rule refuses any.
pub fn pairs_app() -> App {
    App::with(&[], Some(pairs_data()))
}

/// What several runs of a job write that begin at the same time.
pub fn at_the_same_time(run: impl Fn() -> usize + Sync) -> usize {
    const RUNS: usize = 4;
    let begin = Barrier::new(RUNS);
    let run = || {
        begin.wait();
        run()
    };
    thread::scope(|scope| {
        let runs: Vec<_> = (0..RUNS).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    })
}

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
    open_findings(app).iter().filter(|one| one.subject.is_problem()).map(name_of).collect()
}

pub fn open_findings(app: &App) -> Vec<OpenFinding> {
    app.read(|tx| found::all(tx))
}

pub fn name_of(finding: &OpenFinding) -> String {
    use tandem::domain::integrity::finding_state::FindingKey;
    match finding.subject {
        FindingKey::Event(check, EventId(event)) => format!("{} {event}", check.slug()),
        FindingKey::Alike(check, _) => check.slug().to_owned(),
        FindingKey::Storage(_) => format!("storage {}", finding.message),
    }
}

/// A write that changes no visible data.
pub fn touch(app: &App) -> Result<(), StoreError> {
    let event = app.event(1001);
    app.store.blocking().write(|tx| events::replace(tx, Some(&event), Some(&event)))
}
