//! Changes of the rotation. Deciding is pure; `services/rotation.rs` loads, writes and audits.

use std::{fmt, str::FromStr};

use chrono::{Days, NaiveDate, Weekday};

use crate::domain::{
    audit::Fact,
    calendar::is_within,
    employee::{Employee, availability::WEEKDAYS},
    format,
    ids::{EmployeeId, IdError},
    schedule::{Exception, Role, Rotation, RotationEntry, When, problem::Problem},
};

/// Most exceptions stored, past ones included.
pub const EXCEPTIONS_MAX: usize = 500;
/// Longest reason of an exception, in characters.
pub const REASON_CHARS_MAX: usize = 120;

/// A command about the rotation. A store is its key; None stands for every store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationCommand {
    /// Replaces the weekly template of a store. `seen` is the template that was shown, if it must be the present one.
    SetWeek {
        store: Option<String>,
        week: Box<Week>,
        seen: Option<Box<Week>>,
    },
    /// Adds an exception, or replaces the one that is there.
    SetException {
        store: Option<String>,
        role: Role,
        date: NaiveDate,
        exception: Exception,
    },
    RemoveException {
        store: Option<String>,
        role: Role,
        date: NaiveDate,
    },
    /// Copies the exceptions of seven days to the seven days after them. `seen` is the [`Copied::words`] that were shown.
    CopyWeek {
        store: Option<String>,
        first: NaiveDate,
        seen: String,
    },
}

/// Exceptions of a week, moved to the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// By date and role.
    pub entries: Vec<RotationEntry>,
    /// Days and roles that have an exception of their own, which stays.
    pub kept: Vec<(NaiveDate, Role)>,
}

impl Copied {
    /// The exceptions of a store in the seven days from `first`, a week later.
    pub fn of(rotation: &Rotation, store: Option<&str>, first: NaiveDate) -> Self {
        let mut copied = Self::default();
        let days = first.iter_days().take(WEEKDAYS.len());
        for (date, role) in days.flat_map(|date| Role::ALL.map(|role| (date, role))) {
            let next = date.checked_add_days(Days::new(7)).filter(|next| is_within(*next));
            let Some((exception, next)) = rotation.exception(store, role, date).zip(next) else { continue };
            if rotation.exception(store, role, next).is_some() {
                copied.kept.push((next, role));
                continue;
            }
            let Exception { person, reason } = exception.clone();
            let when = When::On(next);
            copied.entries.push(RotationEntry { store: store.map(ToOwned::to_owned), role, when, person, reason });
        }
        copied
    }

    /// All that is copied, for a form to carry.
    pub fn words(&self) -> String {
        format!("{:?}", self.entries)
    }
}

/// The weekly template of a store: the person of each role, from Monday to Sunday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week([[Option<EmployeeId>; 7]; 2]);

impl Week {
    pub fn of(rotation: &Rotation, store: Option<&str>) -> Self {
        let mut week = Self::default();
        for (role, weekday) in slots() {
            week.set(role, weekday, rotation.weekly(store, role, weekday).cloned());
        }
        week
    }

    pub fn get(&self, role: Role, weekday: Weekday) -> Option<&EmployeeId> {
        self.0[role as usize][weekday.num_days_from_monday() as usize].as_ref()
    }

    pub fn set(&mut self, role: Role, weekday: Weekday, person: Option<EmployeeId>) {
        self.0[role as usize][weekday.num_days_from_monday() as usize] = person;
    }
}

/// The ids of the template, separated by commas: what a form carries to tell which template was shown.
impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().flatten().map(|id| id.as_ref().map_or("", EmployeeId::as_str));
        f.write_str(&ids.collect::<Vec<_>>().join(","))
    }
}

impl FromStr for Week {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut week = Self::default();
        for ((role, weekday), id) in slots().zip(text.split(',')) {
            week.set(role, weekday, if id.is_empty() { None } else { Some(id.parse()?) });
        }
        Ok(week)
    }
}

/// Each role on each day of a week.
pub fn slots() -> impl Iterator<Item = (Role, Weekday)> {
    Role::ALL.into_iter().flat_map(|role| WEEKDAYS.map(|weekday| (role, weekday)))
}

/// The entries after a command, and what changes for the audit. An entry without a person and without a reason is removed.
///
/// # Errors
/// A [`Problem`] if someone is unknown or may not do the role's work, if the template changed meanwhile, or if there are
/// too many exceptions.
pub fn decide(
    rotation: &Rotation,
    people: &[Employee],
    command: &RotationCommand,
) -> Result<(Vec<RotationEntry>, Vec<Fact>), Problem> {
    match command {
        RotationCommand::SetWeek { store, week, seen } => {
            let now = Week::of(rotation, store.as_deref());
            if seen.as_ref().is_some_and(|seen| **seen != now) {
                return Err(Problem::RotationChanged);
            }
            let (mut entries, mut facts) = (Vec::new(), Vec::new());
            for (role, weekday) in slots() {
                let (before, after) = (now.get(role, weekday), week.get(role, weekday));
                if before == after {
                    continue;
                }
                let person = check(people, role, after)?;
                facts.push(Fact {
                    name: format!("{} {}", format::weekday(weekday), role.label()),
                    before: name(people, before),
                    after: name(people, after),
                });
                let when = When::Weekly(weekday);
                entries.push(RotationEntry { store: store.clone(), role, when, person, reason: String::new() });
            }
            Ok((entries, facts))
        }
        RotationCommand::SetException { store, role, date, exception } => {
            let before = rotation.exception(store.as_deref(), *role, *date);
            if before.is_none() && rotation.exceptions() >= EXCEPTIONS_MAX {
                return Err(Problem::TooManyExceptions);
            }
            let person = check(people, *role, exception.person.as_ref())?;
            if before == Some(exception) {
                return Ok((Vec::new(), Vec::new()));
            }
            let reason = exception.reason.clone();
            let fact = exception_fact(people, *role, *date, before, Some(exception));
            let entry = RotationEntry { store: store.clone(), role: *role, when: When::On(*date), person, reason };
            Ok((vec![entry], vec![fact]))
        }
        RotationCommand::RemoveException { store, role, date } => {
            let Some(before) = rotation.exception(store.as_deref(), *role, *date) else {
                return Err(Problem::NoException { date: *date });
            };
            let fact = exception_fact(people, *role, *date, Some(before), None);
            let when = When::On(*date);
            let entry = RotationEntry { store: store.clone(), role: *role, when, person: None, reason: String::new() };
            Ok((vec![entry], vec![fact]))
        }
        RotationCommand::CopyWeek { store, first, seen } => {
            copy(rotation, people, Copied::of(rotation, store.as_deref(), *first), seen)
        }
    }
}

fn copy(
    rotation: &Rotation,
    people: &[Employee],
    copied: Copied,
    seen: &str,
) -> Result<(Vec<RotationEntry>, Vec<Fact>), Problem> {
    if copied.words() != seen {
        return Err(Problem::RotationChanged);
    }
    if rotation.exceptions() + copied.entries.len() > EXCEPTIONS_MAX {
        return Err(Problem::TooManyExceptions);
    }
    copied.entries.iter().try_for_each(|entry| check(people, entry.role, entry.person.as_ref()).map(drop))?;
    let facts = copied.entries.iter().map(|entry| copied_fact(people, entry)).collect();
    Ok((copied.entries, facts))
}

fn copied_fact(people: &[Employee], entry: &RotationEntry) -> Fact {
    let exception = Exception { person: entry.person.clone(), reason: entry.reason.clone() };
    let date = if let When::On(date) = entry.when { date } else { NaiveDate::default() };
    exception_fact(people, entry.role, date, None, Some(&exception))
}

/// Checks that someone is known and that their title may do the work of a role. Returns their id as their record writes it.
///
/// # Errors
/// [`Problem::UnknownEmployee`] or [`Problem::NotForRole`].
pub fn check(people: &[Employee], role: Role, person: Option<&EmployeeId>) -> Result<Option<EmployeeId>, Problem> {
    let Some(id) = person else { return Ok(None) };
    let Some(employee) = people.iter().find(|one| one.id == *id) else {
        return Err(Problem::UnknownEmployee(id.clone()));
    };
    if employee.title.may_work(role.asks_for()) {
        return Ok(Some(employee.id.clone()));
    }
    Err(Problem::NotForRole { name: employee.name.clone(), title: employee.title, role })
}

fn exception_fact(
    people: &[Employee],
    role: Role,
    date: NaiveDate,
    before: Option<&Exception>,
    after: Option<&Exception>,
) -> Fact {
    let words = |one: Option<&Exception>| {
        one.map_or_else(String::new, |one| {
            let who = one.person.as_ref().map_or_else(|| "no one".to_owned(), |_| name(people, one.person.as_ref()));
            if one.reason.is_empty() { who } else { format!("{who}: {}", one.reason) }
        })
    };
    let name = format!("{} {}", format::date_short(date), role.label());
    Fact { name, before: words(before), after: words(after) }
}

fn name(people: &[Employee], id: Option<&EmployeeId>) -> String {
    let Some(id) = id else { return String::new() };
    people.iter().find(|one| one.id == *id).map_or_else(|| id.to_string(), |one| one.name.clone())
}
