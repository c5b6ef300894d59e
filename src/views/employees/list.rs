//! The list of employees: search, state, pages.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        employee::{
            Employee,
            availability::{Availability, Hours, WEEKDAYS},
        },
        format, named,
    },
    views::{
        Page,
        components::{message::Message, pager::pager},
        urls,
    },
};

pub const PAGE_PEOPLE_MAX: usize = 50;

named! {
    /// The state of the listed people.
    #[derive(Default)]
    pub enum Show: slug, label {
        #[default]
        Active => "", "Active";
        Inactive => "inactive", "Inactive";
        All => "all", "All";
    }
}

#[derive(Debug)]
pub struct ListView {
    pub query: String,
    pub show: Show,
    pub people: Vec<Employee>,
    /// The number of employees on all pages.
    pub count: usize,
    /// From 1.
    pub page: usize,
    pub today: NaiveDate,
    /// The user may edit employees.
    pub edits: bool,
    /// The user may create calendar feeds.
    pub feeds: bool,
    pub message: Option<Message>,
}

impl ListView {
    fn pages(&self) -> usize {
        self.count.div_ceil(PAGE_PEOPLE_MAX).max(1)
    }

    fn address(&self, page: usize) -> String {
        let page = if page == 1 { String::new() } else { page.to_string() };
        let fields = [("q", self.query.as_str()), ("show", self.show.slug()), ("page", &page)];
        urls::with_fields(urls::EMPLOYEES.to_owned(), &fields)
    }
}

pub fn page(view: ListView) -> Page {
    let main = html! {
        div.page {
            div.bar {
                h1 #title tabindex="-1" { "Employees " small { (view.count) } }
                a.btn href=(urls::HOLIDAYS) { "Company holidays" }
                @if view.feeds { a.btn href=(urls::FEEDS) { "Calendar feeds" } }
                @if view.edits { a.btn.primary href=(urls::NEW_EMPLOYEE) { "Add employee" } }
            }
            (search(&view))
            @if view.people.is_empty() { (no_matches(&view)) } @else { (table(&view)) }
            (pager(view.page, view.pages(), |page| view.address(page)))
        }
    };
    Page::new("Employees", main).in_section(urls::EMPLOYEES).with_message(view.message)
}

fn search(view: &ListView) -> Markup {
    html! {
        form.filter action=(urls::EMPLOYEES) method="get" role="search" aria-label="Employees" {
            div.field { label for="q" { "Name or number" } input #q name="q" type="search" value=(view.query) autocomplete="off"; }
            div.field {
                label for="show" { "Status" }
                select #show name="show" {
                    @for show in Show::ALL { option value=(show.slug()) selected[show == view.show] { (show.label()) } }
                }
            }
            button.btn { "Search" }
            @if !view.query.is_empty() || view.show != Show::default() { a.btn.quiet href=(urls::EMPLOYEES) { "Clear" } }
        }
    }
}

fn no_matches(view: &ListView) -> Markup {
    html! {
        @if view.query.is_empty() && view.show != Show::Inactive {
            div.blank {
                h2 { "No employees yet" }
                p { @if view.edits { a href=(urls::IMPORT) { "Import events" } } @else { "Import events" } ", or add employees here." }
            }
        } @else {
            p.empty { "No matches. Search by part of a name, or by number." }
        }
    }
}

fn table(view: &ListView) -> Markup {
    html! {
        table.list.people {
            thead {
                tr {
                    th scope="col" { "Name" }
                    th scope="col" { "Job title" }
                    th scope="col" { "Availability" }
                    th scope="col" { span.vh { "Change" } }
                }
            }
            tbody { @for one in &view.people { (row(one, view)) } }
        }
    }
}

fn row(one: &Employee, view: &ListView) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href=(urls::week(&one.id, view.today)) { (one.shown_name()) span.vh { "'s week" } }
                @if !one.active { " " span.pill { "Inactive" } }
                span.meta { (one.id) @if let Some(email) = &one.email { " · " (email) } }
            }
            td { (one.title.label()) }
            td {
                (week_words(one.availability))
                @if let Some(off) = one.time_off.iter().find(|off| view.today <= off.last) {
                    span.meta { "Off " (off.words()) }
                }
            }
            td { @if view.edits { a.btn.quiet href=(urls::employee(&one.id)) { "Edit" span.vh { " " (one.shown_name()) } } } }
        }
    }
}

/// "All week", "Not on Sunday", or the hours of each day that has some.
fn week_words(availability: Availability) -> String {
    let hours = WEEKDAYS.map(|weekday| (format::weekday(weekday), availability.on(weekday)));
    let off: Vec<_> =
        hours.iter().filter(|(_, hours)| *hours == Hours::Off).map(|(day, _)| (*day).to_owned()).collect();
    let some = hours.iter().filter(|(_, hours)| matches!(hours, Hours::Between { .. }));
    let mut said: Vec<_> = some.map(|(day, hours)| format!("{day} {}", hours.label())).collect();
    if !off.is_empty() {
        said.push(format!("not on {}", format::list(&off)));
    }
    if said.is_empty() { "All week".to_owned() } else { said.join(", ") }
}
