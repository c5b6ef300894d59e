//! Typed path parameters. A parameter that cannot be parsed is a 404 with a sentence.

use std::str::FromStr;

use chrono::NaiveDate;
use rocket::{http::uri::Origin, request::FromParam};

use crate::{
    domain::{
        calendar::{self, Month, YEAR_MAX, YEAR_MIN},
        change::ChangeKind,
        day::Group,
        event::filter::Filter,
        ids::{EmployeeId, EventId},
    },
    routes::http::error::Failure,
    views::{
        calendar::day_page::{self, DayPage},
        urls,
    },
};

/// Declares a parameter: its type, what it names, and its parser.
macro_rules! param {
    ($name:ident($value:ty), $what:literal, $parse:expr) => {
        #[doc = concat!("The ", $what, " of a path.")]
        #[derive(Clone, Debug)]
        pub struct $name(pub $value);

        impl<'r> FromParam<'r> for $name {
            type Error = Failure;

            fn from_param(text: &'r str) -> Result<Self, Failure> {
                let parsed = $parse(text).map(Self);
                parsed.map_err(|error| Failure::NotFound(format!("There is no such {}: {error}.", $what)))
            }
        }
    };
}

param!(DateParam(NaiveDate), "day", calendar::parse_date);
param!(EventParam(EventId), "event", EventId::from_str);
param!(EmployeeParam(EmployeeId), "employee", EmployeeId::from_str);

#[derive(Clone, Copy, Debug)]
pub struct ChangeKindParam(pub ChangeKind);

impl<'r> FromParam<'r> for ChangeKindParam {
    type Error = Failure;

    fn from_param(text: &'r str) -> Result<Self, Failure> {
        let change_kind = ChangeKind::ALL.into_iter().find(|change_kind| change_kind.slug() == text);
        change_kind.map(Self).ok_or_else(|| Failure::NotFound("There is no such page.".to_owned()))
    }
}

pub fn month(year: &str, month: &str) -> Result<Month, Failure> {
    let number = |text: &str| if text.len() <= 4 { text.parse::<u32>().ok() } else { None };
    let parsed = number(year).zip(number(month));
    parsed.and_then(|(year, month)| Month::new(i32::try_from(year).ok()?, month)).ok_or_else(|| {
        Failure::NotFound(format!(
            "There is no such month: years go from {YEAR_MIN} to {YEAR_MAX}, months from 1 to 12."
        ))
    })
}

/// The day page of a `from` field: `2025-10-15` or `2025-10-15?type=core`. None for anything else: a wrong return page
/// is no reason to refuse a change.
pub fn day_page(from: &str) -> Option<DayPage> {
    let (date, query) = from.split_once('?').unwrap_or((from, ""));
    let date = calendar::parse_date(date).ok()?;
    let address = Origin::parse_owned(format!("/?{query}")).ok()?;
    let fields: Vec<_> = address.query().into_iter().flat_map(|query| query.segments()).collect();
    let filter = Filter::parse(fields.iter().copied()).ok()?;
    let other = fields.iter().find(|(name, _)| *name == day_page::OTHER).and_then(|(_, page)| other_page(page));
    Some(DayPage { date, filter, all: shown_whole(&fields), other: other.map(ToOwned::to_owned) })
}

/// The groups that a query shows in full. Other fields are ignored.
pub fn shown_whole(fields: &[(&str, &str)]) -> Vec<Group> {
    let named = |group: &Group| fields.contains(&(day_page::ALL, group.slug()));
    Group::ALL.into_iter().filter(named).collect()
}

/// Longest address that a form carries, in bytes.
const RETURN_BYTES_MAX: usize = 600;

fn is_address(text: &str) -> bool {
    text.len() <= RETURN_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The address of a list of unscheduled events, if `text` is one. Forms return to it.
pub fn unscheduled_list(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(urls::UNSCHEDULED)?;
    ((rest.is_empty() || rest.starts_with('?')) && is_address(text)).then_some(text)
}

/// The address of a page that takes the place of a day, if `text` is one: such a list, a roster, a timeline, a month.
fn other_page(text: &str) -> Option<&str> {
    let path = text.split('?').next().unwrap_or(text);
    let is_plain =
        !path.contains("//") && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-".contains(&byte));
    let is_below =
        [urls::ROSTER, urls::HOME].iter().any(|base| path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/')));
    unscheduled_list(text).or_else(|| (is_plain && is_below && is_address(text)).then_some(text))
}

/// The page that a form returns to: the one at `address`, or the day if it is none that forms return to.
pub fn return_page(date: NaiveDate, address: &str) -> DayPage {
    other_page(address).map_or_else(|| DayPage::whole(date), |address| DayPage::other(date, address))
}
