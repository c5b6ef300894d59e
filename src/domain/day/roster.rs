//! The roster: the work of people on some days, and what keeps them from working.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

use crate::domain::{
    employee::{
        Employee, JobTitle,
        availability::{DayPart, Hours},
    },
    event::{
        Event,
        counts::DayCounts,
        filter::{EMPLOYEE, Filter, FilterError, STORE},
    },
    format::quote,
    ids::EmployeeId,
    rules::stored::StoredFinding,
};

/// People on one page; a sheet and the API have all.
pub const PAGE_PEOPLE: usize = 50;
/// Most people that a filter names.
pub const FILTER_PEOPLE_MAX: usize = 50;

pub const TITLE: &str = "title";
pub const PAGE: &str = "page";

/// The order of job titles: those who supervise first.
pub const TITLES: [JobTitle; 4] =
    [JobTitle::ClubSupervisor, JobTitle::LeadEventSpecialist, JobTitle::JuicerBarista, JobTitle::EventSpecialist];

/// A query parameter of a roster that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RosterFilterError {
    #[error(
        "\"{0}\" is not a job title: allowed are Event Specialist, Lead Event Specialist, Juicer Barista and Club Supervisor"
    )]
    Title(String),
    #[error("a roster is filtered to at most {FILTER_PEOPLE_MAX} people")]
    People,
    #[error("a page is a whole number from 1")]
    Page,
    #[error("{0}")]
    Other(#[from] FilterError),
}

/// Conditions for the people of a roster. The default matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterFilter {
    /// Each once; empty for all.
    pub titles: Vec<JobTitle>,
    /// The key of a store: those who work there that week.
    pub store: Option<String>,
    /// Empty for all.
    pub people: Vec<EmployeeId>,
}

impl RosterFilter {
    /// Parses query parameters, with the number of the page. Blank ones are ignored, and so are other names.
    pub fn parse<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(Self, usize), RosterFilterError> {
        let (mut filter, mut page) = (Self::default(), 1);
        let trimmed = fields.into_iter().map(|(name, value)| (name, value.trim()));
        for (name, value) in trimmed.filter(|(_, value)| !value.is_empty()) {
            match name {
                TITLE => filter.titles.push(title(value)?),
                EMPLOYEE => filter.people.push(value.parse().map_err(FilterError::from)?),
                STORE if filter.store.is_some() => return Err(FilterError::Twice(STORE).into()),
                STORE => filter.store = Filter::parse([(STORE, value)])?.store,
                PAGE => page = value.parse().ok().filter(|page| *page > 0).ok_or(RosterFilterError::Page)?,
                _ => {}
            }
        }
        filter.titles.sort_unstable();
        filter.titles.dedup();
        filter.people.sort_unstable();
        filter.people.dedup();
        if filter.people.len() > FILTER_PEOPLE_MAX { Err(RosterFilterError::People) } else { Ok((filter, page)) }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The parameters from which [`parse`](Self::parse) reads this filter, in order.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let titles = self.titles.iter().map(|title| (TITLE, title.label()));
        let people = self.people.iter().map(|person| (EMPLOYEE, person.as_str()));
        titles.chain(self.store.iter().map(|store| (STORE, store.as_str()))).chain(people).collect()
    }

    fn wants(&self, week: &PersonWeek) -> bool {
        let works_there = |store: &str| week.shifts.iter().any(|one| one.event.location.key() == store);
        (self.titles.is_empty() || self.titles.contains(&week.employee.title))
            && (self.people.is_empty() || self.people.contains(&week.employee.id))
            && self.store.as_deref().is_none_or(works_there)
    }
}

fn title(text: &str) -> Result<JobTitle, RosterFilterError> {
    JobTitle::named(text).ok_or_else(|| RosterFilterError::Title(quote(text)))
}

/// A reason why a person may not work on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    Holiday(String),
    TimeOff(DayPart),
    /// Not available on that weekday, or only between these hours.
    Hours(Hours),
}

impl Absence {
    /// Tells if it lasts the whole day.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Holiday(_) | Self::TimeOff(DayPart::WholeDay) | Self::Hours(Hours::Off))
    }

    /// "Holiday: Thanksgiving", "Time off", "Not available", "Available 8:00 AM to 4:00 PM"
    pub fn words(&self) -> String {
        match self {
            Self::Holiday(name) => format!("Holiday: {name}"),
            Self::TimeOff(part) => part.off_words().to_owned(),
            Self::Hours(Hours::Off) => "Not available".to_owned(),
            Self::Hours(hours) => format!("Available {}", hours.label()),
        }
    }
}

/// The reasons why a person may not work on a day, the holiday first.
pub fn absences(employee: &Employee, date: NaiveDate, holiday: Option<&String>) -> Vec<Absence> {
    let hours = employee.availability.on(date.weekday());
    let off = employee.time_off.iter().filter(|off| off.meets(date, date)).map(|off| Absence::TimeOff(off.part));
    let holiday = holiday.into_iter().map(|name| Absence::Holiday(name.clone()));
    holiday.chain(off).chain((hours != Hours::AllDay).then_some(Absence::Hours(hours))).collect()
}

/// An event of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub event: Event,
    pub findings: Vec<StoredFinding>,
}

/// The days of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonWeek {
    pub employee: Employee,
    /// As pages show it.
    pub name: String,
    /// By start.
    pub shifts: Vec<Shift>,
    /// Events of the day before whose work reaches into the first day.
    pub overnight: Vec<Event>,
}

impl PersonWeek {
    pub fn minutes(&self) -> u32 {
        self.shifts.iter().map(|shift| shift.event.minutes).sum()
    }

    pub fn on(&self, date: NaiveDate) -> impl Iterator<Item = &Shift> {
        self.shifts.iter().filter(move |shift| shift.event.date() == Some(date))
    }

    /// Work that began the day before and reaches into a day, by start.
    pub fn reaching_into(&self, date: NaiveDate) -> impl Iterator<Item = &Event> {
        let events = self.overnight.iter().chain(self.shifts.iter().map(|shift| &shift.event));
        events.filter(move |event| event.end_after_midnight(date).is_some())
    }

    fn place(&self) -> (Option<usize>, String, &EmployeeId) {
        let title = TITLES.iter().position(|title| *title == self.employee.title);
        (title, self.name.to_lowercase(), &self.employee.id)
    }
}

/// Days of people: a week, or one day.
#[derive(Clone, Debug)]
pub struct Roster {
    /// In order, at least one.
    pub dates: Vec<NaiveDate>,
    /// Those that match the filter, by job title and name.
    pub people: Vec<PersonWeek>,
    /// Unscheduled events by last day.
    pub open: Vec<Event>,
    pub holidays: BTreeMap<NaiveDate, String>,
    /// False if there are more events than are read.
    pub complete: bool,
}

impl Roster {
    pub fn first(&self) -> NaiveDate {
        self.dates.first().copied().unwrap_or_default()
    }

    pub fn last(&self) -> NaiveDate {
        self.dates.last().copied().unwrap_or_default()
    }

    /// Sorts and filters. Inactive people are shown if they hold work.
    #[must_use]
    pub fn filtered(mut self, filter: &RosterFilter) -> Self {
        let works = |one: &PersonWeek| !one.shifts.is_empty() || !one.overnight.is_empty();
        self.people.retain(|one| (one.employee.active || works(one)) && filter.wants(one));
        self.people.sort_by_cached_key(|one| {
            let (title, name, id) = one.place();
            (title, name, id.clone())
        });
        self.open.retain(|event| filter.store.as_deref().is_none_or(|store| event.location.key() == store));
        self
    }

    /// Scheduled events of the people, and unscheduled ones due, by day.
    pub fn counts(&self) -> BTreeMap<NaiveDate, DayCounts> {
        let mut days: BTreeMap<_, _> = self.dates.iter().map(|date| (*date, DayCounts::default())).collect();
        let shifts = self.people.iter().flat_map(|one| &one.shifts).map(|shift| &shift.event);
        for (date, slot) in shifts.chain(&self.open).flat_map(DayCounts::slots) {
            if let Some(counts) = days.get_mut(&date) {
                *counts.slot_mut(slot) += 1;
            }
        }
        days
    }

    /// The people of a page, from 1.
    pub fn page(&self, page: usize) -> &[PersonWeek] {
        let first = (page - 1).saturating_mul(PAGE_PEOPLE).min(self.people.len());
        &self.people[first..(first + PAGE_PEOPLE).min(self.people.len())]
    }

    /// The number of pages, at least 1.
    pub fn pages(&self) -> usize {
        self.people.len().div_ceil(PAGE_PEOPLE).max(1)
    }
}
