//! Search: one field, and what it finds in groups: places to go, employees, stores, events.

pub mod places;

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        calendar::Month,
        employee::Employee,
        event::{
            Event, Location,
            filter::Filter,
            readable::Titles,
            search::{QUESTION_CHARS_MAX, QuestionError},
        },
        format,
    },
    views::{
        Page,
        components::{field::AS_TYPED, pager::pager},
        search::places::Place,
        urls,
    },
};

pub const EVENTS_PAGE: usize = 50;

/// A question, and a page of its answer.
#[derive(Debug)]
pub struct SearchView {
    pub question: String,
    pub today: NaiveDate,
    /// Days, pages and actions that the question names.
    pub places: Vec<Place>,
    pub events: Vec<(Event, Option<Employee>)>,
    /// Events on all pages.
    pub total: usize,
    pub page: usize,
    pub pages: usize,
    pub people: Vec<Employee>,
    pub stores: Vec<StoreView>,
    pub more_events: bool,
    pub more_people: bool,
    pub more_stores: bool,
}

/// A store, and days on which it has events.
#[derive(Debug)]
pub struct StoreView {
    pub location: Location,
    pub days: Vec<NaiveDate>,
}

/// The page without a search text, which lists every page, or with an invalid one.
pub fn blank(wrong: Option<(&str, &QuestionError)>, places: &[Place]) -> Page {
    let (typed, error) = wrong.unzip();
    let main = html! {
        div.page.search-page {
            h1 #title tabindex="-1" { "Search" }
            (field(typed.unwrap_or_default(), error))
            p.hint { "Find events by name, event number, reference, store or employee, and employees and stores by name or number. The start of a word is enough. A date, such as “oct 15” or “friday”, leads to its day, and the name of a page to the page." }
            div #found { (go_to(places)) }
        }
    };
    Page::new("Search", main).in_section(urls::SEARCH)
}

fn field(typed: &str, error: Option<&QuestionError>) -> Markup {
    html! {
        form.search-form action=(urls::SEARCH) method="get" role="search" {
            label.vh for="q" { "Search" }
            input #q type="search" name="q" value=(typed) maxlength=(QUESTION_CHARS_MAX) autocomplete="off" hx-get=(urls::SEARCH)
                hx-trigger=(AS_TYPED) hx-target="#found" hx-select="#found" hx-swap="outerHTML ignoreTitle:true" hx-sync="this:replace" data-quiet autofocus[typed.is_empty() || error.is_some()]
                aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "q-err")];
            button.btn.primary { "Search" }
            @if let Some(error) = error { p #q-err .err { "Invalid search: " (error) "." } }
        }
    }
}

pub fn page(view: &SearchView) -> Page {
    let nothing = view.total == 0 && view.people.is_empty() && view.stores.is_empty() && view.places.is_empty();
    let main = html! {
        div.page.search-page {
            h1 #title tabindex="-1" { "Search " small { "“" (view.question) "”" } }
            (field(&view.question, None))
            div #found data-question=(view.question) {
                p.vh data-say { (counts(view)) }
                @if nothing {
                    div.blank {
                        h2 { "Nothing found" }
                        p { "No event, employee, store or page matches. Try fewer words, or only the start of a word." }
                    }
                }
                (go_to(&view.places))
                (people(view))
                (stores(view))
                (events(view))
            }
        }
    };
    Page::new(format!("Search: {}", view.question), main).in_section(urls::SEARCH)
}

/// Days, pages and actions. They come first, for Enter in the field of the header leads to the first link.
fn go_to(places: &[Place]) -> Markup {
    html! {
        @if !places.is_empty() {
            section.found.go aria-labelledby="found-places" {
                h2 #found-places { "Go to" }
                ul { @for one in places { li { a href=(one.href) { (one.label) } span.meta { (one.note) } } } }
            }
        }
    }
}

/// "1 page, 2 employees, 1 store, 12 events", as it is announced while a person types.
fn counts(view: &SearchView) -> String {
    let all = [
        (view.places.len(), "page"),
        (view.people.len(), "employee"),
        (view.stores.len(), "store"),
        (view.total, "event"),
    ];
    let found: Vec<_> = all.into_iter().filter(|(number, _)| *number > 0).collect();
    if found.is_empty() {
        return "Nothing found".to_owned();
    }
    found.into_iter().map(|(number, noun)| format::count(number as u64, noun)).collect::<Vec<_>>().join(", ")
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
                            a href=(urls::week(&one.id, view.today)) { bdi { (one.shown_name()) } }
                            span.meta {
                                (one.title.label()) " · " (one.id) @if !one.active { " · inactive" } " · "
                                a href=(month_of(view, &Filter::held_by(&one.id))) { "In the month" span.vh { ": events of " (one.shown_name()) } }
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
                        @let store = &one.location;
                        @let filter = Filter::at_store(store);
                        li {
                            a href=(month_of(view, &filter)) { bdi { (store.label().unwrap_or_default()) } }
                            span.meta {
                                @if one.days.is_empty() { "no events near today" }
                                @for date in &one.days {
                                    a href=(urls::with_query(urls::day(*date), &filter)) {
                                        (if *date == view.today { "Today".to_owned() } else { format::date_near(*date, view.today) })
                                        span.vh { " at " (store.name) }
                                    }
                                    " "
                                }
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
    let (day, Titles { product, facts, .. }) = (event.day(), event.titles());
    html! {
        li class=(event.event_type.slug()) {
            span.b.one aria-hidden="true" { (event.event_type.label()[..1]) }
            @match day {
                Some(day) => a.name href=(urls::card(day, event.id)) title=(event.name) { bdi { (product) } },
                None => b.name title=(event.name) { bdi { (product) } },
            }
            span.when { (when(event, today)) }
            span.meta {
                (facts) " · "
                @if let Some(now) = &event.schedule { (person.map_or_else(|| now.employee.to_string(), |one| one.shown_name().into_owned())) " · " }
                @if let Some(store) = event.location.label() { (store) " · " }
                "reference " (event.id)
            }
        }
    }
}

/// "Wed, Oct 15, 10:00 AM", or "unscheduled, last day Wed, Oct 15".
fn when(event: &Event, today: NaiveDate) -> String {
    match (event.start(), event.due) {
        (Some(start), _) => format::moment_near(start, today),
        (None, Some(due)) => format!("unscheduled, {}", due.words(today)),
        (None, None) => "unscheduled, no due date".to_owned(),
    }
}
