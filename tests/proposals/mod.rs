//! Proposals of the auto-scheduler as they are stored, accepted and undone.

mod accepting;
mod calls;
mod limits;
mod mistakes;
mod pages;
mod rotation;
mod weeks;

use std::{sync::Barrier, thread};

use tandem::{
    domain::{
        change::{rejection::Rejection, undo::How},
        ids::{EventId, ProposalId},
        schedule::{
            Options,
            problem::Problem,
            saved::{Adjustment, Saved},
        },
    },
    services::{
        change::{self, ChangeError, Made},
        proposals,
    },
    store::tables::proposals as stored,
};

use crate::support::{App, origin};

/// What is asked for from one day to another.
fn between(from: &str, to: &str) -> Options {
    Options::between(from.parse().unwrap(), to.parse().unwrap())
}

fn try_propose(app: &App, options: Options) -> Result<Saved, ChangeError> {
    proposals::make(app.store.blocking(), options, &app.context.config, &origin())
}

fn propose(app: &App, from: &str, to: &str) -> Saved {
    try_propose(app, between(from, to)).unwrap()
}

fn adjust(app: &App, id: ProposalId, adjustment: &Adjustment) -> Result<Saved, ChangeError> {
    let mut origin = origin();
    origin.at = app.context.clock.now();
    proposals::adjust(app.store.blocking(), id, adjustment, &app.context.config, &origin)
}

fn accept(app: &App, id: ProposalId, rows: Option<&[u64]>) -> Result<Made, ChangeError> {
    let rows: Option<Vec<EventId>> = rows.map(|rows| rows.iter().copied().map(EventId).collect());
    let mut origin = origin();
    origin.at = app.context.clock.now();
    proposals::accept(app.store.blocking(), id, rows.as_deref(), None, &app.context.config.policy, &origin)
}

fn take_back(app: &App, sequence: u64, how: How) -> Result<Made, ChangeError> {
    change::undo(app.store.blocking(), sequence, how, None, None, &app.context.config.policy, &origin())
}

const UNDO: How = How::Undo { window_minutes: 5 };

#[track_caller]
fn rejected<T: std::fmt::Debug>(answer: Result<T, ChangeError>) -> Rejection {
    match answer {
        Err(ChangeError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn problem<T: std::fmt::Debug>(answer: Result<T, ChangeError>) -> Problem {
    match rejected(answer) {
        Rejection::Proposal(problem) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn invalid_days_people_and_events_are_refused_with_a_message() {
    let app = App::with_acceptance_data();
    let before = app.bytes();
    let mut unknown = between("2025-10-15", "2025-10-21");
    unknown.exclude_employees.insert("unknown".parse().unwrap());
    let mut elsewhere = between("2025-10-15", "2025-10-21");
    elsewhere.stores.push("9999".to_owned());

    let sentences = [between("2025-10-15", "2025-10-14"), between("2025-10-01", "2025-10-29"), unknown, elsewhere]
        .map(|options| problem(try_propose(&app, options)).to_string());

    assert_eq!(sentences[0], "The last day, 2025-10-14, is before the first, 2025-10-15.");
    assert!(sentences[1].starts_with("These are 29 days"), "{}", sentences[1]);
    assert_eq!(sentences[2], "There is no employee unknown.");
    assert!(sentences[3].starts_with("No unscheduled event"), "{}", sentences[3]);
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_stored_proposal_survives_a_restart_and_expires_after_24_hours() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");

    let app = app.restarted();

    let find = |app: &App| app.store.blocking().read(|tx| proposals::find(tx, saved.id, app.context.clock.now()));
    assert_eq!(find(&app).unwrap(), saved);
    let app = app.later(24 * 60 * 60);
    assert_eq!(problem(find(&app)), Problem::Unknown);
    assert_eq!(problem(accept(&app, saved.id, None)), Problem::Unknown);
}

#[test]
fn tx_22_a_locked_row_and_a_chosen_person_stay_when_the_rest_is_proposed_again() {
    let app = App::with_visits();
    let saved = propose(&app, "2025-09-23", "2025-10-13");
    let row = saved.proposal.rows.iter().find(|row| !row.alternatives.is_empty()).unwrap();
    let other = &row.alternatives[0];
    let place =
        tandem::domain::schedule::Lock { event: row.event, employee: other.employee.clone(), start: other.start };
    let locked = saved.proposal.rows.iter().find(|one| one.event != row.event && one.core.is_none()).unwrap();
    let lock = vec![locked.event];

    let again =
        adjust(&app, saved.id, &Adjustment { lock, place: vec![place], seed: Some(5), ..Adjustment::default() })
            .unwrap();

    let moved = again.row(row.event).unwrap();
    assert_eq!((&moved.employee, moved.start, moved.locked), (&other.employee, other.start, true));
    let same = again.row(locked.event).unwrap();
    assert_eq!((&same.employee, same.start, same.locked), (&locked.employee, locked.start, true));
    assert_eq!((again.locks.len(), again.hand_changes, again.proposal.placed()), (2, 1, 64));
}

#[test]
fn adjustments_at_the_same_time_are_all_made() {
    const AT_ONCE: usize = 4;
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let rows: Vec<EventId> = saved.proposal.rows.iter().map(|row| row.event).take(AT_ONCE).collect();
    assert_eq!(rows.len(), AT_ONCE);
    let begin = Barrier::new(AT_ONCE);

    thread::scope(|scope| {
        for row in &rows {
            scope.spawn(|| {
                begin.wait();
                proposals::adjust(
                    app.store.blocking(),
                    saved.id,
                    &Adjustment { lock: vec![*row], ..Adjustment::default() },
                    &app.context.config,
                    &origin(),
                )
                .unwrap();
            });
        }
    });

    let stored = app.read(|tx| stored::get(tx, saved.id)).unwrap();
    for row in rows {
        assert!(stored.row(row).unwrap().locked, "{row}");
    }
}

#[test]
fn an_excluded_event_is_not_proposed_until_it_is_included_again() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    let leave_out = Adjustment { leave_out: vec![EventId(1004)], ..Adjustment::default() };
    let take_in = Adjustment { take_in: vec![EventId(1004), EventId(1005)], ..Adjustment::default() };

    let without = adjust(&app, saved.id, &leave_out).unwrap();
    let with = adjust(&app, saved.id, &take_in).unwrap();

    assert!(without.row(EventId(1004)).is_none() && without.row(EventId(1005)).is_none());
    assert_eq!(with.proposal, saved.proposal);
    assert_eq!(problem(adjust(&app, saved.id, &take_in)), Problem::NotInProposal(EventId(1004)));
}

#[test]
fn an_excluded_pair_is_included_together_whichever_of_its_events_is_named() {
    let app = App::with_acceptance_data();
    let saved = propose(&app, "2025-10-15", "2025-10-21");
    for named in [1004, 1005] {
        let leave_out = Adjustment { leave_out: vec![EventId(1004)], ..Adjustment::default() };
        let without = adjust(&app, saved.id, &leave_out).unwrap();
        assert_eq!(without.options.exclude_events.len(), 2);

        let take_in = Adjustment { take_in: vec![EventId(named)], ..Adjustment::default() };
        let with = adjust(&app, saved.id, &take_in).unwrap();

        assert_eq!(with.proposal, saved.proposal, "{named}");
        assert!(with.options.exclude_events.is_empty());
    }
}
