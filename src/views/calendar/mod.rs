//! The month, the day, and the card of an event.

pub mod card;
pub mod day;
pub mod day_page;
pub mod month;
