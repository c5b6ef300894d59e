//! Checks of a store in use.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use chrono::TimeDelta;
use tandem::{
    domain::{event::EventType, policy::Policy},
    store::{Store, maintenance::check},
};

use super::plant;
use crate::support::{App, october};

#[test]
fn an_incremental_check_finds_the_same_as_one_in_a_snapshot() {
    let app = App::with(&[], Some(october(2000)));
    let core = app.check().pairs.events as u64;
    assert_eq!(core, 2000);
    let pair = app.read(|tx| {
        let mut found = None;
        tandem::store::tables::events::each(tx, |event| {
            found =
                found.or((event.schedule.is_some() && event.event_type == EventType::Supervisor).then_some(event.id.0));
            Ok(tandem::store::Flow::Continue)
        })?;
        Ok(found)
    });
    plant(&app, pair.unwrap(), None);

    let (at_once, sliced) = (app.check(), check::run_in_slices(app.store.blocking()).unwrap());

    assert!(at_once.pairs.problems().next().is_some());
    assert_eq!(at_once.pairs, sliced.pairs);
    assert_eq!(
        (at_once.index_entries, at_once.days, at_once.audit_entries, &at_once.storage_problems),
        (sliced.index_entries, sliced.days, sliced.audit_entries, &sliced.storage_problems)
    );
}

/// While pairs move, no slice may see half a change, and no correct counter may be reported.
#[test]
fn a_check_while_pairs_move_reports_no_false_findings() {
    let app = App::with(&[], Some(october(1000)));
    let cores = app.read(|tx| {
        let mut cores = Vec::new();
        tandem::store::tables::events::each(tx, |event| {
            let is_core = event.event_type == EventType::Core;
            cores.extend(event.schedule.filter(|_| is_core).map(|now| (event.id.0, now.start)));
            Ok(tandem::store::Flow::Continue)
        })?;
        Ok(cores)
    });
    let (store, policy) = (app.store.blocking(), &app.context.config.policy);
    let over = AtomicBool::new(false);
    thread::scope(|threads| {
        threads.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for (core, start) in cores.iter().take(50) {
                    move_pair(store, policy, *core, *start + TimeDelta::days(1));
                    move_pair(store, policy, *core, *start);
                }
            }
        });
        for _ in 0..5 {
            let report = check::run_in_slices(store).unwrap();
            assert_eq!(report.storage_problems, Vec::<String>::new());
            let of_pairs = report.pairs.problems().filter(|one| one.check.rule().is_none());
            assert_eq!(of_pairs.map(|one| one.message.clone()).collect::<Vec<_>>(), [""; 0]);
        }
        over.store(true, Ordering::Relaxed);
    });
}

fn move_pair(store: &Store, policy: &Policy, core: u64, to: chrono::NaiveDateTime) {
    use tandem::{
        domain::{
            calendar::Moment,
            change::{Command, Request},
            ids::EventId,
        },
        services::{change, decision_context::Target},
    };
    let command = Command::Reschedule { to: Moment::At(to), employee: None };
    let request = Request { override_reason: Some("trial".to_owned()), ..Request::plain(command) };
    change::make(store, Target::Event(EventId(core)), &request, policy, &crate::support::origin()).unwrap();
}
