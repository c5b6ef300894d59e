//! The fields of the forms about people, and what they mean.

use std::collections::HashMap;

use rocket::FromForm;

use crate::{
    domain::{
        alike::{is_blank, is_zero_width},
        calendar,
        change::employee_edit::Profile,
        email::Email,
        employee::{
            JobTitle, PERSON_CHARS_MAX,
            availability::{
                Availability, DayPartError, Hours, NOTE_CHARS_MAX, TIME_OFF_DAYS_MAX, TimeOff, WEEKDAYS, WeeklyHours,
            },
        },
        format,
        ids::{EmployeeId, IdempotencyKey, Revision},
    },
    routes::{
        http::form_text::Text,
        pages::{sentence, typed_date, typed_line},
    },
    views::{
        components::alert::FieldError,
        employees::profile::{DAY_NAMES, DayValues, ProfileValues, TimeOffValues},
    },
};

/// A weekday of the form about a person.
#[derive(Clone, Debug, Default, FromForm)]
pub struct DayFields {
    works: Text,
    from: Text,
    to: Text,
}

/// The fields of the form about an employee. Missing fields are empty.
#[derive(Clone, Debug, FromForm)]
pub struct PersonFields {
    number: Text,
    name: Text,
    job_title: Text,
    email: Text,
    weekly_hours_max: Text,
    days: HashMap<String, DayFields>,
    revision: Text,
    key: Text,
}

impl PersonFields {
    /// The values to show if the form is rendered again.
    pub fn values(&self) -> ProfileValues {
        let day = |name: &str| {
            let day = self.days.get(name).cloned().unwrap_or_default();
            DayValues { works: day.works == "true", from: day.from.0, to: day.to.0 }
        };
        ProfileValues {
            number: self.number.0.clone(),
            name: self.name.0.clone(),
            title: self.job_title.0.clone(),
            email: self.email.0.clone(),
            weekly_hours_max: self.weekly_hours_max.0.clone(),
            days: DAY_NAMES.map(day),
        }
    }

    fn availability(&self, errors: &mut Vec<FieldError>) -> Availability {
        let (mut availability, missing) = (Availability::ALWAYS, DayFields::default());
        for (weekday, field) in WEEKDAYS.into_iter().zip(DAY_NAMES) {
            match hours(self.days.get(field).unwrap_or(&missing), format::weekday(weekday)) {
                Ok(hours) => availability = availability.with(weekday, hours),
                Err(message) => errors.push(FieldError { name: field.into(), message }),
            }
        }
        availability
    }

    pub fn key(&self) -> Option<IdempotencyKey> {
        self.key.parse().ok()
    }

    /// The profile that the fields mean.
    ///
    /// # Errors
    /// Every field that cannot be used, each with what is allowed, in the order of the form.
    pub fn profile(&self) -> Result<Profile, Vec<FieldError>> {
        let mut errors = Vec::new();
        let name = kept(name(&self.name), "name", &mut errors);
        let title = JobTitle::named(&self.job_title).ok_or_else(|| "Choose a job title.".to_owned());
        let title = kept(title, "job_title", &mut errors);
        let email = kept(email(&self.email), "email", &mut errors);
        let weekly_hours_max = kept(weekly_hours(&self.weekly_hours_max), "weekly_hours_max", &mut errors).flatten();
        let availability = self.availability(&mut errors);
        match (name, title, email) {
            (Some(name), Some(title), Some(email)) if errors.is_empty() => {
                Ok(Profile { name, title, email, availability, weekly_hours_max })
            }
            _ => Err(errors),
        }
    }

    /// The id and profile of a new employee.
    pub fn newcomer(&self) -> Result<(EmployeeId, Profile), Vec<FieldError>> {
        let number = match self.number.trim() {
            "" => Err("Enter the employee's number.".to_owned()),
            text => text.parse().map_err(|error| sentence(&error)),
        };
        let mut errors = Vec::new();
        let number = kept(number, "number", &mut errors);
        match (number, self.profile()) {
            (Some(number), Ok(profile)) => Ok((number, profile)),
            (_, profile) => {
                // The name field comes before the number.
                let mut all = profile.err().unwrap_or_default();
                let at = usize::from(all.first().is_some_and(|error| error.name == "name"));
                all.splice(at..at, errors);
                Err(all)
            }
        }
    }

    pub fn seen(&self) -> Option<Revision> {
        self.revision.parse().ok().map(Revision)
    }
}

fn kept<T>(read: Result<T, String>, field: &'static str, errors: &mut Vec<FieldError>) -> Option<T> {
    read.map_err(|message| errors.push(FieldError { name: field.into(), message })).ok()
}

fn name(text: &str) -> Result<String, String> {
    // Two signs without width join or part letters of some scripts; others come along with a copied text.
    let is_seen = |sign: &char| !is_zero_width(*sign) || matches!(sign, '\u{200C}' | '\u{200D}');
    let words = text.split(is_blank).map(|word| word.chars().filter(is_seen).collect::<String>());
    let name = words.filter(|word| !word.chars().all(is_zero_width)).collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err("Enter a name.".to_owned()),
        length if length > PERSON_CHARS_MAX => {
            Err(format!("A name has at most {PERSON_CHARS_MAX} characters; this has {length}."))
        }
        _ if name.chars().any(char::is_control) => Err("A name has no control characters.".to_owned()),
        _ => Ok(name),
    }
}

fn email(text: &str) -> Result<Option<Email>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error| format!("{error}.")),
    }
}

fn weekly_hours(text: &str) -> Result<Option<WeeklyHours>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error| sentence(&error)),
    }
}

fn hours(day: &DayFields, weekday: &str) -> Result<Hours, String> {
    let (from, to) = (day.from.trim(), day.to.trim());
    let time = |text: &str| calendar::parse_time(text).map_err(|error| format!("{weekday}: {error}."));
    match (day.works == "true", from, to) {
        (false, ..) => Ok(Hours::Off),
        (true, "", "") => Ok(Hours::AllDay),
        (true, "", _) | (true, _, "") => Err(format!("{weekday}: enter both times, or neither for the whole day.")),
        (true, from, to) => Hours::between(time(from)?, time(to)?)
            .ok_or_else(|| format!("{weekday}: the second time must be later than the first.")),
    }
}

/// The fields of the time off form. Missing fields are empty.
#[derive(Clone, Debug, FromForm)]
pub struct OffFields {
    first: Text,
    last: Text,
    note: Text,
    part: Text,
    /// The time off that is changed: its days and part.
    was: Text,
    revision: Text,
    key: Text,
}

impl OffFields {
    /// The values to show if the form is rendered again.
    pub fn values(&self) -> TimeOffValues {
        let [first, last, note, part, was] =
            [&self.first, &self.last, &self.note, &self.part, &self.was].map(|field| field.0.clone());
        TimeOffValues { first, last, note, part, was }
    }

    pub fn key(&self) -> Option<IdempotencyKey> {
        self.key.parse().ok()
    }

    pub fn seen(&self) -> Option<Revision> {
        self.revision.parse().ok().map(Revision)
    }

    /// The time off that becomes another one.
    pub fn was(&self) -> Option<TimeOff> {
        let mut parts = self.was.split('.');
        let mut date = || calendar::parse_date(parts.next()?).ok();
        let (first, last) = (date()?, date()?);
        Some(TimeOff { first, last, part: parts.next()?.parse().ok()?, note: None })
    }

    pub fn set_note(&mut self, note: Option<String>) {
        self.note = Text(note.unwrap_or_default());
    }

    /// The time off that the form says, or every field that cannot be used. Without a last day it is one day.
    pub fn off(&self) -> Result<TimeOff, Vec<FieldError>> {
        let mut errors = Vec::new();
        let note = kept(typed_line(&self.note, "note", NOTE_CHARS_MAX), "note", &mut errors);
        match (self.days(), note) {
            (Ok(off), Some(note)) => Ok(TimeOff { note: Some(note).filter(|note| !note.is_empty()), ..off }),
            (days, _) => Err(days.err().unwrap_or_default().into_iter().chain(errors).collect()),
        }
    }

    /// Same without the note.
    pub fn days(&self) -> Result<TimeOff, Vec<FieldError>> {
        let mut errors = Vec::new();
        let first = kept(typed_date(&self.first, "Choose the first day."), "first", &mut errors);
        let last = if self.last.trim().is_empty() { Ok(first) } else { typed_date(&self.last, "").map(Some) };
        let last = kept(last, "last", &mut errors).flatten();
        let part = self.part.parse().map_err(|error: DayPartError| sentence(&error));
        let part = kept(part, "part", &mut errors);
        let (Some(first), Some(last), Some(part)) = (first, last, part) else { return Err(errors) };
        let days = (last - first).num_days() + 1;
        let message = match days {
            ..=0 => "The last day must not be before the first.".to_owned(),
            days if days > TIME_OFF_DAYS_MAX => {
                format!("Time off lasts at most {TIME_OFF_DAYS_MAX} days; this would be {days}.")
            }
            _ => return Ok(TimeOff { first, last, part, note: None }),
        };
        Err(vec![FieldError { name: "last".into(), message }])
    }
}
