//! Rules about presence: inactive, off, closed, outside working hours.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};

use crate::domain::{
    employee::availability::Hours,
    format,
    rules::{Assignment, Fact},
};

pub fn inactive(assignment: &Assignment<'_>) -> Option<Fact> {
    let employee = assignment.employee;
    (!employee.active).then(|| Fact { message: format!("{} is no longer active.", employee.name), clash: None })
}

pub fn time_off(assignment: &Assignment<'_>) -> Option<Fact> {
    let (first, last) = days(assignment);
    let off = assignment.employee.time_off.iter().find(|off| off.meets(first, last))?;
    let message = format!("{} is off {}.", assignment.employee.name, format::dates(off.first, off.last));
    Some(Fact { message, clash: None })
}

pub fn holiday(assignment: &Assignment<'_>) -> Option<Fact> {
    let (first, last) = days(assignment);
    let (date, name) = assignment.holidays.range(first..=last).next()?;
    Some(Fact { message: format!("The company is closed on {}: {name}.", format::date_short(*date)), clash: None })
}

pub fn weekday(assignment: &Assignment<'_>) -> Option<Fact> {
    let Assignment { event, employee, start, .. } = *assignment;
    let end = event.end_from(start);
    let (first, last) = days(assignment);
    let date = first.iter_days().take_while(|date| *date <= last).find(|date| {
        let begin = if *date == start.date() { start.time() } else { NaiveTime::MIN };
        let end = (end.date() == *date).then(|| end.time());
        !employee.availability.on(date.weekday()).hold(begin, end)
    })?;
    let (name, day) = (&employee.name, format::weekday(date.weekday()));
    let message = match employee.availability.on(date.weekday()) {
        Hours::Between { from, to } => format!(
            "{name} works from {} to {} on {day}s: this is from {} to {}.",
            format::time(from),
            format::time(to),
            format::time(start.time()),
            format::time(end.time())
        ),
        Hours::Off | Hours::AllDay => format!("{name} does not work on {day}s."),
    };
    Some(Fact { message, clash: None })
}

/// The first and the last day of the work; work that ends at midnight does not include the day after.
fn days(assignment: &Assignment<'_>) -> (NaiveDate, NaiveDate) {
    let start = assignment.start;
    let end = assignment.event.end_from(start);
    let last = if end > start { end - TimeDelta::seconds(1) } else { start };
    (start.date(), last.date())
}
