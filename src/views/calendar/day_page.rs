//! The page that a form was opened from and returns to: a day with its filter, or a list of unscheduled events.

use std::fmt;

use chrono::NaiveDate;

use crate::{
    domain::{
        event::{day::Group, filter::Filter},
        ids::EventId,
    },
    views::urls,
};

/// A day's page with its filter, or a list of unscheduled events. Forms carry it in the field `from`, so that they
/// return to the same view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayPage {
    pub date: NaiveDate,
    pub filter: Filter,
    /// Groups that show all their cards.
    pub all: Vec<Group>,
    /// The address of a list of unscheduled events that takes the place of the day.
    pub bank: Option<String>,
}

/// The query field that names a group to show in full.
pub const ALL: &str = "all";
/// The query field that holds the address of a list of unscheduled events.
pub const BANK: &str = "bank";

impl DayPage {
    /// The unfiltered page of a day.
    pub fn whole(date: NaiveDate) -> Self {
        Self::narrowed(date, Filter::default())
    }

    pub fn narrowed(date: NaiveDate, filter: Filter) -> Self {
        Self { date, filter, all: Vec::new(), bank: None }
    }

    /// A list of unscheduled events, by its address.
    pub fn bank(today: NaiveDate, list: &str) -> Self {
        Self { bank: Some(list.to_owned()), ..Self::whole(today) }
    }

    /// The same page with one more group shown in full.
    #[must_use]
    pub fn with_all_of(&self, group: Group) -> Self {
        let mut page = self.clone();
        page.all.push(group);
        page
    }

    pub fn address(&self) -> String {
        self.bank.clone().unwrap_or_else(|| format!("/calendar/day/{self}"))
    }

    /// The address of a card on the page.
    pub fn card(&self, event: EventId) -> String {
        format!("{}#event-{event}", self.address())
    }
}

/// `2025-10-15`, or `2025-10-15?type=core&all=core`: what `from` carries.
impl fmt::Display for DayPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = self.filter.fields();
        fields.extend(self.all.iter().map(|group| (ALL, group.slug())));
        fields.extend(self.bank.iter().map(|list| (BANK, list.as_str())));
        self.date.fmt(f)?;
        if fields.is_empty() { Ok(()) } else { write!(f, "?{}", urls::query(&fields)) }
    }
}
