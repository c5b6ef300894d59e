//! Changes of other users since the reader's last visit: by user, and one by one.

use chrono::{NaiveDate, NaiveDateTime};
use maud::{Markup, html};

use crate::{
    domain::{format, ids::EmployeeId},
    views::{
        Page,
        activity::{self, EntryView},
        urls,
    },
};

/// Most changes that are listed one by one.
pub const ENTRIES_LISTED_MAX: usize = 50;
/// Most people and stores that are named for one user.
const NAMES_MAX: usize = 8;

/// The start of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    LastVisit(NaiveDateTime),
    Day(NaiveDate),
}

/// The changes of one user.
#[derive(Clone, Debug)]
pub struct SummaryView {
    pub who: String,
    pub changes: usize,
    pub events: usize,
    pub people: Vec<(EmployeeId, String)>,
    pub stores: Vec<String>,
}

#[derive(Debug)]
pub struct DigestView {
    pub since: Since,
    /// The day in the form.
    pub typed: String,
    pub problem: Option<String>,
    pub users: Vec<SummaryView>,
    pub entries: Vec<EntryView>,
    /// Changes that are counted, listed or not.
    pub total: usize,
    /// There are more than are counted.
    pub more: bool,
    pub today: NaiveDate,
}

pub fn page(view: &DigestView) -> Page {
    let (title, when) = match view.since {
        Since::LastVisit(at) => ("Since your last visit", format::moment(at)),
        Since::Day(_) => ("Changes by others", when_words(view)),
    };
    let main = html! {
        div.page {
            div.bar {
                a href=(urls::ACTIVITY) { "‹ Activity" }
                h1 #title tabindex="-1" { (title) " " small { (when) } }
            }
            (since_form(view))
            @if view.users.is_empty() && view.problem.is_none() {
                section.blank { h2 { "Nothing changed" } p { "No one else has changed events, employees or holidays " (when_words(view)) "." } }
            } @else {
                (users(view))
                ul.entries { @for entry in &view.entries { (activity::row(entry)) } }
                @if view.more || view.total > view.entries.len() { a.btn href=(urls::ACTIVITY) { "All changes" } }
            }
        }
    };
    Page::new(title, main).in_section(urls::ACTIVITY)
}

fn when_words(view: &DigestView) -> String {
    match view.since {
        Since::LastVisit(at) => format!("since {}", format::moment(at)),
        Since::Day(day) => format!("since {}", format::date_short(day)),
    }
}

fn since_form(view: &DigestView) -> Markup {
    let invalid = view.problem.as_ref().map(|_| "true");
    html! {
        form.filter action=(urls::DIGEST) method="get" {
            div.field {
                label for="date" { "Since" }
                input #date name="date" type="date" value=(view.typed) aria-invalid=[invalid] aria-describedby=[invalid.map(|_| "date-err")];
            }
            button.btn { "Show" }
            @if !view.typed.is_empty() { a.btn.quiet href=(urls::DIGEST) { "Since your last visit" } }
        }
        @if let Some(problem) = &view.problem { p #date-err .note.bad role="alert" { (problem) } }
    }
}

fn users(view: &DigestView) -> Markup {
    html! {
        @if view.more { p.note.info { "These are the latest of many changes." } }
        table.list {
            thead { tr { th scope="col" { "By" } th scope="col" { "Changes" } th scope="col" { "Employees" } th scope="col" { "Stores" } } }
            tbody {
                @for one in &view.users {
                    tr {
                        th scope="row" { bdi { (one.who) } }
                        td { (format::count(one.changes as u64, "change")) @if one.events > 0 { span.meta { (format::count(one.events as u64, "event")) } } }
                        td {
                            @for (at, (id, name)) in one.people.iter().take(NAMES_MAX).enumerate() {
                                @if at > 0 { ", " } a href=(urls::week(id, view.today)) { bdi { (name) } }
                            }
                            (rest(one.people.len()))
                        }
                        td { (one.stores.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ")) (rest(one.stores.len())) }
                    }
                }
            }
        }
    }
}

fn rest(names: usize) -> Markup {
    html! { @if names > NAMES_MAX { " and " (names - NAMES_MAX) " more" } }
}
