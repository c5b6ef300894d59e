//! Calendar feeds: create, show the link once, revoke.

use chrono::{NaiveDate, NaiveDateTime};
use maud::html;

use crate::{
    domain::format,
    views::{
        FormKeys, Page,
        components::{
            alert::{self, Problem},
            copy,
            field::select,
        },
        urls,
    },
};

/// A feed in words.
#[derive(Clone, Debug)]
pub struct FeedView {
    pub id: u64,
    pub whose: String,
    /// Local time.
    pub at: NaiveDateTime,
    pub who: String,
    /// Local date.
    pub ends: NaiveDate,
}

#[derive(Debug)]
pub struct FeedsView {
    pub keys: FormKeys,
    pub feeds: Vec<FeedView>,
    /// Ids and names of those who can have one.
    pub people: Vec<(String, String)>,
    /// The employee chosen in a form that is shown again.
    pub chosen: String,
    /// The address of the feed that was made just now.
    pub link: Option<String>,
    pub problem: Option<Problem>,
}

pub fn page(view: &FeedsView) -> Page {
    let problem = view.problem.as_ref();
    let people = html! {
        option value="" { "Everyone" }
        @for (id, name) in &view.people { option value=(id) selected[*id == view.chosen] { (name) } }
    };
    let main = html! {
        div.page.plain {
            h1 { "Calendar feeds" }
            @if let Some(link) = &view.link {
                div.note.info role="status" tabindex="-1" autofocus {
                    p { strong { "Copy this link now. It will not be shown again." } }
                    (copy::field("link", "Link of the feed", link))
                    p { "Anyone with this link can read the calendar until the feed is revoked, for a year at most." }
                }
            }
            form.form method="post" action=(urls::FEEDS) {
                (view.keys.inputs())
                @if let Some(problem) = &view.problem { (alert::problem(problem)) }
                (select("employee", "Whose schedule", problem, &people))
                (view.keys.confirmation("feed", problem))
                div.actions { button.btn.primary { "Create link" } }
            }
            @if view.feeds.is_empty() { p { "No feeds." } } @else {
                table.list {
                    thead { tr { th scope="col" { "Feed" } td {} } }
                    tbody {
                        @for feed in &view.feeds {
                            tr {
                                th scope="row" {
                                    (feed.whose)
                                    span.meta {
                                        "created by " (feed.who) ", " (format::moment(feed.at)) "; expires "
                                        (format::date_short(feed.ends))
                                    }
                                }
                                td {
                                    form method="post" action=(urls::feed_revoke(feed.id)) {
                                        (view.keys.of_part(&format!("feed-{}", feed.id)).inputs())
                                        button.btn.danger { "Revoke" span.vh { " the feed of " (feed.whose) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Page::new("Calendar feeds", main).in_section(urls::IMPORT)
}
