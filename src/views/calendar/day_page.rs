//! The page that a form was opened from and returns to: a day with its filter, or another page by its address.

use std::fmt;

use chrono::NaiveDate;

use crate::{
    domain::{day::Group, event::filter::Filter},
    views::urls,
};

/// A day's page with its filter, or another page. Forms carry it in the field `from`, so that they return to the same
/// view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayPage {
    pub date: NaiveDate,
    pub filter: Filter,
    /// Groups that show all their cards.
    pub all: Vec<Group>,
    /// The address of a page that takes the place of the day: a list of unscheduled events, a roster, a timeline, a month.
    pub other: Option<String>,
}

/// The query field that names a group to show in full.
pub const ALL: &str = "all";
/// The query field that holds the address of another page.
pub const OTHER: &str = "page";

impl DayPage {
    pub fn whole(date: NaiveDate) -> Self {
        Self::filtered(date, Filter::default())
    }

    pub fn filtered(date: NaiveDate, filter: Filter) -> Self {
        Self { date, filter, all: Vec::new(), other: None }
    }

    /// Another page, by its address; `date` is the day that its forms begin with.
    pub fn other(date: NaiveDate, address: &str) -> Self {
        Self { other: Some(address.to_owned()), ..Self::whole(date) }
    }

    /// The same page with one more group shown in full.
    #[must_use]
    pub fn with_all_of(&self, group: Group) -> Self {
        let mut page = self.clone();
        page.all.push(group);
        page
    }

    pub fn address(&self) -> String {
        self.other.clone().unwrap_or_else(|| format!("/calendar/day/{self}"))
    }
}

/// `2025-10-15`, or `2025-10-15?type=core&all=core`: what `from` carries.
impl fmt::Display for DayPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = self.filter.fields();
        fields.extend(self.all.iter().map(|group| (ALL, group.slug())));
        fields.extend(self.other.iter().map(|address| (OTHER, address.as_str())));
        self.date.fmt(f)?;
        if fields.is_empty() { Ok(()) } else { write!(f, "?{}", urls::query(&fields)) }
    }
}
