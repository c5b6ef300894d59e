//! Rules about the work: title, overlaps, window.

use chrono::NaiveDateTime;

use crate::domain::{
    employee::JobTitle,
    event::{Event, EventType},
    format,
    rules::{Assignment, Fact},
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
        format::list(&may),
    );
    Some(Fact { message, clash: None })
}

/// Tells if an employee with `title` may not work both: their times overlap, and neither exception applies. A Club
/// Supervisor may have any number of Supervisor events at once; work of at most `short_work_minutes` may overlap
/// other work at the same store (of 90 visits of the retailer's export, 47 do).
#[must_use]
pub fn overlap_each_other(
    (one, one_start): (&Event, NaiveDateTime),
    (other, other_start): (&Event, NaiveDateTime),
    title: JobTitle,
    short_work_minutes: u32,
) -> bool {
    if other_start >= one.end_from(one_start) || one_start >= other.end_from(other_start) {
        return false;
    }
    let both_supervisor = [one, other].iter().all(|event| event.event_type == EventType::Supervisor);
    let is_short = short_work_minutes > 0 && one.minutes.min(other.minutes) <= short_work_minutes;
    let same_store = one.location.key() == other.location.key();
    !(both_supervisor && title == JobTitle::ClubSupervisor || is_short && same_store)
}

pub fn overlap(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, employee, start, held, short_work_minutes, .. } = *assignment;
    let clash = held.iter().find(|other| {
        other.start().is_some_and(|begins| {
            overlap_each_other((event, start), (other, begins), employee.title, short_work_minutes)
        })
    })?;
    let at = clash.start()?;
    let message = format!(
        "{} already has {} on {} from {} to {}.",
        employee.name,
        clash.name,
        format::date_short(at.date()),
        format::time(at.time()),
        format::time(clash.end_from(at).time()),
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
        format::date_short(start.date()),
        format::time(clash.start()?.time()),
    );
    Some(Fact { message, clash: Some(clash.id) })
}

/// Tells if an event that starts at `start` satisfies rule `window`.
#[must_use]
pub fn is_in_window(event: &Event, start: NaiveDateTime) -> bool {
    let too_early = event.first_day.is_some_and(|first| start.date() < first);
    !too_early && !event.due.is_some_and(|due| due.passed_by(event.end_from(start)))
}

pub fn window(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, start, .. } = *assignment;
    let fact = |message| Some(Fact { message, clash: None });
    if is_in_window(event, start) {
        return None;
    }
    if let Some(first) = event.first_day.filter(|first| start.date() < *first) {
        return fact(format!("{} must not start before {}.", event.name, format::date_short(first)));
    }
    let due = event.due?.meant();
    let moment = due.time.map_or_else(|| format::date_short(due.date), |time| format::moment(due.date.and_time(time)));
    fact(match (start.date() - due.date).num_days() {
        days if days > 0 => {
            format!("{} is due {moment}: this is {} late.", event.name, format::count(days.unsigned_abs(), "day"))
        }
        _ => format!("{} is due {moment}: it would end after that.", event.name),
    })
}
