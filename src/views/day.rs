//! The day: its facts, and its cards in groups.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::{FormKeys, Page, address, card, month};
use crate::domain::{
    calendar::{Month, is_within},
    day::{Card, Day, Group},
    event::EventType,
    words,
};

/// Cards of a group that are shown at once; the rest is behind "Show all".
pub const GROUP_CARDS_MAX: usize = 200;

/// Whether a piece is part of its page, or replaces its like in an open one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    InPage,
    OutOfBand,
}

impl Place {
    fn swap(self) -> Option<&'static str> {
        match self {
            Self::InPage => None,
            Self::OutOfBand => Some("true"),
        }
    }
}

pub fn page(day: &Day, today: NaiveDate, pairing: bool, keys: &FormKeys) -> Page {
    let title = words::date_in_full(day.date);
    let main = html! {
        div.page.day-page {
            (bar(day, today, &title))
            @if !pairing {
                p.note.info { "Pairing is switched off: Supervisor events do not follow their CORE." }
            }
            (facts(day, Place::InPage))
            @for one in Group::ALL { (group(day, one, Place::InPage, keys)) }
        }
    };
    Page::new(title, main)
}

fn bar(day: &Day, today: NaiveDate, title: &str) -> Markup {
    let month_of = Month::of(day.date);
    html! {
        div.bar {
            a href=(address::month(month_of)) { "‹ " (month::title(month_of)) }
            h1 #title tabindex="-1" { (title) }
            div.joined {
                @if let Some(date) = day.date.pred_opt().filter(|date| is_within(*date)) {
                    a #prev-link .btn.icon rel="prev" href=(address::day(date)) aria-label={ "Previous day, " (words::date(date)) } { "‹" }
                }
                a #today-link .btn href=(address::day(today)) aria-current=[(day.date == today).then_some("date")] { "Today" }
                @if let Some(date) = day.date.succ_opt().filter(|date| is_within(*date)) {
                    a #next-link .btn.icon rel="next" href=(address::day(date)) aria-label={ "Next day, " (words::date(date)) } { "›" }
                }
            }
            @let reassign = address::reassign(day.date);
            a #reassign-link .btn.quiet href=(reassign) hx-get=(reassign) hx-target="#dialog" { "Reassign a day…" }
        }
    }
}

/// The banner: who makes juice, who leads, what is open.
pub fn facts(day: &Day, place: Place) -> Markup {
    let juicers = day.juicers();
    let leads = day.primary_leads();
    let due = day.cards(Group::UnscheduledDue).len();
    html! {
        dl #facts .facts hx-swap-oob=[place.swap()] {
            (fact("Juicer", &names(&juicers), juicers.is_empty()))
            (fact("Primary Lead", &names(&leads), false))
            (fact("Supervisor events", &supervisors(day), false))
            (fact("Unscheduled, due today", &if due == 0 { "None".to_owned() } else { words::count(due as u64, "event") }, due > 0))
        }
    }
}

fn fact(name: &str, words: &str, warns: bool) -> Markup {
    html! {
        div class={ "fact" @if warns { " warn" } } {
            dt { (name) }
            dd { @if warns { span aria-hidden="true" { "▲" } " " span.vh { "Warning: " } } (words) }
        }
    }
}

fn names(names: &[String]) -> String {
    if names.is_empty() { "None scheduled".to_owned() } else { names.join(", ") }
}

/// "2 scheduled, 1 unscheduled"
fn supervisors(day: &Day) -> String {
    match (day.cards(Group::Of(EventType::Supervisor)).len(), day.supervisors_unscheduled) {
        (0, 0) => "None".to_owned(),
        (scheduled, 0) => format!("{scheduled} scheduled"),
        (scheduled, open) => format!("{scheduled} scheduled, {open} unscheduled"),
    }
}

/// One group with its cards. An empty Other group keeps its place, hidden, so that an open page can be told of its first card.
pub fn group(day: &Day, group: Group, place: Place, keys: &FormKeys) -> Markup {
    let cards = day.cards(group);
    let slug = group.slug();
    let closed = group == Group::Of(EventType::Supervisor);
    let hidden = group == Group::Of(EventType::Other) && cards.is_empty();
    let (first, rest) = cards.split_at(cards.len().min(GROUP_CARDS_MAX));
    html! {
        details id={ "group-" (slug) } class={ "group " (slug) } data-group=(slug) open[!closed] hidden[hidden] hx-swap-oob=[place.swap()] {
            summary {
                h2 { (heading(group)) " " span.count { "(" (cards.len()) ")" } }
                span.sum { @if closed { (supervisors(day)) } }
            }
            @if cards.is_empty() { p.empty { (nothing(group)) } }
            (list(day, first, keys))
            @if !rest.is_empty() {
                details.rest {
                    summary { "Show all " (cards.len()) }
                    (list(day, rest, keys))
                }
            }
        }
    }
}

fn list(day: &Day, cards: &[Card], keys: &FormKeys) -> Markup {
    html! { @for one in cards { (card::card(one, day.date, keys)) } }
}

fn heading(group: Group) -> String {
    match group {
        Group::Of(event_type) => format!("{} events", event_type.label()),
        Group::UnscheduledDue => "Unscheduled, due today".to_owned(),
    }
}

fn nothing(group: Group) -> String {
    match group {
        Group::Of(event_type) => format!("No {} events scheduled for this day", event_type.label()),
        Group::UnscheduledDue => "Nothing unscheduled is due this day".to_owned(),
    }
}
