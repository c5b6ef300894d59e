//! Moves, followers, and rejections because of the current state.

use chrono::NaiveDateTime;
use tandem::domain::{
    calendar::Moment,
    change::{Change, Command, Request, Warning, decide::decide, rejection::Rejection},
    event::Event,
    ids::{EventId, Revision},
    policy::{Policy, SupervisorTime},
};

use super::{TWO_HOURS_LATER, With, World, at, date, employee, event, time};

fn core() -> Event {
    event(1, "606001-CORE-Pretzel").held_by("emma", "2025-10-15 10:00")
}

fn supervisor() -> Event {
    event(2, "606001-Supervisor-Pretzel").held_by("lea", "2025-10-15 12:00")
}

fn to_day(day: &str) -> Command {
    Command::Reschedule { to: Moment::Day(date(day)), employee: None }
}

fn to_moment(moment: &str) -> Command {
    Command::Reschedule { to: Moment::At(at(moment)), employee: None }
}

/// The starts after a change, by event.
fn starts(change: &Change) -> Vec<(u64, Option<NaiveDateTime>)> {
    change.edits.iter().map(|edit| (edit.after.id.0, edit.after.start())).collect()
}

fn warnings(change: &Change) -> Vec<&'static str> {
    change.warnings.iter().map(Warning::id).collect()
}

fn decide_with(policy: &Policy, world: &World, command: Command) -> Change {
    decide(&world.context(1), &Request::plain(command), policy).unwrap()
}

#[test]
fn a_core_moved_by_date_alone_keeps_its_time_and_brings_its_supervisor() {
    let change = World::of([core(), supervisor()]).decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!(starts(&change), [(1, Some(at("2025-10-20 10:00"))), (2, Some(at("2025-10-20 12:00")))]);
    assert!(change.warnings.is_empty());
}

#[test]
fn a_moved_event_keeps_employee_and_schedule_and_gets_the_next_revision() {
    let change = World::of([core(), supervisor()]).decide(1, to_day("2025-10-20")).unwrap();
    for edit in &change.edits {
        let (before, after) = (edit.before.schedule.as_ref().unwrap(), edit.after.schedule.as_ref().unwrap());
        assert_eq!((&before.id, &before.employee), (&after.id, &after.employee));
        assert_eq!(edit.after.revision, Revision(2));
    }
    assert!(change.followers().map(|edit| edit.after.id).eq([EventId(2)]));
}

#[test]
fn every_supervisor_of_a_core_follows_to_two_hours_after_it() {
    let second = event(3, "606001-Supervisor-Pretzel").held_by("cleo", "2025-10-14 09:00");
    let change = World::of([core(), supervisor(), second]).decide(1, to_moment("2025-10-20 14:30")).unwrap();
    let follow = Some(at("2025-10-20 16:30"));
    assert_eq!(starts(&change), [(1, Some(at("2025-10-20 14:30"))), (2, follow), (3, follow)]);
}

#[test]
fn an_unstaffed_supervisor_stays_unstaffed_when_its_core_moves_with_a_warning() {
    let world = World::of([core(), event(2, "606001-Supervisor-Pretzel")]);
    let change = world.decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!(starts(&change), [(1, Some(at("2025-10-20 10:00")))]);
    assert_eq!(change.warnings, [Warning::SupervisorStaysUnstaffed { supervisor: EventId(2) }]);
}

#[test]
fn a_core_without_supervisor_or_number_moves_with_a_warning() {
    let change = World::of([core()]).decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!((change.edits.len(), warnings(&change)), (1, vec!["no-supervisor"]));
    let unnumbered = event(1, "ABC123-CORE-Gum").held_by("emma", "2025-10-15 10:00");
    let stranger = event(2, "ABC123-Supervisor-Gum").held_by("lea", "2025-10-15 12:00");
    let change = World::of([unnumbered, stranger]).decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!((change.edits.len(), warnings(&change)), (1, vec!["no-event-number"]));
}

#[test]
fn an_ambiguous_core_moves_only_its_own_supervisor_and_names_the_others() {
    let other = event(3, "606001-CORE-Gum").held_by("jo", "2025-10-15 10:00");
    let world = World::of([core(), supervisor(), other]);
    let change = world.decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!((change.edits.len(), &change.warnings[0]), (2, &Warning::AmbiguousNumber { others: vec![EventId(3)] }));
    let change = world.decide(3, to_day("2025-10-20")).unwrap();
    assert_eq!(starts(&change), [(3, Some(at("2025-10-20 10:00")))]);
}

#[test]
fn another_type_moves_alone_and_without_warnings() {
    let juicer = event(1, "606001-Juicer-Orange").held_by("jo", "2025-10-15 10:00");
    let change = World::of([juicer, supervisor()]).decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!((change.edits.len(), warnings(&change)), (1, vec![]));
}

#[test]
fn an_unscheduled_core_takes_its_scheduled_supervisors_along() {
    let world = World::of([core(), supervisor(), event(3, "606001-Supervisor-Pretzel")]);
    let change = world.decide(1, Command::Unschedule).unwrap();
    assert_eq!(starts(&change), [(1, None), (2, None)]);
    assert!(change.warnings.is_empty());
}

#[test]
fn a_supervisor_moves_and_is_released_without_its_core() {
    let world = World::of([core(), supervisor()]);
    assert_eq!(starts(&world.decide(2, to_moment("2025-10-15 14:00")).unwrap()), [(2, Some(at("2025-10-15 14:00")))]);
    assert_eq!(starts(&world.decide(2, Command::Unschedule).unwrap()), [(2, None)]);
}

#[test]
fn a_supervisor_that_leaves_its_cores_date_needs_a_confirmation() {
    let world = World::of([core(), supervisor()]);
    let rejection = world.decide(2, to_day("2025-10-16")).unwrap_err();
    assert!(
        matches!(rejection, Rejection::OtherDate { core, date: day } if core.id.0 == 1 && day == date("2025-10-16"))
    );
    let confirmed = Request { confirm_other_date: true, ..Request::plain(to_day("2025-10-16")) };
    assert_eq!(world.request(2, &confirmed).unwrap().edits.len(), 1);
}

#[test]
fn an_unstaffed_supervisor_scheduled_off_its_cores_date_needs_a_confirmation() {
    let world = World::of([core(), event(2, "606001-Supervisor-Pretzel")]);
    let give = |start| Command::Schedule { employee: employee("cleo"), start: at(start) };
    assert!(matches!(world.decide(2, give("2025-10-16 12:00")), Err(Rejection::OtherDate { .. })));
    assert!(world.decide(2, give("2025-10-15 12:00")).is_ok());
}

#[test]
fn a_supervisor_already_off_its_cores_date_is_reassigned_without_a_confirmation() {
    let world = World::of([core(), event(2, "606001-Supervisor-Pretzel").held_by("lea", "2025-10-16 12:00")]);
    assert!(world.decide(2, Command::ChangeEmployee { employee: employee("cleo") }).is_ok());
}

#[test]
fn a_supervisor_of_an_unstaffed_core_moves_freely() {
    let world = World::of([event(1, "606001-CORE-Pretzel"), supervisor()]);
    assert!(world.decide(2, to_day("2025-10-16")).is_ok());
}

#[test]
fn a_late_supervisor_stays_on_its_cores_day() {
    let change = World::of([core(), supervisor()]).decide(1, to_moment("2025-10-20 22:30")).unwrap();
    assert_eq!(change.edits[1].after.start(), Some(at("2025-10-20 23:59")));
}

#[test]
fn supervisors_at_noon_do_not_follow_the_time_of_their_core() {
    let noon = Policy { pairing: true, supervisor_time: SupervisorTime::At(time("12:00")), ..TWO_HOURS_LATER };
    let change = decide_with(&noon, &World::of([core(), supervisor()]), to_moment("2025-10-20 16:00"));
    assert_eq!(change.edits[1].after.start(), Some(at("2025-10-20 12:00")));
}

#[test]
fn with_pairing_off_no_event_follows_warns_or_confirms() {
    let alone = Policy { pairing: false, ..TWO_HOURS_LATER };
    let world = World::of([core(), supervisor(), event(3, "606001-CORE-Gum")]);
    for command in [to_day("2025-10-20"), Command::Unschedule] {
        let change = decide_with(&alone, &world, command);
        assert_eq!((change.edits.len(), warnings(&change)), (1, vec![]));
    }
    assert!(decide(&world.context(2), &Request::plain(to_day("2025-10-20")), &alone).is_ok());
}

#[test]
fn a_stale_request_is_refused_and_a_fresh_one_is_not() {
    let world = World::of([core()]);
    let seeing = |revision| Request { seen: Some(Revision(revision)), ..Request::plain(Command::Unschedule) };
    let stale = world.request(1, &seeing(0)).unwrap_err();
    assert!(matches!(stale, Rejection::Stale { event, seen, .. } if event.id.0 == 1 && seen == Revision(0)));
    assert!(world.request(1, &seeing(1)).is_ok());
}

#[test]
fn a_scheduled_event_is_not_scheduled_again() {
    let give = Command::Schedule { employee: employee("emma"), start: at("2025-10-15 10:00") };
    assert!(matches!(World::of([core()]).decide(1, give), Err(Rejection::AlreadyScheduled(_))));
}

#[test]
fn an_unscheduled_event_is_neither_moved_nor_released_nor_reassigned() {
    let world = World::of([event(1, "606001-CORE-Pretzel")]);
    let reassign = Command::ChangeEmployee { employee: employee("emma") };
    for command in [to_day("2025-10-20"), Command::Unschedule, reassign] {
        assert!(matches!(world.decide(1, command), Err(Rejection::NotScheduled(_))));
    }
}

#[test]
fn a_date_outside_the_calendar_is_refused() {
    let refused = World::of([core()]).decide(1, to_day("2201-01-01"));
    assert!(matches!(refused, Err(Rejection::OutOfCalendar(day)) if day == date("2201-01-01")));
}

#[test]
fn a_request_for_the_current_state_changes_nothing() {
    let world = World::of([core(), supervisor()]);
    let same_person = Command::ChangeEmployee { employee: employee("emma") };
    for command in [to_day("2025-10-15"), to_moment("2025-10-15 10:00"), same_person] {
        let change = world.decide(1, command).unwrap();
        assert!(change.edits.is_empty() && change.warnings.is_empty(), "{change:?}");
    }
}

#[test]
fn the_same_number_at_another_store_stays_where_it_is() {
    let elsewhere = event(3, "606001-Supervisor-Pretzel").at_store("4102").held_by("cleo", "2025-10-15 12:00");
    let twin = event(4, "606001-CORE-Pretzel").at_store("4102").held_by("jo", "2025-10-15 10:00");
    let change = World::of([core(), supervisor(), elsewhere, twin]).decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!(change.edits.iter().map(|edit| edit.after.id.0).collect::<Vec<_>>(), [1, 2]);
    assert!(change.warnings.is_empty());
}

#[test]
fn a_decision_does_not_change_its_context_and_is_repeatable() {
    let context = World::of([core(), supervisor()]).context(1);
    let decided = || decide(&context, &Request::plain(to_day("2025-10-20")), &TWO_HOURS_LATER).unwrap().edits;
    assert_eq!(decided(), decided());
    assert_eq!(context.subject, core());
}
