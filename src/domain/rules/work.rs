//! Rules about the work: title, overlaps, window.

use chrono::NaiveDateTime;

use crate::domain::{
    employee::JobTitle,
    event::{Event, EventType},
    format,
    rules::{Assignment, Fact, Found},
};

pub fn title(assignment: &Assignment<'_>, found: Found<'_>) {
    let (employee, event_type) = (assignment.employee, assignment.event.event_type);
    if employee.title.may_work(event_type) {
        return;
    }
    found(&|| {
        let may = JobTitle::ALL.iter().filter(|title| title.may_work(event_type));
        let may: Vec<_> = may.map(|title| title.label().to_owned()).collect();
        let message = format!(
            "{} is {} {}; {event_type} events are for: {}.",
            employee.isolated_name(),
            if employee.title == JobTitle::EventSpecialist { "an" } else { "a" },
            employee.title.label(),
            format::list(&may),
        );
        Fact { message, facts: format!("{} {event_type}", employee.title.label()), clash: None }
    });
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
    let same_store = one.location.is_same(&other.location);
    !(both_supervisor && title == JobTitle::ClubSupervisor || is_short && same_store)
}

pub fn overlap(assignment: &Assignment<'_>, found: Found<'_>) {
    let Assignment { event, employee, start, held, short_work_minutes, .. } = *assignment;
    for other in held {
        let Some(begins) = other.start() else { continue };
        if overlap_each_other((event, start), (other, begins), employee.title, short_work_minutes) {
            found(&|| Fact {
                message: format!(
                    "{} already has {} on {} from {}.",
                    employee.isolated_name(),
                    other.label(),
                    format::date_short(begins.date()),
                    format::time_span(begins, other.end_from(begins)),
                ),
                clash: Some(other.id),
                facts: both_days(start, begins),
            });
        }
    }
}

/// The days of two events, the earlier first.
fn both_days(one: NaiveDateTime, other: NaiveDateTime) -> String {
    format!("{} {}", one.min(other).date(), one.max(other).date())
}

pub fn one_core_a_day(assignment: &Assignment<'_>, found: Found<'_>) {
    let Assignment { event, employee, start, held, .. } = *assignment;
    if event.event_type != EventType::Core {
        return;
    }
    for other in held.iter().filter(|other| other.event_type == EventType::Core) {
        let Some(begins) = other.start().filter(|begins| begins.date() == start.date()) else { continue };
        found(&|| Fact {
            message: format!(
                "{} already has {} on {} at {} (one CORE a day).",
                employee.isolated_name(),
                other.label(),
                format::date_short(start.date()),
                format::time(begins.time()),
            ),
            clash: Some(other.id),
            facts: both_days(start, begins),
        });
    }
}

/// Tells if an event that starts at `start` satisfies rule `window`.
#[must_use]
pub fn is_in_window(event: &Event, start: NaiveDateTime) -> bool {
    let too_early = event.first_day.is_some_and(|first| start.date() < first);
    !too_early && !event.due.is_some_and(|due| due.passed_by(event.end_from(start)))
}

pub fn window(assignment: &Assignment<'_>, found: Found<'_>) {
    let Assignment { event, start, .. } = *assignment;
    if let Some(first) = event.first_day.filter(|first| start.date() < *first) {
        found(&|| {
            let message = format!("{} must not start before {}.", event.label(), format::date_short(first));
            Fact { message, facts: format!("from {first}"), clash: None }
        });
    }
    if let Some(due) = event.due.filter(|due| due.passed_by(event.end_from(start))) {
        found(&|| {
            let (label, due) = (event.label(), due.meant());
            let moment =
                due.time.map_or_else(|| format::date_short(due.date), |time| format::moment(due.date.and_time(time)));
            let message = match (start.date() - due.date).num_days() {
                days if days > 0 => {
                    format!("{label} is due {moment}: this is {} late.", format::count(days.unsigned_abs(), "day"))
                }
                _ => format!("{label} is due {moment}: it would end after that."),
            };
            Fact { message, facts: format!("until {}", due.iso()), clash: None }
        });
    }
}
