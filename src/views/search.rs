//! Search: one field, and what it finds in groups.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        calendar::Month,
        employee::Employee,
        event::{
            Event, Location,
            filter::Filter,
            search::{QUESTION_CHARS_MAX, QuestionError},
        },
        format,
    },
    views::{Page, calendar::card, components::pager::pager, urls},
};

/// Events on a page of the answer.
pub const EVENTS_PAGE: usize = 50;

/// A question, and a page of its answer.
#[derive(Debug)]
pub struct SearchView {
    pub question: String,
    pub today: NaiveDate,
    pub events: Vec<(Event, Option<Employee>)>,
    /// Events on all pages.
    pub total: usize,
    pub page: usize,
    pub pages: usize,
    pub people: Vec<Employee>,
    pub stores: Vec<Location>,
    pub more_events: bool,
    pub more_people: bool,
    pub more_stores: bool,
}

/// The page without a search text, or with an invalid one.
pub fn blank(wrong: Option<(&str, &QuestionError)>) -> Page {
    let (typed, error) = wrong.unzip();
    let main = html! {
        div.page.search-page {
            h1 #title tabindex="-1" { "Search" }
            (field(typed.unwrap_or_default(), error))
            p.hint { "Find events by name, event number, reference, store or employee, and employees and stores by name or number. The start of a word is enough." }
        }
    };
    Page::new("Search", main).in_section(urls::SEARCH)
}

fn field(typed: &str, error: Option<&QuestionError>) -> Markup {
    html! {
        form.search-form action=(urls::SEARCH) method="get" role="search" {
            label.vh for="q" { "Search" }
            input #q type="search" name="q" value=(typed) maxlength=(QUESTION_CHARS_MAX) autocomplete="off" autofocus[typed.is_empty() || error.is_some()]
                aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "q-err")];
            button.btn.primary { "Search" }
            @if let Some(error) = error { p #q-err .err { "Invalid search: " (error) "." } }
        }
    }
}

pub fn page(view: &SearchView) -> Page {
    let nothing = view.total == 0 && view.people.is_empty() && view.stores.is_empty();
    let main = html! {
        div.page.search-page {
            h1 #title tabindex="-1" { "Search " small { "“" (view.question) "”" } }
            (field(&view.question, None))
            @if nothing {
                div.blank {
                    h2 { "Nothing found" }
                    p { "No event, employee or store matches. Try fewer words, or only the start of a word." }
                }
            }
            (people(view))
            (stores(view))
            (events(view))
        }
    };
    Page::new(format!("Search: {}", view.question), main).in_section(urls::SEARCH)
}

fn month_of(view: &SearchView, filter: &Filter) -> String {
    urls::with_query(urls::month(Month::of(view.today)), filter)
}

fn people(view: &SearchView) -> Markup {
    html! {
        @if !view.people.is_empty() {
            section.found aria-labelledby="found-people" {
                h2 #found-people { "Employees " span.count { "(" (view.people.len()) @if view.more_people { " of more" } ")" } }
                ul {
                    @for one in &view.people {
                        li {
                            a href=(urls::week(&one.id, view.today)) { (one.name) }
                            span.meta {
                                (one.title.label()) " · " (one.id) @if !one.active { " · inactive" } " · "
                                a href=(month_of(view, &Filter::held_by(&one.id))) { "In the month" span.vh { ": events of " (one.name) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn stores(view: &SearchView) -> Markup {
    html! {
        @if !view.stores.is_empty() {
            section.found aria-labelledby="found-stores" {
                h2 #found-stores { "Stores " span.count { "(" (view.stores.len()) @if view.more_stores { " of more" } ")" } }
                ul {
                    @for one in &view.stores {
                        @let filter = Filter::at_store(one.key());
                        li {
                            a href=(month_of(view, &filter)) { (card::location_words(one).unwrap_or_default()) }
                            span.meta {
                                a href=(urls::with_query(urls::day(view.today), &filter)) { "Today" span.vh { " at " (one.name) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn events(view: &SearchView) -> Markup {
    html! {
        @if view.total > 0 {
            section.found aria-labelledby="found-events" {
                h2 #found-events { "Events " span.count { "(" (view.total) @if view.more_events { " of more" } ")" } }
                @if view.more_events {
                    p.note.info { "Too many events match to search them all. Add another word." }
                }
                ul.events { @for (event, person) in &view.events { (row(event, person.as_ref(), view.today)) } }
                (pager(view.page, view.pages, |page| urls::search(&view.question, page)))
            }
        }
    }
}

fn row(event: &Event, person: Option<&Employee>, today: NaiveDate) -> Markup {
    let day = event.date().or(event.due.map(|due| due.date));
    html! {
        li class=(event.event_type.slug()) {
            span.b.one aria-hidden="true" { (event.event_type.label()[..1]) }
            @match day {
                Some(day) => a.name href=(urls::card(day, event.id)) { (event.name) },
                None => b.name { (event.name) },
            }
            span.when { (when(event, today)) }
            span.meta {
                span.vh { (event.event_type.label()) ", " }
                @if let Some(now) = &event.schedule { (person.map_or(now.employee.as_str(), |one| one.name.as_str())) " · " }
                @if let Some(store) = card::store_words(event) { (store) " · " }
                "reference " (event.id)
            }
        }
    }
}

/// "Wed, Oct 15, 10:00 AM", or "unscheduled, due Wed, Oct 15".
fn when(event: &Event, today: NaiveDate) -> String {
    match (event.start(), event.due) {
        (Some(start), _) => format::moment_near(start, today),
        (None, Some(due)) => format!("unscheduled, due {}", format::date_near(due.date, today)),
        (None, None) => "unscheduled, no due date".to_owned(),
    }
}
