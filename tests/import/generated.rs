//! Generated data: proportions, pairs, and the same data for the same seed.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use tandem::{
    demo::{
        events::Numbers,
        generate::{self, Plan, demo},
    },
    domain::{
        employee::JobTitle,
        event::{Event, EventType, names},
        ids::EmployeeId,
        rules,
    },
    import::Incoming,
};

use crate::support::checks;

const SEEDS: [u64; 4] = [0, 1, 42, u64::MAX];

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn generate(plan: &Plan) -> Incoming {
    generate::generate(plan, None, None)
}

fn october(count: u32, seed: u64) -> Plan {
    Plan { count, first: day(2025, 10, 1), last: day(2025, 10, 31), seed }
}

fn events(incoming: &Incoming) -> impl Iterator<Item = &Event> + Clone {
    incoming.events.iter().map(|incoming| &incoming.event)
}

fn of_type(incoming: &Incoming, event_type: EventType) -> usize {
    events(incoming).filter(|event| event.event_type == event_type).count()
}

fn is_open_due(event: &Event, date: NaiveDate) -> bool {
    event.schedule.is_none() && event.due.unwrap().date == date
}

/// Every rule's findings about every assignment, by rule.
fn broken_rules(incoming: &Incoming) -> BTreeMap<&'static str, usize> {
    let people: HashMap<&EmployeeId, _> =
        incoming.employees.iter().map(|person| (&person.employee.id, &person.employee)).collect();
    let mut held: HashMap<_, Vec<&Event>> = HashMap::new();
    for event in events(incoming) {
        if let Some(schedule) = &event.schedule {
            held.entry((&schedule.employee, schedule.start.date())).or_default().push(event);
        }
    }
    let mut broken = BTreeMap::new();
    for ((employee, _), day) in &held {
        for event in day {
            let others: Vec<_> = day.iter().copied().filter(|other| other.id != event.id).collect();
            let (employee, start, holidays) = (people[employee], event.start().unwrap(), BTreeMap::new());
            let assignment =
                rules::Assignment { event, employee, start, held: &others, holidays: &holidays, short_work_minutes: 0 };
            for finding in rules::check(&assignment) {
                *broken.entry(finding.rule).or_default() += 1;
            }
        }
    }
    broken
}

#[test]
fn a_thousand_events_have_their_proportions_with_every_seed() {
    for seed in SEEDS {
        let incoming = generate(&october(1000, seed));
        assert_eq!(EventType::ALL.map(|event_type| of_type(&incoming, event_type)), [400, 200, 200, 100, 100, 0]);
        assert_eq!(events(&incoming).filter(|event| event.schedule.is_some()).count(), 900);
    }
}

#[test]
fn a_remainder_is_added_to_digitals() {
    for (count, expected) in [(0, [0; 6]), (1, [0, 0, 0, 0, 1, 0]), (17, [6, 3, 3, 1, 4, 0])] {
        let incoming = generate(&october(count, 7));
        assert_eq!(EventType::ALL.map(|event_type| of_type(&incoming, event_type)), expected);
    }
}

#[test]
fn every_supervisor_belongs_to_a_core_and_no_pair_has_a_problem() {
    for seed in SEEDS {
        let incoming = generate(&october(1000, seed));
        let report = checks::check_pairs(events(&incoming));
        assert_eq!((report.problems().count(), report.supervisors_alone, report.pairs_half), (0, 0, 0));
        assert_eq!((report.pairs, report.cores_alone, report.unclassified), (200, 200, 0));
        for pair in incoming.events.windows(2).filter(|pair| pair[1].event.event_type == EventType::Supervisor) {
            let (core, supervisor) = (&pair[0].event, &pair[1].event);
            assert_eq!(
                (&core.location, core.number, core.program),
                (&supervisor.location, supervisor.number, supervisor.program)
            );
            let apart = core.start().zip(supervisor.start()).map(|(core, supervisor)| supervisor - core);
            assert!(apart.is_none_or(|apart| apart.num_minutes() == 120));
            assert_eq!(core.schedule.is_some(), supervisor.schedule.is_some());
        }
    }
}

#[test]
fn a_months_load_breaks_no_rule_about_people() {
    for seed in SEEDS {
        assert_eq!(broken_rules(&generate(&october(1000, seed))), BTreeMap::new());
    }
}

#[test]
fn days_lie_in_the_range_and_windows_around_them() {
    let plan = october(1000, 3);
    let range = plan.first..=plan.last;
    for event in events(&generate(&plan)) {
        let (first, due) = (event.first_day.unwrap(), event.due.unwrap().date);
        let worked = event.date().unwrap_or(due);
        assert!(range.contains(&worked) && first <= worked && worked <= due, "{event:?}");
    }
}

#[test]
fn ids_numbers_and_people_are_told_apart() {
    let incoming = generate(&october(30_000, 5));
    let ids: Vec<_> = events(&incoming).map(|event| event.id.0).collect();
    assert!(ids.iter().copied().eq(1_000_001..1_030_001));
    assert!(events(&incoming).all(|event| event.schedule.as_ref().is_none_or(|schedule| schedule.id.0 == event.id.0)));
    let cores = events(&incoming).filter(|event| event.event_type == EventType::Core);
    let numbers: HashSet<_> = cores.clone().map(|core| (&core.location.number, core.number.unwrap())).collect();
    assert_eq!(numbers.len(), cores.count());
    let names: HashSet<_> = incoming.employees.iter().map(|person| &person.employee.name).collect();
    let titles: HashSet<_> = incoming.employees.iter().map(|person| person.employee.title).collect();
    assert_eq!((names.len(), titles.len()), (incoming.employees.len(), JobTitle::ALL.len()));
}

#[test]
fn names_read_as_their_types_in_both_spellings() {
    let incoming = generate(&october(1000, 11));
    let names: Vec<_> = events(&incoming).map(|event| event.name.as_str()).collect();
    assert!(names.iter().any(|name| name.ends_with("  - V2-CORE")) && names.iter().any(|name| name.contains("-CORE-")));
    assert!(events(&incoming).all(|event| names::read(&event.name, None).event_type == event.event_type));
    assert!(names.iter().collect::<HashSet<_>>().len() > 400);
}

#[test]
fn the_same_seed_generates_the_same_events() {
    assert!(generate(&october(1000, 9)) == generate(&october(1000, 9)));
    assert!(generate(&october(1000, 9)) != generate(&october(1000, 10)));
    assert!(demo(day(2025, 10, 15)) == demo(day(2025, 10, 15)));
}

#[test]
fn the_ends_of_the_calendar_and_a_reversed_range_are_accepted() {
    let plan = Plan { count: 200, first: day(2200, 12, 31), last: day(2200, 12, 30), seed: 1 };
    assert_eq!(generate(&plan).events.len(), 200);
    assert!(events(&generate(&plan)).all(|event| event.due.unwrap().date <= day(2200, 12, 31)));
    assert!(!demo(day(1970, 1, 1)).events.is_empty());
}

#[test]
fn the_demo_shows_every_case_on_any_date() {
    for offset in 0..60 {
        let today = day(2025, 10, 1) + chrono::Days::new(offset);
        let incoming = demo(today);
        let scheduled = |event_type| {
            events(&incoming).filter(|event| event.event_type == event_type && event.date() == Some(today)).count()
        };
        assert_eq!(EventType::ALL.map(scheduled), [5, 2, 3, 2, 3, 1]);
        for ahead in 0..2 {
            let date = today + chrono::Days::new(ahead);
            let due = events(&incoming).filter(|event| is_open_due(event, date)).count();
            assert!((2..=4).contains(&due), "{due} due on {date}");
        }
        let is_lead = |event: &&Event| {
            let holder = event.schedule.as_ref().map(|schedule| &schedule.employee);
            event.event_type == EventType::Core
                && event.date() == Some(today)
                && incoming
                    .employees
                    .iter()
                    .map(|person| &person.employee)
                    .any(|person| Some(&person.id) == holder && person.title == JobTitle::LeadEventSpecialist)
        };
        assert!(events(&incoming).any(|event| is_lead(&event)), "no Primary Lead on {today}");
        assert_eq!(broken_rules(&incoming), BTreeMap::new());
    }
}

#[test]
fn the_demo_is_a_month_of_three_stores_and_twelve_people() {
    let today = day(2025, 10, 15);
    let incoming = demo(today);
    assert_eq!(incoming.employees.len(), 12);
    let stores: HashSet<_> = events(&incoming).map(|event| event.location.name.as_str()).collect();
    assert_eq!(stores, HashSet::from(["Harbor Club", "Mill Creek Club", "Northgate Club"]));
    let report = checks::check_pairs(events(&incoming));
    assert_eq!((report.pairs_half, report.cores_alone, report.supervisors_alone), (5, 1, 0));
    assert_eq!(report.problems().count(), 5, "the half pairs and nothing else");
    let mut days: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for date in events(&incoming).filter_map(Event::date).filter(|date| *date != today) {
        *days.entry(date).or_default() += 1;
    }
    assert_eq!(days.len(), 49);
    assert!(days.values().all(|count| (3..=10).contains(count)), "{days:?}");
    assert_eq!(
        events(&incoming).filter(|event| event.schedule.is_none() && event.due.unwrap().date < today).count(),
        1
    );
}

#[test]
fn months_and_days_beside_others_have_numbers_of_their_own() {
    let first = generate(&october(2000, 1));
    let stored = &first.events[0].event;
    assert_eq!(stored.id, Numbers::FIRST.first_event());
    let beside = |plan: &Plan| generate::generate(plan, None, Some(stored));
    let month = |month| beside(&Plan { first: day(2026, month, 1), last: day(2026, month, 28), ..october(2000, 1) });
    let single = |date| beside(&Plan { first: day(2025, 12, date), last: day(2025, 12, date), ..october(100, 1) });

    let runs: Vec<_> = [first.clone()].into_iter().chain((1..=12).map(month)).chain((2..=5).map(single)).collect();

    let ids: HashSet<_> = runs.iter().flat_map(events).map(|event| event.id).collect();
    assert_eq!(ids.len(), 13 * 2000 + 4 * 100);
    let cores = runs.iter().flat_map(events).filter(|event| event.event_type == EventType::Core);
    let numbers: HashSet<_> = cores.clone().map(|event| (event.location.number.clone(), event.number)).collect();
    assert_eq!(numbers.len(), cores.count(), "one CORE of each number at each store");
    assert_eq!(beside(&october(2000, 1)), first);
}
