//! The month, the day, and the card of an event.

pub mod card;
pub mod day;
pub mod day_page;
pub mod month;
pub mod roster;
pub mod roster_filter;
pub mod shift;
pub mod timeline;
