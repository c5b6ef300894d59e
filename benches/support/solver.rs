//! An instance as JSON, for the reference solver: all that it needs to know, with the answers of the rules.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde_json::json;
use tandem::domain::{
    employee::Employee,
    event::{Event, EventType, pairing::Pair},
    rules,
    schedule::Input,
};

use super::instances::starts;

/// What a solver needs to know, with the answers of the rules: for each kind of open work and each person and day the starts
/// that no rule speaks against beside what is held, one bit each.
pub fn as_json(input: &Input) -> serde_json::Value {
    let days: Vec<NaiveDate> = input.options.from.iter_days().take_while(|day| *day <= input.options.to).collect();
    let held_by = |person: &Employee| -> Vec<&Event> {
        let holds = |event: &&Event| event.schedule.as_ref().is_some_and(|now| now.employee == person.id);
        input.events.iter().filter(holds).collect()
    };
    let held: Vec<Vec<&Event>> = input.employees.iter().map(held_by).collect();
    let check = |event: &Event, person: usize, start: NaiveDateTime| {
        let near = |other: &&&Event| (other.start().unwrap_or_default() - start).num_days().abs() <= 1;
        let held: Vec<&Event> = held[person].iter().filter(near).copied().collect();
        let (employee, holidays) = (&input.employees[person], &input.holidays);
        let short_work_minutes = input.policy.short_work_minutes;
        rules::check(&rules::Assignment { event, employee, start, held: &held, holidays, short_work_minutes })
            .is_empty()
    };
    let fits = |event: &Event| -> Vec<Vec<u32>> {
        let any_day = Event { first_day: None, due: None, ..event.clone() };
        let starts = starts(&input.policy, event);
        let mask = |person, day: &NaiveDate| bits(&starts, |time| check(&any_day, person, day.and_time(time)));
        (0..input.employees.len()).map(|person| days.iter().map(|day| mask(person, day)).collect()).collect()
    };
    let mut kinds = serde_json::Map::new();
    let mut events = Vec::new();
    for event in input.events.iter().filter(|event| event.schedule.is_none()) {
        let kind = format!("{}/{}", event.event_type.slug(), event.minutes);
        let starts = starts(&input.policy, event);
        if !kinds.contains_key(&kind) {
            let minutes: Vec<u32> = starts.iter().map(|time| minute(*time)).collect();
            kinds.insert(kind.clone(), json!({ "starts": minutes, "fits": fits(event) }));
        }
        let window: Vec<u32> =
            days.iter().map(|day| bits(&starts, |time| rules::is_in_window(event, day.and_time(time)))).collect();
        let last = event.last_day().map_or(9_999, |last| (last - days[0]).num_days());
        let core = core_of(input, event);
        let fixed = core.and_then(Event::start).map(|core| {
            let start = input.policy.supervisor_start(core);
            let may: Vec<usize> = (0..input.employees.len()).filter(|person| check(event, *person, start)).collect();
            json!({ "day": (start.date() - days[0]).num_days(), "start": minute(start.time()), "people": may })
        });
        events.push(json!({
            "id": event.id.0, "type": event.event_type.slug(), "minutes": event.minutes, "kind": kind,
            "last_day": last, "window": window, "core": core.map(|core| core.id.0), "fixed": fixed,
        }));
    }
    let people: Vec<_> = input
        .employees
        .iter()
        .zip(&held)
        .map(|(person, held)| {
            let inside = |event: &&&Event| event.date().is_some_and(|day| days.contains(&day));
            let minutes: u32 = held.iter().filter(inside).map(|event| event.minutes).sum();
            let on: Vec<usize> =
                days.iter().enumerate().filter(|(_, day)| holds_on(held, **day)).map(|(at, _)| at).collect();
            json!({ "id": person.id.as_str(), "title": person.title.label(), "minutes": minutes, "held_days": on })
        })
        .collect();
    let weeks: Vec<NaiveDate> = days.iter().map(|day| day.week(input.options.week_start).first_day()).collect();
    json!({
        "days": days.len(), "weeks": weeks, "days_per_week_max": input.options.days_per_week_max,
        "short": input.policy.short_work_minutes,
        "people": people, "kinds": kinds, "events": events,
    })
}

fn holds_on(held: &[&Event], day: NaiveDate) -> bool {
    held.iter().any(|event| event.date() == Some(day))
}

fn core_of<'a>(input: &'a Input, event: &Event) -> Option<&'a Event> {
    let shares = |other: &&Event| {
        event.number.is_some() && other.number == event.number && other.location.key() == event.location.key()
    };
    let supervisor = event.event_type == EventType::Supervisor;
    let pair = Pair::among(input.events.iter().filter(shares));
    pair.leader_of(event).filter(|_| supervisor)
}

fn bits(starts: &[NaiveTime], is: impl Fn(NaiveTime) -> bool) -> u32 {
    starts.iter().enumerate().filter(|(_, time)| is(**time)).fold(0, |all, (bit, _)| all | 1 << bit)
}

fn minute(time: NaiveTime) -> u32 {
    time.hour() * 60 + time.minute()
}
