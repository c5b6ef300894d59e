//! Rules about the work: who may do it, beside what, by when.

use super::{Assignment, Fact};
use crate::domain::{
    employee::JobTitle,
    event::{Event, EventType},
    words,
};

pub fn title(assignment: &Assignment<'_>) -> Option<Fact> {
    let (employee, event_type) = (assignment.employee, assignment.event.event_type);
    if employee.title.may_work(event_type) {
        return None;
    }
    let may: Vec<_> =
        JobTitle::ALL.iter().filter(|title| title.may_work(event_type)).map(|title| title.label().to_owned()).collect();
    let message = format!(
        "{} is {} {}; {event_type} events are for: {}.",
        employee.name,
        if employee.title == JobTitle::EventSpecialist { "an" } else { "a" },
        employee.title.label(),
        words::list(&may),
    );
    Some(Fact { message, clash: None })
}

pub fn overlap(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, employee, start, held, .. } = *assignment;
    let end = event.end_from(start);
    let clash = held.iter().find(|other| {
        let both_supervisor = [event, other].iter().all(|event| event.event_type == EventType::Supervisor);
        let exempt = both_supervisor && employee.title == JobTitle::ClubSupervisor;
        !exempt && other.start().is_some_and(|begins| begins < end && start < other.end_from(begins))
    })?;
    let at = clash.start()?;
    let message = format!(
        "{} already has {} on {} from {} to {}.",
        employee.name,
        clash.name,
        words::date_short(at.date()),
        words::time(at.time()),
        words::time(clash.end_from(at).time()),
    );
    Some(Fact { message, clash: Some(clash.id) })
}

pub fn one_core_a_day(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, employee, start, held, .. } = *assignment;
    if event.event_type != EventType::Core {
        return None;
    }
    let same_day = |other: &&&Event| other.event_type == EventType::Core && other.date() == Some(start.date());
    let clash = held.iter().find(same_day)?;
    let message = format!(
        "{} already has CORE {} on {} at {} (one CORE a day).",
        employee.name,
        clash.name,
        words::date_short(start.date()),
        words::time(clash.start()?.time()),
    );
    Some(Fact { message, clash: Some(clash.id) })
}

pub fn window(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, start, .. } = *assignment;
    let fact = |message| Some(Fact { message, clash: None });
    if let Some(first) = event.first_day.filter(|first| start.date() < *first) {
        return fact(format!("{} must not start before {}.", event.name, words::date_short(first)));
    }
    let due = event.due.filter(|due| due.passed_by(event.end_from(start)))?;
    let moment = due.time.map_or_else(|| words::date_short(due.date), |time| words::moment(due.date.and_time(time)));
    fact(match (start.date() - due.date).num_days() {
        days if days > 0 => {
            format!("{} is due {moment}: this is {} late.", event.name, words::count(days.unsigned_abs(), "day"))
        }
        _ => format!("{} is due {moment}: it would end after that.", event.name),
    })
}
