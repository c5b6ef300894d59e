//! Each conflict of a rule is its own finding.

use std::collections::BTreeMap;

use chrono::Weekday;
use tandem::domain::{
    employee::{
        Employee, JobTitle,
        availability::{Availability, DayPart, Hours},
    },
    event::Event,
    rules::{Assignment, check},
};

use super::{
    With, at, date, event, person,
    rules::{core_until_half_past_four, off_in},
};

/// A rule that finds only the first of several conflicts lets the others pass unseen.
#[test]
fn each_rule_finds_every_conflict_and_tells_them_apart() {
    let lea = person("lea", JobTitle::LeadEventSpecialist);
    let half = |part| off_in(part).time_off;
    let days = [DayPart::Morning, DayPart::Afternoon].map(half).concat();
    let never = Availability::ALWAYS.with(Weekday::Wed, Hours::Off).with(Weekday::Thu, Hours::Off);
    let cores = vec![core_until_half_past_four(), event(3, "606003-CORE-Tea").held_by("lea", "2025-10-15 23:00")];
    let night = "2025-10-15 22:00";
    let holidays: BTreeMap<_, _> =
        ["2025-10-15", "2025-10-16"].map(|day| (date(day), "Founders' Day".to_owned())).into();
    let cases = [
        ("overlap", lea.clone(), "2025-10-15 16:29", cores.clone()),
        ("one-core-a-day", lea.clone(), night, cores.clone()),
        ("time-off", Employee { time_off: days, ..lea.clone() }, "2025-10-15 11:00", Vec::new()),
        ("holiday", lea.clone(), night, Vec::new()),
        ("weekday", Employee { availability: never, ..lea }, night, Vec::new()),
    ];
    for (rule, employee, start, held) in &cases {
        let event = Event { minutes: 6 * 60 + 32, ..event(1, "606001-CORE-Pretzel") };
        let held: Vec<_> = held.iter().collect();
        let (start, short_work_minutes) = (at(start), 0);
        let found =
            check(&Assignment { event: &event, employee, start, held: &held, holidays: &holidays, short_work_minutes });
        let own: Vec<_> = found.iter().filter(|one| one.rule == *rule).collect();
        assert_eq!(own.len(), 2, "{rule}: {own:?}");
        assert!(!own[0].is_same(own[1]) && own[0].message != own[1].message, "{rule}");
    }
}
