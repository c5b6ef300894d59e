//! The text of pages while the store has no events.

use maud::{Markup, html};

use crate::views::urls;

/// Tells how to add events. `then` describes the page with events.
pub fn no_events(may_import: bool, then: &str) -> Markup {
    html! {
        section.blank {
            h2 { "No events yet" }
            p {
                @if may_import { a href=(urls::IMPORT) { "Import the retailer’s exports or the old application’s tables" } }
                @else { "An administrator imports the retailer’s exports or the old application’s tables" }
                ". " (then)
            }
            p.meta { "To try Tandem with made-up events, start it in an empty data folder with “tandem serve --demo”." }
        }
    }
}
