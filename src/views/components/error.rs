//! The error page.

use maud::html;

use crate::views::{Page, urls};

/// The error page. `request_id` names a fault of ours, so that it can be found in the log.
pub fn page(status: u16, sentence: &str, request_id: Option<&str>) -> Page {
    let title = match status {
        404 => "Not found",
        409 => "Changed by someone else",
        413 => "Too large",
        400 | 415 | 422 => "Invalid request",
        503 => "Not saved",
        500.. => "Something went wrong",
        410 => "Link expired",
        _ => "Not allowed",
    };
    let main = html! {
        section.blank aria-labelledby="dialog-title" {
            h1 #dialog-title tabindex="-1" { (title) }
            p { (sentence) }
            a.btn.primary href=(urls::HOME) data-close { "Go to the calendar" }
            @if let Some(id) = request_id { p.hint { "Request " (id) } }
        }
    };
    Page::narrow(title, main)
}
