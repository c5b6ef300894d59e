//! The choice of the event that moves from one day to another.

use chrono::NaiveDate;
use maud::html;

use crate::{
    domain::{change::ChangeKind, day::Card, event::Event, format},
    views::{Page, calendar::day_page::DayPage, components::layout::dialog_header, urls},
};

#[derive(Debug)]
pub struct MoveDayView {
    pub date: NaiveDate,
    pub to: NaiveDate,
    /// By start.
    pub cards: Vec<Card>,
    /// The page that the forms return to.
    pub from: DayPage,
}

impl MoveDayView {
    /// The form of an event, filled in with the other day.
    pub fn form(&self, event: &Event) -> String {
        let (from, to, seen) = (self.from.to_string(), self.to.to_string(), event.revision.to_string());
        let fields = [("from", from.as_str()), ("date", &to), ("seen", &seen)];
        urls::form_filled(event.id, ChangeKind::Reschedule, &fields)
    }
}

pub fn page(view: &MoveDayView) -> Page {
    let (back, near) = (view.from.address(), view.date);
    let title = format!("Move an event to {}", format::date_near(view.to, near));
    let main = html! {
        div.form {
            (dialog_header(&title, &html! { "From " (format::date_near(view.date, view.to)) ". Nothing is changed yet." }, &back))
            @if view.cards.is_empty() { p.note.info { "There is no such event on that day any more." } }
            ul.rows.choice hx-target="#dialog" {
                @for card in &view.cards {
                    @let form = view.form(&card.event);
                    li {
                        div {
                            (card.event.product())
                            span.meta {
                                @if let Some(start) = card.event.start() { (format::time(start.time())) " · " }
                                (card.who.as_deref().unwrap_or_default())
                                @if let Some(store) = card.event.location.label() { " · " (store) }
                            }
                        }
                        a.btn href=(form) hx-get=(form) { "Move…" span.vh { " " (card.event.label()) } }
                    }
                }
            }
            footer { a.btn href=(back) data-close { "Cancel" } }
        }
    };
    Page::narrow(title, main)
}
