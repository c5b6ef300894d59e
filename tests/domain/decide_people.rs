//! Assignments: rules that reject or warn, alternatives, and the choice of a Supervisor's employee.

use tandem::domain::{
    calendar::Moment,
    change::{
        Change, Command, Request, Warning,
        alternatives::{ALTERNATIVES_MAX, Alternative},
        candidates,
        context::DecisionContext,
        decide::decide,
        rejection::Rejection,
    },
    employee::{
        Employee, JobTitle,
        availability::{DayPart, TimeOff},
    },
    event::Event,
    ids::{EventId, ScheduleId},
    policy::Policy,
    rules::Finding,
};

use super::{TWO_HOURS_LATER, With, World, at, date, employee, event, person};

fn core() -> Event {
    event(1, "606001-CORE-Pretzel")
}

fn supervisor() -> Event {
    event(2, "606001-Supervisor-Pretzel")
}

fn give(who: &str) -> Command {
    Command::Schedule { employee: employee(who), start: at("2025-10-15 10:00") }
}

fn reassign(who: &str) -> Command {
    Command::ChangeEmployee { employee: employee(who) }
}

fn lead(id: &str) -> Employee {
    person(id, JobTitle::LeadEventSpecialist)
}

fn club(id: &str) -> Employee {
    person(id, JobTitle::ClubSupervisor)
}

fn specialist() -> Employee {
    person("emma", JobTitle::EventSpecialist)
}

/// A short piece of other work that day, which overlaps nothing.
fn errand(id: u64, who: &str) -> Event {
    event(id, "Demo").held_by(who, "2025-10-15 07:00")
}

fn to_day(day: &str) -> Command {
    Command::Reschedule { to: Moment::Day(date(day)), employee: None }
}

fn with_reason(command: Command) -> Request {
    Request { override_reason: Some("agreed".to_owned()), ..Request::plain(command) }
}

/// The rules of a refused change.
fn refused_rules(decided: Result<Change, Rejection>) -> Vec<&'static str> {
    match decided {
        Err(Rejection::Refused { findings, .. }) => rules(&findings),
        other => panic!("no rule refuses: {other:?}"),
    }
}

/// The employee of the Supervisor event after a change.
fn supervisor_holder(change: &Change) -> Option<&str> {
    let edit = change.followers().next()?;
    edit.after.schedule.as_ref().map(|now| now.employee.as_str())
}

fn rules(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule).collect()
}

fn warnings(change: &Change) -> Vec<&'static str> {
    change.warnings.iter().map(Warning::id).collect()
}

#[test]
fn a_scheduled_core_has_its_supervisor_scheduled_two_hours_later() {
    let change = World::of([core(), supervisor()]).decide(1, give("emma")).unwrap();
    let schedules: Vec<_> = change.edits.iter().filter_map(|edit| edit.after.schedule.as_ref()).collect();
    let said: Vec<_> = schedules.iter().map(|now| (now.id, now.employee.as_str(), now.start)).collect();
    assert_eq!(
        said,
        [(ScheduleId(5001), "emma", at("2025-10-15 10:00")), (ScheduleId(5002), "cleo", at("2025-10-15 12:00"))]
    );
    assert!(change.warnings.is_empty());
}

#[test]
fn a_busy_club_supervisor_takes_a_supervisor_event_before_an_idle_lead() {
    let world = World::of([core(), supervisor(), errand(3, "cleo")]);
    assert_eq!(supervisor_holder(&world.decide(1, give("emma")).unwrap()), Some("cleo"));
}

#[test]
fn the_club_supervisor_with_fewest_events_that_day_goes_first() {
    let the_day_before = event(4, "Demo").held_by("cora", "2025-10-14 07:00");
    let world = World::of([core(), supervisor(), errand(3, "cleo"), the_day_before]);
    let change = world.with_people([specialist(), club("cleo"), club("cora")]).decide(1, give("emma")).unwrap();
    assert_eq!(supervisor_holder(&change), Some("cora"));
}

#[test]
fn without_a_free_club_supervisor_the_lead_with_fewest_events_takes_it() {
    let in_the_way = event(3, "Digital Display").held_by("cleo", "2025-10-15 12:00");
    let world = World::of([core(), supervisor(), in_the_way, errand(4, "lea")]);
    let change =
        world.with_people([specialist(), club("cleo"), lead("lea"), lead("lou")]).decide(1, give("emma")).unwrap();
    assert_eq!(supervisor_holder(&change), Some("lou"));
}

#[test]
fn an_inactive_club_supervisor_takes_nothing() {
    let gone = Employee { active: false, ..club("cleo") };
    let change =
        World::of([core(), supervisor()]).with_people([specialist(), gone, lead("lea")]).decide(1, give("emma"));
    assert_eq!(supervisor_holder(&change.unwrap()), Some("lea"));
}

#[test]
fn a_lead_does_not_supervise_the_core_that_keeps_them_busy() {
    let change = World::of([core(), supervisor()]).with_people([lead("lea")]).decide(1, give("lea")).unwrap();
    assert_eq!(supervisor_holder(&change), None);
    assert_eq!(change.warnings, [Warning::SupervisorStaysUnstaffed { supervisor: EventId(2) }]);
}

#[test]
fn a_lead_supervises_their_own_core_where_short_work_may_lie_beside_other() {
    let world = World::of([core(), supervisor()]).with_people([lead("lea")]);
    let policy = Policy { short_work_minutes: 30, ..TWO_HOURS_LATER };
    let context = DecisionContext { short_work_minutes: 30, ..world.context(1) };
    let change = decide(&context, &Request::plain(give("lea")), &policy).unwrap();
    assert_eq!((supervisor_holder(&change), change.warnings.as_slice()), (Some("lea"), &[][..]));
}

#[test]
fn without_a_free_employee_the_core_is_scheduled_with_a_warning() {
    let change = World::of([core(), supervisor()]).with_people([specialist()]).decide(1, give("emma")).unwrap();
    assert_eq!((change.edits.len(), warnings(&change)), (1, vec!["supervisor-unstaffed"]));
}

#[test]
fn two_unstaffed_supervisors_go_to_those_with_fewest_events_one_after_the_other() {
    let world = World::of([core(), supervisor(), event(3, "606001-Supervisor-Pretzel")]);
    let change = world.with_people([specialist(), club("cleo"), club("cora")]).decide(1, give("emma")).unwrap();
    let holders: Vec<_> = change.followers().filter_map(|edit| edit.after.schedule.as_ref()).collect();
    assert_eq!(holders.iter().map(|now| now.employee.as_str()).collect::<Vec<_>>(), ["cleo", "cora"]);
}

#[test]
fn a_supervisor_scheduled_before_its_core_moves_to_it() {
    let early = supervisor().held_by("lea", "2025-10-14 09:00");
    let change = World::of([core(), early]).decide(1, give("emma")).unwrap();
    assert_eq!(change.edits[1].after.start(), Some(at("2025-10-15 12:00")));
    assert_eq!(supervisor_holder(&change), Some("lea"));
}

#[test]
fn another_employee_on_a_core_does_not_change_its_supervisor() {
    let world =
        World::of([core().held_by("emma", "2025-10-15 10:00"), supervisor().held_by("lea", "2025-10-15 14:00")]);
    let change = world.decide(1, reassign("jo")).unwrap();
    assert_eq!((change.edits.len(), change.edits[0].after.start()), (1, Some(at("2025-10-15 10:00"))));
    assert_eq!(change.edits[0].after.schedule.as_ref().map(|now| now.employee.as_str()), Some("jo"));
}

#[test]
fn a_reschedule_to_another_employee_keeps_the_supervisors_employee() {
    let world =
        World::of([core().held_by("emma", "2025-10-15 10:00"), supervisor().held_by("lea", "2025-10-15 12:00")]);
    let command = Command::Reschedule { to: Moment::Day(date("2025-10-20")), employee: Some(employee("jo")) };
    let change = world.decide(1, command).unwrap();
    assert_eq!(change.edits[0].after.schedule.as_ref().map(|now| now.employee.as_str()), Some("jo"));
    assert_eq!(supervisor_holder(&change), Some("lea"));
}

#[test]
fn moving_an_event_to_another_day_checks_its_employee() {
    let gone = Employee { active: false, ..specialist() };
    let world = World::of([core().held_by("emma", "2025-10-15 10:00"), supervisor()]).with_people([gone]);
    let to = |day| Command::Reschedule { to: Moment::Day(date(day)), employee: Some(employee("emma")) };
    assert_eq!(refused_rules(world.decide(1, to("2025-10-20"))), ["inactive"]);
    assert!(world.decide(1, to("2025-10-15")).unwrap().edits.is_empty());
}

#[test]
fn an_unknown_person_is_refused() {
    let refused = World::of([core()]).decide(1, give("unknown"));
    assert!(matches!(refused, Err(Rejection::UnknownEmployee(id)) if id == employee("unknown")));
}

#[test]
fn a_rejection_names_the_rules_and_employees_who_pass_all_of_them() {
    let busy = event(3, "606009-CORE-Gum").held_by("jo", "2025-10-15 18:00");
    let refused = World::of([core(), busy]).decide(1, give("cleo")).unwrap_err();
    let Rejection::Refused { findings, alternatives } = refused else { panic!("a rule refuses") };
    assert_eq!(rules(&findings), ["title"]);
    let people = ["emma", "lea"].map(|id| Alternative { employee: Some(employee(id)), ..Alternative::default() });
    assert_eq!(alternatives, people);
}

#[test]
fn a_refusal_offers_a_limited_number_of_people() {
    let many = ["a", "b", "c", "d"].map(lead);
    let [a, b, c, d] = many;
    let refused = World::of([core()]).with_people([club("cleo"), a, b, c, d]).decide(1, give("cleo")).unwrap_err();
    assert!(matches!(refused, Rejection::Refused { alternatives, .. } if alternatives.len() == ALTERNATIVES_MAX));
}

#[test]
fn a_rejection_refers_to_the_conflicting_event() {
    let busy = event(3, "Demo").held_by("emma", "2025-10-15 10:30");
    let refused = World::of([core(), busy]).decide(1, give("emma")).unwrap_err();
    let Rejection::Refused { findings, .. } = refused else { panic!("a rule refuses") };
    assert_eq!((rules(&findings), findings[0].clash), (vec!["overlap"], Some(EventId(3))));
}

#[test]
fn a_reason_overrides_a_rule_and_the_answer_still_names_it() {
    let world = World::of([core(), supervisor()]).with_people([club("cleo"), club("cora")]);
    let overridden = Request { override_reason: Some("no one else".to_owned()), ..Request::plain(give("cleo")) };
    let change = world.request(1, &overridden).unwrap();
    assert_eq!((change.edits.len(), warnings(&change)), (2, vec!["title"]));
}

#[test]
fn a_rule_that_warns_does_not_block() {
    let second = event(3, "606009-CORE-Gum").held_by("emma", "2025-10-15 18:00");
    let change = World::of([core(), supervisor(), second]).decide(1, give("emma")).unwrap();
    assert_eq!(warnings(&change), ["one-core-a-day"]);
}

#[test]
fn a_move_to_another_day_needs_a_reason_where_an_assignment_does() {
    let gone = Employee { active: false, ..specialist() };
    let in_the_way = event(3, "606009-CORE-Gum").held_by("emma", "2025-10-20 12:00");
    let world = World::of([core().held_by("emma", "2025-10-15 10:00"), in_the_way]).with_people([gone]);
    assert_eq!(refused_rules(world.decide(1, to_day("2025-10-20"))), ["inactive", "overlap", "one-core-a-day"]);
    let change = world.request(1, &with_reason(to_day("2025-10-20"))).unwrap();
    assert_eq!((change.edits.len(), change.overridden), (1, true));
    assert_eq!(warnings(&change), ["no-supervisor", "inactive", "overlap", "one-core-a-day"]);
}

#[test]
fn a_move_needs_a_reason_exactly_where_an_assignment_does() {
    let off = TimeOff { first: date("2025-10-16"), last: date("2025-10-16"), part: DayPart::WholeDay, note: None };
    let emma = Employee { time_off: vec![off], ..specialist() };
    let others = [
        event(3, "606009-CORE-Gum").held_by("emma", "2025-10-17 12:00"),
        event(4, "606010-Juicer-Oranges").held_by("emma", "2025-10-18 23:00"),
    ];
    for day in date("2025-10-16").iter_days().take(6) {
        let [one, two] = others.clone();
        let mut world = World::of([core().held_by("emma", "2025-10-15 10:00"), one, two]).with_people([emma.clone()]);
        world.holidays = [(date("2025-10-20"), "Founders' Day".to_owned())].into();
        let moved = world.decide(1, to_day(&day.to_string()));
        world.events[0] = core();
        let assigned = Command::Schedule { employee: employee("emma"), start: at(&format!("{day} 10:00")) };
        match (moved, world.decide(1, assigned)) {
            (Err(moved), Err(assigned)) => assert_eq!(moved.reason(), assigned.reason(), "{day}"),
            (moved, assigned) => assert_eq!(moved.is_ok(), assigned.is_ok(), "{day}"),
        }
    }
}

#[test]
fn another_time_on_the_same_day_asks_only_about_new_findings() {
    let gone = Employee { active: false, ..specialist() };
    let in_the_way = event(3, "606009-Juicer-Gum").held_by("emma", "2025-10-15 18:00");
    let world = World::of([core().held_by("emma", "2025-10-15 10:00"), in_the_way]).with_people([gone]);
    let to = |moment| Command::Reschedule { to: Moment::At(at(moment)), employee: None };
    assert_eq!(world.decide(1, to("2025-10-15 09:00")).unwrap().edits.len(), 1, "inactive before as after");
    assert_eq!(refused_rules(world.decide(1, to("2025-10-15 17:00"))), ["inactive", "overlap"]);
}

#[test]
fn followers_are_checked_at_their_new_time() {
    let short = Event { minutes: 60, ..core().held_by("lea", "2025-10-15 10:00") };
    let world = World::of([short, supervisor().held_by("lea", "2025-10-15 12:00")]);
    let command = Command::Reschedule { to: Moment::At(at("2025-10-15 08:30")), employee: None };
    let change = world.decide(1, command).unwrap();
    assert_eq!(change.edits[1].after.start(), Some(at("2025-10-15 10:30")));
    assert!(change.warnings.is_empty());
}

/// A pair, and what keeps the Supervisor's employee from following to October 20.
fn pair_with_a_conflict() -> [Event; 3] {
    let in_the_way = event(3, "Demo").held_by("lea", "2025-10-20 12:00");
    [core().held_by("emma", "2025-10-15 10:00"), supervisor().held_by("lea", "2025-10-15 12:00"), in_the_way]
}

#[test]
fn a_supervisor_that_follows_into_a_conflict_needs_another_employee_or_a_reason() {
    let world = World::of(pair_with_a_conflict());
    let Rejection::Refused { findings, alternatives } = world.decide(1, to_day("2025-10-20")).unwrap_err() else {
        panic!("a rule refuses")
    };
    assert_eq!((rules(&findings), findings[0].clash), (vec!["overlap"], Some(EventId(3))));
    assert!(findings[0].message.contains("Pretzel (Supervisor 606001)"), "{}", findings[0].message);
    assert_eq!(alternatives, [Alternative { supervisor: Some(employee("cleo")), ..Alternative::default() }]);

    let named = Request { supervisor_employee: Some(employee("cleo")), ..Request::plain(to_day("2025-10-20")) };
    let change = world.request(1, &named).unwrap();
    assert_eq!((supervisor_holder(&change), change.overridden), (Some("cleo"), false));
    assert!(change.warnings.is_empty());

    let change = world.request(1, &with_reason(to_day("2025-10-20"))).unwrap();
    assert_eq!((supervisor_holder(&change), change.overridden), (Some("lea"), true));
    assert_eq!((warnings(&change), change.warnings[0].event()), (vec!["overlap"], Some(EventId(3))));
}

#[test]
fn a_pair_moves_with_the_conflict_of_its_supervisor_if_no_one_else_is_available() {
    let world = World::of(pair_with_a_conflict()).with_people([specialist(), lead("lea")]);
    let change = world.decide(1, to_day("2025-10-20")).unwrap();
    assert_eq!((change.edits.len(), warnings(&change), change.overridden), (2, vec!["overlap"], false));
}

#[test]
fn the_employee_chosen_for_the_supervisor_must_be_allowed_to_work_it() {
    let world = World::of(pair_with_a_conflict());
    let named = |who| Request { supervisor_employee: Some(employee(who)), ..Request::plain(to_day("2025-10-20")) };
    assert_eq!(refused_rules(world.request(1, &named("jo"))), ["title"]);
    assert!(matches!(world.request(1, &named("unknown")), Err(Rejection::UnknownEmployee(_))));
}

#[test]
fn an_override_chooses_a_present_employee_with_the_title_club_supervisors_first() {
    let busy = |id, who| event(id, "606007-Juicer-Oranges").held_by(who, "2025-10-15 09:00");
    let away = Employee { active: false, ..club("anna") };
    let world = World::of([supervisor(), busy(5, "cleo"), busy(6, "lea"), errand(7, "carl"), busy(8, "carl")]);
    let world = world.with_people([specialist(), lead("lea"), club("cleo"), club("carl"), away]);
    let context = world.context(2);

    assert!(candidates::for_supervisor(&context, &supervisor(), at("2025-10-15 12:00"), &[]).is_none());
    let chosen = candidates::anyway(&context, &supervisor(), at("2025-10-15 12:00"));

    assert_eq!(chosen.map(|one| one.id.as_str()), Some("cleo"), "carl has two events that day");
}
