//! The auto-scheduler: its proposals, their reasons and its claims about the best result.

mod brute;
#[path = "../../../benches/support/instances.rs"]
mod instances;
#[path = "../../../benches/support/outcome.rs"]
mod outcome;
mod proofs;
mod random;
mod reference;

use std::collections::BTreeSet;

use chrono::{Days, Weekday};
use tandem::domain::{
    employee::JobTitle,
    event::{Event, EventType},
    format,
    ids::{EmployeeId, EventId},
    schedule::{Cause, Exception, Input, Lock, Proposal, Reason, Role, Row, propose},
};

use super::{With, at, date, employee, event, person};

/// The usual settings over the week of Monday, October 13, with every employee of the tests.
fn week(events: Vec<Event>, titles: &[(&str, JobTitle)]) -> Input {
    let people = titles.iter().map(|(id, title)| person(id, *title)).collect();
    let mut input = instances::input(events, people, 7, instances::SHORT_WORK_MINUTES);
    input.options.from = date("2025-10-13");
    input.options.to = date("2025-10-19");
    input
}

fn row(proposal: &Proposal, id: u64) -> &Row {
    proposal.rows.iter().find(|row| row.event.0 == id).unwrap()
}

fn reason(proposal: &Proposal, id: u64) -> &Reason {
    &proposal.unplaced.iter().find(|one| one.event.0 == id).unwrap().reason
}

const SPECIALIST: (&str, JobTitle) = ("emma", JobTitle::EventSpecialist);
const LEAD: (&str, JobTitle) = ("lea", JobTitle::LeadEventSpecialist);
const JUICER: (&str, JobTitle) = ("jo", JobTitle::JuicerBarista);
const CLUB: (&str, JobTitle) = ("cleo", JobTitle::ClubSupervisor);

/// A CORE and its Supervisor, to be done on these days.
fn pair(id: u64, number: u32, first: &str, last: &str) -> [Event; 2] {
    let core = event(id, &format!("{number}-CORE-Gum")).not_before(first).due(last, None);
    let supervisor = event(id + 1, &format!("{number}-Supervisor-Gum")).not_before(first).due(last, None);
    [core, supervisor]
}

#[test]
fn of_the_real_visits_64_are_placed_and_40_without_short_work() {
    let placed = |short| propose(&instances::instance("B1", 0, short));

    let usual = placed(instances::SHORT_WORK_MINUTES);

    assert_eq!(usual.placed(), 64);
    assert!(usual.unplaced.iter().all(|one| one.reason == Reason::NoCore), "{:?}", usual.unplaced);
    assert_eq!(placed(0).placed(), 40);
}

#[test]
fn a_pair_is_proposed_whole_with_a_reason_for_each_row() {
    let proposal = propose(&week(pair(1, 606_001, "2025-10-14", "2025-10-15").into(), &[SPECIALIST, LEAD]));

    assert_eq!(row(&proposal, 1).start, at("2025-10-14 09:45"));
    assert_eq!(row(&proposal, 2).start, at("2025-10-14 11:45"));
    assert_eq!((row(&proposal, 1).employee.as_str(), row(&proposal, 2).employee.as_str()), ("emma", "lea"));
    assert_eq!(row(&proposal, 1).cause, Cause::LeastVersatile);
    assert_eq!(row(&proposal, 2).why, "Only lea may work it and is free then.");
    assert_eq!(row(&proposal, 2).core, Some(EventId(1)));
}

#[test]
fn a_core_whose_supervisor_cannot_be_placed_is_proposed_alone() {
    let proposal = propose(&week(pair(1, 606_001, "2025-10-14", "2025-10-15").into(), &[SPECIALIST]));

    assert_eq!(row(&proposal, 1).employee.as_str(), "emma");
    assert_eq!(reason(&proposal, 2), &Reason::NoHost);
}

#[test]
fn every_unplaced_event_has_its_reason() {
    let mut off = event(5, "606005-Freeosk-Setup").not_before("2025-10-13").due("2025-10-19", None);
    off.minutes = 15;
    let events = vec![
        event(1, "606001-CORE-Gum").due("2025-10-12", None),
        event(2, "606002-Juicer-Gum"),
        event(3, "606003-Supervisor-Gum"),
        off,
    ];
    let mut input = week(events, &[SPECIALIST, LEAD]);
    input.holidays = (13..20).map(|day| (date(&format!("2025-10-{day}")), "Inventory".to_owned())).collect();

    let proposal = propose(&input);

    assert_eq!(reason(&proposal, 1), &Reason::WindowPassed);
    assert_eq!(reason(&proposal, 2), &Reason::NoTitle);
    assert_eq!(reason(&proposal, 3), &Reason::NoCore);
    assert_eq!(reason(&proposal, 5), &Reason::AllAway);
    assert!(proposal.unplaced.iter().all(|one| one.message.ends_with('.') && !one.remedies.is_empty()));
}

#[test]
fn the_earliest_last_day_is_placed_first_and_competing_events_are_listed() {
    let one = event(9, "606009-CORE-Early").not_before("2025-10-14").due("2025-10-14", None);
    let other = event(1, "606001-CORE-Late").not_before("2025-10-14").due("2025-10-15", None);
    let third = event(5, "606005-CORE-Later").not_before("2025-10-14").due("2025-10-15", None);

    let proposal = propose(&week(vec![one, other, third], &[SPECIALIST]));

    assert_eq!(row(&proposal, 9).start.date(), date("2025-10-14"));
    assert_eq!(row(&proposal, 1).start.date(), date("2025-10-15"));
    let Reason::Competing { events, places, proven: true } = reason(&proposal, 5) else { panic!("{proposal:?}") };
    assert_eq!(events.iter().map(|id| id.0).collect::<Vec<_>>(), [1, 5, 9]);
    assert_eq!(places.len(), 2);
}

#[test]
fn tx_22_locked_rows_stay_when_the_rest_is_proposed_again() {
    let mut events: Vec<Event> = pair(1, 606_001, "2025-10-14", "2025-10-15").into();
    events.extend(pair(3, 606_003, "2025-10-14", "2025-10-15"));
    let mut input = week(events, &[SPECIALIST, LEAD, CLUB]);
    let start = at("2025-10-15 11:30");
    input.locks = vec![Lock { event: EventId(1), employee: employee("lea"), start }];

    let proposal = propose(&input);
    let again = propose(&input);

    assert_eq!(proposal, again);
    let locked = row(&proposal, 1);
    assert_eq!((locked.employee.as_str(), locked.start, locked.locked), ("lea", start, true));
    assert_eq!((row(&proposal, 2).start, row(&proposal, 2).employee.as_str()), (at("2025-10-15 13:30"), "cleo"));
    assert_eq!(proposal.placed(), 4);
}

#[test]
fn excluded_people_and_events_are_not_proposed() {
    let mut input = week(
        vec![event(1, "606001-CORE-Gum"), event(2, "606002-Freeosk-Setup"), event(3, "606003-CORE-Tea")],
        &[SPECIALIST, ("eve", JobTitle::EventSpecialist), LEAD],
    );
    input.options.exclude_employees.insert(employee("emma"));
    input.options.exclude_events.insert(EventId(3));
    input.options.types = vec![EventType::Core];

    let proposal = propose(&input);

    assert_eq!(proposal.rows.iter().map(|row| row.event.0).collect::<Vec<_>>(), [1]);
    assert_eq!(proposal.rows[0].employee.as_str(), "eve");
    assert_eq!(proposal.unplaced, []);
}

#[test]
fn tx_25_the_order_of_the_input_does_not_matter() {
    for name in ["B1", "B3"] {
        let input = instances::instance(name, 1, instances::SHORT_WORK_MINUTES);
        let mut shuffled = input.clone();
        let mut rng = fastrand::Rng::with_seed(7);
        rng.shuffle(&mut shuffled.events);
        rng.shuffle(&mut shuffled.employees);

        assert_eq!(format!("{:?}", propose(&input)), format!("{:?}", propose(&shuffled)), "{name}");
    }
}

#[test]
fn ties_are_broken_by_the_seed() {
    let events = (1..=4).map(|id| event(id, &format!("60600{id}-CORE-Gum")).not_before("2025-10-14"));
    let events = events.map(|event| event.due("2025-10-14", None)).collect();
    let mut input = week(events, &[SPECIALIST, JUICER]);
    let placed = |input: &Input| propose(input).rows.iter().map(|row| row.event).collect::<BTreeSet<_>>();

    let chosen: BTreeSet<_> = (0..10)
        .map(|seed| {
            input.options.seed = seed;
            placed(&input)
        })
        .collect();

    assert!(chosen.len() > 1);
    assert!(chosen.iter().all(|events| events.len() == 2));
}

#[test]
fn tx_27_the_rotation_and_its_exceptions_are_followed_and_absences_reported() {
    let juicer = |id: u64, day: &str| event(id, &format!("60600{id}-Juicer-Mix")).not_before(day).due(day, None);
    let events = vec![juicer(1, "2025-10-13"), juicer(2, "2025-10-14"), juicer(3, "2025-10-15")];
    let mut input = week(events, &[JUICER, ("jay", JobTitle::JuicerBarista), ("jil", JobTitle::JuicerBarista)]);
    for day in [Weekday::Mon, Weekday::Tue, Weekday::Wed] {
        input.rotation.set(None, Role::Juicer, day, Some(employee("jo")));
    }
    let exception = Exception { person: Some(employee("jil")), reason: "Jo trains a colleague".to_owned() };
    input.rotation.except(None, Role::Juicer, date("2025-10-14"), Some(exception));
    input.employees[0].availability =
        input.employees[0].availability.with(Weekday::Wed, tandem::domain::employee::availability::Hours::Off);

    let proposal = propose(&input);

    let who = |id| row(&proposal, id).employee.as_str();
    assert_eq!((who(1), who(2)), ("jo", "jil"));
    assert_ne!(who(3), "jo");
    assert_eq!(row(&proposal, 1).why, "jo is the Juicer on Mondays.");
    let wanted = "jil is the day's Juicer in place of the usual one: Jo trains a colleague.";
    assert_eq!(row(&proposal, 2).why, wanted);
    let wanted = "jo has the Juicer rotation that day, but does not work on Wednesdays.";
    assert!(row(&proposal, 3).why.starts_with(wanted), "{}", row(&proposal, 3).why);
}

#[test]
fn the_primary_lead_has_the_first_slot_and_the_short_work_of_the_day() {
    let day = "2025-10-13";
    let on = |id: u64, word: &str| event(id, &format!("60600{id}-{word}-Gum")).not_before(day).due(day, None);
    let events = vec![on(1, "CORE"), on(2, "CORE"), on(3, "Freeosk"), on(4, "Digitals")];
    let mut input = week(events, &[SPECIALIST, LEAD, ("lou", JobTitle::LeadEventSpecialist), CLUB]);
    input.rotation.set(None, Role::PrimaryLead, Weekday::Mon, Some(employee("lou")));

    let proposal = propose(&input);

    let of_lou: Vec<_> = proposal.rows.iter().filter(|row| row.employee.as_str() == "lou").collect();
    assert_eq!(of_lou.len(), 3, "{of_lou:?}");
    assert!(of_lou.iter().any(|row| row.start == at("2025-10-13 09:45")));
}

#[test]
fn scheduled_work_is_moved_only_on_request_and_with_its_supervisor() {
    let [core, supervisor] = pair(1, 606_001, "2025-10-13", "2025-10-15");
    let held = vec![core.held_by("emma", "2025-10-14 09:45"), supervisor.held_by("lea", "2025-10-14 11:45")];
    let open = event(5, "606005-CORE-Tea").not_before("2025-10-14").due("2025-10-14", None);
    let mut input = week([held, vec![open]].concat(), &[SPECIALIST, LEAD]);
    input.employees[1].title = JobTitle::ClubSupervisor;

    let stays = propose(&input);
    input.options.move_scheduled = true;
    let moves = propose(&input);

    assert_eq!((stays.placed(), stays.moved()), (0, 0));
    let Reason::Competing { events, proven: true, .. } = reason(&stays, 5) else { panic!("{stays:?}") };
    assert_eq!(events.iter().map(|id| id.0).collect::<Vec<_>>(), [1, 5]);
    assert_eq!((moves.placed(), moves.moved()), (1, 2), "{moves:?}");
    let (core, supervisor) = (row(&moves, 1), row(&moves, 2));
    assert_ne!(core.start.date(), date("2025-10-14"));
    assert_eq!(supervisor.start.date(), core.start.date());
    assert_eq!(core.moved_from.as_ref().unwrap().start, at("2025-10-14 09:45"));
}

#[test]
fn hours_within_a_title_are_even_if_the_work_can_be_divided() {
    let cores = (1..=8).map(|id| event(id, &format!("60600{id}-CORE-Gum")).not_before("2025-10-13"));
    let cores = cores.map(|event| event.due("2025-10-19", None)).collect();
    let names = ["emma", "eve", "ed", "ella"];
    let people: Vec<_> = names.iter().map(|name| (*name, JobTitle::EventSpecialist)).collect();

    let proposal = propose(&week(cores, &people));

    assert!(proposal.loads.iter().all(|load| load.minutes_after == 2 * 390), "{:?}", proposal.loads);
}

#[test]
fn fewest_hours_are_those_beside_the_event_among_people_of_one_job_title() {
    let input = instances::instance("B1", 0, instances::SHORT_WORK_MINUTES);
    let proposal = propose(&input);
    let hours = |who: &EmployeeId| proposal.loads.iter().find(|load| load.employee == *who).unwrap().minutes_after;
    let title = |who: &EmployeeId| input.employees.iter().find(|one| one.id == *who).unwrap().title;
    let rows: Vec<_> = proposal.rows.iter().filter(|row| row.cause == Cause::FewestHours).collect();
    for row in &rows {
        let event = input.events.iter().find(|one| one.id == row.event).unwrap();
        let beside = hours(&row.employee) - event.minutes;
        assert!(row.why.ends_with(&format!("({}).", format::duration(beside))), "{}", row.why);
        let others = row.alternatives.iter().filter(|one| one.start == row.start).map(|one| &one.employee);
        let mut same = others.filter(|who| title(who) == title(&row.employee));
        assert!(same.all(|who| hours(who) >= beside), "{}", row.why);
    }
    assert!(!rows.is_empty());
}

#[test]
fn no_one_works_seven_days_a_week_while_another_can() {
    let cores = (13..20).map(|day| {
        let day_of = format!("2025-10-{day}");
        event(day, &format!("6060{day}-CORE-Gum")).not_before(&day_of).due(&day_of, None)
    });
    let mut input = week(cores.collect(), &[SPECIALIST, JUICER]);
    input.options.week_start = Weekday::Mon;

    let proposal = propose(&input);

    for who in ["emma", "jo"] {
        assert!(proposal.rows.iter().filter(|row| row.employee.as_str() == who).count() <= 6);
    }
    assert_eq!(proposal.placed(), 7);
}

#[test]
fn a_weekly_maximum_is_kept_in_each_week_and_counts_what_is_held() {
    let core = |id: u64, first: &str, last: &str| {
        event(id, &format!("6060{id:02}-CORE-Gum")).not_before(first).due(last, None)
    };
    let mut events: Vec<_> = (1..=4).map(|id| core(id, "2025-10-13", "2025-10-19")).collect();
    events.extend((5..=8).map(|id| core(id, "2025-10-20", "2025-10-26")));
    events.extend((9..=12).map(|id| core(id, "2025-10-27", "2025-11-02")));
    events.push(core(20, "2025-10-27", "2025-10-27").held_by("emma", "2025-10-27 10:00"));
    let mut input = week(events, &[SPECIALIST, ("eve", JobTitle::EventSpecialist)]);
    input.options.to = date("2025-11-02");
    input.options.week_start = Weekday::Mon;
    input.options.minutes_max.insert(employee("emma"), 7 * 60);

    let proposal = propose(&input);

    let in_week = |first: &str, last: &str| {
        let of_emma = proposal.rows.iter().filter(|row| row.employee.as_str() == "emma");
        of_emma.filter(|row| (date(first)..=date(last)).contains(&row.start.date())).count()
    };
    assert_eq!(proposal.placed(), 12);
    let weeks = [("2025-10-13", "2025-10-19"), ("2025-10-20", "2025-10-26"), ("2025-10-27", "2025-11-02")];
    assert_eq!(weeks.map(|(first, last)| in_week(first, last)), [1, 1, 0], "{:?}", proposal.rows);
}

#[test]
fn a_person_who_alone_is_free_is_told_from_one_who_alone_may_work_it() {
    let day = "2025-10-14";
    let events = [(1, "606001-CORE-Gum"), (2, "606002-CORE-Tea")];
    let events = events.map(|(id, name)| event(id, name).not_before(day).due(day, None));

    let proposal = propose(&week(events.into(), &[SPECIALIST, ("eve", JobTitle::EventSpecialist)]));

    let others = |who: &str| if who == "emma" { "eve" } else { "emma" };
    for row in &proposal.rows {
        let (who, other) = (row.employee.as_str(), others(row.employee.as_str()));
        assert_eq!(row.cause, Cause::OnlyOneFree);
        assert_eq!(row.why, format!("Only {who} is free then; {other} has other work in this proposal."));
    }
    assert_eq!(proposal.rows.len(), 2);
}

#[test]
fn a_window_that_ends_before_it_begins_or_is_too_long_proposes_nothing() {
    for days in [-1, 28] {
        let mut input = week(vec![event(1, "606001-CORE-Gum")], &[SPECIALIST]);
        input.options.to = input.options.from + chrono::TimeDelta::days(days);
        assert_eq!(propose(&input), Proposal::default());
    }
    let mut input = week(vec![event(1, "606001-CORE-Gum")], &[SPECIALIST]);
    input.options.to = input.options.from + Days::new(27);
    assert_eq!(propose(&input).placed(), 1);
}
