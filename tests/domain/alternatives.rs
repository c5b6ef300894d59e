//! Alternatives offered when rules reject: employees and times that pass every rule.

use chrono::{NaiveDateTime, Weekday};
use tandem::domain::{
    change::{
        Command, Request,
        alternatives::{ALTERNATIVES_MAX, Alternative, SEARCH_DAYS_MAX},
        decide::decide,
        rejection::Rejection,
    },
    employee::{
        Employee, JobTitle,
        availability::{Availability, DayPart, Hours, TimeOff},
    },
    event::{Event, default_start::UsualStarts},
    ids::EmployeeId,
    policy::Policy,
};

use super::{TWO_HOURS_LATER, With, World, at, date, employee, event, person, time};

fn core() -> Event {
    event(1, "606001-CORE-Pretzel")
}

fn emma() -> Employee {
    person("emma", JobTitle::EventSpecialist)
}

/// Emma alone, away on the requested day.
fn away(first: &str, last: &str) -> Employee {
    Employee {
        time_off: vec![TimeOff { first: date(first), last: date(last), part: DayPart::WholeDay, note: None }],
        ..emma()
    }
}

/// A world in which only this employee works.
fn alone(who: Employee, subject: Event) -> World {
    World::of([subject]).with_people([who])
}

/// The alternatives to assigning event 1 to emma at ten on the 15th.
fn offered(world: &World, policy: &Policy) -> Vec<Alternative> {
    let command = Command::Schedule { employee: employee("emma"), start: at("2025-10-15 10:00") };
    match decide(&world.context(1), &Request::plain(command), policy) {
        Err(Rejection::Refused { alternatives, .. }) => alternatives,
        other => panic!("not refused: {other:?}"),
    }
}

fn times(alternatives: &[Alternative]) -> Vec<NaiveDateTime> {
    alternatives.iter().filter_map(|one| one.start).collect()
}

fn people(alternatives: &[Alternative]) -> Vec<&str> {
    alternatives.iter().filter_map(|one| one.employee.as_ref().map(EmployeeId::as_str)).collect()
}

#[test]
fn two_employees_and_a_time_are_offered_if_both_are_available() {
    let staff = [away("2025-10-15", "2025-10-15"), person("ann", JobTitle::EventSpecialist)];
    let others = ["ben", "cy"].map(|id| person(id, JobTitle::LeadEventSpecialist));
    let [first, second] = staff;
    let [third, fourth] = others;
    let world = World::of([core()]).with_people([first, second, third, fourth]);

    let offered = offered(&world, &TWO_HOURS_LATER);

    assert_eq!(people(&offered), ["ann", "ben"]);
    assert_eq!(times(&offered), [at("2025-10-16 10:00")]);
    assert_eq!(offered.len(), ALTERNATIVES_MAX);
}

#[test]
fn an_absent_employee_is_offered_the_following_days() {
    let offered = offered(&alone(away("2025-10-14", "2025-10-17"), core()), &TWO_HOURS_LATER);
    assert_eq!(times(&offered), [at("2025-10-18 10:00"), at("2025-10-19 10:00"), at("2025-10-20 10:00")]);
}

#[test]
fn a_busy_employee_is_offered_a_usual_time_of_the_same_day_first() {
    let freeosk = || event(1, "Freeosk Setup");
    let held = event(2, "Freeosk Other").held_by("emma", "2025-10-15 10:00");
    let emma = person("emma", JobTitle::ClubSupervisor);
    let world = World::of([freeosk(), held]).with_people([emma]);
    let mut usual = UsualStarts::NONE;
    usual.freeosk = Some(time("13:10"));

    let offered = offered(&world, &Policy { usual, ..TWO_HOURS_LATER });

    assert_eq!(times(&offered), [at("2025-10-15 13:10"), at("2025-10-15 09:30"), at("2025-10-15 10:30")]);
}

#[test]
fn times_stay_within_the_window_of_the_event() {
    let due_on_saturday = core().due("2025-10-18", None);
    let offered = offered(&alone(away("2025-10-15", "2025-10-16"), due_on_saturday), &TWO_HOURS_LATER);
    assert_eq!(times(&offered), [at("2025-10-17 10:00"), at("2025-10-18 10:00")]);
}

#[test]
fn no_time_is_offered_that_violates_another_rule() {
    let hours = Hours::between(time("12:00"), time("20:00")).unwrap();
    let week = Availability::ALWAYS.with(Weekday::Thu, Hours::Off).with(Weekday::Sat, hours);
    let emma = Employee { availability: week, ..away("2025-10-15", "2025-10-15") };
    let mut world = World::of([core(), event(2, "606002-CORE-Gum").held_by("emma", "2025-10-19 10:00")]);
    world = world.with_people([emma]);
    world.holidays.insert(date("2025-10-17"), "Founders' Day".to_owned());

    let offered = offered(&world, &TWO_HOURS_LATER);

    assert_eq!(times(&offered), [at("2025-10-18 12:00"), at("2025-10-20 10:00"), at("2025-10-21 10:00")]);
}

#[test]
fn nothing_is_offered_after_the_search_ends() {
    let last = date("2025-10-15") + chrono::Days::new(SEARCH_DAYS_MAX);
    let away_until = |day: chrono::NaiveDate| away("2025-10-15", &day.to_string());
    assert_eq!(offered(&alone(away_until(last), core()), &TWO_HOURS_LATER), []);
    assert_eq!(offered(&alone(away_until(last - chrono::Days::new(1)), core()), &TWO_HOURS_LATER).len(), 1);
}

#[test]
fn for_a_wrong_title_only_other_employees_are_offered() {
    let emma = person("emma", JobTitle::ClubSupervisor);
    let world = World::of([core()]).with_people([emma, person("ann", JobTitle::EventSpecialist)]);
    let offered = offered(&world, &TWO_HOURS_LATER);
    assert_eq!((people(&offered), times(&offered)), (vec!["ann"], Vec::new()));
}

#[test]
fn a_supervisor_event_is_not_offered_a_date_without_its_core() {
    let supervisor = event(1, "606001-Supervisor-Pretzel");
    let core = event(2, "606001-CORE-Pretzel").held_by("lea", "2025-10-15 08:00");
    let emma = Employee { title: JobTitle::ClubSupervisor, ..away("2025-10-15", "2025-10-15") };
    let world = World::of([supervisor, core]).with_people([emma]);
    assert_eq!(offered(&world, &TWO_HOURS_LATER), []);
}
