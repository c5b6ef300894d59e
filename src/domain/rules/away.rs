//! Rules about presence: inactive, off, closed, outside working hours.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};

use crate::domain::{
    employee::availability::Hours,
    format,
    rules::{Assignment, Fact, Found},
};

pub fn inactive(assignment: &Assignment<'_>, found: Found<'_>) {
    let employee = assignment.employee;
    if !employee.active {
        found(&|| Fact { message: format!("{} is no longer active.", employee.isolated_name()), ..Fact::default() });
    }
}

pub fn time_off(assignment: &Assignment<'_>, found: Found<'_>) {
    let Assignment { event, employee, start, .. } = *assignment;
    let end = event.end_from(start);
    for off in employee.time_off.iter().filter(|off| off.covers(start, end)) {
        found(&|| Fact {
            message: format!("{} is off {}.", employee.isolated_name(), off.words()),
            facts: format!("{} {} {}", off.first, off.last, off.part.slug()),
            clash: None,
        });
    }
}

pub fn holiday(assignment: &Assignment<'_>, found: Found<'_>) {
    let (first, last) = days(assignment);
    for (date, name) in assignment.holidays.range(first..=last) {
        found(&|| Fact {
            message: format!("The company is closed on {}: {name}.", format::date_short(*date)),
            facts: format!("{date} {name}"),
            clash: None,
        });
    }
}

pub fn weekday(assignment: &Assignment<'_>, found: Found<'_>) {
    let Assignment { event, employee, start, .. } = *assignment;
    let end = event.end_from(start);
    let (first, last) = days(assignment);
    let is_outside = |date: &NaiveDate| {
        let begin = if *date == start.date() { start.time() } else { NaiveTime::MIN };
        let end = (end.date() == *date).then(|| end.time());
        !employee.availability.on(date.weekday()).hold(begin, end)
    };
    for date in first.iter_days().take_while(|date| *date <= last).filter(is_outside) {
        found(&|| {
            let (name, day) = (employee.isolated_name(), format::weekday(date.weekday()));
            let hours = employee.availability.on(date.weekday());
            let message = match hours {
                Hours::Between { from, to } => format!(
                    "{name} works from {} to {} on {day}s: this is from {}.",
                    format::time(from),
                    format::time(to),
                    format::time_span(start, end),
                ),
                Hours::Off | Hours::AllDay => format!("{name} does not work on {day}s."),
            };
            Fact { message, facts: format!("{date} {hours}"), clash: None }
        });
    }
}

/// The first and the last day of the work; work that ends at midnight does not include the day after.
fn days(assignment: &Assignment<'_>) -> (NaiveDate, NaiveDate) {
    let start = assignment.start;
    let end = assignment.event.end_from(start);
    let last = if end > start { end - TimeDelta::seconds(1) } else { start };
    (start.date(), last.date())
}
