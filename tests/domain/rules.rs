//! Rules for assignments. Every row of `RULES` has at least one case that passes and one that fails.

use chrono::Weekday;
use tandem::domain::{
    employee::{
        Employee, JobTitle,
        availability::{Availability, DayPart, Hours, TimeOff},
    },
    event::{Event, EventType},
    rules::{Assignment, Finding, RULES, Weight, check},
};

use super::{With, at, date, event, person, time};

/// An assignment beside other events, and the expected result of a rule.
struct Case {
    rule: &'static str,
    what: &'static str,
    event: Event,
    who: Employee,
    start: &'static str,
    held: Vec<Event>,
    /// The date of a company holiday.
    closed: Option<&'static str>,
    /// Longest work that may overlap other work at the same store.
    short_work_minutes: u32,
    violated: bool,
}

/// A lead who is assigned a CORE on the 15th at ten and has no other event; passes until something is changed.
fn passes(rule: &'static str, what: &'static str) -> Case {
    Case {
        rule,
        what,
        event: event(1, "606001-CORE-Pretzel"),
        who: person("lea", JobTitle::LeadEventSpecialist),
        start: "2025-10-15 10:00",
        held: Vec::new(),
        closed: None,
        short_work_minutes: 0,
        violated: false,
    }
}

fn fails(rule: &'static str, what: &'static str) -> Case {
    Case { violated: true, ..passes(rule, what) }
}

pub fn core_until_half_past_four() -> Event {
    event(2, "606002-CORE-Gum").held_by("lea", "2025-10-15 10:00")
}

fn people_cases() -> Vec<Case> {
    let retired = Employee { active: false, ..person("lea", JobTitle::LeadEventSpecialist) };
    vec![
        passes("inactive", "an active person"),
        Case { who: retired, ..fails("inactive", "an inactive person") },
        passes("title", "a lead and a CORE"),
        Case { who: person("cleo", JobTitle::ClubSupervisor), ..fails("title", "a club supervisor and a CORE") },
        passes("one-core-a-day", "nothing held"),
        Case {
            held: vec![event(2, "606002-CORE-Gum").held_by("lea", "2025-10-14 10:00")],
            ..passes("one-core-a-day", "a CORE the day before")
        },
        Case {
            held: vec![event(2, "606002-Juicer-Gum").held_by("lea", "2025-10-15 08:00")],
            ..passes("one-core-a-day", "another type the same day")
        },
        Case {
            event: event(1, "606001-Supervisor-Pretzel"),
            held: vec![core_until_half_past_four()],
            ..passes("one-core-a-day", "a Supervisor beside a CORE")
        },
        Case {
            held: vec![event(2, "606002-CORE-Gum").held_by("lea", "2025-10-15 20:00")],
            ..fails("one-core-a-day", "a second CORE the same day")
        },
    ]
}

fn overlap_cases() -> Vec<Case> {
    let supervisor = || event(1, "606001-Supervisor-Pretzel");
    let held_supervisor = |who| vec![event(2, "606002-Supervisor-Gum").held_by(who, "2025-10-15 10:00")];
    vec![
        Case {
            start: "2025-10-15 16:30",
            held: vec![core_until_half_past_four()],
            ..passes("overlap", "one after the other")
        },
        Case {
            start: "2025-10-15 03:30",
            held: vec![core_until_half_past_four()],
            ..passes("overlap", "one before the other")
        },
        Case {
            start: "2025-10-15 16:29",
            held: vec![core_until_half_past_four()],
            ..fails("overlap", "one minute shared")
        },
        Case {
            start: "2025-10-15 03:31",
            held: vec![core_until_half_past_four()],
            ..fails("overlap", "one minute shared before")
        },
        Case {
            start: "2025-10-16 01:00",
            held: vec![event(2, "606002-CORE-Gum").held_by("lea", "2025-10-15 20:00")],
            ..fails("overlap", "an event that lasts past midnight")
        },
        Case {
            event: supervisor(),
            who: person("cleo", JobTitle::ClubSupervisor),
            held: held_supervisor("cleo"),
            ..passes("overlap", "two Supervisors of a club supervisor")
        },
        Case { event: supervisor(), held: held_supervisor("lea"), ..fails("overlap", "two Supervisors of a lead") },
        Case {
            event: event(1, "Freeosk Setup"),
            who: person("cleo", JobTitle::ClubSupervisor),
            held: held_supervisor("cleo"),
            ..fails("overlap", "a Freeosk event beside a Supervisor")
        },
    ]
}

/// The case's lead, off on these days.
fn off(first: &str, last: &str) -> Employee {
    let time_off = vec![TimeOff {
        first: date(first),
        last: date(last),
        part: DayPart::WholeDay,
        note: Some("a secret".to_owned()),
    }];
    Employee { time_off, ..person("lea", JobTitle::LeadEventSpecialist) }
}

/// The case's lead, off for a part of October 15.
pub fn off_in(part: DayPart) -> Employee {
    let day = off("2025-10-15", "2025-10-15");
    Employee { time_off: day.time_off.iter().map(|off| TimeOff { part, ..off.clone() }).collect(), ..day }
}

fn time_off_cases() -> Vec<Case> {
    let late = "2025-10-14 17:30";
    let mut cases = vec![
        passes("time-off", "nothing off"),
        Case { who: off("2025-10-13", "2025-10-14"), ..passes("time-off", "back on that day") },
        Case { who: off("2025-10-16", "2025-10-20"), ..passes("time-off", "off from the next day") },
        Case { who: off("2025-10-15", "2025-10-15"), ..fails("time-off", "off on that day alone") },
        Case { who: off("2025-10-13", "2025-10-15"), ..fails("time-off", "the last day off") },
        Case {
            who: off_in(DayPart::Morning),
            start: "2025-10-15 12:00",
            ..passes("time-off", "work after a morning off")
        },
        Case { who: off("2025-10-15", "2025-10-20"), start: late, ..passes("time-off", "work that ends at midnight") },
        Case {
            who: off("2025-10-15", "2025-10-20"),
            start: "2025-10-14 17:31",
            ..fails("time-off", "work that ends a minute after midnight")
        },
    ];
    let halves = [
        (DayPart::Morning, "2025-10-15 12:00", passes("time-off", "work after a morning off")),
        (DayPart::Morning, "2025-10-15 11:59", fails("time-off", "work in a morning off")),
        (DayPart::Afternoon, "2025-10-15 05:30", passes("time-off", "work until an afternoon off")),
        (DayPart::Afternoon, "2025-10-15 05:31", fails("time-off", "work into an afternoon off")),
        (DayPart::Morning, "2025-10-14 22:00", fails("time-off", "night work into a morning off")),
        (DayPart::Afternoon, "2025-10-14 22:00", passes("time-off", "night work before an afternoon off")),
    ];
    cases.extend(halves.map(|(part, start, case)| Case { who: off_in(part), start, ..case }));
    cases
}

fn holiday_cases() -> Vec<Case> {
    vec![
        passes("holiday", "no holiday"),
        Case { closed: Some("2025-10-16"), ..passes("holiday", "a holiday the day after") },
        Case { closed: Some("2025-10-15"), ..fails("holiday", "a holiday that day") },
        Case { closed: Some("2025-10-15"), start: "2025-10-14 20:00", ..fails("holiday", "work that lasts into one") },
    ]
}

/// The case's lead, with these hours on Wednesdays.
fn on_wednesdays(hours: Hours) -> Employee {
    let availability = Availability::ALWAYS.with(Weekday::Wed, hours);
    Employee { availability, ..person("lea", JobTitle::LeadEventSpecialist) }
}

fn weekday_cases() -> Vec<Case> {
    let until = |to| on_wednesdays(Hours::between(time("10:00"), time(to)).unwrap());
    vec![
        passes("weekday", "no hours given"),
        Case { who: on_wednesdays(Hours::Off), ..fails("weekday", "never on Wednesdays") },
        Case {
            who: on_wednesdays(Hours::Off),
            start: "2025-10-16 10:00",
            ..passes("weekday", "a Thursday beside Wednesdays off")
        },
        Case { who: until("16:30"), ..passes("weekday", "exactly these hours") },
        Case { who: until("16:29"), ..fails("weekday", "a minute too long") },
        Case { who: until("23:00"), start: "2025-10-15 09:59", ..fails("weekday", "a minute too early") },
        Case { who: until("23:59"), start: "2025-10-15 17:30", ..fails("weekday", "until midnight") },
        Case {
            who: on_wednesdays(Hours::Off),
            start: "2025-10-14 20:00",
            ..fails("weekday", "from Tuesday evening into Wednesday")
        },
    ]
}

fn window_cases() -> Vec<Case> {
    let core = || event(1, "606001-CORE-Pretzel");
    vec![
        passes("window", "neither first day nor due date"),
        Case { event: core().not_before("2025-10-15"), ..passes("window", "on the first day") },
        Case { event: core().not_before("2025-10-16"), ..fails("window", "before the first day") },
        Case { event: core().due("2025-10-15", None), ..passes("window", "on the due date") },
        Case {
            event: core().due("2025-10-15", None),
            start: "2025-10-15 17:30",
            ..passes("window", "until midnight of it")
        },
        Case {
            event: core().due("2025-10-15", None),
            start: "2025-10-15 17:31",
            ..fails("window", "past midnight of it")
        },
        Case { event: core().due("2025-10-15", Some("16:30")), ..passes("window", "until the due moment") },
        Case { event: core().due("2025-10-15", Some("16:29")), ..fails("window", "past the due moment") },
        Case { event: core().due("2025-10-14", None), ..fails("window", "a day late") },
        Case { event: core().due("2025-10-16", Some("00:01")), ..passes("window", "due a minute into the next day") },
        Case {
            event: core().due("2025-10-16", Some("00:01")),
            start: "2025-10-15 17:31",
            ..fails("window", "past midnight, due a minute into that day")
        },
        Case { event: core().due("2025-10-15", Some("00:01")), ..fails("window", "due a minute into the day itself") },
    ]
}

fn short_work_cases() -> Vec<Case> {
    let inside = |minutes| Case {
        event: Event { minutes, ..event(1, "Freeosk Setup") },
        start: "2025-10-15 12:00",
        held: vec![core_until_half_past_four()],
        short_work_minutes: 30,
        ..passes("overlap", "half an hour inside a CORE at the same store")
    };
    let elsewhere = vec![core_until_half_past_four().at_store("4177")];
    let strict = inside(30);
    let long_beside_short = Case {
        held: vec![Event { minutes: 30, ..event(2, "Freeosk Setup") }.held_by("lea", "2025-10-15 12:00")],
        short_work_minutes: 30,
        ..passes("overlap", "a CORE around half an hour at the same store")
    };
    vec![
        inside(30),
        long_beside_short,
        Case { violated: true, what: "31 minutes inside a CORE", ..inside(31) },
        Case { violated: true, what: "half an hour inside a CORE at another store", held: elsewhere, ..inside(30) },
        Case { violated: true, what: "the same where no work counts as short", short_work_minutes: 0, ..strict },
    ]
}

fn cases() -> Vec<Case> {
    [
        people_cases(),
        overlap_cases(),
        short_work_cases(),
        time_off_cases(),
        holiday_cases(),
        weekday_cases(),
        window_cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn findings(case: &Case) -> Vec<Finding> {
    let held: Vec<_> = case.held.iter().collect();
    let holidays = case.closed.iter().map(|day| (date(day), "Founders' Day".to_owned())).collect();
    check(&Assignment {
        event: &case.event,
        employee: &case.who,
        start: at(case.start),
        held: &held,
        holidays: &holidays,
        short_work_minutes: case.short_work_minutes,
    })
}

#[test]
fn each_rule_has_a_finding_only_when_it_is_violated() {
    for case in cases() {
        let spoke = findings(&case).iter().any(|finding| finding.rule == case.rule);
        assert_eq!(spoke, case.violated, "{}: {}", case.rule, case.what);
    }
}

#[test]
fn each_rule_has_a_case_that_passes_and_one_that_fails() {
    let cases = cases();
    for rule in &RULES {
        let has = |violated| cases.iter().any(|case| case.rule == rule.id && case.violated == violated);
        assert!(has(false) && has(true), "rule {} lacks a passing or a failing case", rule.id);
    }
    assert!(cases.iter().all(|case| RULES.iter().any(|rule| rule.id == case.rule)), "a case of an unknown rule");
}

#[test]
fn a_finding_has_the_weight_of_its_rule_and_a_message() {
    for finding in cases().iter().flat_map(findings) {
        let rule = RULES.iter().find(|rule| rule.id == finding.rule).unwrap();
        assert_eq!(finding.refuses, rule.weight == Weight::Refuses, "{}", rule.id);
        assert!(finding.message.ends_with('.'), "{}", finding.message);
    }
}

#[test]
fn the_weight_of_each_rule_is_fixed() {
    let refusing = |id: &str| RULES.iter().any(|rule| rule.id == id && rule.weight == Weight::Refuses);
    let refuse: Vec<_> = RULES.iter().map(|rule| rule.id).filter(|id| refusing(id)).collect();
    let warn: Vec<_> = RULES.iter().map(|rule| rule.id).filter(|id| !refusing(id)).collect();
    assert_eq!(refuse, ["inactive", "title", "time-off", "holiday", "overlap"]);
    assert_eq!(warn, ["one-core-a-day", "weekday", "window"]);
}

#[test]
fn a_finding_refers_to_the_conflicting_event() {
    let case = Case { held: vec![core_until_half_past_four()], ..fails("overlap", "the same time") };
    let found = findings(&case);
    let clashes: Vec<_> = found.iter().map(|finding| (finding.rule, finding.clash.map(|id| id.0))).collect();
    assert_eq!(clashes, [("overlap", Some(2)), ("one-core-a-day", Some(2))]);
    assert_eq!(found[0].message, "lea already has Gum (CORE 606002) on Wed, Oct 15, 2025 from 10:00 AM to 4:30 PM.");
}

#[test]
fn an_absent_employee_is_reported_without_the_note() {
    let message = |case: &Case| findings(case)[0].message.clone();
    let one_day = Case { who: off("2025-10-15", "2025-10-15"), ..fails("time-off", "one day") };
    let many = Case { who: off("2025-10-13", "2025-10-17"), ..fails("time-off", "a week") };
    let closed = Case { closed: Some("2025-10-15"), ..fails("holiday", "a holiday") };
    let hours = Hours::between(time("11:00"), time("20:00")).unwrap();
    let early = Case { who: on_wednesdays(hours), ..fails("weekday", "too early") };
    let never = Case { who: on_wednesdays(Hours::Off), ..fails("weekday", "never") };
    assert_eq!(message(&one_day), "lea is off on Wed, Oct 15, 2025.");
    assert_eq!(message(&many), "lea is off from Mon, Oct 13, 2025 to Fri, Oct 17, 2025.");
    assert_eq!(message(&closed), "The company is closed on Wed, Oct 15, 2025: Founders' Day.");
    let wanted = "lea works from 11:00 AM to 8:00 PM on Wednesdays: this is from 10:00 AM to 4:30 PM.";
    assert_eq!(message(&early), wanted);
    assert_eq!(message(&never), "lea does not work on Wednesdays.");
}

#[test]
fn a_late_finding_states_the_delay() {
    let case = Case { event: event(1, "Demo").due("2025-10-13", None), ..fails("window", "two days late") };
    assert_eq!(findings(&case)[0].message, "Demo (Other) is due Mon, Oct 13, 2025: this is 2 days late.");
}

#[test]
fn an_event_due_minutes_after_midnight_is_due_the_day_before() {
    let case = Case { event: event(1, "Demo").due("2025-10-15", Some("00:01")), ..fails("window", "a day late") };
    assert_eq!(findings(&case)[0].message, "Demo (Other) is due Tue, Oct 14, 2025: this is 1 day late.");
}

#[test]
fn the_last_day_is_the_day_before_if_due_in_the_first_five_minutes() {
    let last_day = |time| event(1, "Demo").due("2025-10-15", time).last_day();
    let (before, same) = (Some(date("2025-10-14")), Some(date("2025-10-15")));
    for (time, day) in [(Some("00:00"), before), (Some("00:04"), before), (Some("00:05"), same), (None, same)] {
        assert_eq!(last_day(time), day, "{time:?}");
    }
    assert_eq!(event(1, "Demo").last_day(), None);
}

#[test]
fn each_title_may_work_the_types_of_the_table() {
    use JobTitle::{ClubSupervisor, EventSpecialist, JuicerBarista, LeadEventSpecialist};
    for (event_type, titles) in [
        (EventType::Core, vec![EventSpecialist, LeadEventSpecialist, JuicerBarista]),
        (EventType::Juicer, vec![JuicerBarista, ClubSupervisor]),
        (EventType::Supervisor, vec![LeadEventSpecialist, ClubSupervisor]),
        (EventType::Freeosk, vec![LeadEventSpecialist, ClubSupervisor]),
        (EventType::Digitals, vec![LeadEventSpecialist, ClubSupervisor]),
        (EventType::Other, JobTitle::ALL.to_vec()),
    ] {
        let may: Vec<_> = JobTitle::ALL.into_iter().filter(|title| title.may_work(event_type)).collect();
        assert_eq!(may, titles, "{event_type}");
    }
}
