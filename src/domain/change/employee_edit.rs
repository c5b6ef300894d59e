//! Changes of employees and holidays.
//!
//! Deciding is pure; services load, write and audit.

use chrono::NaiveDate;
use thiserror::Error;

use crate::domain::{
    audit::{Action, Fact},
    change::rejection::Rejection,
    email::Email,
    employee::{
        EMPLOYEES_MAX, Employee, JobTitle,
        availability::{Availability, Hours, TIME_OFF_MAX, TimeOff, WEEKDAYS, WeeklyHours},
        holiday::{HOLIDAYS_MAX, Holiday},
    },
    format,
    ids::{EmployeeId, IdempotencyKey, Revision},
};

/// Form values of an employee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub title: JobTitle,
    pub email: Option<Email>,
    pub availability: Availability,
    pub weekly_hours_max: Option<WeeklyHours>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Add(Profile),
    Edit(Profile),
    Deactivate,
    Reactivate,
    AddTimeOff(TimeOff),
    RemoveTimeOff(TimeOff),
    /// One time off becomes another: longer, shorter, or another part of its days.
    ChangeTimeOff {
        from: TimeOff,
        to: TimeOff,
    },
}

impl Command {
    pub fn action(&self) -> Action {
        match self {
            Self::Add(_) => Action::AddEmployee,
            Self::Edit(_) | Self::ChangeTimeOff { .. } => Action::EditEmployee,
            Self::Deactivate => Action::DeactivateEmployee,
            Self::Reactivate => Action::ReactivateEmployee,
            Self::AddTimeOff(_) => Action::AddTimeOff,
            Self::RemoveTimeOff(_) => Action::RemoveTimeOff,
        }
    }
}

/// A command, with the revision shown to the user.
#[derive(Clone, Debug)]
pub struct Request {
    pub employee: EmployeeId,
    pub command: Command,
    /// The revision shown to the user. None accepts any.
    pub seen: Option<Revision>,
    /// Idempotency key: a repeated request gets the first result.
    pub key: Option<IdempotencyKey>,
}

/// A command about the company's holidays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HolidayCommand {
    Add(Holiday),
    Remove(NaiveDate),
}

impl HolidayCommand {
    pub fn action(&self) -> Action {
        match self {
            Self::Add(_) => Action::AddHoliday,
            Self::Remove(_) => Action::RemoveHoliday,
        }
    }

    pub fn date(&self) -> NaiveDate {
        match self {
            Self::Add(holiday) => holiday.date,
            Self::Remove(date) => *date,
        }
    }
}

/// Reason for which an employee or the holidays were not changed. The messages are for the user and the audit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The id is taken.
    #[error("Number {} belongs to {} already.", .0.id, .0.name)]
    Taken(Box<Employee>),
    /// The limit of employees is reached.
    #[error("{EMPLOYEES_MAX} employees are kept, which is the most.")]
    TooManyEmployees,
    /// The employee was changed since they were shown to the user.
    #[error("What is known of {} was changed since you saw it. Nothing of yours was saved.", .0.name)]
    Stale(Box<Employee>),
    /// Some of these days are off already.
    #[error("{name} is off {} already.", off.words())]
    OffAlready { name: String, off: TimeOff },
    #[error("{name} has {TIME_OFF_MAX} entries of time off, which is the most; remove past ones first.")]
    TooMuchTimeOff { name: String },
    /// These days are not off, or no longer.
    #[error("{name} is not off {} any more.", off.words())]
    NotOff { name: String, off: TimeOff },
    #[error("{} is a holiday already: {}.", format::date_short(.0.date), .0.name)]
    HolidayAlready(Holiday),
    #[error("{HOLIDAYS_MAX} holidays are kept, which is the most; remove past ones first.")]
    TooManyHolidays,
    #[error("{} is no holiday any more.", format::date_short(*.0))]
    NoHoliday(NaiveDate),
}

impl Refusal {
    /// The id in API answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Taken(_) => "employee_exists",
            Self::TooManyEmployees => "too_many_employees",
            Self::Stale(_) => "stale_employee",
            Self::OffAlready { .. } => "off_already",
            Self::TooMuchTimeOff { .. } => "too_much_time_off",
            Self::NotOff { .. } => "not_off",
            Self::HolidayAlready(_) => "holiday_exists",
            Self::TooManyHolidays => "too_many_holidays",
            Self::NoHoliday(_) => "no_holiday",
        }
    }

    /// Tells if the cause is another user's change, not the input.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Stale(_) | Self::NotOff { .. } | Self::NoHoliday(_))
    }
}

/// The employee after a command. `now` is the employee with this id, `count` the number of employees.
///
/// # Errors
/// A [`Rejection`] if the id is unknown or taken, if the revision is old, or if the command is rejected.
pub fn decide(now: Option<&Employee>, count: usize, request: &Request) -> Result<Employee, Rejection> {
    let id = || request.employee.clone();
    let now = match (&request.command, now) {
        (Command::Add(_), None) if count >= EMPLOYEES_MAX => return Err(Refusal::TooManyEmployees.into()),
        (Command::Add(profile), None) => {
            return Ok(with(profile, Employee::new(id(), profile.name.clone(), profile.title)));
        }
        (Command::Add(_), Some(now)) => return Err(Refusal::Taken(Box::new(now.clone())).into()),
        (_, None) => return Err(Rejection::UnknownEmployee(id())),
        (_, Some(now)) => now,
    };
    if request.seen.is_some_and(|seen| seen != now.revision) {
        return Err(Refusal::Stale(Box::new(now.clone())).into());
    }
    let after = match &request.command {
        Command::Add(profile) | Command::Edit(profile) => with(profile, now.clone()),
        Command::Deactivate => Employee { active: false, ..now.clone() },
        Command::Reactivate => Employee { active: true, ..now.clone() },
        Command::AddTimeOff(off) => Employee { time_off: with_time_off(now, off)?, ..now.clone() },
        Command::RemoveTimeOff(off) => Employee { time_off: without_time_off(now, off)?, ..now.clone() },
        Command::ChangeTimeOff { from, to } => {
            let without = Employee { time_off: without_time_off(now, from)?, ..now.clone() };
            Employee { time_off: with_time_off(&without, to)?, ..without }
        }
    };
    Ok(if after == *now { after } else { Employee { revision: now.revision.next(), ..after } })
}

fn with(profile: &Profile, employee: Employee) -> Employee {
    let Profile { name, title, email, availability, weekly_hours_max } = profile.clone();
    Employee { name, title, email, availability, weekly_hours_max, ..employee }
}

fn with_time_off(now: &Employee, off: &TimeOff) -> Result<Vec<TimeOff>, Refusal> {
    let name = || now.name.clone();
    if let Some(off) = now.time_off.iter().find(|other| other.meets(off.first, off.last) && other.part.meets(off.part))
    {
        return Err(Refusal::OffAlready { name: name(), off: off.clone() });
    }
    if now.time_off.len() >= TIME_OFF_MAX {
        return Err(Refusal::TooMuchTimeOff { name: name() });
    }
    let mut all = now.time_off.clone();
    all.push(off.clone());
    all.sort();
    Ok(all)
}

/// Time off without this range. The note is not compared.
fn without_time_off(now: &Employee, off: &TimeOff) -> Result<Vec<TimeOff>, Refusal> {
    if !now.time_off.iter().any(|other| other.has_days_of(off)) {
        return Err(Refusal::NotOff { name: now.name.clone(), off: off.clone() });
    }
    Ok(now.time_off.iter().filter(|other| !other.has_days_of(off)).cloned().collect())
}

/// The holiday before and after a command.
///
/// # Errors
/// A [`Refusal`] if the day is a holiday already, or no longer, or if there are too many.
pub fn decide_holiday(
    now: Option<Holiday>,
    count: usize,
    command: &HolidayCommand,
) -> Result<(Option<Holiday>, Option<Holiday>), Refusal> {
    match (command, now) {
        (HolidayCommand::Add(_), Some(now)) => Err(Refusal::HolidayAlready(now)),
        (HolidayCommand::Add(_), None) if count >= HOLIDAYS_MAX => Err(Refusal::TooManyHolidays),
        (HolidayCommand::Add(holiday), None) => Ok((None, Some(holiday.clone()))),
        (HolidayCommand::Remove(_), Some(now)) => Ok((Some(now), None)),
        (HolidayCommand::Remove(date), None) => Err(Refusal::NoHoliday(*date)),
    }
}

/// Name of the fact that holds an e-mail address. Stored entries carry it.
pub const EMAIL_FACT: &str = "e-mail";

/// Name of the fact that tells of time off. Undo reads it.
pub const TIME_OFF_FACT: &str = "time off";

/// The changes of an employee, for the audit. Notes on time off stay private.
pub fn facts(before: Option<&Employee>, after: &Employee) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut say = |name: &str, say: &dyn Fn(&Employee) -> String| {
        let (before, after) = (before.map(say).unwrap_or_default(), say(after));
        if before != after {
            facts.push(Fact { name: name.to_owned(), before, after });
        }
    };
    say("name", &|one| one.name.clone());
    say("job title", &|one| one.title.label().to_owned());
    say(EMAIL_FACT, &|one| one.email.as_ref().map(ToString::to_string).unwrap_or_default());
    say("state", &|one| if one.active { "active" } else { "inactive" }.to_owned());
    let most = |one: &Employee| one.weekly_hours_max.map(|most| format!("{most} h")).unwrap_or_default();
    say("weekly maximum", &most);
    for weekday in WEEKDAYS {
        let usual = before.is_none() && after.availability.on(weekday) == Hours::AllDay;
        if !usual {
            say(format::weekday(weekday), &|one| one.availability.on(weekday).label());
        }
    }
    let time_off = |one: &Employee| one.time_off.iter().map(TimeOff::words).collect::<Vec<_>>();
    let (old, new) = (before.map(time_off).unwrap_or_default(), time_off(after));
    let not_in = |one: &[String], other: &[String]| {
        one.iter().filter(|words| !other.contains(words)).cloned().collect::<Vec<_>>().join("; ")
    };
    if old != new {
        let name = TIME_OFF_FACT.to_owned();
        facts.push(Fact { name, before: not_in(&old, &new), after: not_in(&new, &old) });
    }
    facts
}
