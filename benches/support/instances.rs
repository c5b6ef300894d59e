//! Made-up work for the auto-scheduler: the instances B1 to B8 by which its figures are taken.
//!
//! Rule of this file: the same name and seed make the same instance, and nothing but the seed decides.
#![allow(dead_code, reason = "benches and tests use a part each")]

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use fastrand::Rng;
use tandem::domain::{
    employee::{
        Employee, JobTitle,
        availability::{Availability, DayPart, Hours, TimeOff, WEEKDAYS},
    },
    event::{Due, Event, EventType, Location, Schedule, default_start::UsualStarts, names},
    ids::{EmployeeId, EventId, Revision, ScheduleId},
    policy::{Policy, SupervisorTime},
    schedule::{Input, Options, Rotation},
};

/// Instances that are made up; B1 is read from real visits.
pub const NAMES: [&str; 7] = ["B2", "B3", "B4", "B5", "B6", "B7", "B8"];
/// The seeds by which each is made.
pub const SEEDS: [u64; 3] = [1, 2, 3];
/// Work that may lie beside other work at the same store, unless strict.
pub const SHORT_WORK_MINUTES: u32 = 30;
const STORE: &str = "4101";

/// How an instance is made.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// Club Supervisors, Leads, Juicers, Specialists.
    pub people: [usize; 4],
    pub days: u64,
    pub pairs: usize,
    pub juicers: usize,
    pub freeosks: usize,
    pub digitals: usize,
    pub others: usize,
    /// Of a hundred weekdays of a person, how many they work.
    pub available: u32,
    /// Of a hundred person-days, how many are taken already.
    pub booked: u32,
    /// Of a hundred windows, how many begin in the first week.
    pub clumped: u32,
}

const B2: Recipe = Recipe {
    people: [1, 2, 2, 10],
    days: 21,
    pairs: 120,
    juicers: 24,
    freeosks: 21,
    digitals: 30,
    others: 5,
    available: 75,
    booked: 0,
    clumped: 0,
};

pub fn recipe(name: &str) -> Recipe {
    match name {
        "B3" => Recipe { pairs: 150, available: 62, ..B2 },
        "B4" => Recipe { pairs: 190, juicers: 30, available: 60, ..B2 },
        "B5" => Recipe { pairs: 60, booked: 50, ..B2 },
        "B6" => Recipe { available: 65, clumped: 70, ..B2 },
        "B8" => Recipe {
            people: [12, 36, 36, 216],
            days: 28,
            pairs: 1875,
            juicers: 375,
            freeosks: 328,
            digitals: 469,
            others: 78,
            available: 68,
            ..B2
        },
        _ => B2,
    }
}

fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).expect("a date")
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time")
}

/// The settings as they are delivered.
pub fn policy(short_work_minutes: u32) -> Policy {
    let core = [time(9, 45), time(10, 30), time(11, 0), time(11, 30)];
    let mut usual = UsualStarts::NONE.with_core(&core).expect("four times");
    usual.juicer = Some(time(9, 0));
    usual.juicer_short = Some(time(12, 0));
    usual.freeosk = Some(time(10, 0));
    usual.digitals = Some(time(10, 15));
    usual.other = Some(time(11, 0));
    Policy {
        pairing: true,
        supervisor_time: SupervisorTime::After { minutes: 120 },
        usual,
        short_work_minutes,
        zone: chrono_tz::UTC,
    }
}

/// The instance of a name and seed.
pub fn instance(name: &str, seed: u64, short_work_minutes: u32) -> Input {
    match name {
        "B1" => visits(short_work_minutes),
        "B7" => trap(seed, short_work_minutes),
        _ => made(recipe(name), seed, short_work_minutes),
    }
}

pub fn input(events: Vec<Event>, employees: Vec<Employee>, days: u64, short_work_minutes: u32) -> Input {
    Input {
        events,
        employees,
        holidays: BTreeMap::new(),
        policy: policy(short_work_minutes),
        rotation: Rotation::default(),
        options: Options::between(monday(), monday() + Days::new(days - 1)),
        locks: Vec::new(),
        only: None,
    }
}

/// What a recipe makes.
pub fn made(recipe: Recipe, seed: u64, short_work_minutes: u32) -> Input {
    let mut rng = Rng::with_seed(seed);
    let employees = people(recipe, &mut rng);
    let mut events = Vec::new();
    let mut number = 600_000;
    let mut add = |rng: &mut Rng, word: &str, pair: bool, window: (u64, u64)| {
        number += 1;
        let (first, last) = window;
        let mut push = |name: String| {
            let id = 1_000 + events.len() as u64;
            events.push(event(id, &name, first, last));
        };
        push(format!("{number}-{word}-Product"));
        if pair {
            push(format!("{number}-Supervisor-Product"));
        }
        rng.bool();
    };
    for _ in 0..recipe.pairs {
        let length = if rng.u32(..100) < 10 { 1 } else { rng.u64(8..=14) };
        let window = window(&mut rng, recipe, length);
        add(&mut rng, "CORE", true, window);
    }
    for (word, count, lengths) in [
        ("Juicer", recipe.juicers, 1..=6),
        ("Freeosk", recipe.freeosks, 1..=1),
        ("Digitals", recipe.digitals, 1..=7),
        ("Other", recipe.others, 1..=7),
    ] {
        for _ in 0..count {
            let length = rng.u64(lengths.clone());
            let window = window(&mut rng, recipe, length);
            add(&mut rng, word, false, window);
        }
    }
    book(recipe, &employees, &mut events, &mut rng);
    input(events, employees, recipe.days, short_work_minutes)
}

/// The first and last day of a window so long, counted from the first day of all.
fn window(rng: &mut Rng, recipe: Recipe, length: u64) -> (u64, u64) {
    let latest = recipe.days - length;
    let first = if rng.u32(..100) < recipe.clumped { rng.u64(0..=latest.min(6)) } else { rng.u64(0..=latest) };
    (first, first + length - 1)
}

fn event(id: u64, name: &str, first: u64, last: u64) -> Event {
    let reading = names::read(name, None);
    Event {
        id: EventId(id),
        revision: Revision(1),
        name: name.to_owned(),
        event_type: reading.event_type,
        number: reading.number,
        program: reading.program,
        location: Location { number: STORE.to_owned(), name: "Harbor Club".to_owned() },
        first_day: Some(monday() + Days::new(first)),
        due: Some(Due { date: monday() + Days::new(last), time: None }),
        minutes: reading.event_type.default_minutes(),
        schedule: None,
        imported: None,
    }
}

pub fn person(number: usize, title: JobTitle) -> Employee {
    let id: EmployeeId = format!("E{:05}", 10_001 + number).parse().expect("an id");
    Employee::new(id, format!("Person {}", number + 1), title)
}

fn people(recipe: Recipe, rng: &mut Rng) -> Vec<Employee> {
    let titles =
        [JobTitle::ClubSupervisor, JobTitle::LeadEventSpecialist, JobTitle::JuicerBarista, JobTitle::EventSpecialist];
    let titles = titles.into_iter().zip(recipe.people).flat_map(|(title, count)| vec![title; count]);
    titles.enumerate().map(|(number, title)| available(person(number, title), recipe, rng)).collect()
}

fn available(mut person: Employee, recipe: Recipe, rng: &mut Rng) -> Employee {
    for weekday in WEEKDAYS {
        if rng.u32(..100) >= recipe.available {
            person.availability = person.availability.with(weekday, Hours::Off);
        }
    }
    for day in 0..recipe.days {
        if rng.u32(..100) < 6 {
            let date = monday() + Days::new(day);
            person.time_off.push(TimeOff { first: date, last: date, part: DayPart::WholeDay, note: None });
        }
    }
    person
}

/// Gives people work on so many of the days on which they are there.
fn book(recipe: Recipe, employees: &[Employee], events: &mut Vec<Event>, rng: &mut Rng) {
    for employee in employees {
        for day in 0..recipe.days {
            let date = monday() + Days::new(day);
            let weekday = chrono::Datelike::weekday(&date);
            let away = employee.availability.on(weekday) == Hours::Off
                || employee.time_off.iter().any(|off| off.meets(date, date));
            if away || rng.u32(..100) >= recipe.booked {
                continue;
            }
            let id = 50_000 + events.len() as u64;
            let juicer = employee.title == JobTitle::ClubSupervisor;
            let name = format!("{id}-{}-Held", if juicer { "Juicer" } else { "CORE" });
            let mut held = event(id, &name, 0, recipe.days - 1);
            let start = date.and_time(if juicer { time(9, 0) } else { time(10, 30) });
            held.schedule = Some(Schedule { id: ScheduleId(id), employee: employee.id.clone(), start });
            events.push(held);
        }
    }
}

/// 40 COREs for 40 person-days, each of which can go on two of them in a row of all: taking the first that is free
/// leaves the last one over, and all must move by one.
fn trap(seed: u64, short_work_minutes: u32) -> Input {
    const PEOPLE: usize = 6;
    const LONG: usize = 4;
    let mut rng = Rng::with_seed(seed);
    let hours = Hours::between(time(8, 0), time(17, 30)).expect("hours");
    let mut people: Vec<_> = (0..PEOPLE).map(|number| person(number, JobTitle::EventSpecialist)).collect();
    for person in &mut people {
        for weekday in WEEKDAYS.into_iter().filter(|weekday| *weekday != Weekday::Mon) {
            person.availability = person.availability.with(weekday, hours);
        }
    }
    let mut ids: Vec<u64> = (1_000..1_040).collect();
    rng.shuffle(&mut ids);
    let windows = (0..6_u64).flat_map(|day| [(day, day + 1, 390); PEOPLE]).chain([(0, 6, 480); LONG]);
    let events = ids.into_iter().zip(windows).map(|(id, (first, last, minutes))| Event {
        minutes,
        ..event(id, &format!("{}-CORE-Product", 600_000 + id), first, last)
    });
    input(events.collect(), people, 7, short_work_minutes)
}

/// The real visits, from the first day of the export.
fn visits(short_work_minutes: u32) -> Input {
    let (mut events, mut worked) = (Vec::new(), BTreeMap::<EmployeeId, (String, Vec<EventType>)>::new());
    for file in ["calendar-schedule.csv", "workbank.csv"] {
        let path = format!("{}/tests/data/visits/{file}", env!("CARGO_MANIFEST_DIR"));
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("the visits");
        for row in reader.records() {
            let row = row.expect("a row");
            let cell = |at: usize| row.get(at).unwrap_or_default().trim();
            let reading = names::read(cell(0), None);
            let id = EventId(cell(1).parse().expect("a number"));
            let due = moment(cell(6));
            let assigned = (!cell(9).is_empty()).then(|| {
                let who: EmployeeId = cell(9).parse().expect("an id");
                let (_, types) = worked.entry(who.clone()).or_insert_with(|| (cell(8).to_owned(), Vec::new()));
                types.push(reading.event_type);
                Schedule { id: ScheduleId(id.0), employee: who, start: moment(cell(10)) }
            });
            events.push(Event {
                id,
                revision: Revision(1),
                name: cell(0).to_owned(),
                event_type: reading.event_type,
                number: reading.number,
                program: reading.program,
                location: Location { number: cell(3).to_owned(), name: cell(4).to_owned() },
                first_day: Some(moment(cell(5)).date()),
                due: Some(Due { date: due.date(), time: Some(due.time()) }),
                minutes: cell(7).parse().expect("minutes"),
                schedule: assigned,
                imported: None,
            });
        }
    }
    let employee = |(id, (name, types)): (EmployeeId, (String, Vec<EventType>))| Employee {
        availability: Availability::ALWAYS,
        ..Employee::new(id, name, JobTitle::inferred_from(&types))
    };
    let from = NaiveDate::from_ymd_opt(2025, 9, 23).expect("a date");
    let mut input = input(events, worked.into_iter().map(employee).collect(), 21, short_work_minutes);
    input.options = Options::between(from, from + Days::new(20));
    input.options.week_start = Weekday::Sun;
    input
}

fn moment(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%m/%d/%Y %I:%M:%S %p").expect("a moment")
}

/// The usual starts of an open event; a Supervisor's follow those of its CORE.
pub fn starts(policy: &Policy, event: &Event) -> Vec<NaiveTime> {
    let after = |time: &NaiveTime| policy.supervisor_start(monday().and_time(*time)).time();
    match event.event_type {
        EventType::Supervisor => policy.usual.of(EventType::Core).iter().map(after).collect(),
        _ => policy.usual.for_work(event.event_type, event.minutes).to_vec(),
    }
}
