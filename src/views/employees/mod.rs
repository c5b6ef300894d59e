//! Employees: the list, a person's page, their week, and the company's holidays.

pub mod holidays;
pub mod list;
pub mod profile;
pub mod week;

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{event::Event, format, ids::EmployeeId},
    views::urls,
};

/// Most events of an employee that are listed; the rest is counted.
pub const HELD_SHOWN_MAX: usize = 100;

/// The events of an employee, by day.
#[derive(Debug)]
pub struct Held {
    /// By start.
    pub events: Vec<Event>,
    /// There are more than are listed.
    pub more: bool,
}

impl Held {
    /// "3 events", "more than 100 events"
    fn count(&self) -> String {
        let count = format::count(self.events.len() as u64, "event");
        if self.more { format!("more than {count}") } else { count }
    }

    fn days(&self) -> impl Iterator<Item = (NaiveDate, &[Event])> {
        let days = self.events.chunk_by(|one, next| one.date() == next.date());
        days.filter_map(|events| Some((events.first()?.date()?, events)))
    }
}

/// The events of `employee` with links to their cards; each day has a link to find replacements.
fn held(employee: &EmployeeId, held: &Held) -> Markup {
    html! {
        ul.held {
            @for (date, events) in held.days() {
                li {
                    b { a href=(urls::day(date)) { (format::date_short(date)) } } " "
                    a href=(urls::reassign_from(date, employee)) { "Find replacements" span.vh { ": " (format::date_short(date)) } }
                    ul {
                        @for event in events {
                            li class=(event.event_type.slug()) {
                                a href=(urls::card(date, event.id)) title=(event.name) { bdi { (event.product()) } }
                                @if let Some(start) = event.start() { ", " (format::time(start.time())) }
                            }
                        }
                    }
                }
            }
        }
        @if held.more { p.hint { "Only the first " (HELD_SHOWN_MAX) " are listed." } }
    }
}
