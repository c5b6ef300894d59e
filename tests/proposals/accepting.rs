//! Accepting a proposal: one change, one undo, and conflicts.

use tandem::domain::{
    audit::{Action, Outcome},
    change::rejection::Rejection,
    employee::availability::{DayPart, TimeOff},
    ids::EventId,
    schedule::problem::Problem,
};
use tandem::store::tables::employees;

use super::{UNDO, accept, problem, propose, rejected, take_back};
use crate::support::{App, legacy};

#[test]
fn tc_046_open_cores_of_a_week_are_proposed_and_accepted_with_their_supervisors() {
    let app = App::with_acceptance_data();
    let before = app.bytes();

    let saved = propose(&app, "2025-10-15", "2025-10-21");

    assert_eq!(saved.proposal.rows.iter().filter(|row| row.core == Some(EventId(1004))).count(), 1);
    let made = accept(&app, saved.id, None).unwrap();
    assert_eq!(made.entry.unwrap().action, Action::AcceptProposal);
    let (core, supervisor) = (app.event(1004), app.event(1005));
    assert!(core.schedule.is_some() && core.date() == supervisor.date());
    assert_ne!(app.bytes(), before);
    assert_eq!(problem(accept(&app, saved.id, None)), Problem::Accepted);
    app.assert_whole();
}

#[test]
fn tx_20_an_accepted_proposal_is_undone_after_a_restart_in_one_step() {
    let app = App::with_visits();
    let saved = propose(&app, "2025-09-23", "2025-10-13");
    let made = accept(&app, saved.id, None).unwrap();
    assert_eq!(made.entry.as_ref().unwrap().steps.len(), 64);

    let app = app.restarted();
    take_back(&app, made.entry.unwrap().sequence, UNDO).unwrap();

    assert!(saved.proposal.rows.iter().all(|row| app.event(row.event.0).schedule.is_none()));
    app.assert_whole();
}

#[test]
fn tx_21_a_row_of_a_changed_event_is_reported_and_nothing_is_written() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    app.call(
        "/api/schedule_event",
        serde_json::json!({"event_id": 1004, "employee_id": "101", "start_datetime": "2025-10-16T20:00"}),
    );
    let before = app.bytes();

    let refused = rejected(accept(&app, saved.id, None));

    let Rejection::Several(refusals) = &refused else { panic!("{refused:?}") };
    assert!(refusals.iter().any(|one| one.event == EventId(1004)), "{refusals:?}");
    assert!(refused.reason().contains("Nature Valley (CORE 606002) was changed by"), "{}", refused.reason());
    assert_eq!(app.bytes(), before);
    assert_eq!(app.audit().last().unwrap().outcome, Outcome::Refused);
}

#[test]
fn tx_23_350_events_are_one_change_with_one_undo() {
    let rows: Vec<String> =
        (1..=350).map(|id| format!("{id},606{id:03}-Freeosk-Chips,Freeosk,0.25,2025-10-31,7")).collect();
    let app = App::with(&[], Some(legacy(&rows.iter().map(String::as_str).collect::<Vec<_>>(), &[])));
    let before = app.audit().len();
    let saved = propose(&app, "2025-10-18", "2025-10-24");
    assert_eq!(saved.proposal.placed(), 350);

    let entry = accept(&app, saved.id, None).unwrap().entry.unwrap();

    assert_eq!((app.audit().len(), entry.steps.len()), (before + 1, 350));
    app.get("/activity").status(200).says("Accept a proposal").says("350 events");
    app.get(&format!("/activity/{}", entry.sequence + 1)).status(404);
    app.assert_whole();
    let undone = take_back(&app, entry.sequence, UNDO).unwrap().entry.unwrap();
    assert_eq!((undone.steps.len(), undone.undoes), (350, Some(entry.sequence)));
    assert!((1..=350).all(|id| app.event(id).schedule.is_none()));
    let again = rejected(take_back(&app, entry.sequence, UNDO));
    assert!(matches!(again, Rejection::AlreadyUndone { .. }), "{again:?}");
    app.assert_whole();
}

#[test]
fn tx_28_time_off_added_after_proposing_is_reported_and_the_rest_can_be_accepted() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let row = saved.row(EventId(1004)).unwrap();
    let mut person = app.read(|tx| employees::get(tx, &row.employee)).unwrap();
    let day = row.start.date();
    person.time_off.push(TimeOff { first: day, last: day, part: DayPart::WholeDay, note: None });
    app.store.blocking().write(|tx| employees::put(tx, &person)).unwrap();

    let refused = rejected(accept(&app, saved.id, None));

    let Rejection::Several(refusals) = &refused else { panic!("{refused:?}") };
    assert!(refusals.iter().any(|one| one.event == EventId(1004)), "{}", refused.reason());
    assert!(refused.reason().contains("is off"), "{}", refused.reason());
    let rest: Vec<u64> = saved
        .proposal
        .rows
        .iter()
        .filter(|row| {
            ![row.event, row.core.unwrap_or(row.event)].iter().any(|id| refusals.iter().any(|one| one.event == *id))
        })
        .map(|row| row.event.0)
        .collect();
    assert!(!rest.is_empty());
    accept(&app, saved.id, Some(&rest)).unwrap();
    assert!(app.event(1004).schedule.is_none() && app.event(1005).schedule.is_none());
    app.assert_whole();
}

#[test]
fn accepting_a_row_accepts_its_pair() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");

    let made = accept(&app, saved.id, Some(&[1005])).unwrap();

    assert_eq!(made.entry.unwrap().steps.len(), 2);
    assert_eq!(app.event(1004).date(), app.event(1005).date());
}

#[test]
fn supervisors_of_a_scheduled_core_are_accepted_one_by_one() {
    let core = "1,606001-CORE-Chips,CORE,6,2025-10-21,7";
    let supervisors = [2, 3].map(|id| format!("{id},606001-Supervisor-Chips,Supervisor,0.08,2025-10-21,7"));
    let held = ["1,1,101,2025-10-20 10:00:00"];
    let app = App::with(&[], Some(legacy(&[core, &supervisors[0], &supervisors[1]], &held)));
    let saved = propose(&app, "2025-10-18", "2025-10-24");
    let page = app.get(&format!("/auto-schedule/{}", saved.id)).status(200);
    assert!([2, 3].iter().all(|id| page.element(&format!("row-{id}")).contains("type=\"checkbox\"")));

    let made = accept(&app, saved.id, Some(&[2])).unwrap();

    assert_eq!(made.entry.unwrap().steps.len(), 1);
    assert!(app.event(2).schedule.is_some() && app.event(3).schedule.is_none());
}

#[test]
fn repeated_and_unknown_rows_are_refused() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let before = app.bytes();

    assert_eq!(problem(accept(&app, saved.id, Some(&[1004, 1004]))), Problem::NamedTwice(EventId(1004)));
    assert_eq!(problem(accept(&app, saved.id, Some(&[1001]))), Problem::NotInProposal(EventId(1001)));
    assert!(matches!(rejected(accept(&app, saved.id, Some(&[]))), Rejection::NothingChosen));
    assert_eq!(app.bytes(), before);
}
