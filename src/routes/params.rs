//! Parts of an address, parsed at the door. A wrong one is an address that leads nowhere: 404, with a sentence.

use chrono::NaiveDate;
use rocket::request::FromParam;

use super::failure::Failure;
use crate::domain::{
    calendar::{self, Month, YEAR_MAX, YEAR_MIN},
    ids::EventId,
};
use crate::views::address::Deed;

/// A day in an address.
#[derive(Clone, Copy, Debug)]
pub struct DateParam(pub NaiveDate);

impl<'r> FromParam<'r> for DateParam {
    type Error = Failure;

    fn from_param(text: &'r str) -> Result<Self, Failure> {
        calendar::parse_date(text)
            .map(Self)
            .map_err(|error| Failure::NotFound(format!("There is no such day: {error}.")))
    }
}

/// An event in an address.
#[derive(Clone, Copy, Debug)]
pub struct EventParam(pub EventId);

impl<'r> FromParam<'r> for EventParam {
    type Error = Failure;

    fn from_param(text: &'r str) -> Result<Self, Failure> {
        text.parse().map(Self).map_err(|error| Failure::NotFound(format!("There is no such event: {error}.")))
    }
}

/// What a form does, in an address.
#[derive(Clone, Copy, Debug)]
pub struct DeedParam(pub Deed);

impl<'r> FromParam<'r> for DeedParam {
    type Error = Failure;

    fn from_param(text: &'r str) -> Result<Self, Failure> {
        let deed = Deed::ALL.into_iter().find(|deed| deed.slug() == text);
        deed.map(Self).ok_or_else(|| Failure::NotFound("There is no such page.".to_owned()))
    }
}

/// The month that two parts of an address name.
pub fn month(year: &str, month: &str) -> Result<Month, Failure> {
    let number = |text: &str| if text.len() <= 4 { text.parse::<u32>().ok() } else { None };
    let parsed = number(year).zip(number(month));
    parsed.and_then(|(year, month)| Month::new(i32::try_from(year).ok()?, month)).ok_or_else(|| {
        Failure::NotFound(format!(
            "There is no such month: years go from {YEAR_MIN} to {YEAR_MAX}, months from 1 to 12."
        ))
    })
}
